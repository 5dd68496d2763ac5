"""The manifest and the worker by which a phone keeps pages, and the pages that tell of what is kept."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appearance.joined import served_file
from appearance.languages import root_of
from appearance.traditional import convert
from content_models.home.models import SiteSettings
from content_models.home.themes import top_colours
from saved import names

MANIFEST_KEPT = 3600  # seconds
SHORT = 12  # characters that a home screen shows


@require_safe
def manifest(request: Any) -> HttpResponse:
    """What a phone needs to put the site among its apps, in the reader's language."""
    about = SiteSettings.for_request(request)
    colour = top_colours(about.theme)["light"]
    texts = [about.site_name, about.site_name[:SHORT], _("办事指南、证明、公告和家门口的办事场所。")]
    if request.language.tag == "zh-Hant":
        texts = convert(texts)
    own_root = root_of(request.language, present=request.language)
    answer = JsonResponse(
        {
            "id": names.root(request),
            "name": texts[0],
            "short_name": texts[1],
            "description": texts[2],
            "lang": request.language.tag,
            "dir": "ltr",
            "start_url": own_root,
            "scope": names.root(request),  # whichever language one changes to
            # With the browser's way back: there is no button for it on our pages.
            "display": "minimal-ui",
            "theme_color": colour,
            "background_color": "#ffffff",
            "icons": [
                {"src": static("civic/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("saved/icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": static("saved/icon-512.png"), "sizes": "512x512", "type": "image/png"},
                {
                    "src": static("saved/icon-maskable.png"), "sizes": "512x512", "type": "image/png",
                    "purpose": "maskable",
                },
            ],
        },
        json_dumps_params={"ensure_ascii": False},
        content_type="application/manifest+json",
    )  # fmt: skip
    patch_cache_control(answer, public=True, max_age=MANIFEST_KEPT)
    return answer


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with what it has to know; asked for anew each time, so that a new one is noticed."""
    known = json.dumps(names.of_worker(request), sort_keys=True)
    source = served_file("saved/sw.js").read_text(encoding="utf-8")
    answer = HttpResponse(f"const SITE = {known};\n{source}", content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = names.root(request)
    patch_cache_control(answer, no_cache=True)
    return answer


@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """What this phone keeps, which the phone alone knows; without a script, what keeping means."""
    title = _("存到手机的内容")
    about = _("这台手机存着的办事指南和场所，没有网络也能看。")
    context = {"column_name": title, "column_text": about, "needs_saved_list": True}
    return render(request, "saved/saved.html", context)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a connection in place of a page that is not kept."""
    return render(request, "saved/offline.html", {"needs_saved_list": True})
