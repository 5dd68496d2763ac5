"""The feeds, the page that lists them, and the page that says how to follow one."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from api.feeds import bodies, entries
from api.feeds.formats import FORMATS, clean
from appearance.languages import same_in_every_language
from content_models.base.pages import Channel
from content_models.base.scripts import is_in
from content_models.communities.models import CommunityPage
from content_models.home.models import SiteSettings, StreetPage

KEPT = 60  # seconds
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where nothing was published yet; a date is required
SEARCHABLE = 20  # feeds; fewer are found at a glance


@same_in_every_language
@require_safe
def feed(request: HttpRequest, pk: str, form: str) -> HttpResponseBase:
    """The last entries of a page as ``rss`` or ``atom``; 304 where the reader has them already."""
    of = entries.source(request, pk)
    if of is None:
        raise Http404
    found = entries.newest(of)
    updated = max([entry.updated for entry in found], default=of.last_published_at or NEVER)
    written, modified = _write(request, of, found, form, updated), int(updated.timestamp())
    etag = f'"{hashlib.md5(written, usedforsecurity=False).hexdigest()}"'
    answer: Any = get_conditional_response(request, etag=etag, last_modified=modified)
    if answer is None:
        answer = HttpResponse(written, content_type=FORMATS[form].content_type)
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(modified)
    answer["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(answer, public=True, max_age=KEPT)
    return answer


def _write(request: HttpRequest, of: Any, found: list[entries.Entry], form: str, updated: datetime) -> bytes:
    about = SiteSettings.for_request(request)
    publisher = clean(about.organiser or about.site_name)
    content = bodies.render(found, request)
    title = feed_title(of, about.site_name)
    written = FORMATS[form](
        title=clean(title),
        link=request.build_absolute_uri(of.get_url(request)),
        description=clean(of.intro if isinstance(of, Channel) and of.intro else title),
        language="zh-Hans",
        author_name=publisher,
        feed_url=request.build_absolute_uri(reverse("feed", args=[of.pk, form])),
        feed_guid=f"urn:uuid:{of.translation_key}",
        updated=updated,
    )
    for entry, html in zip(found, content, strict=True):
        written.add_item(
            title=clean(entry.title),
            link=request.build_absolute_uri(entry.path(request)),
            description=escape(clean(bodies.summary(entry))),
            unique_id=entry.uid,
            unique_id_is_permalink=False,
            pubdate=entry.published,
            updateddate=entry.updated,
            author_name=clean(entry.by) or publisher,
            content=clean(html),
        )
    return written.writeString("utf-8").encode()


def feed_title(of: Any, site_name: str) -> str:
    """What a feed reader calls it: 通知公告 - 中华街道 - 家门口."""
    if isinstance(of, Channel):
        region = of.region_page
        names = [of.title, region.title if region is not None and region.depth > 2 else ""]
    else:
        names = [of.title]
    return " - ".join(filter(None, [*names, site_name]))


@dataclass
class Line:
    """A page with a feed, as the list names it."""

    pk: int
    title: str


@dataclass
class Group:
    """The feeds of the district, or of one street with its communities."""

    title: str
    lines: list[Line] = field(default_factory=list)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All feeds: the district's first, then street by street; ``?q=`` finds one by name."""
    asked = clean(request.GET.get("q", "")).strip()[:60]
    groups = _groups(request)
    number = sum(len(group.lines) for group in groups)
    if asked:
        for group in groups:
            group.lines = [line for line in group.lines if is_in(f"{group.title} {line.title}", asked)]
    found = [group for group in groups if group.lines]
    context = {"groups": found, "asked": asked, "is_searchable": number > SEARCHABLE}
    return render(request, "feeds/index.html", context)


def _groups(request: HttpRequest) -> list[Group]:
    site = Site.find_for_request(request)
    if site is None:
        return []
    groups = [Group(site.root_page.title)]
    community: Page | None = None
    street: Page | None = None
    for page in entries.feed_pages(site):
        kind: Any = page.specific_class
        if issubclass(kind, StreetPage):
            street = page
            groups.append(Group(page.title))
        elif street is not None and not page.is_descendant_of(street):
            street = None
        if issubclass(kind, CommunityPage):
            community = page
        within = community.title if community is not None and page.is_descendant_of(community) else ""
        name = _name(page.title, within, is_region=not issubclass(kind, Channel))
        (groups[-1] if street is not None else groups[0]).lines.append(Line(page.pk, name))
    return groups


def _name(title: str, within: str, *, is_region: bool) -> str:
    if is_region:
        return _("%(region)s的全部更新") % {"region": title}
    return f"{within} · {title}" if within and not title.startswith(within) else title


@require_safe
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """How to follow one channel or region: its two addresses, ready to copy."""
    of = entries.source(request, pk)
    if of is None:
        raise Http404
    forms = [
        (label, request.build_absolute_uri(reverse("feed", args=[pk, form])))
        for form, label in (("rss", "RSS"), ("atom", "Atom"))
    ]
    return render(request, "feeds/follow.html", {"of": of, "name": feed_title(of, ""), "forms": forms})
