"""What editors learn of the readers of a page: how many have it open, and how soon they saw a change."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from wagtail.models import Page

from live import tallies
from live.versions import stored


@never_cache
def readers(request: HttpRequest, pk: int) -> JsonResponse:
    """``{"open": words, "seen": words}`` for the page's editors."""
    page = get_object_or_404(Page, pk=pk).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return JsonResponse({"open": open_words(page), "seen": seen_words(page)})


def open_words(page: Any) -> str:
    """How many have the page open now."""
    count = tallies.open_copies(page.pk)
    if not count:
        return _("现在没有居民打开这个页面")
    words = ngettext("现在有 %(count)d 位居民打开着这个页面", "现在有 %(count)d 位居民打开着这个页面", count)
    return words % {"count": count}


def seen_words(page: Any) -> str:
    """How many of the open pages that were asked show the newest version, and how soon they did."""
    version = stored([page.topic])[page.topic].number
    seen = tallies.sightings(page.topic, version)
    if not seen.seen:
        return ""
    words = ngettext(
        "新内容已出现在 %(count)d 个打开着的页面上，用了 %(ms)d 毫秒。",
        "新内容已出现在 %(count)d 个打开着的页面上，用了 %(ms)d 毫秒。",
        seen.seen,
    )
    return words % {"count": seen.seen, "ms": seen.seen_within_ms}
