"""How rare words are among the names of all documents: a rare word in common says more than a common one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from search.models import Token

UNKNOWN = 0.3  # what a word that stands in no name weighs, beside the rarest one


@dataclass
class Rarity:
    """Counts of the words of one question."""

    documents: int
    counts: dict[str, int]

    @classmethod
    def of(cls, words: Iterable[str]) -> "Rarity":
        counts = dict(Token.objects.filter(text__in=["", *words]).values_list("text", "documents"))
        return cls(counts.pop("", 0), counts)

    def weight(self, word: str) -> float:
        """How much a word tells, from 0 (stands everywhere) to 1; little where it is unknown."""
        if not self.documents:
            return 1.0
        count = self.counts.get(word, 0)
        if not count:
            return UNKNOWN
        return math.log(1 + self.documents / (1 + count)) / math.log(1 + self.documents)

    def rarest(self, words: Iterable[str], *, most: int) -> list[str]:
        """Known words from the rarest on, until they may lead to ``most`` documents; at least two of them."""
        known = [word for word in dict.fromkeys(words) if self.counts.get(word) or not self.documents]
        known.sort(key=lambda word: (self.counts.get(word, 0), word))
        chosen: list[str] = []
        total = 0
        for word in known:
            total += self.counts.get(word, 0)
            if total > most and len(chosen) > 1:
                break
            chosen.append(word)
        return chosen
