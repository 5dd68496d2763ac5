"""Lists of words that checks look for: each has its own, and editors may change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from content_models.base import memo
from quality.models import WordList


@dataclass(frozen=True)
class Words:
    """A list of words: its code, name and purpose, and the words as long as nobody changed them."""

    code: str
    name: Any  # a lazy text
    about: Any
    own: tuple[str, ...]


WORDS: dict[str, Words] = {}


def word_list(code: str, name: Any, own: Sequence[str], *, about: Any = "") -> Words:
    """Make known a list that editors may change."""
    WORDS[code] = Words(code, name, about, tuple(own))
    return WORDS[code]


def words(code: str) -> tuple[str, ...]:
    """The words of a list, as editors have them."""
    changed = memo.remember("quality.words", _changed)
    return changed.get(code, WORDS[code].own)


def _changed() -> dict[str, tuple[str, ...]]:
    return {code: tuple(found) for code, found in WordList.objects.values_list("code", "words")}
