"""The words that editors teach the search, ready to be looked up."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.db.models import Count, Max

from search.folding import fold
from search.models import SynonymGroup
from search.words import runs

STARTER = Path(__file__).parent / "starter"
LONGEST = 20  # characters of a synonym


def bare(text: str) -> str:
    """``text`` folded and without anything but letters, digits and characters."""
    return "".join(runs(fold(text)))


@dataclass(frozen=True)
class Found:
    """A known word in a text: where it stands and what may stand there instead, best first."""

    start: int
    end: int
    others: tuple[str, ...]  # mean the same
    narrower: tuple[str, ...]  # are kinds of it


@dataclass
class Synonyms:
    """All active groups; ``mark`` tells whether they are still those of the database."""

    mark: object = None
    others: dict[str, list[str]] = field(default_factory=dict)
    narrower: dict[str, list[str]] = field(default_factory=dict)

    def add(self, words: list[str], narrower: list[str]) -> None:
        same = list(dict.fromkeys(filter(None, map(bare, words))))
        kinds = list(dict.fromkeys(filter(None, map(bare, narrower))))
        for word in same:
            self.others.setdefault(word, []).extend(other for other in same if other != word)
            self.narrower.setdefault(word, []).extend(kinds)

    def find(self, text: str) -> Iterator[Found]:
        """The known words in a bare text that are not part of longer ones."""
        reached = 0
        for start in range(len(text)):
            for end in range(min(len(text), start + LONGEST), max(start, reached), -1):
                word = text[start:end]
                if word in self.others:
                    others, kinds = (tuple(dict.fromkeys(of[word])) for of in (self.others, self.narrower))
                    yield Found(start, end, others, kinds)
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
            for words, narrower in groups.values_list("words", "narrower"):
                synonyms.add(words, narrower)
            _known = synonyms
    return _known


def load_starter() -> int:
    """Add the starter groups that are not there yet; returns how many. What editors changed stays theirs."""
    model: Any = SynonymGroup
    known = {words[0] for words in model.objects.values_list("words", flat=True) if words}
    with (STARTER / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        groups = [
            model(
                words=row["words"].split("；"),
                narrower=[word for word in row["narrower"].split("；") if word],
                note=row["note"],
                source=SynonymGroup.Source.STARTER,
            )
            for row in csv.DictReader(file)
        ]
    return len(model.objects.bulk_create(group for group in groups if group.words[0] not in known))


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
