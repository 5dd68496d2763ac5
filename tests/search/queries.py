"""What residents type, and the guides that answer it."""

import csv
import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.search.corpus import SEPARATOR

FILE = Path(__file__).with_name("queries.csv")


@dataclass(frozen=True)
class Query:
    """One question; each of the expected slugs is a right answer."""

    text: str
    kind: str
    expected: tuple[str, ...]


def all_queries() -> list[Query]:
    """The whole set, kind by kind."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            Query(row["query"], row["kind"], tuple(row["expected"].split(SEPARATOR)))
            for row in csv.DictReader(file)
        ]


def half(name: Literal["tuned", "unseen"]) -> list[Query]:
    """One half of each kind, dealt by the hash of the text: tune on one, report both."""
    chosen: list[Query] = []
    for _, of_kind in itertools.groupby(all_queries(), key=lambda query: query.kind):
        dealt = sorted(of_kind, key=_hash)
        middle = len(dealt) // 2
        chosen += dealt[:middle] if name == "tuned" else dealt[middle:]
    return chosen


def _hash(query: Query) -> str:
    return hashlib.sha256(query.text.encode()).hexdigest()
