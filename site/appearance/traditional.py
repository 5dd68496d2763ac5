"""A finished page in traditional characters: what people read changes, what programs read stays."""

import re
from functools import cache
from typing import Any

import opencc

from appearance.markup import IS_HAN, pieces
from appearance.names import traditional_names

SEPARATOR = "\x1e"
# Attributes that are read out or shown.
READ = re.compile(
    r'(\s(?:alt|title|aria-label|aria-description|placeholder|label|content|data-label|data-live-name)=")([^"]*)(?=")'
)
FIRST_NAME = 0xE000  # names stand for a moment as characters that mean nothing


@cache
def _converter() -> Any:
    return opencc.OpenCC("s2tw")


def in_traditional(html: str) -> str:
    """The page in the characters of Taiwan, Hong Kong and Macao; names as the table of names has them."""
    found = list(pieces(html))
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


def convert(texts: list[str]) -> list[str]:
    """Each text in traditional characters, in the same order."""
    whole = SEPARATOR.join(texts)
    if not IS_HAN.search(whole):
        return texts
    names = traditional_names()
    for place, name in enumerate(names):
        whole = whole.replace(name, chr(FIRST_NAME + place))
    whole = str(_converter().convert(whole))
    for place, traditional in enumerate(names.values()):
        whole = whole.replace(chr(FIRST_NAME + place), traditional)
    return whole.split(SEPARATOR)
