"""The texts that the search is measured on: the guides, the other documents, and any number around them."""

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SEPARATOR = "；"


@dataclass(frozen=True)
class Text:
    """One document as the index sees it; kinds are those of the catalogue, audiences are slugs."""

    kind: str
    slug: str
    title: str
    names: tuple[str, ...] = ()
    summary: str = ""
    body: str = ""
    department: str = ""
    audiences: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


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


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(SEPARATOR) if part)
