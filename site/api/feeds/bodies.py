"""What an entry says, whole and on its own: HTML without scripts, every address absolute.

Everything that entries refer to (pictures, files, pages linked in a text) is fetched for all of them at once.
"""

import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin

from bs4 import Tag
from django.db.models import F, Prefetch, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.shortcuts import get_rendition_or_not_found
from wagtail.rich_text import expand_db_html
from wagtail.whitelist import (
    DEFAULT_ELEMENT_RULES,
    Whitelister,
    allow_without_attributes,
    attribute_rule,
    check_url,
)

from api.feeds.entries import Entry
from content_models.base.blocks import BodyBlock
from content_models.base.edition_pages import with_current_editions
from content_models.certificates.models import CertificateItem
from content_models.notices.structured import body_text
from content_models.places.models import OfficePage
from content_models.policy_lists.lists import with_current_counts
from content_models.policy_lists.models import ListEntry

ROWS = 100  # of a list; the page has them all
PICTURE = "width-800"
SUMMARY = 200  # characters
BLOCKS = BodyBlock()


def render(entries: list[Entry], request: HttpRequest) -> list[str]:
    """The content of each entry, in their order."""
    raw = [""] * len(entries)
    for kind in {entry.kind for entry in entries}:
        places = [place for place, entry in enumerate(entries) if entry.kind == kind]
        pages = [entries[place].page for place in places]
        for place, context in zip(places, CONTEXTS[kind](pages), strict=True):
            raw[place] = render_to_string(f"feeds/{kind}.html", context)
    addresses = [request.build_absolute_uri(entry.path(request)) for entry in entries]
    return [FeedHtml(address).clean(html) for address, html in zip(addresses, _with_links(raw), strict=True)]


def summary(entry: Entry) -> str:
    """A sentence or two of plain text."""
    page = entry.page
    text = getattr(page, "search_description", "") or getattr(page, "summary", "")
    if not text and entry.kind == "notices":
        text = body_text(page)
    elif not text and entry.kind == "lists":
        text = page.current_edition.summary_text
    elif not text and entry.kind == "certificates":
        text = _("共 %(number)d 项证明") % {"number": page.current_edition.entered}
    elif not text and entry.kind == "offices":
        text = f"{page.address} {page.phone}"
    return text if len(text) <= SUMMARY else f"{text[: SUMMARY - 1]}…"


def _with_links(raw: list[str]) -> list[str]:
    """Rich text of all entries with the addresses of what it links to, by one question a kind."""
    seam = f"<{secrets.token_hex(16)}>"
    return expand_db_html(seam.join(raw)).split(seam) if raw else []


class FeedHtml(Whitelister):
    """Keeps what a feed reader shows and drops the rest; addresses count from ``address``."""

    dropped = frozenset(["script", "style", "svg", "iframe", "object", "embed", "form", "template"])

    def __init__(self, address: str) -> None:
        plain = ["blockquote", "caption", "dd", "dl", "dt", "figcaption", "figure", "span", "table", "tbody"]
        cell = attribute_rule({"colspan": True, "rowspan": True, "scope": True})

        def absolute(url: str) -> str | None:
            return iri_to_uri(urljoin(address, url)) if check_url(url) is not None else None

        self.element_rules = {
            **DEFAULT_ELEMENT_RULES,
            **dict.fromkeys([*plain, "thead", "tr"], allow_without_attributes),
            "td": cell,
            "th": cell,
            "a": attribute_rule({"href": absolute}),
            "img": attribute_rule({"src": absolute, "alt": True, "width": True, "height": True}),
        }

    def clean_tag_node(self, doc: Any, tag: Tag) -> None:
        if tag.name in self.dropped:
            tag.decompose()
        else:
            super().clean_tag_node(doc, tag)


