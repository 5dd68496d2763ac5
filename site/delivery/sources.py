"""Which table belongs to what content, read off the models: a group of tables changes together.

A group is named by the table of a page model or of an edition model; what no page or edition owns (topics,
departments, the calendar) is a group of its own, shared by many pages.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from content_models.base.models import Edition

# Tables that say nothing of content, or of which every page is told in another way.
SILENT = {
    "django_content_type",
    "publishing_sequence",
    "publishing_outboxentry",
    "publishing_topicversion",
    "wagtailimages_rendition",
    "wagtailcore_locale",
    "wagtailcore_pageviewrestriction",
}
# Apps outside content_models whose rows show on pages.
SHARED_TABLES = {
    "wagtailcore_site",
    "wagtailimages_image",
    "wagtaildocs_document",
    "feedback_demandcount",
    "appearance_traditionalname",
    "appearance_districtlook",
}


@dataclass(frozen=True)
class Source:
    """A table: its group, and the columns by which a row belongs to one page (or one edition)."""

    group: str
    by_page: frozenset[str] = frozenset()
    by_edition: frozenset[str] = frozenset()
    is_page: bool = False


@cache
def sources() -> dict[str, Source]:
    """Every table that a public page may be made from. What is not here cannot be followed."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        source = _source(model)
        if source is not None:
            found[model._meta.db_table] = source
    return found


def _source(model: Any) -> Source | None:
    meta, table = model._meta, model._meta.db_table
    if table in SHARED_TABLES:
        return Source(table)
    if issubclass(model, Page):
        return Source(table, frozenset({meta.pk.column}), is_page=True)
    if not model.__module__.startswith("content_models."):
        return None
    owner = _owner(model)
    if owner is None:
        return Source(table)
    above = owner.related_model
    if issubclass(above, Page):
        group = table if issubclass(model, Edition) else above._meta.db_table
        return Source(group, by_page=frozenset({owner.column}))
    if issubclass(above, Edition):
        return Source(above._meta.db_table, by_edition=frozenset({owner.column}))
    whole = _source(above)
    return Source(whole.group if whole else table)


def _owner(model: Any) -> Any:
    """The foreign key to what a row is a part of: with it, it comes and goes."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    if model._meta.auto_created:  # the rows of a many-to-many field, which stand with its model
        return next(field for field in keys if field.related_model is model._meta.auto_created)
    owning = [field for field in keys if _goes_with(field)]
    parental = [field for field in owning if isinstance(field, ParentalKey) or field.name == "owner"]
    whole = [field for field in owning if issubclass(field.related_model, (Page, Edition))]
    return next(iter([*parental, *whole, *owning]), None)


def _goes_with(field: Any) -> bool:
    is_told = not field.null and field.remote_field.on_delete is models.CASCADE
    return is_told and field.related_model.__module__.startswith(("content_models.", "wagtail.models"))


@cache
def shared_models() -> frozenset[Any]:
    """Models whose rows belong to no one page or edition, with which they would be told of."""
    return frozenset(
        model
        for model in apps.get_models()
        if (source := sources().get(model._meta.db_table)) is not None
        and not (source.by_page or source.by_edition or hasattr(model, "topic"))
    )


@cache
def groups_of(model: Any) -> frozenset[str]:
    """The groups that a page of ``model`` stands in, with those of the editions it may own."""
    chain: set[Any] = {cls for cls in model.__mro__ if issubclass(cls, Page)}
    tables = {cls._meta.db_table for cls in chain if not cls._meta.abstract and cls is not Page}
    for edition in apps.get_models():
        if issubclass(edition, Edition) and _owner(edition).related_model in chain:
            tables.add(edition._meta.db_table)
    return frozenset(tables)
