"""Who still uses a thing: asked before anything is removed."""

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from wagtail.models import Page

from content_models.base.fields import CodeField, CodesField
from content_models.base.taxonomy import Code

NAMED_AT_MOST = 5


def uses_of(thing):
    """Sentences naming what points at ``thing``, its own parts left out; empty when nothing does.

    A page is asked together with the pages below it. Rows of a list or children of a page name their owner.
    """
    if isinstance(thing, Code):
        return _uses_of_code(thing)
    if isinstance(thing, Page):
        return _uses_of_subtree(thing)
    return _describe(_rows_pointing_at(type(thing), [thing.pk]))


def _uses_of_subtree(page):
    by_model = {}
    for below in page.get_descendants(inclusive=True).only("pk", "content_type"):
        by_model.setdefault(below.specific_class, []).append(below.pk)
    found = {}
    for model, pks in by_model.items():
        for related, rows in _rows_pointing_at(model, pks):
            rows = _outside(rows, page.path)
            found[related] = found[related] | rows if related in found else rows
    return _describe(found.items())


def _rows_pointing_at(model, pks):
    """``[(model, rows)]`` of what points at ``pks`` or at a part that would go with them."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete) or not _is_content(relation.related_model):
            continue
        if getattr(relation.field.remote_field, "parent_link", False):
            continue
        rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": pks})
        if _is_part(relation):
            yield from _rows_pointing_at(relation.related_model, rows.order_by().values("pk"))
        else:
            yield relation.related_model, rows.distinct()


def _is_content(model):
    return model.__module__.startswith("content_models.") and not model._meta.auto_created


def _is_part(relation):
    """What dies with a thing (CASCADE) is its own part; the rest only points at it."""
    is_many = isinstance(relation.field, models.ManyToManyField)
    return not is_many and relation.on_delete is models.CASCADE


def _outside(rows, path):
    """Leave out what lies in the subtree of ``path`` itself and would go with it."""
    names = {field.name for field in rows.model._meta.get_fields()}
    if issubclass(rows.model, Page):
        return rows.exclude(path__startswith=path)
    if "page" in names:
        return rows.exclude(page__path__startswith=path)
    if "edition" in names:
        return rows.exclude(edition__owner__path__startswith=path)
    if "owner" in names:
        return rows.exclude(owner__path__startswith=path)
    return rows


def _uses_of_code(code):
    """Codes are stored as text, so every field of that code list is asked."""
    found = []
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if getattr(field, "code_list", None) != code.code_list:
                continue
            if isinstance(field, CodesField):
                found.append((model, model._default_manager.filter(**{f"{field.name}__has": code.code})))
            elif isinstance(field, CodeField):
                found.append((model, model._default_manager.filter(**{field.name: code.code})))
    return _describe(found)


def _describe(found):
    lines = []
    for model, rows in found:
        count = rows.count()
        if count:
            names = "、".join(dict.fromkeys(_name(row) for row in rows[:NAMED_AT_MOST]))
            lines.append(
                _("%(kind)s %(count)d 处（%(names)s%(more)s）")
                % {
                    "kind": model._meta.verbose_name,
                    "count": count,
                    "names": names,
                    "more": "……" if count > NAMED_AT_MOST else "",
                }
            )
    return lines


def _name(row):
    owner = getattr(row, "page", None) or getattr(row, "edition", None)
    return str(owner if owner is not None else row)
