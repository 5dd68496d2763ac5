"""How rare words are among all documents: a rare word in common says more than a common one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from search.models import Token

UNKNOWN = 0.3  # what a word that stands in no name weighs, beside the rarest one


@dataclass
class Rarity:
    """Counts of the words of one question."""

    documents: int
    names: dict[str, int]
    anywhere: dict[str, int]

    @classmethod
    def of(cls, words: Iterable[str]) -> "Rarity":
        tokens = Token.objects.filter(text__in=["", *words]).values_list("text", "names", "documents")
        counts = {text: (names, documents) for text, names, documents in tokens}
        _names, number = counts.pop("", (0, 0))
        named = {text: names for text, (names, _documents) in counts.items()}
        return cls(number, named, {text: documents for text, (_names, documents) in counts.items()})

    def named(self, word: str) -> float:
        """How much a word tells in a name, from 0 (stands everywhere) to 1; little where no name has it."""
        return self._weight(self.names.get(word, 0), UNKNOWN)

    def told(self, word: str) -> float:
        """How much a word tells anywhere; nothing where no document has it."""
        return self._weight(self.anywhere.get(word, 0), 0.0)

    def may_name(self, word: str) -> bool:
        """Whether a name may have ``word``."""
        return not self.documents or bool(self.names.get(word))

    def may_tell(self, words: Iterable[str]) -> bool:
        """Whether a document may have all of ``words``."""
        return not self.documents or all(self.anywhere.get(word) for word in words)

    def _weight(self, count: int, unknown: float) -> float:
        if not self.documents:
            return 1.0
        if not count:
            return unknown
        return math.log(1 + self.documents / (1 + count)) / math.log(1 + self.documents)

    def rarest(self, words: Iterable[str], *, most: int) -> list[str]:
        """Known words, rarest first, while they lead to no more than ``most`` documents; at least two."""
        counts = self.names
        known = [word for word in dict.fromkeys(words) if counts.get(word) or not self.documents]
        known.sort(key=lambda word: (counts.get(word, 0), word))
        chosen: list[str] = []
        total = 0
        for word in known:
            total += counts.get(word, 0)
            if total > most and len(chosen) > 1:
                break
            chosen.append(word)
        return chosen
