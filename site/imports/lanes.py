"""What each kind of content needs on its way through an import; ``lane_of`` finds the lane of a run.

Rows of lists and provisions go through ``editions``, pages and certificates through ``resources``.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from content_models.base.resources import SheetResource
from imports.match import Target, targets_of
from imports.models import ImportRun, StagedRow
from imports.privacy import Privacy
from imports.tables import Table


class NotNow(Exception):
    """A step that cannot be taken; ``str()`` is the sentence for the person who asked for it."""


@dataclass(frozen=True)
class ShownCell:
    """A cell of the preview: what it will say, and what it says today where that differs."""

    column: str
    text: str
    old: str | None = None
    problem: str = ""

    @property
    def is_changed(self) -> bool:
        return self.old is not None

    @property
    def says_nothing(self) -> bool:
        return not (self.text or self.is_changed or self.problem)


@dataclass(frozen=True)
class ShownRow:
    """A staged row as the preview shows it."""

    row: StagedRow
    label: str
    cells: Sequence[ShownCell] = field(default=())

    @property
    def remarks(self) -> list[str]:
        """Problems of the row as a whole, and of columns it does not show."""
        columns = {cell.column for cell in self.cells}
        return [message for column, _value, message in self.row.problems if column not in columns]


@dataclass
class Outcome:
    """What confirm or undo did: how many things by kind of change, where to look, what was left alone."""

    counts: dict[str, int] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"counts": self.counts, "links": [list(link) for link in self.links], "left": self.left}


class Lane(ABC):
    """The way of one kind of content through an import."""

    # Whether new editions come of it, which may be named and dated.
    makes_editions = False
    # Whether what the file lacks goes only together with publishing.
    retires_when_published = False
    # Whether sound rows may carry warnings: things to mend that do not keep them from being written.
    warns = False

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.privacy = Privacy(masks=run.masks)

    @property
    @abstractmethod
    def resource(self) -> SheetResource:
        """What a file of this kind may hold."""

    def targets(self) -> list[Target]:
        return targets_of(self.resource)

    def parts(self) -> dict[str, SheetResource]:
        """Resources of further sheets, by name."""
        return {}

    # How a form begins of which one sheet holds several, one under another; empty where there are none.
    form_begins: str = ""

    @abstractmethod
    def may(self, user: Any, outcome: str) -> bool:
        """Whether ``user`` may bring this run to ``outcome`` (draft, review, publish)."""

    @abstractmethod
    def check(self, tables: dict[str, Table]) -> None:
        """Stage every row; ``tables`` holds the main table under "" and further ones by part."""

    def remarks(self) -> list[str]:
        """What its author should know of the file as a whole, once every row is staged."""
        return self.privacy.remarks()

    @abstractmethod
    def shown(self, rows: Sequence[StagedRow]) -> list[ShownRow]:
        """Rows of one page of the preview, with what the site says today."""

    @abstractmethod
    def missing(self, limit: int) -> tuple[int, list[str]]:
        """How many things of the site the file does not have, and the names of the first."""

    @abstractmethod
    def confirm(self) -> Outcome:
        """Write what was staged, within the caller's transaction. NotNow when others were faster."""

    @abstractmethod
    def undo(self) -> Outcome:
        """Bring back what was before, within the caller's transaction."""


def no_such_kind(kind: str) -> NotNow:
    return NotNow(_("没有“%(kind)s”这种内容。") % {"kind": kind})
