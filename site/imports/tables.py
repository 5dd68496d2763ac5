"""The tables of an uploaded file: its sheets, the header of one, and its rows fast.

Most rows of a sheet are plain: no merged cells, nothing that could be a total or a note. They are handed on
as they come from the reading process; only the others are looked at cell by cell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from imports.reading import layout
from imports.reading.layout import Header, NumberedRow, RowReader, Skipped
from imports.reading.workbook import Cell, Merges, Row, Sheet, Workbook

# How texts begin that may be a total, a note, a signature or a group's title.
MARKED = frozenset("合小总共累本注备说填附制审复负单编联①②③④⑤⑥⑦⑧⑨⑩(（")
SKIPPED_KEPT = 500
BATCH = 5_000  # rows that are checked and staged at once


class FileRow(NamedTuple):
    """A row of data: its number in the file and its values by column from A.

    A value is a packed one (text, number, ``packed.Odd``), or a Cell where the row was looked at closely.
    """

    number: int
    values: Sequence[Any]


@dataclass
class Table:
    """One sheet's table: its header, its rows, and what was left out (once the rows have run through)."""

    book: Workbook
    sheet: Sheet
    header: Header
    header_cells: list[NumberedRow] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0

    @property
    def labels(self) -> list[str]:
        return [label for label in self.header.labels if label]

    @property
    def columns(self) -> dict[str, int]:
        """Label → place in a row's values."""
        return {label: place for place, label in enumerate(self.header.labels) if label}

    def places(self, mapping: Mapping[str, str]) -> dict[str, int]:
        """Column of the site → place in a row's values; ``mapping`` is ``{label: column}``."""
        columns = self.columns
        return {target: columns[label] for label, target in mapping.items() if target and label in columns}

    def batches(self) -> Iterator[list[FileRow]]:
        """The rows of data, many at a time."""
        rows = self.rows()
        while batch := list(islice(rows, BATCH)):
            yield batch

    def rows(self) -> Iterator[FileRow]:
        """The rows of data; memory does not grow with them."""
        self.skipped, self.skipped_count = list(self.header.titles), len(self.header.titles)
        reader = RowReader(self.header, self._leave_out, before=self.header_cells)
        first = self.header.last_row + 1
        is_merged, width, columns = bool(self.sheet.merges), len(self.header.labels), self.columns
        first_label = next(iter(columns), "")
        merges = Merges(self.sheet.merges)
        for number, packed in self.book.iter_packed(self.sheet):
            if number < first:
                continue
            if not is_merged and number > first and is_plain(packed, width, first_label):
                reader.after_note = False
                yield FileRow(number, packed)
            elif (data := reader.take(number, Row(number, packed, merges.at(number)).cells)) is not None:
                values: list[Any] = [None] * width
                for label, cell in data.cells.items():
                    values[columns[label]] = None if cell.is_empty else cell
                yield FileRow(number, values)

    def _leave_out(self, skipped: Skipped) -> None:
        self.skipped_count += 1
        if len(self.skipped) < SKIPPED_KEPT:
            self.skipped.append(skipped)


def is_plain(values: Sequence[Any], width: int, first_label: str) -> bool:
    """Whether a row can be nothing but data: the first two filled cells begin like no total or note."""
    if len(values) > width:
        return False
    filled = 0
    for value in values:
        if value is None:
            continue
        if type(value) is str and (value == first_label or value[:1] in MARKED or value[:1].isspace()):
            return False
        filled += 1
        if filled == 2:
            return True
    return False


def find_table(book: Workbook, sheet: Sheet, known_labels: Iterable[str]) -> Table | None:
    """The table of a sheet; None where no header can be made out."""
    return table_under(book, sheet, top_of(book, sheet), known_labels)


def top_of(book: Workbook, sheet: Sheet) -> list[NumberedRow]:
    """The rows among which a header must stand."""
    rows = book.iter_rows(sheet)
    top: list[NumberedRow] = [(number, row.cells) for number, row in islice(rows, layout.LOOK_AHEAD)]
    rows.close()
    return top


def table_under(
    book: Workbook, sheet: Sheet, top: Sequence[NumberedRow], known_labels: Iterable[str]
) -> Table | None:
    """The table whose header stands among the rows ``top``."""
    header = layout.find_header(top, known_labels)
    if header is None:
        return None
    return Table(book, sheet, header, [row for row in top if row[0] in header.rows])


def first_rows(table: Table, count: int) -> list[list[str]]:
    """The first rows of data as texts, for a look at the file."""
    found = []
    rows = table.rows()
    for row in islice(rows, count):
        found.append(
            [shown(value) for value in row.values] + [""] * (len(table.header.labels) - len(row.values))
        )
    rows.close()  # type: ignore[attr-defined]  # a generator
    return found


def shown(value: Any) -> str:
    """A value as the file shows it."""
    if value is None:
        return ""
    if isinstance(value, Cell | Row) or hasattr(value, "raw"):
        return str(value.raw)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
