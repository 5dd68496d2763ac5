"""Many new pages of one kind at once: what ``add_child`` and ``save_revision`` would write one by one.

Set by set: places in the tree, the tables of the page, its parts, first revisions, log, references, search.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import count, islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import DecimalField, F
from django.utils import timezone
from django.utils.translation import gettext as _
from modelcluster.models import (
    ClusterableModel,
    get_all_child_m2m_relations,
    get_all_child_relations,
    get_field_value,
)
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.search.backends import get_search_backends
from wagtail.search.index import class_is_indexed

from content_models.base.inserts import PLAIN, insert, reserve_keys, values_of
from content_models.base.pages import ContentPage

BATCH = 500  # pages


@transaction.atomic
def create_pages(parent: Page, pages: Sequence[ContentPage], *, by: Any = None) -> None:
    """Make ``pages``, all of one kind and with their parts in memory, drafts of ``by`` below ``parent``.

    Raises ValidationError for a title that is no title and for a slug that a sibling has.
    """
    _place(pages, Page.objects.select_for_update().get(pk=parent.pk), by)
    for batch in batches(pages):
        _number(batch)
        _insert_parts(batch)
        _insert_links(batch)
        _insert_revisions(batch, by)
        _insert(batch)
        log_pages(batch, "wagtail.create", by=by)
        _index_references(batch)
        _index_for_search(batch)
        for page in batch:
            page._state.adding, page._state.db = False, DEFAULT_DB_ALIAS
            del page._cluster_related_objects  # from here on parts are those of the database


def batches(things: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """``things`` in lists of up to ``size``."""
    things = iter(things)
    while batch := list(islice(things, size)):
        yield batch


# The page itself


def _place(pages: Sequence[Any], parent: Page, by: Any) -> None:
    """Give each its place below the last child of ``parent``, an address and what follows from its fields."""
    slugs = _Slugs(parent)
    last = parent.get_last_child()
    for page in pages:
        page.depth, page.numchild = parent.depth + 1, 0
        page.path = last._inc_path() if last else Page._get_path(parent.path, page.depth, 1)
        page._cached_parent_obj = parent
        page.locale_id = page.locale_id or parent.locale_id
        page.live, page.owner = False, by
        page.prepare()
        page.title = page._meta.get_field("title").clean(page.title, page)
        page.draft_title = page.title
        page.slug = slugs.take(page)
        page.set_url_path(parent)
        last = page
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(pages))


class _Slugs:
    """The addresses below one page: those that are taken, and who gets which of the others."""

    def __init__(self, parent: Page) -> None:
        self.taken = set(parent.get_children().values_list("slug", flat=True))
        self.counts: dict[str, Iterator[int]] = {}

    def take(self, page: Any) -> str:
        """The page's own slug, else a free one made of its name."""
        if page.slug and page.slug in self.taken:
            message = _("网址名“%(slug)s”已被别的页面使用。") % {"slug": page.slug}
            raise ValidationError({"slug": message})
        slug = page.slug or self.free(page.wanted_slug())
        self.taken.add(slug)
        return slug

    def free(self, base: str) -> str:
        if base not in self.taken:
            return base
        numbers = self.counts.setdefault(base, count(2))
        return next(slug for number in numbers if (slug := f"{base}-{number}") not in self.taken)


def _number(pages: Sequence[Any]) -> None:
    """Give each its key, in every table of its kind."""
    keys = [table._meta.pk.attname for table in _tables(type(pages[0]))]
    for page, number in zip(pages, reserve_keys(Page, len(pages)), strict=True):
        for key in keys:
            setattr(page, key, number)


def _insert(pages: Sequence[Any]) -> None:
    for table in _tables(type(pages[0])):
        insert(table, pages)


def _tables(kind: type[models.Model]) -> list[type[models.Model]]:
    """The models whose tables hold a page of ``kind``, Page first."""
    return [*reversed(kind._meta.all_parents), kind]


# Its parts


def _held(owner: Any) -> dict[str, list[Any]]:
    """Parts and links of ``owner`` in memory, by relation; an empty list asks the database nothing."""
    if not hasattr(owner, "_cluster_related_objects"):
        owner._cluster_related_objects = {}
    held: dict[str, list[Any]] = owner._cluster_related_objects
    return held


def _insert_parts(owners: Sequence[Any]) -> None:
    """The rows of every relation to parts, and of the parts' own parts."""
    for relation in get_all_child_relations(owners[0]):
        name, kind = relation.get_accessor_name(), relation.related_model
        parts = []
        for owner in owners:
            for part in _held(owner).setdefault(name, []):
                setattr(part, relation.field.attname, owner.pk)
                parts.append(part)
        if parts:
            _number_parts(kind, parts)
            insert(kind, parts)
            if issubclass(kind, ClusterableModel):
                _insert_parts(parts)


