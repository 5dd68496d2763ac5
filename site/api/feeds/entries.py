"""What was published last in a channel, street, community or the whole district, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import F
from django.http import HttpRequest
from wagtail.models import Page, Site

from content_models.base.pages import Channel
from content_models.certificates.models import CertificateEdition, CertificateListPage
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuidePage
from content_models.guides.provisions import offered_guides
from content_models.notices.models import NoticePage
from content_models.places.models import OfficePage, RegionPage
from content_models.policy_lists.models import ListEdition, PolicyListPage

MOST = 30
# What a street, a community or the district tells of; its offices and communities change without being news.
OF_REGIONS = ("notices", "guides", "lists", "certificates")


@dataclass(frozen=True)
class Entry:
    """One thing that was published: a page, or a list with its current edition.

    ``uid`` stays the same when the page is moved or renamed; a new edition is a new entry. ``at`` is the
    moment it is ordered by.
    """

    kind: str
    page: Any
    title: str
    uid: str
    published: datetime
    updated: datetime
    at: datetime
    by: str = ""

    def path(self, request: HttpRequest) -> str:
        return self.page.get_url(request) or "/"


def source(request: HttpRequest, pk: int | str) -> Any:
    """The public channel, street, community or district with this id, or None."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    page = feed_pages(site).filter(pk=pk).specific().first()
    return page if page is not None and page.get_url(request) else None


def feed_pages(site: Site) -> Any:
    """Public pages that have a feed, in tree order."""
    pages = Page.objects.live().public().descendant_of(site.root_page, inclusive=True)
    return pages.type(Channel, RegionPage).order_by("path")


def newest(of: Any, *, most: int = MOST, community: CommunityPage | None = None) -> list[Entry]:
    """The ``most`` entries of a channel or region that were published last.

    With ``community`` only what is published in it, and the guides that its residents get there.
    """
    is_channel = isinstance(of, Channel)
    region = of.region_page if is_channel else of
    kinds = (of.lists_kind,) if is_channel else OF_REGIONS
    found = [entry for kind in kinds for entry in KINDS[kind](region, community)[:most]]
    return sorted(found, key=lambda entry: (entry.at, entry.page.pk), reverse=True)[:most]


def _public(model: Any, region: Any, community: Any) -> Any:
    pages = model.objects.live().public().descendant_of(region)
    return pages.descendant_of(community, inclusive=True) if community is not None else pages


def _last_first(things: Any, moment: str = "last_published_at") -> Any:
    """Those with a date; where none is known, nothing can be said of when it came."""
    return things.exclude(**{moment: None}).order_by(F(moment).desc(), "-pk")[:MOST]


def _notices(region: Any, community: Any) -> list[Entry]:
    notices = _last_first(_public(NoticePage, region, community), "first_published_at")
    return [
        _of_page("notices", page, at=page.first_published_at, by=page.publisher or page.content_source)
        for page in notices
    ]


def _guides(region: Any, community: Any) -> list[Entry]:
    guides = _public(GuidePage, region, None).select_related("department")
    if community is not None:
        every = list(guides.values_list("pk", flat=True))
        guides = guides.filter(pk__in=offered_guides([community], every)[community.path])
    return [
        _of_page(
            "guides", page, at=page.last_published_at, by=page.department.name if page.department else ""
        )
        for page in _last_first(guides)
    ]


def _pages(kind: str, model: Any) -> Callable[[Any, Any], list[Entry]]:
    def read(region: Any, community: Any) -> list[Entry]:
        pages = _last_first(_public(model, region, community))
        return [_of_page(kind, page, at=page.last_published_at) for page in pages]

    return read


def _of_page(kind: str, page: Any, *, at: datetime, by: str = "") -> Entry:
    published = page.first_published_at or at
    updated = max(page.last_published_at or at, published)
    return Entry(kind, page, page.title, _urn(page.translation_key), published, updated, at, by)


def _lists(region: Any, community: Any) -> list[Entry]:
    lists = _public(PolicyListPage, region, community).filter(is_internal=False)
    editions = ListEdition.objects.select_related("owner__owner_unit")
    return [
        _of_edition("lists", edition, by=edition.owner.owner_unit.name if edition.owner.owner_unit else "")
        for edition in _last_first(editions.current().filter(owner__in=lists))
    ]


def _certificates(region: Any, community: Any) -> list[Entry]:
    editions = CertificateEdition.objects.select_related("owner").current()
    public = _public(CertificateListPage, region, community)
    return [
        _of_edition("certificates", edition) for edition in _last_first(editions.filter(owner__in=public))
    ]


def _of_edition(kind: str, edition: Any, *, by: str = "") -> Entry:
    page, at = edition.owner, edition.last_published_at
    page.current_edition = edition
    title = f"{page.title} · {edition.title}"
    uid = _urn(uuid5(page.translation_key, f"edition {edition.number}"))
    return Entry(kind, page, title, uid, edition.first_published_at or at, at, at, by)


def _urn(key: UUID) -> str:
    return f"urn:uuid:{key}"


KINDS: dict[str, Callable[[Any, Any], list[Entry]]] = {
    "notices": _notices,
    "guides": _guides,
    "lists": _lists,
    "certificates": _certificates,
    "communities": _pages("communities", CommunityPage),
    "offices": _pages("offices", OfficePage),
}
