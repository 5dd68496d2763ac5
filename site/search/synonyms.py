"""The words that editors teach the search, ready to be looked up."""

import csv
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.db.models import Count, Max

from search.folding import fold
from search.models import SynonymGroup
from search.sounds import syllables
from search.words import runs

STARTER = Path(__file__).parent / "starter"
LONGEST = 20  # characters of a synonym
ENDINGS = frozenset("了着过个")  # 喝了酒 is 喝酒
PARTICLES = ENDINGS | frozenset("的得地给把被都就也还有")  # in longer words: 没有地方住 is 没地方住
SURE = 4  # characters
INITIALS = 3  # letters from which on initials tell something


@lru_cache(maxsize=100_000)
def bare(text: str) -> str:
    """``text`` folded and without anything but letters, digits and characters."""
    return "".join(runs(fold(text)))


@dataclass(frozen=True)
class Found:
    """A known word in a text: where it stands and what may stand there instead, best first."""

    text: str
    start: int
    end: int
    others: tuple[str, ...]  # mean the same
    narrower: tuple[str, ...]  # are kinds of it, or what helps who says it


@dataclass
class Synonyms:
    """All active groups; ``mark`` tells whether they are still those of the database."""

    mark: object = None
    others: dict[str, list[str]] = field(default_factory=dict)
    narrower: dict[str, list[str]] = field(default_factory=dict)

    tight: dict[str, str] = field(default_factory=dict)  # words without particles → words
    names: set[str] = field(default_factory=set)  # words that mean the same as others
    spelt: dict[str, list[str]] = field(default_factory=dict)  # pinyin and initials → names

    def add(self, words: list[str], narrower: list[str], *, are_same: bool = True) -> None:
        """Take in a group; ``are_same`` tells whether its words mean the same."""
        said = list(dict.fromkeys(filter(None, map(bare, words))))
        kinds = list(dict.fromkeys(filter(None, map(bare, narrower))))
        if are_same:
            self.names.update(said)
        for word in said:
            others = [other for other in said if are_same and other != word]
            self.others.setdefault(word, []).extend(others)
            self.narrower.setdefault(word, []).extend(kinds)
            short = tight(word)
            if word[0] not in PARTICLES and word[-1] not in PARTICLES and len(short) > 1:
                self.tight.setdefault(short, word)

    def find(self, text: str) -> Iterator[Found]:
        """The known words in a bare text that are not part of longer ones."""
        for start, end in _places(text, self.others):
            yield self._found(text[start:end], start, end)

    def find_spelt(self, letters: str) -> list[Found]:
        """The names that ``letters`` are the pinyin or the initials of."""
        if not self.spelt:
            self.spelt = _spelt(self.names)
        return [self._found(word, 0, len(letters)) for word in self.spelt.get(letters, [])]

    def find_loose(self, text: str) -> Iterator[Found]:
        """Known words in a bare text with particles between their characters: 喝酒 in 喝了酒."""
        kept = [at for at, character in enumerate(text) if character not in PARTICLES]
        for start, end in _places(tight(text), self.tight):
            first, last = kept[start], kept[end - 1] + 1
            said, word = text[first:last], self.tight[tight(text[first:last])]
            is_sure = end - start >= SURE or tight(said, ENDINGS) == tight(word, ENDINGS)
            if is_sure and said not in self.others:
                yield self._found(word, first, last)

    def _found(self, word: str, start: int, end: int) -> Found:
        others, kinds = (tuple(dict.fromkeys(of[word])) for of in (self.others, self.narrower))
        return Found(word, start, end, others, kinds)


def _cuts(text: str, start: int, end: int) -> bool:
    """Whether what stands from ``start`` to ``end`` is part of a longer number or word in letters."""
    edges = (text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
    return any(len(edge) > 1 and edge.isascii() for edge in edges)


def _spelt(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (len(name), name)):
        sounds = syllables(name)
        if 1 < len(sounds) == len(name):
            found.setdefault("".join(sounds), []).append(name)
            if len(sounds) >= INITIALS:
                found.setdefault("".join(sound[0] for sound in sounds), []).append(name)
    return found


def tight(text: str, particles: frozenset[str] = PARTICLES) -> str:
    """``text`` without particles."""
    return "".join(character for character in text if character not in particles)


def _places(text: str, words: Container[str]) -> Iterator[tuple[int, int]]:
    """Where the longest of ``words`` stand in a text."""
    reached = 0
    for start in range(len(text)):
        for end in range(min(len(text), start + LONGEST), max(start, reached), -1):
            if text[start:end] in words and not _cuts(text, start, end):
                yield start, end
                reached = end
                break


_known = Synonyms()
_lock = Lock()


def current() -> Synonyms:
    """The groups as they are now; read anew only when one has changed."""
    global _known
    now = SynonymGroup.objects.aggregate(Max("changed_at"), Count("pk"))
    if _known.mark != now:
        with _lock:
            synonyms = Synonyms(mark=now)
            groups: Any = SynonymGroup.objects.filter(is_active=True)
            for kind, words, narrower in groups.values_list("kind", "words", "narrower"):
                synonyms.add(words, narrower, are_same=kind == SynonymGroup.Kind.SAME)
            _known = synonyms
    return _known


def load_starter() -> int:
    """Add the starter groups that are not there yet; returns how many. What editors changed stays theirs."""
    model: Any = SynonymGroup
    known = {words[0] for words in model.objects.values_list("words", flat=True) if words}
    groups = [group for group in _starter() if group.words[0] not in known]
    return len(model.objects.bulk_create(groups))


def _starter() -> Iterator[Any]:
    model: Any = SynonymGroup
    for kind, name in ((model.Kind.SAME, "synonyms.csv"), (model.Kind.TOLD, "situations.csv")):
        with (STARTER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield model(
                    kind=kind,
                    words=row["words"].split("；"),
                    narrower=[word for word in row["narrower"].split("；") if word],
                    note=row["note"],
                    source=SynonymGroup.Source.STARTER,
                )


@cache
def stop_words() -> frozenset[str]:
    """What says nothing of what is wanted: 请问, 怎么."""
    return _lines("stop_words.txt")


@cache
def weak_words() -> frozenset[str]:
    """What stands everywhere and tells little apart: 办理, 申请."""
    return _lines("weak_words.txt")


@cache
def cues() -> dict[str, str]:
    """Words that tell for whom something is wanted, with the audience's slug: 奶奶, 轮椅."""
    with (STARTER / "cues.csv").open(encoding="utf-8", newline="") as file:
        return {bare(row["cue"]): row["audience"] for row in csv.DictReader(file)}


def _lines(name: str) -> frozenset[str]:
    text = (STARTER / name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if (word := bare(line)))
