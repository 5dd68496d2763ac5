"""A finished page in traditional characters: what people read changes, what programs read stays."""

import re
from functools import cache
from typing import Any

import opencc

from appearance.markup import IS_HAN, Piece, pieces
from appearance.names import traditional_names

BETWEEN_TEXTS, BETWEEN_NAMES = "\x1e", "\x1f"
# Attributes that are read out or shown; scripts and style sheets show what is in data-, save what was typed.
READ = re.compile(
    r"(\s(?:alt|title|placeholder|label|content|data-(?!asked=)[a-z-]+"
    r'|aria-(?:label|description|placeholder|roledescription|valuetext))=")'
    r'(?!https?://|/)([^"]*)(?=")'
)


@cache
def _converter() -> Any:
    return opencc.OpenCC("s2tw")


def in_traditional(html: str) -> str:
    """The page in the characters of Taiwan, Hong Kong and Macao; names as the table of names has them."""
    found = list(pieces(html))
    _shut_sent_text(found)
    texts: list[str] = []
    for piece in found:
        if piece.is_open:
            texts += [each[2] for each in READ.finditer(piece.text)] if piece.tag else [piece.text]
    converted = iter(convert(texts))
    written = []
    for piece in found:
        if not piece.is_open:
            written.append(piece.text)
        elif piece.tag:
            written.append(READ.sub(lambda each: each[1] + next(converted), piece.text))
        else:
            written.append(next(converted))
    return "".join(written)


def _shut_sent_text(found: list[Piece]) -> None:
    """The text of an option without a value is what the form sends."""
    for place, piece in enumerate(found):
        if piece.tag == "option" and " value" not in piece.text and place + 1 < len(found):
            found[place + 1].is_open = False


def convert(texts: list[str]) -> list[str]:
    """Each text in traditional characters, in the same order."""
    whole = BETWEEN_TEXTS.join(texts)
    if not IS_HAN.search(whole):
        return texts
    # No keyboard has these signs, but an address may.
    if whole.count(BETWEEN_TEXTS) >= len(texts) or BETWEEN_NAMES in whole:
        return [_convert(text.replace(BETWEEN_TEXTS, "").replace(BETWEEN_NAMES, "")) for text in texts]
    return _convert(whole).split(BETWEEN_TEXTS)


def _convert(text: str) -> str:
    """One text: what stands between the names of the table is converted, they are written as it says."""
    names = traditional_names()
    if not names:
        return str(_converter().convert(text))
    parts = re.split(f"({'|'.join(map(re.escape, names))})", text)
    between = str(_converter().convert(BETWEEN_NAMES.join(parts[::2]))).split(BETWEEN_NAMES)
    parts[::2] = between
    parts[1::2] = [names[name] for name in parts[1::2]]
    return "".join(parts)
