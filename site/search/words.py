"""The words of the index. All are plain letters and digits, which every database splits alike.

Chinese text is taken apart into pairs of neighbouring characters rather than into words of a dictionary, so
that no gap of one loses a result. Names are found in three more ways: by single characters, by sound and by
initials.

=========  ==================================  ==========================
``老年``    a pair of neighbours                in names and texts
``老``      a character                         in names
``0laonian``  a pair by sound                   in names
``1lnyhz``  initials from here on               in names
``2ln``     a pair of initials                  in names
``80``, ``ems``  a number, a word in letters    in names and texts
=========  ==================================  ==========================
"""

import re
from collections.abc import Iterable, Iterator

from search.folding import fold
from search.sounds import CHINESE, alike, syllables

_RUN = re.compile(rf"[{CHINESE}]+|[0-9]+|[^\W\d_{CHINESE}]+")
_CHINESE = re.compile(f"[{CHINESE}]")
LONGEST = 40  # characters of a word
_INITIALS = 12  # initials that are kept from each place on


def runs(folded: str) -> list[str]:
    """Stretches of folded text that are all Chinese, all digits or all other letters."""
    return [run[: LONGEST if not is_chinese(run) else None] for run in _RUN.findall(folded)]


def is_chinese(run: str) -> bool:
    return bool(_CHINESE.match(run))


def pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def words_of_text(text: str) -> set[str]:
    """What a text is found by."""
    return set(plain_words(fold(text)))


def words_of_names(names: Iterable[str]) -> set[str]:
    """What a thing is found by from any of its names."""
    found: set[str] = set()
    for name in names:
        folded = fold(name)
        found.update(plain_words(folded))
        for run in runs(folded):
            if is_chinese(run):
                found.update(run)
        found.update(words_by_sound(syllables(folded)))
    return found


def plain_words(folded: str) -> Iterator[str]:
    """Pairs, and single characters, numbers and words in letters where there are no pairs."""
    for run in runs(folded):
        if is_chinese(run) and len(run) > 1:
            yield from pairs(run)
        else:
            yield run


def words_by_sound(sounds: list[str]) -> Iterator[str]:
    """Pairs by sound, initials from each place on, pairs of initials."""
    initials = "".join(sound[0] for sound in sounds)
    for at in range(len(sounds) - 1):
        yield pair_by_sound(sounds[at], sounds[at + 1])
        yield f"1{initials[at : at + _INITIALS]}"
        yield f"2{initials[at : at + 2]}"


def pair_by_sound(first: str, second: str) -> str:
    return f"0{alike(first)}{alike(second)}"
