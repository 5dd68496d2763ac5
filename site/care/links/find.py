"""Every link in published content: in texts, fields and rows, to other sites, our pages and files."""

import hashlib
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.documents.models import AbstractDocument
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Site

from care.models import Link, LinkUse
from care.things import edition_models, page_models
from content_models.policy_lists.models import ListEntry

AT_ONCE = 200
LONGEST = 2000  # characters of an address; no browser needs more
OUTSIDE, PAGE, DOCUMENT = Link.Target.OUTSIDE, Link.Target.PAGE, Link.Target.DOCUMENT


Hosts = frozenset[str]  # by which the site itself is called


class Found(NamedTuple):
    """What a link leads to, and in which field it stands."""

    target: str
    address: str
    field: str


class _Links(HTMLParser):
    """The links of a text as the database has it: ``linktype`` names what belongs to us."""

    def __init__(self, own: Hosts) -> None:
        super().__init__()
        self.own = own
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag != "a":
            return
        if given.get("linktype") in ("page", "document") and given.get("id", "").isdecimal():
            self.found.append((PAGE if given["linktype"] == "page" else DOCUMENT, given["id"]))
        elif link := outside(given.get("href", ""), self.own):
            self.found.append(link)


def outside(address: str, own: Hosts) -> tuple[str, str] | None:
    """An address that a text or field names, as what it leads to; None for mail, telephone and marks."""
    address = address.strip().partition("#")[0]
    if not address or len(address) > LONGEST:
        return None
    try:
        parts = urlsplit(address)
        is_ours = parts.hostname is None or parts.hostname in own
    except ValueError:
        return OUTSIDE, address
    if parts.scheme in ("http", "https") and not is_ours:
        return OUTSIDE, address
    if parts.scheme in ("", "http", "https") and is_ours and parts.path.startswith("/"):
        return PAGE, parts.path
    return None


def own_hosts() -> Hosts:
    return frozenset(Site.objects.exclude(hostname="localhost").values_list("hostname", flat=True))


def in_text(html: str, own: Hosts) -> list[tuple[str, str]]:
    if "<a" not in html:
        return []
    parser = _Links(own)
    parser.feed(html)
    return parser.found


def in_fields(thing: models.Model, own: Hosts) -> Iterator[Found]:
    """The links in one record's own fields."""
    for field in thing._meta.concrete_fields:
        label = str(field.verbose_name)
        value = field.value_from_object(thing)
        if not value:
            continue
        if isinstance(field, RichTextField):
            yield from (Found(*link, label) for link in in_text(value, own))
        elif isinstance(field, StreamField):
            yield from (Found(*link, label) for link in _in_blocks(value.get_prep_value(), own))
            yield from _files_in(field, value, label)
        elif isinstance(field, models.URLField):
            if link := outside(value, own):
                yield Found(*link, label)
        elif isinstance(field, models.ForeignKey) and issubclass(field.related_model, AbstractDocument):
            yield Found(DOCUMENT, str(value), label)


def _in_blocks(value: Any, own: Hosts) -> Iterator[tuple[str, str]]:
    """Links in the texts of a body, however deep."""
    if isinstance(value, str):
        yield from in_text(value, own)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _in_blocks(part, own)


def _files_in(field: StreamField, value: Any, label: str) -> Iterator[Found]:
    for model, pk, *_path in field.extract_references(value):
        if issubclass(model, AbstractDocument):
            yield Found(DOCUMENT, str(pk), label)


def collect() -> int:
    """Note anew where every link stands, and forget those that stand nowhere. Returns how many there are."""
    own = own_hosts()
    standing: list[tuple[int, type[Any], int, Found]] = []
    for model in page_models():
        standing += _of_pages(model, own)
    for kind in edition_models():
        standing += _of_editions(kind, own)
    return _keep(standing)


