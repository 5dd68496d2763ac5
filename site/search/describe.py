"""What each kind of public thing is found by. Nothing but what residents may read stands here."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing

from content_models.base.bulk import batches
from content_models.certificates.models import CertificateItem, CertificateListPage
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuidePage
from content_models.home.models import StreetPage
from content_models.notices.models import NoticePage
from content_models.places.models import OfficePage, RegionPage
from content_models.policy_lists.models import ListEntry, PolicyListPage
from search.models import Document

BATCH = 1000
Kind = Document.Kind


@dataclass
class Description:
    """A public thing in the words it is found by; the fields are those of ``Document``."""

    kind: str
    page: int
    title: str
    key: str = ""
    region: int | None = None
    names: list[str] = field(default_factory=list)
    summary: str = ""
    body: str = ""
    department: int | None = None
    audiences: list[int] = field(default_factory=list)
    topics: list[int] = field(default_factory=list)
    handle_forms: list[str] = field(default_factory=list)
    verdict: str = ""
    published_at: datetime | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    has_ended: bool = False
    columns: str = ""  # of a list: changes with its columns
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest:
            told = [str(getattr(self, each.name)) for each in fields(self)]
            self.digest = hashlib.md5("\0".join(told).encode(), usedforsecurity=False).hexdigest()


def _lines(*texts: Any) -> str:
    """Texts and lists of texts, each on a line; formatted text as plain text."""
    flat = [part for text in texts for part in (text if isinstance(text, (list, tuple)) else [text])]
    plain = (get_text_for_indexing(text) if "<" in text else text for text in map(str, filter(None, flat)))
    return "\n".join(text.strip() for text in plain if text.strip())


def _other_names(title: str, *names: Any) -> list[str]:
    """Names apart from the title, each once."""
    return [name for name in dict.fromkeys(_lines(*names).splitlines()) if name != title]


def guide(page: Any) -> dict[str, Any]:
    audiences, topics = list(page.audiences.all()), list(page.topics.all())
    translations = list(page.in_other_languages.all())
    return {
        "names": _other_names(
            page.title,
            page.everyday_names,
            page.short_title,
            page.full_name,
            [each.title for each in translations],
        ),
        "summary": page.summary,
        "body": _lines(
            page.conditions,
            page.result_name,
            [material.name for material in page.materials.all()],
            [_lines(faq.question, faq.answer) for faq in page.faqs.all()],
            page.department.name if page.department else "",
            [term.name for term in (*audiences, *topics)],
            page.proxy_service,
            [_lines(each.summary, each.who, each.materials, each.steps, each.where) for each in translations],
        ),
        "department": page.department_id,
        "audiences": sorted(term.pk for term in audiences),
        "topics": sorted(term.pk for term in topics),
        "handle_forms": page.handle_forms,
        "starts_on": page.effective_on,
        "ends_on": page.cancel_on,
        "has_ended": page.status == page.Status.CANCELLED,
    }


def notice(page: Any) -> dict[str, Any]:
    is_publicity = page.notice_kind == page.Kind.PUBLICITY
    last_days = [day for day in (page.expires_on, page.notice_to if is_publicity else None) if day]
    return {
        "names": _other_names(page.title, page.doc_no, page.index_no),
        "summary": page.search_description,
        "body": _lines(page.body.stream_block.get_searchable_content(page.body), page.scope, page.publisher),
        "starts_on": page.effective_on,
        "ends_on": min(last_days, default=None),
        "has_ended": page.validity != page.Validity.IN_FORCE,
    }


def office(page: Any) -> dict[str, Any]:
    return {
        "summary": page.address,
        "body": _lines(
            page.get_office_kind_display(),
            page.transit,
            page.intro,
            [_lines(window.number, window.name) for window in page.windows.all()],
        ),
    }


def community(page: Any) -> dict[str, Any]:
    return {
        "names": _other_names(page.title, page.short_name),
        "summary": _lines(page.intro).partition("\n")[0][:200],
        "body": _lines(page.intro, page.facilities, page.boundary),
        "ends_on": page.dissolved_on,
    }


def street(page: Any) -> dict[str, Any]:
    return {
        "names": _other_names(page.title, page.short_name),
        "summary": _lines(page.intro).partition("\n")[0][:200],
        "body": _lines(page.intro, [institution.name for institution in page.institutions.all()]),
    }


def certificate_list(page: Any) -> dict[str, Any]:
    return {"summary": _lines(page.intro).partition("\n")[0][:200], "body": _lines(page.intro)}


def policy_list(page: Any) -> dict[str, Any]:
    labels = [column.label for column in page.column_specs if column.is_public]
    return {
        "summary": _lines(page.intro).partition("\n")[0][:200],
        "body": _lines(page.intro, page.scope, page.list_type.name if page.list_type else "", labels),
        "department": page.owner_unit_id,
    }


@dataclass(frozen=True)
class _Pages:
    """How pages of one model are read and told."""

    model: Any
    kind: str
    tell: Any
    one: tuple[str, ...] = ()
    many: tuple[str, ...] = ()


PAGES = [
    _Pages(
        GuidePage,
        Kind.GUIDES,
        guide,
        ("department",),
        ("audiences", "topics", "materials", "faqs", "in_other_languages"),
    ),
    _Pages(NoticePage, Kind.NOTICES, notice),
    _Pages(OfficePage, Kind.OFFICES, office, (), ("windows",)),
    _Pages(CommunityPage, Kind.COMMUNITIES, community),
    _Pages(StreetPage, Kind.COMMUNITIES, street, (), ("institutions",)),
    _Pages(CertificateListPage, Kind.LISTS, certificate_list),
    _Pages(PolicyListPage, Kind.LISTS, policy_list, ("list_type",), ("columns",)),
]


def public_pages(model: Any, keys: Iterable[int] | None = None) -> Any:
    """Pages of one model that residents may see, or those of them among ``keys``."""
    pages = model.objects.live().public()
    if model is PolicyListPage:
        pages = pages.filter(is_internal=False)
    return pages if keys is None else pages.filter(pk__in=keys)


def describe_pages(keys: Iterable[int]) -> Iterator[Description]:
    """The public ones among the pages with these keys, without the rows of lists."""
    keys = list(keys)
    for kind in PAGES:
        pages = public_pages(kind.model, keys).prefetch_related(*kind.many).order_by("pk")
        found = list(pages.select_related(*kind.one) if kind.one else pages)
        regions = regions_of([page.path for page in found])
        for page in found:
            yield Description(
                kind=kind.kind,
                page=page.pk,
                title=page.title,
                region=regions[page.path],
                published_at=page.first_published_at,
                columns=columns_print(page),
                **kind.tell(page),
            )


def regions_of(paths: Iterable[str]) -> dict[str, int | None]:
    """The region each tree path belongs to: the page itself or the nearest above it."""
    paths = list(paths)
    step = Page.steplen
    above = {path[:end] for path in paths for end in range(step, len(path) + 1, step)}
    known: dict[str, int] = {}
    for some in batches(sorted(above)):
        known.update(RegionPage.objects.filter(path__in=some).values_list("path", "pk"))
    nearest = {}
    for path in paths:
        ends = range(len(path), 0, -step)
        nearest[path] = next((known[path[:end]] for end in ends if path[:end] in known), None)
    return nearest


def rows_of(page: Any) -> Any:
    """The rows of the current edition of a public list; each with ``key`` and ``digest``."""
    model = CertificateItem if isinstance(page, CertificateListPage) else ListEntry
    return model.objects.filter(edition__owner=page.pk, edition__is_current=True, edition__live=True)


def columns_print(page: Any) -> str:
    """Changes with the columns of a list, and so with what of its rows is public."""
    if not isinstance(page, PolicyListPage):
        return ""
    told = json.dumps([column.as_json() for column in page.column_specs], sort_keys=True, default=str)
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()


def describe_rows(page: Any, keys: Iterable[str] | None = None) -> Iterator[Description]:
    """The rows of a public list that residents may see, or those of them among ``keys``."""
    rows = rows_of(page) if keys is None else rows_of(page).filter(key__in=keys)
    region = regions_of([page.path])[page.path]
    if isinstance(page, CertificateListPage):
        rows = rows.prefetch_related("alternatives")
        tell: Any = certificate
    else:
        tell = entry
    edition = None
    for row in rows.order_by("order", "pk").iterator(chunk_size=BATCH):
        edition = edition or _edition_of(row, page)
        row.edition = edition
        yield Description(
            page=page.pk,
            key=row.key,
            region=region,
            published_at=edition.first_published_at,
            digest=row.digest,
            **tell(row),
        )


def _edition_of(row: Any, page: Any) -> Any:
    """One object for all rows, so that columns are read once."""
    edition = row.edition
    edition.owner = page
    return edition


def certificate(row: Any) -> dict[str, Any]:
    ways = [_lines(way.kind_label, way.text) for way in row.alternatives.all()]
    return {
        "kind": Kind.CERTIFICATES,
        "title": row.name,
        "names": _other_names(row.name, row.includes, row.aliases),
        "summary": row.verdict,
        "body": _lines(
            row.purpose, row.demanding_units, row.issuing_unit, ways, row.exceptions, row.conditions
        ),
        "verdict": row.polarity,
    }


def entry(row: Any) -> dict[str, Any]:
    return {
        "kind": Kind.ENTRIES,
        "title": row.public_title,
        "body": row.text,
        "starts_on": row.edition.effective_on,
        "has_ended": row.is_inactive,
    }
