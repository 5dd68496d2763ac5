"""Says on a page what it shows, so that it can be told when that changes."""

import json
from typing import Any

from django import template
from django.utils.html import format_html

from live import topics
from live.fragments import topics_of
from live.versions import shown_since
from publishing import outbox

register = template.Library()


@register.simple_tag(takes_context=True)
def live_topics(context: template.Context) -> str:
    """Attributes of the body: the topics of the page with versions and epochs, and which variant it is."""
    request: Any = context.get("request")
    if request is None or getattr(request, "is_preview", False):
        return ""
    page: Any = context.get("page")
    before = getattr(request, "outbox_before", None)
    if page is None or before is None:
        names, before = [topics.BANNER], outbox.newest()
    else:
        names = topics_of(page, context)
    versions = shown_since(before, names)
    community = context.get("my_community")
    choices: Any = getattr(request, "reading_choices", None)
    return format_html(
        ' data-topics="{}" data-epochs="{}" data-page="{}" data-community="{}" data-reading="{}"',
        json.dumps({name: versions[name].number for name in names}),
        json.dumps({name: version.epoch for name, version in versions.items() if version.epoch}),
        page.pk if page is not None else "",
        community.pk if community else "",
        choices.write() if choices is not None else "",
    )
