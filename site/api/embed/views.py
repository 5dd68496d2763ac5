"""A channel's newest entries for other sites: a small page to stand in a frame, and the script for it."""

import hashlib
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from api.feeds import entries
from content_models.base.pages import Channel
from content_models.communities.models import CommunityPage
from content_models.communities.reader import find_community

KEPT = 60  # seconds
COUNT, MOST = 5, 20
SCRIPT = (Path(__file__).parent / "embed.js").read_bytes()
SCRIPT_KEPT = 3600


@require_safe
@xframe_options_exempt
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest entries of a channel, ``?count=`` of them; with ``?community=`` those for its residents."""
    try:
        found = entries.source(request, pk)
        community = _community(request)
    except Http404:
        found = community = None
    if not isinstance(found, Channel):
        # In a frame of another site: a few quiet words instead of our page of that sort.
        return _framed(render_to_string("embed/gone.html"), status=404)
    newest = entries.newest(found, most=count(request), community=community)
    context = {
        "channel": found,
        "address": found.get_url(request),
        "items": [{"title": entry.title, "url": entry.path(request), "on": entry.at} for entry in newest],
    }
    # Without the request: nothing here depends on who asks, so no cookie is read or set.
    return _framed(render_to_string("embed/channel.html", context))


def _framed(content: str, *, status: int = 200) -> HttpResponse:
    answer = HttpResponse(content, status=status)
    patch_cache_control(answer, public=True, max_age=KEPT)
    return answer


def count(request: HttpRequest) -> int:
    """How many entries were asked for; the usual number where that is not understood."""
    asked = request.GET.get("count", "")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) < 4
    return min(max(int(asked), 1), MOST) if is_number else COUNT


def _community(request: HttpRequest) -> CommunityPage | None:
    asked = request.GET.get("community", "")
    community = find_community(asked) if asked else None
    if asked and community is None:
        raise Http404
    return community


@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    """The script for parent portals, at an address that never changes."""
    etag = f'"{hashlib.md5(SCRIPT, usedforsecurity=False).hexdigest()}"'
    answer: Any = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")
    answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=SCRIPT_KEPT)
    return answer
