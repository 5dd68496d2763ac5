"""Goes through a finished page piece by piece: texts and tags, without building a tree of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w:-]*)((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>|<![^>]*>", re.S)
_LANG = re.compile(r'\s(?:lang="([^"]*)"|translate="(no)")')
RAW = {"script", "style", "textarea"}  # what stands inside is no text of the page
EMPTY = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
IS_HAN = re.compile(f"[{HAN}]")


@dataclass
class Piece:
    """A tag or the text between two; ``is_open`` is False where another language or script rules."""

    text: str
    tag: str = ""  # its name, "/name" where it ends an element; empty for text
    is_open: bool = True


def pieces(html: str) -> Iterator[Piece]:
    """The page in order. Text inside elements with a ``lang`` of their own or ``translate="no"`` is shut."""
    shut_by, depth, at, raw = "", 0, 0, ""
    for found in _TAG.finditer(html):
        closes, name = found[1], (found[2] or "").lower()
        if raw:
            if not (closes and name == raw):
                continue
            raw = ""
            yield Piece(html[at : found.start()], "!raw", is_open=False)
        elif found.start() > at:
            yield Piece(html[at : found.start()], is_open=not shut_by)
        at = found.end()
        if not name:
            yield Piece(found[0], "!", is_open=False)
            continue
        if shut_by:
            if name == shut_by:
                depth += -1 if closes else 1
        elif not closes and name != "html" and name not in EMPTY and _LANG.search(found[3]):
            shut_by, depth = name, 1
        yield Piece(found[0], f"/{name}" if closes else name, is_open=not shut_by)
        if shut_by and depth == 0:
            shut_by = ""
        if not closes and name in RAW:
            raw = name
    if at < len(html):
        yield Piece(html[at:], is_open=not shut_by and not raw)
