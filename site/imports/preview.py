"""The rows of a checked run, fifty at a time, as the person who decides reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from imports import staging
from imports.lanes import Lane, ShownCell, ShownRow
from imports.models import ImportRun, StagedRow

PER_PAGE = 50
WARNED = "warnings"
STATUSES = StagedRow.Status


@dataclass(frozen=True)
class Figure:
    """One number above the rows, and the filter it stands for."""

    show: str
    label: str
    count: int
    is_here: bool


@dataclass(frozen=True)
class Line:
    """A row with its cells in the order of the headings; None where it has none."""

    shown: ShownRow
    cells: Sequence[ShownCell | None]

    @property
    def is_refused(self) -> bool:
        return self.shown.row.status == STATUSES.REFUSED


def is_name(row: ShownRow, cell: ShownCell) -> bool:
    return cell.text == row.label and not cell.is_changed and not cell.problem


class Preview:
    """What a request asks to see of a run: which rows, which text, which page, which sheet."""

    def __init__(self, run: ImportRun, lane: Lane, asked: Any) -> None:
        self.run, self.lane = run, lane
        self.show = asked.get("show", "")
        self.text = asked.get("q", "").strip()[:100]
        self.part = asked.get("part", "") if asked.get("part", "") in lane.parts() else ""
        self.shows_all_columns = bool(asked.get("columns"))
        number = asked.get("p", "1")
        self.number = max(1, min(int(number), 100_000)) if number.isdecimal() and len(number) < 8 else 1

    @property
    def figures(self) -> list[Figure]:
        names = [(status.value, str(status.label)) for status in STATUSES]
        names[-1:-1] = [(WARNED, _("有提醒"))] if self.lane.warns else []
        names[-1:-1] = [("missing", _("文件里没有"))]
        names.append(("skipped", _("没有读的行")))
        return [Figure(name, label, self.run.count(name), name == self.show) for name, label in names]

    @property
    def shows_rows(self) -> bool:
        return not (self.shows_missing or self.shows_skipped)

    @property
    def shows_warned(self) -> bool:
        return self.show == WARNED and self.lane.warns

    @property
    def shows_missing(self) -> bool:
        return self.show == "missing"

    @property
    def shows_skipped(self) -> bool:
        return self.show == "skipped"

    @property
    def parts(self) -> list[tuple[str, str, bool]]:
        """Further sheets with their names, and which of them is shown."""
        return [
            (part, str(resource.sheet_name), part == self.part)
            for part, resource in self.lane.parts().items()
        ]

    @cached_property
    def total(self) -> int | None:
        """How many rows there are to show; None where only looking would tell."""
        if self.text or (self.part and self.show):
            return None
        if self.part:
            return self.run.rows.filter(part=self.part).count()
        if self.show in STATUSES.values or self.shows_warned:
            return self.run.count(self.show)
        return sum(self.run.count(status) for status in STATUSES.values)

    @cached_property
    def _rows(self) -> list[StagedRow]:
        """The rows of this page, and one more to know whether there is a next."""
        rows = self.run.rows.filter(part=self.part).order_by("number")
        if self.shows_warned and not self.part:
            rows = staging.warned(self.run).order_by("number")
        if self.show in STATUSES.values:
            rows = rows.filter(status=self.show)
        if self.text:
            rows = rows.annotate(said=Cast("data", TextField())).filter(
                Q(key__icontains=self.text) | Q(said__icontains=self.text)
            )
        start = (self.number - 1) * PER_PAGE
        return list(rows[start : start + PER_PAGE + 1])

    @cached_property
    def shown(self) -> list[ShownRow]:
        return self.lane.shown(self._rows[:PER_PAGE])

    @cached_property
    def all_headings(self) -> list[str]:
        """Every column but the one that only repeats what the rows are called."""
        titles = dict.fromkeys(cell.column for row in self.shown for cell in row.cells)
        return [
            title
            for title in titles
            if self.shows_all_columns
            or not all(is_name(row, cell) for row in self.shown for cell in row.cells if cell.column == title)
        ]

    @cached_property
    def headings(self) -> list[str]:
        """Columns to show: those in which a row of this page says something, with news in front."""
        if self.shows_all_columns:
            return self.all_headings
        cells = [cell for row in self.shown for cell in row.cells]
        said = {cell.column for cell in cells if not cell.says_nothing}
        first = {cell.column for cell in cells if cell.is_changed or cell.problem}
        return sorted(said.intersection(self.all_headings), key=self._order(first))

    def _order(self, first: set[str]) -> Any:
        """What changes or is wrong comes first, each in the order of the columns."""
        return lambda title: (title not in first, self.all_headings.index(title))

    @property
    def hidden(self) -> int:
        """How many columns are left out because they are empty."""
        return len(self.all_headings) - len(self.headings)

    @property
    def lines(self) -> list[Line]:
        lines = []
        for row in self.shown:
            by_column = {cell.column: cell for cell in row.cells}
            lines.append(Line(row, [by_column.get(heading) for heading in self.headings]))
        return lines

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return len(self._rows) > PER_PAGE

    @property
    def pages(self) -> int | None:
        return max(1, -(-self.total // PER_PAGE)) if self.total is not None else None

    @property
    def previous_number(self) -> int:
        return self.number - 1

    @property
    def next_number(self) -> int:
        return self.number + 1
