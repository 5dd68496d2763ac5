"""The tables of an uploaded file: its sheets, the header of one, and its rows fast.

Most rows of a sheet are plain: no merged cells, nothing that could be a total or a note. They are handed on
by column, as they come from the reading process; only the others are looked at cell by cell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, starmap, zip_longest
from typing import Any, NamedTuple

from imports.reading import layout
from imports.reading.layout import Header, NumberedRow, RowReader, Skipped
from imports.reading.workbook import Cell, Merges, Row, Sheet, Workbook, trimmed

# How texts begin that may be a total, a note, a signature or a group's title.
MARKED = frozenset("合小总共累本注备说填附制审复负单编联①②③④⑤⑥⑦⑧⑨⑩(（")
BEGINS_MARKED = re.compile(rf"\n[\s{re.escape(''.join(MARKED))}]")
SKIPPED_KEPT = 500
BATCH = 5_000  # rows that are checked and staged at once


class FileRow(NamedTuple):
    """A row of data: its number in the file and its values by column from A.

    A value is a packed one (text, number, ``packed.Odd``), or a Cell where the row was looked at closely.
    """

    number: int
    values: Sequence[Any]


class Batch(NamedTuple):
    """Rows of data by column from A; each column has a value, or None, for each number."""

    numbers: list[int]
    columns: list[list[Any]]

    @classmethod
    def of(cls, rows: Sequence[FileRow]) -> "Batch":
        columns = zip_longest(*[row.values for row in rows])
        return cls([row.number for row in rows], [list(column) for column in columns])

    def column(self, place: int) -> Sequence[Any]:
        """The values of one column; nothing where the file has no such column or the rows end before it."""
        return self.columns[place] if 0 <= place < len(self.columns) else (None,) * len(self.numbers)

    def add(self, other: "Batch") -> None:
        """Take in the rows that follow."""
        for place in range(max(len(self.columns), len(other.columns))):
            if place == len(self.columns):
                self.columns.append([None] * len(self.numbers))
            self.columns[place] += other.column(place)
        self.numbers.extend(other.numbers)


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

    def rows(self) -> Iterator[FileRow]:
        """The rows of data; memory does not grow with them."""
        for piece in self.pieces():
            yield from map(FileRow, piece.numbers, zip(*piece.columns, strict=True))

    def batches(self) -> Iterator[Batch]:
        """The same, many at once."""
        batch = Batch([], [])
        for piece in self.pieces():
            batch.add(piece)
            if len(batch.numbers) >= BATCH:
                yield batch
                batch = Batch([], [])
        if batch.numbers:
            yield batch

    def pieces(self) -> Iterator[Batch]:
        """The rows of data as they come from the file."""
        self.skipped, self.skipped_count = list(self.header.titles), len(self.header.titles)
        reader = RowReader(self.header, self._leave_out, before=self.header_cells)
        width, columns = len(self.header.labels), self.columns
        first_label = next(iter(columns), "")
        merges = Merges(self.sheet.merges)

        def looked_at(piece: Batch) -> Iterator[FileRow]:
            for number, row in zip(piece.numbers, zip(*piece.columns, strict=True), strict=True):
                values = trimmed(row)
                if is_below(number) and is_plain(values, width, first_label):
                    reader.after_note = False
                    yield FileRow(number, values)
                elif number > self.header.last_row:
                    data = reader.take(number, Row(number, values, merges.at(number)).cells)
                    if data is not None:
                        found: list[Any] = [None] * width
                        for label, cell in data.cells.items():
                            found[columns[label]] = None if cell.is_empty else cell
                        yield FileRow(number, found)

        def is_below(number: int) -> bool:
            return not self.sheet.merges and number > self.header.last_row + 1

        for piece in starmap(Batch, self.book.iter_columns(self.sheet)):
            if is_below(piece.numbers[0]) and are_plain(piece, width, first_label):
                reader.after_note = False
                yield piece
            elif rows := list(looked_at(piece)):
                yield Batch.of(rows)

    def _leave_out(self, skipped: Skipped) -> None:
        self.skipped_count += 1
        if len(self.skipped) < SKIPPED_KEPT:
            self.skipped.append(skipped)


def are_plain(piece: Batch, width: int, first_label: str) -> bool:
    """Whether each of these rows is plain, told by the first two cells of all at once."""
    if not 2 <= len(piece.columns) <= width:
        return False
    heads = piece.columns[0] + piece.columns[1]
    if None in heads or first_label in heads:
        return False
    return not BEGINS_MARKED.search("\n".join(["", *(head for head in heads if type(head) is str)]))


def is_plain(values: Sequence[Any], width: int, first_label: str) -> bool:
    """Whether a row can be nothing but data: the first two filled cells begin like no total or note."""
    if len(values) > width:
        return False
    found = 0
    for value in values:
        if value is None:
            continue
        if type(value) is str and (value == first_label or value[:1] in MARKED or value[:1].isspace()):
            return False
        found += 1
        if found == 2:
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
