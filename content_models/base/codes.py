"""Code lists of the national interface: codes are stored, their labels stay editable."""

from asgiref.local import Local
from django.apps import apps
from django.core.signals import request_started
from django.db.models.signals import post_delete, post_save

_loaded = Local()


def _table():
    """All code lists as ``{list: {code: label}}``, read once per request."""
    if not hasattr(_loaded, "table"):
        table: dict[str, dict[str, str]] = {}
        for name, code, label in apps.get_model("base", "Code").objects.values_list(
            "code_list", "code", "label"
        ):
            table.setdefault(name, {})[code] = label
        _loaded.table = table
    return _loaded.table


def forget(**kwargs):
    """Drop the labels read so far; called when a request starts and when a code changes."""
    if hasattr(_loaded, "table"):
        del _loaded.table


def choices(code_list):
    """``[(code, label)]`` of a code list in its own order."""
    return list(_table().get(code_list, {}).items())


def label(code_list, code):
    """The label of a code; an unknown code is shown as it stands."""
    return _table().get(code_list, {}).get(code, code)


def code_for(code_list, text):
    """The code whose code or label is ``text``, else None; for spreadsheets that use either."""
    text = str(text).strip()
    table = _table().get(code_list, {})
    if text in table:
        return text
    return next((code for code, label in table.items() if label == text), None)


def connect():
    request_started.connect(forget, dispatch_uid="base.codes.request")
    code = apps.get_model("base", "Code")
    post_save.connect(forget, sender=code, dispatch_uid="base.codes.save")
    post_delete.connect(forget, sender=code, dispatch_uid="base.codes.delete")
