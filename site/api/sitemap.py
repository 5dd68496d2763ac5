"""sitemap.xml and robots.txt: every public address with the day it last changed, for search engines.

Above ``WHOLE`` addresses the sitemap is an index of sections. A section holds what has ids from one step of
``STEP`` to the next, so that it stays the same file however much is added, and costs few questions.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from django.db.models import Count, F, IntegerField, Max
from django.db.models.functions import Cast, Floor
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from appearance.languages import LANGUAGES, SIMPLIFIED, root_of, same_in_every_language
from content_models.certificates.models import CertificateItem, CertificateListPage
from content_models.guides.models import GuidePage, GuideTranslation
from content_models.guides.translations import Tongue
from content_models.policy_lists.models import ListEntry, PolicyListPage

WHOLE = 10_000  # addresses in one file
STEP = 10_000  # ids in one section
KEPT = 600  # seconds

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

# What Wagtail takes for a part of an address.
REACHABLE = re.compile(r"[\w-]+")


class Address(NamedTuple):
    """The path below the site's root, when what stands there changed, and whether it is in every language."""

    path: str
    changed: datetime | None
    is_in_all: bool = True


@dataclass(frozen=True)
class Part:
    """One kind of addresses: the rows behind them, where their date is, and how they are read."""

    rows: Callable[[Site], Any]
    changed: str
    read: Callable[[Any, Site], Iterator[Address]]


def _public(model: Any, site: Site) -> Any:
    return model.objects.live().public().descendant_of(site.root_page, inclusive=True)


def _public_lists(site: Site) -> Any:
    return _public(PolicyListPage, site).filter(is_internal=False)


def _pages(site: Site) -> Any:
    internal = PolicyListPage.objects.filter(is_internal=True).values("pk")
    return _public(Page, site).exclude(pk__in=internal)


def _read_pages(pages: Any, site: Site) -> Iterator[Address]:
    start = len(site.root_page.url_path)
    for path, changed in pages.values_list("url_path", "last_published_at"):
        yield Address(path[start:], changed)


def _rows_of(model: Any, lists: Callable[[Site], Any]) -> Callable[[Site], Any]:
    def rows(site: Site) -> Any:
        current = {"edition__is_current": True, "edition__live": True}
        return model.objects.filter(**current, edition__owner__in=lists(site).values("pk")).order_by()

    return rows


def _read_rows(rows: Any, site: Site) -> Iterator[Address]:
    start = len(site.root_page.url_path)
    for path, key, changed in rows.values_list(
        "edition__owner__url_path", "key", "edition__last_published_at"
    ):
        if REACHABLE.fullmatch(key):
            yield Address(f"{path[start:]}entries/{key}/", changed)


def _translations(site: Site) -> Any:
    """Guides in other languages; the English one leads the guide in English, which is there already."""
    guides = _public(GuidePage, site).values("pk")
    return GuideTranslation.objects.filter(page__in=guides).exclude(language=Tongue.ENGLISH).order_by()


def _read_translations(rows: Any, site: Site) -> Iterator[Address]:
    start = len(site.root_page.url_path)
    for path, language, changed in rows.values_list("page__url_path", "language", "page__last_published_at"):
        yield Address(f"{path[start:]}in/{language}/", changed, is_in_all=False)


PARTS = {
    "pages": Part(_pages, "last_published_at", _read_pages),
    "entries": Part(_rows_of(ListEntry, _public_lists), "edition__last_published_at", _read_rows),
    "certificates": Part(
        _rows_of(CertificateItem, lambda site: _public(CertificateListPage, site)),
        "edition__last_published_at",
        _read_rows,
    ),
    "translations": Part(_translations, "page__last_published_at", _read_translations),
}


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every address, or the index of the sections where they are many."""
    site = _site(request)
    steps = {name: _steps(part, site) for name, part in PARTS.items()}
    if sum(count for found in steps.values() for _number, count, _changed in found) > WHOLE:
        return _answer(_index(request, steps))
    addresses = (
        address for part in PARTS.values() for address in part.read(part.rows(site).order_by("pk"), site)
    )
    return _answer(_urlset(request, addresses))


@same_in_every_language
@require_safe
def section(request: HttpRequest, section: str, number: int) -> HttpResponse:
    """The addresses of one section: none where nothing in it can be reached by an address."""
    site, part = _site(request), PARTS.get(section)
    if part is None or number > 2**31 // STEP:
        raise Http404
    rows = part.rows(site).filter(pk__gte=number * STEP, pk__lt=(number + 1) * STEP).order_by("pk")
    if not rows.exists():
        raise Http404
    return _answer(_urlset(request, part.read(rows, site)))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines should leave alone, and where the sitemap is."""
    search = reverse("search").removeprefix(root_of(SIMPLIFIED))
    closed = [reverse("wagtailadmin_home"), *(f"{root_of(language)}{search}" for language in LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    patch_cache_control(answer, public=True, max_age=KEPT)
    return answer


def _site(request: HttpRequest) -> Site:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return site


def _steps(part: Part, site: Site) -> list[tuple[int, int, datetime | None]]:
    """``[(number, how many, last change)]`` of the sections that hold anything, by one question."""
    number = Cast(Floor(F("pk") / STEP), IntegerField())
    rows = part.rows(site).order_by().annotate(step=number).values("step")
    found = rows.annotate(count=Count("pk"), changed=Max(part.changed)).order_by("step")
    return list(found.values_list("step", "count", "changed"))


def _index(request: HttpRequest, steps: dict[str, Any]) -> Iterable[str]:
    yield HEAD + INDEX
    for name, found in steps.items():
        for number, _count, changed in found:
            address = request.build_absolute_uri(reverse("sitemap_section", args=[name, number]))
            yield f"<sitemap><loc>{_loc(address)}</loc>{_lastmod(changed)}</sitemap>\n"
    yield "</sitemapindex>\n"


def _urlset(request: HttpRequest, addresses: Iterable[Address]) -> Iterable[str]:
    roots = [(code, request.build_absolute_uri(root)) for code, root in languages()]
    own = roots[0][1]
    yield HEAD + URLSET
    for path, changed, is_in_all in addresses:
        quoted = quote(path, safe="/-._~")
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(root + quoted)}/>'
            for code, root in (roots if is_in_all else ())
        )
        yield f"<url><loc>{_loc(own + quoted)}</loc>{_lastmod(changed)}{others}</url>\n"
    yield "</urlset>\n"


def languages() -> list[tuple[str, str]]:
    """``[(hreflang, path of the home page)]``; the site's own language comes first, as the default too."""
    found = [(language.tag, root_of(language)) for language in LANGUAGES]
    return [("x-default", found[0][1]), *found]


def _loc(address: str) -> str:
    return escape(address)


def _lastmod(changed: datetime | None) -> str:
    if changed is None:
        return ""
    return f"<lastmod>{timezone.localtime(changed).isoformat(timespec='seconds')}</lastmod>"


def _answer(pieces: Iterable[str]) -> HttpResponse:
    answer = HttpResponse("".join(pieces), content_type="application/xml; charset=utf-8")
    patch_cache_control(answer, public=True, max_age=KEPT)
    return answer
