"""How words sound: pinyin without tones, and which syllables are easily taken for each other."""

import re
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CHINESE_RUN = re.compile(f"[{CHINESE}]+")
# Differences that many speakers do not hear, and that typing by pinyin mixes up.
_ALIKE = [("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("v", "u")]


def syllables(text: str) -> list[str]:
    """Pinyin of the Chinese characters of folded ``text``, one syllable a character; the rest is left out."""
    return [syllable for run in _CHINESE_RUN.findall(text) for syllable in _of_run(run)]


@lru_cache(maxsize=20_000)
def _of_run(run: str) -> tuple[str, ...]:
    if any(character in _ambiguous() for character in run):
        return tuple(lazy_pinyin(run, style=Style.NORMAL, v_to_u=False))
    return tuple(_of_character(character) for character in run)


@cache
def _of_character(character: str) -> str:
    return lazy_pinyin(character, style=Style.NORMAL)[0]


@cache
def _ambiguous() -> frozenset[str]:
    """Characters that words make sound otherwise than alone: 银行 and 行人."""
    found = set()
    for phrase, readings in PHRASES_DICT.items():
        for character, reading in zip(phrase, readings, strict=False):
            alone = PINYIN_DICT.get(ord(character), "").partition(",")[0]
            if alone and _plain(reading[0]) != _plain(alone):
                found.add(character)
    return frozenset(found)


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
