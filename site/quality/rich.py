"""Texts as readers see them, and changes to them in the HTML in which they are kept."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape

_TOKEN = re.compile(
    r"<!--.*?-->|<[^<>]*>|&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{1,31});|[^<&]+|[<&]", re.DOTALL
)
_BLOCK = re.compile(r"<(?:/(?:p|h[1-6]|li|div|tr|table|blockquote)|br|hr)\b", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """What stands in a text from ``start`` to ``end``, and what is to stand there."""

    start: int
    end: int
    new: str


def _tokens(html: str) -> Iterator[tuple[str, int, int]]:
    """Pieces of shown text with the places in the HTML where they are kept."""
    for token in _TOKEN.finditer(html):
        raw = token[0]
        if raw[0] == "<" and len(raw) > 1:
            text = "\n" if _BLOCK.match(raw) else "\t" if _CELL.match(raw) else ""
            if text:
                yield text, token.start(), token.start()
        elif raw[0] == "&" and len(raw) > 1:
            yield unescape(raw), token.start(), token.end()
        else:
            yield raw, token.start(), token.end()


def shown(html: str) -> str:
    """The text of some HTML: blocks on lines of their own, cells between tabs."""
    if "<" not in html and "&" not in html:
        return html
    return "".join(text for text, _start, _end in _tokens(html))


def changed(text: str, changes: Sequence[Change]) -> str:
    """A plain text with these changes, which do not overlap."""
    parts, done = [], 0
    for change in sorted(changes, key=lambda change: change.start):
        parts += [text[done : change.start], change.new]
        done = change.end
    return "".join(parts) + text[done:]


def changed_html(html: str, changes: Sequence[Change]) -> str:
    """HTML in which the shown text has these changes; tags stay where they are."""
    kept: list[Change] = []
    places = list(_places(html))
    for change in changes:
        new = escape(change.new, quote=False)
        for start, end in places[change.start : change.end]:
            if start < end:
                kept.append(Change(start, end, new))
                new = ""
    return changed(html, kept)


def _places(html: str) -> Iterator[tuple[int, int]]:
    """For each character of the shown text the place where it is kept; empty where only a tag makes it."""
    for text, start, end in _tokens(html):
        if start == end or len(text) != end - start:
            yield (start, end)
            yield from [(end, end)] * (len(text) - 1)
        else:
            yield from ((start + offset, start + offset + 1) for offset in range(len(text)))
