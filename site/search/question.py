"""Understanding what was typed: what is wanted, in which other words, and for whom."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, pairwise, zip_longest

from search import synonyms
from search.folding import fold
from search.sounds import CHINESE, alike, is_syllable, split, syllables
from search.synonyms import Synonyms
from search.words import is_chinese, plain_words, runs

LONGEST = 100  # characters that are read
MOST_FORMS = 24
MOST_OTHERS = 10  # synonyms of one word
_CHINESE = re.compile(f"[{CHINESE}]")
_AGE = re.compile(
    r"(\d{1,3}|[一二三四五六七八九十百零]{1,5})(?:多|几|来)?周?岁[多半]?"
    r"|(?<![第百千万零])([六七八九]十[一二三四五六七八九]?)[多几]?(?=[了的]|\W|$)"  # 我妈八十二了
)
_ASKED = re.compile("有没有|能不能|是不是|会不会|要不要|可不可以")  # 有没有房 is not 没有房
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
OLD, CHILD = 60, 14  # years from and up to which an age tells for whom
AGES = [  # from so many years up to so many: what it is called
    (0, 3, ("婴幼儿", "托育")),
    (80, 99, ("高龄",)),
    (100, 120, ("百岁", "高龄")),
]
STORY = 12  # characters from which on no name is the whole text in other words


@dataclass(frozen=True)
class Form:
    """One way of saying what is wanted."""

    text: str  # bare
    weight: float  # how surely it is what was meant, up to 1
    via: str = ""  # the synonym that led here
    part: str = ""  # what of the question it stands for, where it does for a part only


@dataclass(frozen=True)
class Notion:
    """One thing that a question is about: ways of saying it, each with how surely it means that."""

    ways: tuple[tuple[str, float], ...]  # bare texts; the first is the one that was typed


@dataclass
class Question:
    """What was typed, understood."""

    text: str  # folded
    forms: list[Form] = field(default_factory=list)
    notions: list[Notion] = field(default_factory=list)
    audiences: set[str] = field(default_factory=set)
    sounds: tuple[str, ...] = ()  # how it sounds, syllables as ``alike`` makes them
    letters: str = ""  # what was typed in Latin letters alone, perhaps pinyin or initials
    initials: tuple[str, ...] = ()  # the letters, and the letters without those of a weak word at their end

    @property
    def bare(self) -> str:
        return self.forms[0].text if self.forms else ""


def understand(text: str) -> Question:
    """Read what a resident typed, however long or odd; nothing to look for leaves no forms."""
    folded = fold(text[: LONGEST * 4])[:LONGEST]
    found = runs(folded)
    bare = "".join(found)
    question = Question(folded)
    if not bare:
        return question
    if len(found) and all(run.isascii() and run.isalpha() for run in found):
        question.letters = bare
        question.initials = tuple(_initials(bare))
        sounds = split(bare) or ()
        question.sounds = tuple(alike(sound) if is_syllable(sound) else sound for sound in sounds)
    else:
        question.sounds = tuple(alike(sound) for sound in syllables(bare)[:12])
    question.audiences = set(_audiences(folded, bare))
    known = synonyms.current()
    said = _ASKED.sub(" ", folded)
    pieces = _pieces(said if runs(said) else folded, known)
    loose = [word for run in runs(said) for word in known.find_loose(run)]
    question.forms = list(_forms(bare, "".join(pieces), loose, known))[:MOST_FORMS]
    if question.letters:
        question.forms += list(_spelt(bare, known))[: MOST_FORMS - len(question.forms)]
        question.notions = [Notion(((word, 1.0),)) for word in dict.fromkeys(found)]  # of another language
    else:
        question.notions = [*_notions(pieces, known), *map(_notion, loose), *_notions_of_age(folded)]
    return question


def prepare() -> None:
    """Load words and sounds, for which the first question would wait."""
    for text in ("社区服务", "sqfw"):
        understand(text)


def _initials(letters: str) -> Iterator[str]:
    """dbsq, and db where sq is but 申请."""
    yield letters
    for word in synonyms.weak_words():
        ending = "".join(sound[0] for sound in syllables(word))
        if len(letters) - len(ending) > 1 and letters.endswith(ending):
            yield letters.removesuffix(ending)


def _forms(bare: str, core: str, loose: list[synonyms.Found], known: Synonyms) -> Iterator[Form]:
    """The text itself, then what matters of it, then both in other words."""
    own = {bare: 1.0}
    own.setdefault(core, 0.98)
    slim = "".join(_without(core, synonyms.weak_words()))
    if len(slim) > 1:
        own.setdefault(slim, 0.96)
    forms = [Form(text, weight) for text, weight in own.items()]
    seen: set[str] = set()
    said = [_in_other_words(text, known.find(text)) for text in (forms[-1].text, bare)]
    for form in [*forms, *chain(*said), *_in_other_words(core, loose)]:
        if form.text not in seen:
            seen.add(form.text)
            yield form


def _spelt(letters: str, known: Synonyms) -> Iterator[Form]:
    """What the letters may spell, and what means the same."""
    for word in known.find_spelt(letters):
        for other in (word.text, *word.others[:MOST_OTHERS], *word.narrower[:MOST_OTHERS]):
            yield Form(other, 0.85, word.text)


def _notions(pieces: Iterable[str], known: Synonyms) -> Iterator[Notion]:
    """The known words of the text, and the pairs of characters between them."""
    for piece in pieces:
        reached = 0
        for word in known.find(piece):
            # Across the edge as well: what was taken for a word may be parts of two others.
            yield from _loose(piece[max(0, reached - 1) : word.start + 1])
            yield _notion(word)
            reached = word.end
        yield from _loose(piece[max(0, reached - 1) :])


def _notion(word: synonyms.Found) -> Notion:
    others = [(other, 0.95) for other in word.others] + [(kind, 0.85) for kind in word.narrower]
    return Notion(((word.text, 1.0), *others))


def _notions_of_age(folded: str) -> Iterator[Notion]:
    for typed, years in _ages(folded):
        for first, last, words in AGES:
            if first <= years <= last:
                yield Notion(((typed, 1.0), *((word, 0.5) for word in words)))


def _loose(text: str) -> Iterator[Notion]:
    if len(text) > 1:
        for word in words_to_look_for(text):
            singles = tuple((character, 0.3) for character in word) if is_chinese(word) else ()
            yield Notion(((word, 1.0), *singles))


def _in_other_words(text: str, words: Iterable[synonyms.Found]) -> Iterator[Form]:
    """The text with one of its known words said otherwise, and that word alone; each word in its turn."""
    for turn in zip_longest(*(list(_otherwise(text, word)) for word in words)):
        yield from filter(None, turn)


def _otherwise(text: str, word: synonyms.Found) -> Iterator[Form]:
    typed = word.text
    is_name = len(text) < STORY and text[word.start : word.end] == typed
    stands_alone = typed != text and len(typed) > 1 and typed not in synonyms.weak_words()
    if stands_alone:
        yield Form(typed, 1.0, "", typed)
    same = [(other, 0.95) for other in word.others[:MOST_OTHERS]]
    kinds = [(kind, 0.9) for kind in word.narrower[:MOST_OTHERS]]
    for turn in zip_longest(same, kinds):
        for other, weight in filter(None, turn):
            if is_name:
                yield Form(text[: word.start] + other + text[word.end :], weight, other)
            if stands_alone:
                yield Form(other, weight, other, typed)


def _pieces(folded: str, known: Synonyms) -> list[str]:
    """The text taken apart where ages, question words and fillers stood, unless nothing else is left."""
    if len(_CHINESE.findall(folded)) < 5:
        return runs(folded)
    pieces = [
        piece
        for part in runs(_AGE.sub(" ", folded))
        for piece in (_without_fillers(part, known) if is_chinese(part) else [part])
    ]
    return pieces if len("".join(pieces)) > 1 else runs(folded)


def _without_fillers(text: str, known: Synonyms) -> Iterator[str]:
    """The text without what says nothing, unless it belongs to a known word: 了 in 老板跑了."""
    places = [(word.start, word.end) for word in known.find(text)]
    reached = 0
    for filler in _pattern(synonyms.stop_words()).finditer(text):
        start, end = filler.span()
        if any(one <= start and end <= other and end - start < other - one for one, other in places):
            continue
        if reached < start:
            yield text[reached:start]
        reached = end
    if reached < len(text):
        yield text[reached:]


def _without(text: str, words: frozenset[str]) -> list[str]:
    return [piece for piece in _pattern(words).split(text) if piece]


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


def _audiences(folded: str, bare: str) -> Iterator[str]:
    for cue, audience in synonyms.cues().items():
        if cue in bare:
            yield audience
    for _typed, years in _ages(folded):
        if years >= OLD:
            yield "laonianren"
        elif years <= CHILD:
            yield "ertong"


def _ages(folded: str) -> Iterator[tuple[str, int]]:
    """Each age that is told: in its words, and in years."""
    for told in _AGE.finditer(folded):
        age = told[1] or told[2]
        yield "".join(runs(told[0])), int(age) if age.isdigit() else _number(age)


def _number(text: str) -> int:
    """八十三 → 83, 一百零一 → 101."""
    hundreds, has_hundred, rest = text.rpartition("百")
    tens, has_ten, ones = rest.rpartition("十")
    number = _DIGITS.get(ones[-1:], 0)
    if has_ten:
        number += 10 * _DIGITS.get(tens, 1)
    return number + 100 * _DIGITS.get(hundreds, 1) if has_hundred else number


def words_to_look_for(text: str) -> list[str]:
    """Pairs, and single characters, numbers and words where there are no pairs, of a bare text."""
    return list(dict.fromkeys(plain_words(text)))


def pairs_by_sound(question: Question) -> list[str]:
    """How a question sounds, as words of the index."""
    return [f"0{one}{other}" for one, other in pairwise(question.sounds)]
