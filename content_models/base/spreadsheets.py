"""Writing spreadsheets that people can go on working with, and that hold no live formula."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import quote

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

AUTHOR = "Doorstep"
HEADER_FONT = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="E7EEF3")
REQUIRED_FILL = PatternFill("solid", fgColor="FBEFD5")
WRONG_FILL = PatternFill("solid", fgColor="F9D6D2")
REMINDER_FILL = PatternFill("solid", fgColor="FFF3C4")
TEXT_FORMAT = "@"
CHECKED_ROWS = 2_000  # of an empty template, for which choices are offered
CELL_LIMIT = 32_767  # characters an .xlsx cell may hold
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
LIST_LIMIT = 250  # characters of a list of choices; longer ones stand on a sheet of their own
CHOICES_SHEET = "选项"

# What a spreadsheet program would take for a formula or worse, in narrow and full-width form.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_KEPT_NUMBER = re.compile(r"(?=(?:\D*\d){1,15}\D*$)-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_SUSPICIOUS = frozenset("'=+-@＝＋－＠")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")


@dataclass
class OutColumn:
    """A column of a sheet to be written."""

    title: str
    choices: Sequence[str] = ()
    is_required: bool = False
    width: int = 16
    is_number: bool = False  # in a plain workbook numbers are written as such, for adding them up


@dataclass
class OutSheet:
    """A sheet to be written: columns and rows of texts; ``marks`` are notes by (row, column) from 1."""

    name: str
    columns: Sequence[OutColumn]
    rows: Iterable[Sequence[Any]] = ()
    is_form: bool = False  # a form to be filled in: its choices are offered below the last row as well
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)


def write_xlsx(sheets: Sequence[OutSheet], file: IO[bytes]) -> None:
    """Sheets as .xlsx; every cell is text, so that codes keep their digits and formulas stay dead."""
    book = Workbook(write_only=True)
    lists: dict[tuple[str, ...], str] = {}
    for sheet in sheets:
        _write_sheet(book, sheet, lists)
    if lists:
        _write_choices(book, lists)
    book.save(file)


def _write_sheet(book: Workbook, sheet: OutSheet, lists: dict[tuple[str, ...], str]) -> None:
    page = book.create_sheet(sheet_name(sheet.name))
    page.freeze_panes = "A2"
    notes: dict[int, list[tuple[int, str]]] = {}
    for (number, place), note in sheet.marks.items():
        notes.setdefault(number, []).append((place, note))
    for place, column in enumerate(sheet.columns, 1):
        dimension = page.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        dimension.number_format = TEXT_FORMAT
    page.append([_header_cell(page, column) for column in sheet.columns])
    last = 1
    for row in sheet.rows:
        last += 1
        cells = [_text_cell(page, value) for value in row]
        for place, note in notes.get(last, []):
            cells[place - 1] = cells[place - 1] or WriteOnlyCell(page, "")
            cells[place - 1].comment = _comment(note)
        page.append(cells)
    if sheet.is_form:
        last += CHECKED_ROWS
    for place, column in enumerate(sheet.columns, 1):
        if column.choices and last > 1:
            letter = get_column_letter(place)
            rule = DataValidation(type="list", formula1=_choices(column.choices, lists), allow_blank=True)
            rule.showErrorMessage = False  # offers; what does not fit is said at the import
            rule.add(f"{letter}2:{letter}{last}")
            page.data_validations.append(rule)


def _header_cell(page: Any, column: OutColumn) -> Any:
    cell = WriteOnlyCell(page, clean(column.title))
    cell.data_type = "s"
    cell.font, cell.fill = HEADER_FONT, REQUIRED_FILL if column.is_required else HEADER_FILL
    return cell


def _text_cell(page: Any, value: Any) -> Any:
    if value is None or value == "":
        return None
    cell = WriteOnlyCell(page, clean(str(value)))
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.number_format = TEXT_FORMAT
    return cell


def kept_number(value: Any) -> str | None:
    """A plain number of no more digits than a spreadsheet keeps; None where the text is to stay."""
    text = str(value)
    return text if _KEPT_NUMBER.fullmatch(text) else None


def marked_cell(page: Any, value: Any, note: str, *, is_wrong: bool = True) -> Any:
    """A cell in the colour of errors, or of reminders, with a note that says what to do."""
    cell = WriteOnlyCell(page, clean(str(value)) if value is not None else "")
    cell.data_type = "s"
    cell.fill = WRONG_FILL if is_wrong else REMINDER_FILL
    cell.comment = _comment(note)
    return cell


def _comment(note: str) -> Comment:
    return Comment(clean(note), AUTHOR, width=320, height=120)


def note_cell(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, clean(text))
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _choices(choices: Sequence[str], lists: dict[tuple[str, ...], str]) -> str:
    joined = ",".join(choices)
    if len(joined) <= LIST_LIMIT and not any("," in choice or '"' in choice for choice in choices):
        return f'"{joined}"'
    key = tuple(choices)
    if key not in lists:
        letter = get_column_letter(len(lists) + 1)
        lists[key] = f"{CHOICES_SHEET}!${letter}$1:${letter}${len(choices)}"
    return lists[key]


def _write_choices(book: Workbook, lists: dict[tuple[str, ...], str]) -> None:
    page = book.create_sheet(CHOICES_SHEET)
    page.sheet_state = "hidden"
    columns = list(lists)
    for number in range(max(map(len, columns))):
        page.append(
            [_text_cell(page, choices[number] if number < len(choices) else "") for choices in columns]
        )


def write_csv(sheet: OutSheet, file: IO[bytes]) -> None:
    """A sheet as CSV in UTF-8 with BOM, which spreadsheet programs read as it is."""
    file.write(b"\xef\xbb\xbf")
    text = _Encoded(file)
    writer = csv.writer(text)
    writer.writerow([column.title for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([guarded(value) for value in row])


class _Encoded:
    """The text file that csv wants, without owning the bytes' file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        return self.file.write(text.encode())


def guarded(value: Any) -> str:
    """A CSV cell that no program runs: an apostrophe, which reading drops, before what could be a formula."""
    text = "" if value is None else str(value)
    if not text or (text[0] not in _SUSPICIOUS and text.isprintable() and len(text) <= CELL_LIMIT):
        return text
    text = clean(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def clean(text: str) -> str:
    """Text without what XML cannot hold, no longer than a cell."""
    return _UNSEEN.sub("", text)[:CELL_LIMIT]


def sheet_name(name: str) -> str:
    """A name that a sheet may have."""
    return re.sub(r"[\\/*?:\[\]]", " ", name).strip(" '")[:31] or "Sheet"


def as_download(content: bytes, name: str) -> HttpResponse:
    """A spreadsheet for the browser to keep under its (Chinese) name, which ends in .xlsx or .csv."""
    response = HttpResponse(content, content_type=MEDIA_TYPES[name.rpartition(".")[2]])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
