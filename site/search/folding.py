"""One form for all ways of writing the same: width, case, traditional characters, blanks."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Taiwan's and Hong Kong's forms to simplified ones, character by character: official words stay as they are.
_SIMPLIFIED = OpenCC("tw2s")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]+")
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")


def fold(text: str) -> str:
    """``text`` in NFKC, lower case, simplified characters, single blanks and without control characters."""
    if _NOT_PLAIN.search(text):
        text = unicodedata.normalize("NFKC", _BLANKS.sub(" ", text))
        text = _SIMPLIFIED.convert(text)
    return _BLANKS.sub(" ", text.casefold()).strip()


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """One character folded; may be several (㎡) or none."""
    return fold(character)
