"""The texts that the search is measured on: the guides, the other documents, and any number around them."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from tests.search.corpus.around import Around
from tests.search.corpus.text import Text

__all__ = ["SEPARATOR", "Text", "core", "grown"]

HERE = Path(__file__).parent
SEPARATOR = "；"


def core() -> list[Text]:
    """What both files hold, guides first."""
    return [
        Text(
            kind=row.get("kind", "guides"),
            slug=row["slug"],
            title=row["title"],
            names=_several(row["names"]),
            summary=row["summary"],
            body=row["body"],
            department=row.get("department", ""),
            audiences=_several(row.get("audiences", "")),
            topics=_several(row.get("topics", "")),
        )
        for name in ("guides.csv", "others.csv")
        for row in _rows(HERE / name)
    ]


def grown(number: int, *, seed: int = 1) -> Iterator[Text]:
    """The core, then documents that answer no query: ``number`` texts in all, the same for the same seed."""
    return itertools.islice(itertools.chain(core(), Around(seed)), number)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(SEPARATOR) if part)
