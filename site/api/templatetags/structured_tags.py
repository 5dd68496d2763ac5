"""What a page tells machines in its head: a description of itself, and where its feeds are."""

import json
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from content_models.base.pages import Channel, ContentPage
from content_models.base.structured import Scene, breadcrumbs
from content_models.base.widgets import plain_text
from content_models.home.models import SiteSettings
from content_models.places.models import RegionPage

register = template.Library()

# Inside a script element nothing may look like markup, nor end a line for JavaScript alone.
ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
BRIEF = 80  # characters
FEEDS = [("rss", "application/rss+xml", "RSS"), ("atom", "application/atom+xml", "Atom")]


@register.simple_tag(takes_context=True)
def structured_data(context: template.Context) -> str:
    """The page in the terms of schema.org, as data; nothing in a preview or where there is no page."""
    request, page = context.get("request"), context.get("page")
    if request is None or getattr(request, "is_preview", False) or not isinstance(page, ContentPage):
        return ""
    scene = Scene(request, context, SiteSettings.for_request(request))
    things = [*page.structured_data(scene), breadcrumbs(scene, page)]
    graph = {"@context": "https://schema.org", "@graph": [found for found in things if found]}
    return format_html('<script type="application/ld+json">{}</script>', as_script(graph))


def as_script(data: Any) -> SafeString:
    """JSON that is safe inside a script element, whatever its texts say."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(ESCAPED))


@register.filter
def in_brief(body: Any) -> str:
    """How a text with markup begins, as one line without."""
    return Truncator(" ".join(plain_text(str(body or "")).split())).chars(BRIEF)


@register.simple_tag(takes_context=True)
def feed_links(context: template.Context) -> str:
    """Where feed readers and browsers find the feeds of a channel, street, community or the district."""
    request, page = context.get("request"), context.get("page")
    if request is None or getattr(request, "is_preview", False) or not isinstance(page, Channel | RegionPage):
        return ""
    link = '<link rel="alternate" type="{}" title="{}" href="{}">'
    rows = (
        (kind, f"{page.title}（{label}）", request.build_absolute_uri(reverse("feed", args=[page.pk, form])))
        for form, kind, label in FEEDS
    )
    return format_html_join("\n  ", link, rows)
