"""Says of every page whether it may be kept for others, and notes what it was made from."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.models import Page

from content_models.base import moments
from delivery import reading
from delivery.pages import Slip

PRIVATE = "private, no-store"
ASK_AGAIN = "no-cache"  # may be kept, and is asked for again each time: a 304 from memory costs nothing
# Read at start and kept by Wagtail, so that no question shows it.
ALWAYS = {"rows:wagtailcore_site"}


class Delivered:
    """Fills the slip that the page store laid beside the request; keeps private what is not for everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        slip = getattr(request, "scope", {}).get("delivery.slip")
        if slip is None:
            response = self.get_response(request)
        else:
            with moments.noted() as noted, reading.recorded() as read:
                response = self.get_response(request)
            _fill(slip, request, response, noted, read)
        _set_cache_control(request, response)
        return response


def _fill(
    slip: Slip, request: HttpRequest, response: HttpResponseBase, noted: list[datetime], read: reading.Reading
) -> None:
    if not _is_public_page(request, response):
        return
    if read.unfollowed:
        slip.refused = f"read {', '.join(sorted(read.unfollowed))}"
        return
    slip.keys = frozenset(read.keys | ALWAYS)
    slip.read_at = getattr(request, "outbox_before", 0)
    slip.until = _until(noted).timestamp()


def _until(noted: list[datetime]) -> datetime:
    """The next moment at which the page may read differently: one that was noted, or the end of today."""
    now = timezone.localtime()
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    return min([midnight, *(moment for moment in noted if moment > now)])


def _is_public_page(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this is a page of the site just as everybody may see it."""
    page = _page_of(response)
    return (
        page is not None
        and response.status_code == 200
        and response.headers.get("Content-Type", "").startswith("text/html")
        and not response.cookies
        and "Cache-Control" not in response.headers
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")  # a token would be everybody's
        and not getattr(request, "is_preview", False)
        and not getattr(request, "has_stale_community", False)
        and not page.get_view_restrictions()
    )


def _page_of(response: HttpResponseBase) -> Page | None:
    context = response.context_data if isinstance(response, TemplateResponse) else None
    page = (context or {}).get("page")
    return page if isinstance(page, Page) else None


def _set_cache_control(request: HttpRequest, response: HttpResponseBase) -> None:
    """Nothing that was made for one person is kept by anybody on the way, unless its view says otherwise."""
    page = _page_of(response)
    said = response.headers.get("Cache-Control", "")
    is_own = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    if getattr(request, "is_preview", False) or (page is not None and _is_hidden(page)):
        if "no-store" not in said:
            response.headers["Cache-Control"] = PRIVATE
    elif not said and (is_own or response.cookies):
        response.headers["Cache-Control"] = PRIVATE
    elif not said and page is not None:
        response.headers["Cache-Control"] = ASK_AGAIN


def _is_hidden(page: Page) -> bool:
    return not page.live or bool(page.get_view_restrictions())
