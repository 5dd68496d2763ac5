"""Shows in a text which of its words were looked for, whatever script or case they stand in."""

import re
from collections.abc import Iterable, Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search.folding import fold, fold_character

CUT = "…"
PLACES_WEIGHED = 40  # in a text that is full of the words the first will do
SENTENCE_END = re.compile(r"[。！？；!?;]\s*")


def mark(text: str, words: Iterable[str]) -> SafeString:
    """``text`` as HTML, with ``<mark>`` around every place that folds to one of ``words`` (folded)."""
    return _html(text, _places(text, words))


def excerpt(text: str, words: Iterable[str], length: int = 90) -> SafeString:
    """About ``length`` characters of ``text`` where most of ``words`` stand, marked; … where it was cut.

    Begins with a sentence where one begins near. Empty where none of the words stands in the text.
    """
    text = " ".join(text.split())
    places = list(_places(text, words))
    if not places:
        return mark_safe("")
    best = max(places[:PLACES_WEIGHED], key=lambda place: _crowd(places, place[0], length))
    start = _start(text, best[0], length)
    stop = min(start + length, len(text))
    start = max(0, min(start, stop - length))
    shown = [(max(first, start) - start, min(last, stop) - start) for first, last in places]
    cut = _html(text[start:stop], [place for place in shown if place[0] < place[1]])
    before, after = (CUT if start else ""), (CUT if stop < len(text) else "")
    return mark_safe(f"{before}{cut}{after}")  # both parts are ours or escaped


def _places(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """From where to where each marked place of ``text`` reaches, in order, apart from each other."""
    longest_first = sorted({word for word in words if word}, key=len, reverse=True)
    if not text or not longest_first:
        return
    folded, owner = _aligned(text)
    # Looks ahead, for words may overlap.
    found = re.finditer(f"(?=({'|'.join(map(re.escape, longest_first))}))", folded)
    begun = None
    for match in found:
        start, stop = owner[match.start(1)], owner[match.end(1) - 1] + 1
        if begun is None:
            begun = start, stop
        elif start <= begun[1]:
            begun = begun[0], max(begun[1], stop)
        else:
            yield begun
            begun = start, stop
    if begun is not None:
        yield begun


def _aligned(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters which of ``text`` it came from."""
    parts = [" " if character.isspace() else fold_character(character) for character in text]
    owner = [place for place, part in enumerate(parts) for _character in part]
    whole = fold(text)
    # Some characters fold otherwise in company (乾 in 乾坤); that is worth more while places still agree.
    return (whole if len(whole) == len(owner) else "".join(parts)), owner


def _crowd(places: list[tuple[int, int]], start: int, length: int) -> int:
    """How many marked characters stand within ``length`` from ``start``."""
    return sum(last - first for first, last in places if start <= first and last <= start + length)


def _start(text: str, at: int, length: int) -> int:
    """Where an excerpt begins that shall show what stands at ``at``."""
    lead = length // 3
    if at <= lead:
        return 0
    ends = SENTENCE_END.finditer(text, at - lead, at)
    return next((end.end() for end in ends), at - lead // 2)


def _html(text: str, places: Iterable[tuple[int, int]]) -> SafeString:
    parts, done = [], 0
    for start, stop in places:
        parts += [escape(text[done:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        done = stop
    return mark_safe("".join([*parts, escape(text[done:])]))  # every part of the text is escaped