def _notices(pages: list[Any]) -> Iterable[dict[str, Any]]:
    prefetch_related_objects(pages, "attachments__document")
    blocks = [block for page in pages for block in page.body.raw_data]
    images = {_image_id(block["value"]) for block in blocks if block["type"] == "image"}
    files = {block["value"] for block in blocks if block["type"] == "attachment"}
    image_model, document_model = get_image_model(), get_document_model()
    found = {
        "image": image_model.objects.filter(pk__in=images - {None}).prefetch_renditions(PICTURE).in_bulk(),
        "attachment": document_model.objects.in_bulk(files - {None}),
    }
    for page in pages:
        yield {"page": page, "body": [_block(block, found) for block in page.body.raw_data]}


def _image_id(value: Any) -> Any:
    return value.get("image") if isinstance(value, dict) else value


def _block(block: Any, found: dict[str, dict[Any, Any]]) -> dict[str, Any]:
    """A block of a body as the template shows it, from what was fetched for all."""
    kind, value = block["type"], block["value"]
    if kind == "image":
        image = found["image"].get(_image_id(value))
        alt = value.get("alt_text") or "" if isinstance(value, dict) else ""
        return {
            "kind": kind,
            "picture": get_rendition_or_not_found(image, PICTURE) if image else None,
            "alt": alt,
        }
    if kind == "attachment":
        return {"kind": kind, "file": found["attachment"].get(value)}
    if kind == "table":
        return {"kind": kind, "html": BLOCKS.child_blocks["table"].render(value)}
    return {"kind": kind, "html": stored_html(value) if kind == "text" else value}


def stored_html(text: str) -> SafeString:
    """Rich text as it is stored: its links are filled in for all entries together, its tags sifted after."""
    return mark_safe(text)


def _guides(pages: list[Any]) -> Iterable[dict[str, Any]]:
    parts = ["materials", "steps", "fees", "faqs", "legal_basis", "audiences"]
    offices = Prefetch("offices", OfficePage.objects.live().public().order_by("sort_name", "path"))
    prefetch_related_objects(pages, *parts, offices)
    for page in pages:
        faqs = [(faq.question, stored_html(faq.answer)) for faq in page.faqs.all()]
        yield {"page": page, "conditions": stored_html(page.conditions), "faqs": faqs}


def _lists(pages: list[Any]) -> Iterable[dict[str, Any]]:
    with_current_counts(pages)
    rows = _first_rows(ListEntry.objects, pages)
    for page in pages:
        yield _edition_context(page, rows[page.current_edition.pk])


def _certificates(pages: list[Any]) -> Iterable[dict[str, Any]]:
    with_current_editions(pages)
    rows = _first_rows(CertificateItem.objects.prefetch_related("alternatives"), pages)
    for page in pages:
        yield _edition_context(page, rows[page.current_edition.pk])


def _first_rows(rows: Any, pages: list[Any]) -> dict[int, list[Any]]:
    """The first rows of each page's current edition, by its id, with one question for all."""
    editions = {page.current_edition.pk: page.current_edition for page in pages}
    place = Window(RowNumber(), partition_by=F("edition_id"), order_by=["order", "pk"])
    found: dict[int, list[Any]] = {pk: [] for pk in editions}
    first = rows.filter(edition__in=editions).annotate(place=place).filter(place__lte=ROWS)
    for row in first.order_by("edition_id", "order", "pk"):
        row.edition = editions[row.edition_id]
        found[row.edition_id].append(row)
    return found


def _edition_context(page: Any, rows: list[Any]) -> dict[str, Any]:
    edition = page.current_edition
    edition.owner = page
    more = edition.entered - len(rows)
    return {"page": page, "edition": edition, "rows": rows, "more": more, "intro": stored_html(page.intro)}


def _others(pages: list[Any]) -> Iterable[dict[str, Any]]:
    return [{"page": page, "intro": stored_html(page.intro)} for page in pages]


CONTEXTS: dict[str, Callable[[list[Any]], Iterable[dict[str, Any]]]] = {
    "notices": _notices,
    "guides": _guides,
    "lists": _lists,
    "certificates": _certificates,
    "communities": _others,
    "offices": _others,
}
