"""The user's own file again, with wrong cells and those to look at marked, and what to do beside each row.

Made anew from what was read, so nothing the file may have carried goes back out: rows, columns, titles and
merged cells stand where they stood; colours and widths of the original do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from content_models.base.spreadsheets import (
    HEADER_FILL,
    HEADER_FONT,
    clean,
    marked_cell,
    note_cell,
    sheet_name,
)
from imports.cells import raw
from imports.models import ImportRun, StagedRow
from imports.tables import Table

BATCH = 2_000
NOTES_WIDTH = 60


def write(run: ImportRun, tables: Mapping[str, Table], file: IO[bytes]) -> None:
    """Write all sheets of the run's file as .xlsx: wrong cells coloured, a last column with the notes.

    ``tables`` are those that were read, by part; sheets that were not are copied as they are.
    """
    read = {table.sheet.index: (part, table) for part, table in tables.items()}
    source = tables[""].book
    book = Workbook(write_only=True)
    for sheet in source.sheets:
        part, table = read.get(sheet.index, ("", None))
        page = book.create_sheet(sheet_name(sheet.name))
        if sheet.is_hidden:
            page.sheet_state = "hidden"
        if table is None:
            _copy(page, source.iter_packed(sheet))
        else:
            _mark(page, table, Wrong(run, part), _places(run, table, is_main=not part))
        for merge in sheet.merges:
            page.merged_cells.add(_range(merge))
    book.save(file)


def _places(run: ImportRun, table: Table, *, is_main: bool) -> dict[str, int]:
    """Where the columns of the site stand in the file, from 1; further sheets go by their own labels."""
    places = table.places(run.mapping) if is_main else table.columns
    return {column: place + 1 for column, place in places.items()}


def _copy(page: Any, rows: Iterable[tuple[int, list[Any]]]) -> None:
    below = 0
    for number, values in rows:
        below = _fill(page, below, number)
        page.append([_cell(page, value) for value in values])


def _fill(page: Any, below: int, number: int) -> int:
    """Empty rows stay, so that line numbers stay."""
    for _row in range(below + 1, number):
        page.append([])
    return number


def _mark(page: Any, table: Table, wrong: "Wrong", places: Mapping[str, int]) -> None:
    notes_at = max(table.sheet.columns, len(table.header.labels)) + 1
    page.column_dimensions[get_column_letter(notes_at)].width = NOTES_WIDTH
    below = 0
    for number, values in table.book.iter_packed(table.sheet):
        below = _fill(page, below, number)
        cell = _heading if number in table.header.rows else _cell
        row: list[Any] = [cell(page, value) for value in values] + [None] * (notes_at - 1 - len(values))
        if number == table.header.last_row:
            row.append(_heading(page, _("需要改的地方")))
        elif found := wrong.of(number):
            for column, note in notes_by_column(found).items():
                place = places.get(column)
                if place and place < notes_at:
                    shown = raw(values[place - 1]) if place <= len(values) else ""
                    row[place - 1] = marked_cell(page, shown, note, is_wrong=is_refused(found))
            row.append(note_cell(page, "\n".join(_notes(found))))
        page.append(row)


def is_refused(row: StagedRow) -> bool:
    return row.status == StagedRow.Status.REFUSED


def notes_by_column(row: StagedRow) -> dict[str, str]:
    """What is said of each cell: errors, or reminders called so."""
    notes: dict[str, list[str]] = {}
    for column, _value, message in row.problems:
        notes.setdefault(column, []).append(message)
    return {column: _said(row, "\n".join(messages)) for column, messages in notes.items()}


def _notes(row: StagedRow) -> list[str]:
    return [
        _said(row, f"{column}：{message}" if column else message) for column, _value, message in row.problems
    ]


def _said(row: StagedRow, note: str) -> str:
    return note if is_refused(row) else _("提醒：%(note)s") % {"note": note}


def _range(merge: Any) -> str:
    first = f"{get_column_letter(merge.first_column)}{merge.first_row}"
    return f"{first}:{get_column_letter(merge.last_column)}{merge.last_row}"


def _cell(page: Any, value: Any) -> Any:
    if value is None:
        return None
    cell = WriteOnlyCell(page, clean(raw(value)))
    cell.data_type = "s"
    return cell


def _heading(page: Any, value: Any) -> Any:
    cell = _cell(page, value)
    if cell is not None:
        cell.font, cell.fill = HEADER_FONT, HEADER_FILL
    return cell


class Wrong:
    """The rows with problems by line, asked from top to bottom; memory does not grow with them."""

    def __init__(self, run: ImportRun, part: str) -> None:
        self.rows = self._rows(run, part)
        self.next = next(self.rows, None)

    def _rows(self, run: ImportRun, part: str) -> Iterator[StagedRow]:
        wanted = run.rows.filter(part=part).exclude(problems=[]).order_by("number")
        return iter(wanted.only("number", "status", "problems").iterator(chunk_size=BATCH))

    def of(self, number: int) -> StagedRow | None:
        while self.next is not None and self.next.number < number:
            self.next = next(self.rows, None)
        if self.next is not None and self.next.number == number:
            return self.next
        return None
