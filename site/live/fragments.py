"""The parts of a page as they are now, made from the very partials of its template."""

import io
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils.html import escape, strip_tags
from wagtail.models import Page, Site
from wagtail.views import serve

from appearance.choices import COOKIE as READING
from appearance.languages import language_of, root_of
from appearance.middleware import read_in_its_language, rewritten, wear_theme_of, worn
from content_models.base import memo
from content_models.communities.reader import COOKIE
from content_models.home.models import SiteSettings
from live import topics
from live.versions import Version, shown_since
from publishing import outbox
from publishing.models import OutboxEntry

LONGEST_MISSED = 1000  # changes; who missed more loads the page anew
WHOLE = ("main", "aside")
BANNERS = "includes/banners.html"


@dataclass(frozen=True)
class Variant:
    """An open page as one reader has it: its address with query, their community, how they read."""

    scope: Any
    host: bytes
    address: str
    community: str
    reading: str = ""

    @property
    def key(self) -> tuple[bytes, str, str, str]:
        """What tells it from other variants."""
        return self.host, self.address, self.community, self.reading

    def of_any_page(self) -> "Variant":
        """For what is the same on every page and for every reader of its language."""
        prefix = get_script_prefix().rstrip("/")
        language, _path = language_of(urlsplit(self.address).path.removeprefix(prefix))
        return replace(self, address=root_of(language), community="", reading="")

    def request(self) -> HttpRequest:
        """The request with which a browser would get this page."""
        address = urlsplit(self.address)
        kept = [
            (name, value) for name, value in self.scope["headers"] if name in (b"host", b"x-forwarded-proto")
        ]
        choices = [(COOKIE, self.community), (READING, self.reading)]
        said = "; ".join(f"{name}={value}" for name, value in choices if value)
        cookie = [(b"cookie", said.encode())] if said else []
        scope = self.scope | {
            "type": "http",
            "method": "GET",
            "path": unquote(address.path),
            "query_string": address.query.encode(),
            "headers": kept + cookie,
        }
        request = ASGIRequest(scope, io.BytesIO())
        request.user = AnonymousUser()
        return request


@dataclass(frozen=True)
class Fragments:
    """Regions of one page by name, with the versions they surely show."""

    title: str
    regions: dict[str, str]
    versions: dict[str, Version]
    page: int = 0
    kind: str = ""


class Gone(Exception):
    """There is no such public page; ``url`` and ``title`` are of the nearest one above."""

    def __init__(self, url: str, title: str) -> None:
        super().__init__(url)
        self.url, self.title = url, title


def make(variant: Variant, topic: str) -> Fragments:
    """What of the page changes with ``topic``. Raises Gone, and DisallowedHost for a foreign host."""
    newest = outbox.newest()
    request = variant.request()
    set_script_prefix(f"{request.META['SCRIPT_NAME']}/")
    request.get_host()
    with memo.kept(), read_in_its_language(request), worn(request):
        if topic == topics.BANNER:
            html = rewritten(request, get_template(f"{BANNERS}#banners").render({}, request))
            return Fragments("", {"banners": html}, shown_since(newest, [topic]))
        response = _response(request)
        context: Any = response.resolve_context(response.context_data)
        page = context["page"]
        wear_theme_of(request, page)
        kind, _number = topics.split(topic)
        regions = {}
        for part in page.live_parts.get(kind, WHOLE):
            try:
                template = get_template(f"{response.template_name}#{part}")
            except TemplateDoesNotExist:
                continue  # not every page has something beside it
            regions[part] = rewritten(request, template.render(context, request))
        title = _title(response, context, request)
        versions = shown_since(newest, topics_of(page, context))
        return Fragments(title, regions, versions, page.pk, page.kind)


def _title(response: TemplateResponse, context: Any, request: HttpRequest) -> str:
    """What the page's ``<title>`` says."""
    try:
        template = get_template(f"{response.template_name}#title")
    except TemplateDoesNotExist:
        template = get_template("base.html#title")
    site_name = SiteSettings.for_request(request).site_name
    title = template.render(context, request) + escape(site_name)
    return unescape(strip_tags(rewritten(request, f"<title>{title}</title>")))


def topics_of(page: Any, context: Any) -> list[str]:
    """The topics a page follows: its own, those of what it shows, and the banner's. Not more than MOST."""
    shown = dict.fromkeys([page.topic, topics.BANNER, *page.shown_topics(context)])
    return list(shown)[: topics.MOST]


def _response(request: HttpRequest) -> TemplateResponse:
    """How the site answers, for a page that everybody may see."""
    try:
        response = serve(request, request.path_info.lstrip("/"))
    except Http404:
        response = None
    page = getattr(response, "context_data", None) and response.context_data.get("page")
    if not isinstance(response, TemplateResponse) or page is None or page.get_view_restrictions():
        raise _gone(request)
    return response


def _gone(request: HttpRequest) -> Gone:
    """Where to go from an address that leads nowhere: the nearest public page above it."""
    site = Site.find_for_request(request)
    if site is None:
        return Gone("/", "")
    parts = [part for part in request.path_info.split("/") if part]
    above = [
        "/".join([site.root_page.url_path.rstrip("/"), *parts[:count], ""]) for count in range(len(parts))
    ]
    page = (
        Page.objects.live().public().filter(url_path__in=above).order_by("-depth").first() or site.root_page
    )
    return Gone(page.get_url(request) or "/", page.title)


def own_address(topic: str) -> str | None:
    """The address of the page that stands behind ``topic``, None where there is none to see."""
    kind, number = topics.split(topic)
    page = topics.public_pages(kind, [number]).first() if topic != topics.BANNER else None
    return page.get_url() if page is not None else "/" if topic == topics.BANNER else None


@dataclass(frozen=True)
class Missed:
    """What happened to a topic since a reader last looked: ``at`` is None where nothing did."""

    at: datetime | None = None
    guides: frozenset[int] | None = None  # the only guides that changed, where that is told

    def touches(self, page: Fragments) -> bool:
        if self.at is None:
            return False
        return self.guides is None or page.kind != "guides" or page.page in self.guides


def missed(topic: str, since: Version, now: Version) -> Missed | None:
    """What happened to ``topic`` after ``since``; None where that is unknown or too long ago to say."""
    number = now.number - since.number
    if number < 0 or number > LONGEST_MISSED or (since.epoch and now.epoch and since.epoch != now.epoch):
        return None
    if number == 0:
        return Missed()
    rows = OutboxEntry.objects.filter(topic=topic, version__gt=since.number, version__lte=now.number)
    told = list(rows.order_by("version").values_list("at", "detail"))
    if len(told) < number:
        return None
    guides = [detail.get("guides") for _at, detail in told]
    known = None if None in guides else frozenset(guide for some in guides for guide in some)
    return Missed(told[-1][0], known)
