"""Goes through a finished page piece by piece: texts and tags, without building a tree of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][^\s/>]*)((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>|<![^>]*>", re.S)
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
RAW = {"script", "style", "textarea"}  # what stands inside is no text of the page
_END_OF_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.I) for name in RAW}
EMPTY = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HEAD = 2_000  # characters within which a page says its language
IS_HAN = re.compile(f"[{HAN}]")
_HTML_LANG = re.compile(r"<html\b[^>]*?\slang=[\"']?([\w-]*)", re.I)


@dataclass
class Piece:
    """A tag or the text between two; ``is_open`` is False where another language or script rules."""

    text: str
    tag: str = ""  # its name, "/name" where it ends an element; empty for text
    is_open: bool = True


def pieces(html: str, *, keeps_untranslated: bool = True) -> Iterator[Piece]:
    """The page in order. Text inside elements with a ``lang`` of their own is shut.

    So is what ``translate="no"`` stands on, where ``keeps_untranslated``.
    """
    shut_by, depth, at = "", 0, 0
    while found := _TAG.search(html, at):
        closes, name = found[1], (found[2] or "").lower()
        if found.start() > at:
            yield Piece(html[at : found.start()], is_open=not shut_by)
        at = found.end()
        if not name:
            yield Piece(found[0], "!", is_open=False)
            continue
        if shut_by:
            if name == shut_by:
                depth += -1 if closes else 1
        elif not closes and name != "html" and name not in EMPTY and _is_shut(found[3], keeps_untranslated):
            shut_by, depth = name, 1
        yield Piece(found[0], f"/{name}" if closes else name, is_open=not shut_by)
        if shut_by and depth == 0:
            shut_by = ""
        if not closes and name in RAW:
            end = _END_OF_RAW[name].search(html, at)
            until = end.start() if end else len(html)
            if until > at:
                yield Piece(html[at:until], "!raw", is_open=False)
            at = until
    if at < len(html):
        yield Piece(html[at:], is_open=not shut_by)


def _is_shut(attributes: str, keeps_untranslated: bool) -> bool:
    """Whether an element says that it is in a language of its own, or not to be translated."""
    if "lang" not in attributes and "translate" not in attributes:
        return False
    said = {
        found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(attributes)
    }
    return "lang" in said or (keeps_untranslated and said.get("translate", "").lower() == "no")


def language_said(html: str) -> str:
    """The ``lang`` of a whole page; empty for a part of one."""
    found = _HTML_LANG.search(html, 0, HEAD)
    return found[1] if found else ""
