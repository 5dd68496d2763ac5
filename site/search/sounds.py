"""How words sound: pinyin without tones, and which syllables are easily taken for each other."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CHINESE_RUN = re.compile(f"[{CHINESE}]+")
# As most names of services say it: 长护险, 超长; words that say it otherwise are known (家长).
MOSTLY = {"长": "chang"}
# Differences that many speakers do not hear, and that typing by pinyin mixes up.
_ALIKE = [("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("v", "u")]


def syllables(text: str) -> list[str]:
    """Pinyin of the Chinese characters of folded ``text``, one syllable a character; the rest is left out."""
    return [syllable for run in _CHINESE_RUN.findall(text) for syllable in _of_run(run) if syllable]


@lru_cache(maxsize=20_000)
def _of_run(run: str) -> tuple[str, ...]:
    """Each character as the longest word that begins there says it, else as it is said alone."""
    words, alone = _words(), _alone()
    found: list[str] = []
    while len(found) < len(run):
        at = len(found)
        longest = words.get(run[at], 1)
        known = (word for end in range(at + longest, at + 1, -1) if (word := PHRASES_DICT.get(run[at:end])))
        word = next(known, None)
        found.extend([_plain(reading[0]) for reading in word] if word else [alone(run[at])])
    return tuple(found)


@cache
def _words() -> dict[str, int]:
    """The characters that words begin with which do not sound as their characters do alone: 银行, 重庆."""
    longest: dict[str, int] = {}
    alone = _alone()
    for word, readings in PHRASES_DICT.items():
        if any(_plain(reading[0]) != alone(c) for c, reading in zip(word, readings, strict=False)):
            longest[word[0]] = max(longest.get(word[0], 1), len(word))
    return longest


@cache
def _alone() -> Callable[[str], str]:
    @cache
    def alone(character: str) -> str:
        return MOSTLY.get(character) or _plain(PINYIN_DICT.get(ord(character), "").partition(",")[0])

    return alone


@cache
def _plain(reading: str) -> str:
    tones = str.maketrans("āáǎàēéěèōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeooooiiiiuuuuvvvvvnnnm")
    return reading.translate(tones)


@cache
def alike(syllable: str) -> str:
    """The same for syllables that are easily taken for each other: zheng, zhen, zeng → zen."""
    for ending, plain in _ALIKE:
        syllable = syllable.replace(ending, plain)
    return syllable


@cache
def _all_syllables() -> frozenset[str]:
    found = {_plain(r) for readings in PINYIN_DICT.values() for r in readings.split(",")}
    return frozenset(s for s in found if re.fullmatch(r"[a-z]{1,6}", s) and re.search(r"[aeiouv]", s))


@lru_cache(maxsize=2048)
def split(letters: str) -> tuple[str, ...] | None:
    """``letters`` as syllables, as few as possible, the last perhaps unfinished; None where it is not pinyin.

    ``laonianzh`` → ``("lao", "nian", "zh")``.
    """
    known, longest = _all_syllables(), 6
    best: list[tuple[int, tuple[str, ...]] | None] = [None] * (len(letters) + 1)
    best[0] = (0, ())
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - longest), end):
            before, piece = best[start], letters[start:end]
            if before is None:
                continue
            is_unfinished = end == len(letters) and piece not in known and _begins_one(piece)
            if piece in known or is_unfinished:
                cost = before[0] + (3 if is_unfinished else 2)
                if best[end] is None or cost < best[end][0]:  # type: ignore[index]  # just checked
                    best[end] = (cost, (*before[1], piece))
    found = best[-1]
    return found[1] if found else None


@cache
def _begins_one(piece: str) -> bool:
    return any(syllable.startswith(piece) for syllable in _all_syllables())


def is_syllable(piece: str) -> bool:
    return piece in _all_syllables()