def _number_parts(kind: type[models.Model], parts: Sequence[Any]) -> None:
    decimals = [field for field in kind._meta.concrete_fields if isinstance(field, DecimalField)]
    for part, number in zip(parts, reserve_keys(kind, len(parts)), strict=True):
        part.pk = number
        for field in decimals:
            _round(part, field)


def _round(part: Any, field: DecimalField) -> None:
    """A decimal as the database will have it, for what is written of the part elsewhere."""
    value = getattr(part, field.attname)
    if value is not None:
        setattr(part, field.attname, round(value, field.decimal_places))


def _insert_links(pages: Sequence[Any]) -> None:
    """The rows that link pages with what they name, each page's links in the order of their kind."""
    for field in get_all_child_m2m_relations(pages[0]):
        named = {thing.pk for page in pages for thing in _held(page).setdefault(field.name, [])}
        known = field.related_model._default_manager.filter(pk__in=named).values_list("pk", flat=True)
        places = {pk: place for place, pk in enumerate(known)}
        source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        links = []
        for page in pages:
            things = sorted(_held(page)[field.name], key=lambda thing: places[thing.pk])
            _held(page)[field.name] = things
            links += [{source: page.pk, target: thing.pk} for thing in things]
        _insert_new(field.remote_field.through, links)


def _insert_new(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> list[Any]:
    keys = reserve_keys(model, len(rows))
    made = [model(pk=key, **row) for key, row in zip(keys, rows, strict=True)]
    insert(model, made)
    return made


# Its history


def _insert_revisions(pages: Sequence[Any], by: Any) -> None:
    """A first revision of each page, and the page's pointer to it."""
    now, base = timezone.now(), pages[0].get_base_content_type()
    revisions = _insert_new(
        Revision,
        [
            {
                "content_type_id": page.content_type_id,
                "base_content_type": base,
                "object_id": str(page.pk),
                "object_str": str(page),
                "user": by,
                "created_at": now,
                "content": _content(page),
            }
            for page in pages
        ],
    )
    for page, revision in zip(pages, revisions, strict=True):
        page.latest_revision, page.latest_revision_created_at = revision, now
        page.has_unpublished_changes = True


def _content(thing: Any) -> dict[str, Any]:
    """``thing.serializable_data()`` without a question to each field whose value is plain."""
    fields, values, relations, links = _serialised(type(thing))
    content = {"pk": thing.pk}
    for field, value in zip(fields, values(thing), strict=True):
        content[field.name] = value if type(value) in PLAIN else get_field_value(field, thing)
    for name in relations:
        content[name] = [_content(part) for part in _held(thing)[name]]
    for name in links:
        content[name] = [linked.pk for linked in _held(thing)[name]]
    return content


@cache
def _serialised(kind: type[models.Model]) -> tuple[Any, ...]:
    """What a revision holds of ``kind``: fields, how their values are got, names of parts and of links."""
    fields = [field for field in kind._meta.fields if field.serialize]
    relations = [relation.get_accessor_name() for relation in get_all_child_relations(kind)]
    links = [field.name for field in get_all_child_m2m_relations(kind) if field.serialize]
    return fields, values_of(fields), relations, links


def log_pages(pages: Sequence[Any], action: str, *, by: Any = None, revised: bool = False) -> None:
    """Note in Wagtail's history of each page that ``by`` did ``action`` to it (or to its newest revision)."""
    context, now = get_active_log_context(), timezone.now()
    _insert_new(
        PageLogEntry,
        [
            {
                "content_type_id": page.content_type_id,
                "page_id": page.pk,
                "label": page.get_admin_display_title(),
                "action": action,
                "timestamp": now,
                "user": by or context.user,
                "uuid": context.uuid,
                "revision_id": page.latest_revision_id if revised else None,
                "content_changed": True,
            }
            for page in pages
        ],
    )


# Its indexes


def _index_references(pages: Sequence[Any]) -> None:
    """What the pages point at, as ``ReferenceIndex.create_or_update_for_object`` finds it in each."""
    if not ReferenceIndex.is_indexed(type(pages[0])):
        return
    base = pages[0].get_base_content_type()
    _insert_new(
        ReferenceIndex,
        [
            {
                "content_type_id": page.content_type_id,
                "base_content_type": base,
                "object_id": str(page.pk),
                "to_content_type_id": kind,
                "to_object_id": key,
                "model_path": model_path,
                "content_path": content_path,
                "content_path_hash": ReferenceIndex._get_content_path_hash(content_path),
            }
            for page in pages
            for kind, key, model_path, content_path in _references(page)
        ],
    )


def _references(page: Any) -> set[tuple[int, str, str, str]]:
    return set(ReferenceIndex._extract_references_from_object(page))


def _index_for_search(pages: Sequence[Any]) -> None:
    kind = type(pages[0])
    if class_is_indexed(kind):
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(kind, pages)
