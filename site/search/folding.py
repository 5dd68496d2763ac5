"""One form for all ways of writing the same: width, case, traditional characters, blanks."""

import re
import unicodedata
from functools import lru_cache

from content_models.base.scripts import in_simplified

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]+")
_ACCENTED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")  # lǎo, café
_MARKS = re.compile(r"[\u0300-\u036f]")
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")


def fold(text: str) -> str:
    """``text`` in NFKC, lower case, simplified characters, single blanks, without accents and controls."""
    if _NOT_PLAIN.search(text):
        text = unicodedata.normalize("NFKC", _BLANKS.sub(" ", text))
        text = in_simplified(text)
        if _ACCENTED.search(text):
            text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return _BLANKS.sub(" ", text.casefold()).strip()


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """One character folded; may be several (㎡) or none."""
    return fold(character)
