"""The user's own file again, with the wrong cells marked and what to do beside each row.

Made anew from what was read, so nothing the file may have carried goes back out: rows, columns, titles and
merged cells stand where they stood; colours and widths of the original do not.
"""

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from imports.cells import raw
from imports.models import ImportRun, StagedRow
from imports.tables import Table
from imports.writing import HEADER_FILL, HEADER_FONT, clean, marked_cell, note_cell, sheet_name

BATCH = 2_000
NOTES_WIDTH = 60


def write(run: ImportRun, table: Table, file: IO[bytes]) -> None:
    """Write the run's sheet as .xlsx: wrong cells coloured with a comment, a last column with the notes."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet_name(table.sheet.name))
    columns = table.columns
    places = {
        target: columns[label] + 1 for label, target in run.mapping.items() if target and label in columns
    }
    notes_at = max(table.sheet.columns, len(table.header.labels)) + 1
    page.column_dimensions[get_column_letter(notes_at)].width = NOTES_WIDTH
    wrong = Wrong(run)
    last = table.header.last_row
    below = 0
    for number, values in table.book.iter_packed(table.sheet):
        while below + 1 < number:  # empty rows stay, so that line numbers stay
            page.append([])
            below += 1
        below = number
        row: list[Any] = [_cell(page, value) for value in values] + [None] * (notes_at - 1 - len(values))
        if number in table.header.rows:
            row = [_heading(page, value) for value in values] + [None] * (notes_at - 1 - len(values))
        if number == last:
            row.append(_heading(page, _("需要改的地方")))
        elif problems := wrong.of(number):
            for column, _value, message in problems:
                place = places.get(column)
                if place and place < notes_at:
                    shown = raw(values[place - 1]) if place <= len(values) else ""
                    row[place - 1] = marked_cell(page, shown, message)
            row.append(
                note_cell(page, "\n".join(_note(column, message) for column, _value, message in problems))
            )
        page.append(row)
    for merge in table.sheet.merges:
        page.merged_cells.add(_range(merge))
    book.save(file)


def _note(column: str, message: str) -> str:
    return f"{column}：{message}" if column else message


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
    """The problems of rows by line, asked from top to bottom; memory does not grow with them."""

    def __init__(self, run: ImportRun) -> None:
        self.rows = self._rows(run)
        self.next = next(self.rows, None)

    def _rows(self, run: ImportRun) -> Iterator[StagedRow]:
        wanted = run.rows.filter(part="").exclude(problems=[]).order_by("number")
        return iter(wanted.only("number", "problems").iterator(chunk_size=BATCH))

    def of(self, number: int) -> list[list[str]]:
        while self.next is not None and self.next.number < number:
            self.next = next(self.rows, None)
        if self.next is not None and self.next.number == number:
            return self.next.problems
        return []