def _of_pages(model: type[Any], own: Hosts) -> Iterator[tuple[int, type[Any], int, Found]]:
    parts = [relation.get_accessor_name() for relation in _parts(model)]
    pages = model._default_manager.filter(live=True).prefetch_related(*parts)
    for page in pages.iterator(chunk_size=AT_ONCE):
        for found in dict.fromkeys([*in_fields(page, own), *_in_parts(page, parts, own)]):
            yield page.pk, model, page.pk, found


def _parts(model: type[Any]) -> list[Any]:
    """Relations to parts of a page that can hold a link: materials, attachments, alternatives."""
    from_parts = [relation for relation in model._meta.related_objects if relation.one_to_many]
    return [relation for relation in from_parts if _is_part(relation) and _may_hold(relation.related_model)]


def _is_part(relation: Any) -> bool:
    name = relation.get_accessor_name() or ""
    has_accessor = bool(name) and not name.endswith("+")
    return has_accessor and type(relation.field).__name__ == "ParentalKey"


def _may_hold(model: type[models.Model]) -> bool:
    return any(
        isinstance(field, RichTextField | StreamField | models.URLField)
        or (isinstance(field, models.ForeignKey) and issubclass(field.related_model, AbstractDocument))
        for field in model._meta.concrete_fields
    )


def _in_parts(thing: Any, names: Iterable[str], own: Hosts) -> Iterator[Found]:
    for name in names:
        for part in getattr(thing, name).all():
            yield from in_fields(part, own)


def _of_editions(model: type[Any], own: Hosts) -> Iterator[tuple[int, type[Any], int, Found]]:
    rows = model._meta.get_field("rows").related_model
    parts = [relation.get_accessor_name() for relation in _parts(rows)]
    if not parts and not _may_hold(rows) and rows is not ListEntry:
        return
    current = rows.objects.filter(edition__is_current=True, edition__live=True, edition__owner__live=True)
    for row in current.select_related("edition").prefetch_related(*parts).iterator(chunk_size=AT_ONCE):
        links = [*in_fields(row, own), *_in_parts(row, parts, own), *_in_cells(row, own)]
        for found in dict.fromkeys(links):
            yield row.edition.owner_id, model, row.edition_id, found


def _in_cells(row: Any, own: Hosts) -> Iterator[Found]:
    """Links in the columns of a list that editors made for them; other cells are text."""
    if not isinstance(row, ListEntry):
        return
    for value in (row.values or {}).values():
        if (
            isinstance(value, str)
            and value.startswith(("http://", "https://"))
            and (link := outside(value, own))
        ):
            yield Found(*link, _("第 %(order)d 条") % {"order": row.order})


def digest(target: str, address: str) -> str:
    return hashlib.md5(f"{target}\n{address}".encode(), usedforsecurity=False).hexdigest()


def _host(target: str, address: str) -> str:
    if target != OUTSIDE:
        return ""
    try:
        return (urlsplit(address).hostname or "")[:255]
    except ValueError:
        return ""


@transaction.atomic
def _keep(standing: list[tuple[int, type[Any], int, Found]]) -> int:
    wanted = {
        digest(found.target, found.address): (found.target, found.address) for *_thing, found in standing
    }
    known = dict(Link.objects.values_list("digest", "pk"))
    new = [
        Link(digest=key, target=target, address=address, host=_host(target, address))
        for key, (target, address) in wanted.items()
        if key not in known
    ]
    Link.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    known = dict(Link.objects.values_list("digest", "pk"))
    LinkUse.objects.all().delete()
    pages = set(Page.objects.filter(live=True).values_list("pk", flat=True))  # some may just have gone
    kinds = {model: ContentType.objects.get_for_model(model) for _page, model, _pk, _found in standing}
    LinkUse.objects.bulk_create(
        [
            LinkUse(
                link_id=known[digest(found.target, found.address)],
                page_id=page,
                content_type=kinds[model],
                object_id=pk,
                field=found.field[:200],
            )
            for page, model, pk, found in standing
            if page in pages
        ],
        batch_size=500,
    )
    # What somebody set aside is remembered, should it come back.
    Link.objects.filter(uses=None, is_left_out=False).delete()
    return len(wanted)
