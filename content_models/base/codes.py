"""Code lists of the national interface: codes are stored, their labels stay editable."""

from django.apps import apps
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext

from content_models.base import memo


def table():
    """All code lists as ``{list: {code: label}}``."""
    return memo.remember("codes", _read)


def _read():
    table: dict[str, dict[str, str]] = {}
    rows = apps.get_model("base", "Code").objects.values_list("code_list", "code", "label")
    for name, code, label in rows:
        table.setdefault(name, {})[code] = label
    return table


def choices(code_list):
    """``[(code, label)]`` of a code list in its own order."""
    return list(table().get(code_list, {}).items())


def label(code_list, code):
    """The label of a code, translated where it is a usual one; an unknown code is shown as it stands."""
    found = table().get(code_list, {}).get(code, code)
    return gettext(found) if found else found


def labels(code_list, codes):
    """The labels of codes in the order of their list, unknown codes last."""
    order = {code: number for number, code in enumerate(table().get(code_list, {}))}
    return [label(code_list, code) for code in sorted(codes, key=lambda code: order.get(code, len(order)))]


def code_for(code_list, text):
    """The code whose code or label is ``text``, else None; for spreadsheets that use either."""
    text = str(text).strip()
    labels = table().get(code_list, {})
    if text in labels:
        return text
    return next((code for code, label in labels.items() if label == text), None)


def _changed(**kwargs):
    memo.forget("codes")


def connect():
    code = apps.get_model("base", "Code")
    post_save.connect(_changed, sender=code, dispatch_uid="base.codes.save")
    post_delete.connect(_changed, sender=code, dispatch_uid="base.codes.delete")
