"""Who still uses a thing: asked before anything is removed."""

from django.db import models
from django.utils.translation import gettext as _


def uses_of(thing, *, limit=5):
    """Sentences naming what points at ``thing`` by foreign key or many-to-many, own parts left out.

    Rows of a list or children of a page name their owner; at most ``limit`` names per relation.
    """
    lines = []
    for relation in thing._meta.related_objects:
        if not _counts(relation):
            continue
        rows = relation.related_model._default_manager.filter(**{relation.field.name: thing})
        count = rows.count()
        if count:
            names = "、".join(dict.fromkeys(_name(row) for row in rows[:limit]))
            lines.append(
                _("%(kind)s %(count)d 处:%(names)s%(more)s")
                % {
                    "kind": relation.related_model._meta.verbose_name,
                    "count": count,
                    "names": names,
                    "more": "……" if count > limit else "",
                }
            )
    return lines


def _counts(relation):
    """Relations that only point at the thing; what dies with it (CASCADE) is its own part."""
    if not relation.related_model.__module__.startswith("content_models."):
        return False
    return isinstance(relation.field, models.ManyToManyField) or relation.on_delete is not models.CASCADE


def _name(row):
    owner = getattr(row, "page", None) or getattr(row, "edition", None)
    return str(owner if owner is not None else row)
