"""The live room in the admin: readers beside the page that is edited, and after it is published."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from wagtail import hooks

from live import editors, tallies


@hooks.register("register_admin_urls")
def add_addresses() -> list[Any]:
    return [path("live/<int:pk>/", editors.readers, name="live_readers")]


@hooks.register("insert_global_admin_css")
def add_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("live/editors.css"))


@hooks.register("insert_global_admin_js")
def add_script() -> str:
    return format_html('<script type="module" src="{}"></script>', static("live/editors.js"))


@hooks.register("after_publish_page")
def tell_who_watches(request: HttpRequest, page: Any) -> None:
    """Where the page is open somewhere, say so; how soon it was seen there follows by script."""
    if hasattr(page, "topic") and tallies.open_copies(page.pk):
        address = reverse("live_readers", args=[page.pk])
        words = editors.open_words(page)
        messages.info(request, format_html('<span data-live-seen="{}">{}。</span>', address, words))
