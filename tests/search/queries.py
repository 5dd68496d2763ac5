"""What residents type, and the guides that answer it.

``questions/tuned.csv`` was looked at while the search was made, and so were its misses. ``unseen.csv`` was
written afterwards by somebody who knew nothing but the titles and summaries of the guides; it was scored, and
its misses were never read. The situations of the starter set were widened by those of ``stories.csv``.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.search.corpus import SEPARATOR

FOLDER = Path(__file__).with_name("questions")


@dataclass(frozen=True)
class Query:
    """One question; each of the expected slugs is a right answer."""

    text: str
    kind: str
    expected: tuple[str, ...]


def half(name: Literal["tuned", "unseen"]) -> list[Query]:
    """One half of the questions, kind by kind: tune on one, report both."""
    return _read(name)


def stories() -> list[Query]:
    """Situations told in a sentence, five for each guide."""
    return _read("stories")


def all_queries() -> list[Query]:
    """Both halves."""
    return [*half("tuned"), *half("unseen")]


def _read(name: str) -> list[Query]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Query(row["query"], row.get("kind", "story"), tuple(row["expected"].split(SEPARATOR)))
            for row in csv.DictReader(file)
        ]
