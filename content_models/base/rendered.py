"""Written content for other front ends: rich text and page bodies as plain blocks and as neutral HTML.

Blocks are what a front end without an HTML renderer can draw: ``{"type": "paragraph", "text", "html"}``,
``heading`` with its ``level``, ``list`` with ``is_ordered`` and ``items``.
"""

import re
from collections.abc import Callable, Iterable
from html import escape
from html.parser import HTMLParser
from typing import Any

from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.rich_text import expand_db_html

SEPARATOR = "\x1e"  # between texts that are expanded together; no form lets it through
_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")(/[^"/][^"]*|/)"')
HEADINGS = {f"h{level}": level for level in range(1, 7)}

Text = dict[str, Any]
Absolute = Callable[[str], str]


def empty_text() -> Text:
    return {"html": "", "text": "", "blocks": []}


def fill_texts(texts: Iterable[tuple[Text, str]], absolute: Absolute) -> None:
    """Fill each text from its stored rich text, all links looked up at once; addresses become absolute."""
    waiting = [(text, stored.replace(SEPARATOR, "")) for text, stored in texts if stored]
    if not waiting:
        return
    expanded = expand_db_html(SEPARATOR.join(stored for _text, stored in waiting))
    expanded = _OWN_ADDRESS.sub(lambda match: f'{match[1]}{escape(absolute(match[2]))}"', expanded)
    for (text, _stored), html in zip(waiting, expanded.split(SEPARATOR), strict=True):
        reader = _Reader()
        reader.feed(html)
        reader.close()
        blocks = reader.finish()
        text.update(html=html, text="\n".join(map(_text_of, blocks)), blocks=blocks)


def _text_of(block: dict[str, Any]) -> str:
    return "\n".join(item["text"] for item in block["items"]) if "items" in block else block["text"]


class _Reader(HTMLParser):
    """Splits rich text into its blocks; what stands inside them stays HTML."""

    INLINE = ("a", "b", "strong", "i", "em", "br")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[dict[str, Any]] = []
        self.list: dict[str, Any] | None = None
        self.tag, self.html, self.text = "p", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.INLINE:
            self.html += self.get_starttag_text() or ""
            self.text += "\n" if tag == "br" else ""
            return
        self._end()
        self.tag = tag
        if tag in ("ul", "ol"):
            self.list = {"type": "list", "is_ordered": tag == "ol", "items": []}

    def handle_endtag(self, tag: str) -> None:
        if tag in self.INLINE:
            self.html += f"</{tag}>"
            return
        self._end()
        if tag in ("ul", "ol") and self.list is not None:
            self.blocks.append(self.list)
            self.list = None

    def handle_data(self, data: str) -> None:
        self.html += escape(data, quote=False)
        self.text += data

    def finish(self) -> list[dict[str, Any]]:
        self._end()
        if self.list is not None:
            self.blocks.append(self.list)
        return self.blocks

    def _end(self) -> None:
        """What was read since the last block is one, if it says anything."""
        said = {"text": self.text.strip(), "html": self.html.strip()}
        tag, self.tag, self.html, self.text = self.tag, "p", "", ""
        if not said["text"]:
            return
        if self.list is not None:
            self.list["items"].append(said)
        elif tag in HEADINGS:
            self.blocks.append({"type": "heading", "level": HEADINGS[tag], **said})
        else:
            self.blocks.append({"type": "paragraph", **said})


class Bodies:
    """The bodies of many pages, made into blocks with as many questions as for one: see ``add``, ``fill``."""

    def __init__(self, absolute: Absolute) -> None:
        self.absolute = absolute
        self.waiting: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
        self.texts: list[tuple[Text, str]] = []

    def text(self, stored: str) -> Text:
        """A rich text that ``fill`` will fill."""
        text = empty_text()
        self.texts.append((text, stored))
        return text

    def add(self, raw: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The body whose stored blocks are ``raw``; ``fill`` will fill it."""
        body: dict[str, Any] = {"html": "", "blocks": []}
        self.waiting.append((body, [dict(block) for block in raw]))
        return body

    def fill(self) -> None:
        images = self._named(get_image_model(), "image", lambda value: value.get("image"))
        documents = self._named(get_document_model(), "attachment", lambda value: value)
        for body, raw in self.waiting:
            found = [self._block(block, images, documents) for block in raw]
            body["blocks"] = [block for block in found if block is not None]
        fill_texts(self.texts, self.absolute)
        for body, _raw in self.waiting:
            body["html"] = "".join(map(_as_html, body["blocks"]))

    def _named(self, model: Any, kind: str, key: Callable[[Any], Any]) -> dict[Any, Any]:
        """What blocks of one kind name, by id; nothing is asked where there is no such block."""
        blocks = (block for _body, raw in self.waiting for block in raw if block["type"] == kind)
        keys = {found for block in blocks if (found := key(block["value"] or {}))}
        return model.objects.in_bulk(keys) if keys else {}

    def _block(
        self, block: dict[str, Any], images: dict[Any, Any], documents: dict[Any, Any]
    ) -> dict[str, Any] | None:
        """One block in plain data; None for a picture or file that is gone."""
        value = block["value"] or {}
        head = {"type": block["type"], "id": block.get("id") or ""}
        match block["type"]:
            case "heading":
                return head | {"text": value or ""}
            case "text":
                return head | {"value": self.text(value or "")}
            case "table":
                return head | {"value": _table(value)}
            case "image" if image := images.get(value.get("image")):
                alt = "" if value.get("decorative") else value.get("alt_text") or image.default_alt_text
                return head | {"value": image_data(image, self.absolute, alt=alt)}
            case "attachment" if document := documents.get(value):
                return head | {"value": document_data(document, self.absolute)}
        return None


def _table(value: dict[str, Any]) -> dict[str, Any]:
    rows = [[str(cell or "") for cell in row] for row in value.get("data") or []]
    has_header = bool(value.get("first_row_is_table_header"))
    return {
        "caption": value.get("table_caption") or "",
        "header": rows[0] if has_header and rows else [],
        "rows": rows[1:] if has_header else rows,
        "has_row_headers": bool(value.get("first_col_is_header")),
    }


def image_data(image: Any, absolute: Absolute, *, alt: str) -> dict[str, Any]:
    return {"url": absolute(image.file.url), "width": image.width, "height": image.height, "alt": alt}


def document_data(document: Any, absolute: Absolute) -> dict[str, Any]:
    return {"id": document.pk, "title": document.title, "url": absolute(document.url)}


def _as_html(block: dict[str, Any]) -> str:
    """A block as HTML without classes or scripts, for a page of whatever look."""
    value = block.get("value") or {}
    match block["type"]:
        case "heading":
            return f"<h2>{escape(block['text'])}</h2>"
        case "text":
            return str(value["html"])
        case "image":
            size = f'width="{value["width"]}" height="{value["height"]}"'
            return f'<p><img src="{escape(value["url"])}" alt="{escape(value["alt"])}" {size}></p>'
        case "attachment":
            return f'<p><a href="{escape(value["url"])}">{escape(value["title"])}</a></p>'
    return _table_as_html(value)


def _table_as_html(table: dict[str, Any]) -> str:
    def row(cells: list[str], *, is_header: bool = False) -> str:
        heads = len(cells) if is_header else int(table["has_row_headers"])
        names = ["th"] * heads + ["td"] * (len(cells) - heads)
        return (
            "<tr>" + "".join(f"<{n}>{escape(c)}</{n}>" for n, c in zip(names, cells, strict=True)) + "</tr>"
        )

    caption = f"<caption>{escape(table['caption'])}</caption>" if table["caption"] else ""
    head = f"<thead>{row(table['header'], is_header=True)}</thead>" if table["header"] else ""
    return f"<table>{caption}{head}<tbody>{''.join(map(row, table['rows']))}</tbody></table>"
