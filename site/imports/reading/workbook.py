"""Opens a spreadsheet in a limited process of its own and hands its cells over, row by row.

The site never parses a file itself. Whatever happens to the reading process (a crash, no memory left, no
end), the caller gets ``Refused`` with a sentence for the person who uploaded the file.
"""

import datetime
import io
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from imports.reading import limits, packed, places
from imports.reading.places import Merge
from imports.reading.preflight import glance
from imports.reading.refusals import Refused
from quality.confined import PYTHON, Conversation, Failed

PROCESS = [*PYTHON, "imports.reading.child"]
KINDS = {
    packed.DATE: "date",
    packed.MOMENT: "moment",
    packed.TIME: "time",
    packed.ERROR: "error",
    packed.FORMULA: "formula",
    packed.DAMAGED: "damaged",
    packed.BAD_DATE: "bad_date",
}
# Marks that reverse or hide text, and control characters: a reader of the page would not see what is stored.
UNSEEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF],
    "\ufffd",
)

Value = str | Decimal | datetime.date | datetime.time | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the file has it. ``value`` is None where nothing can be relied on; ``problem`` says why."""

    row: int
    column: int
    kind: str = "empty"  # text number date moment time bool; empty; error formula damaged bad_date unseen
    value: Value = None
    raw: str = ""
    merge: Merge | None = None

    @property
    def address(self) -> str:
        return places.address(self.row, self.column)

    @property
    def is_empty(self) -> bool:
        return self.kind == "empty"

    @property
    def problem(self) -> str:
        """Why this cell cannot be used, and what to do; empty for a sound cell."""
        match self.kind:
            case "error":
                return _("公式出错，结果是“%(raw)s”。请改正公式，或直接填写内容。") % {"raw": self.raw}
            case "formula":
                return _("公式没有算出结果。请用 WPS 或 Excel 打开文件，保存后再上传，或直接填写内容。")
            case "damaged":
                return _(
                    "“%(raw)s”已被表格改成近似数，原来的号码丢失了。请把这一列设为“文本”格式，再重新填写。"
                ) % {"raw": self.raw}
            case "bad_date":
                return _("“%(raw)s”不是日历上的日期。请写成 2022-06-20 这样的日期。") % {"raw": self.raw}
            case "unseen":
                return _("有看不见的控制字符。请删去这一格，重新输入文字。")
        return ""


class Row(Sequence[Cell]):
    """The cells of one row from column A to the last filled one, made when asked for."""

    __slots__ = ("_cells", "merges", "number", "packed")

    def __init__(self, number: int, packed_values: list[Any], merges: Sequence[Merge] = ()) -> None:
        self.number = number
        self.packed = packed_values
        self.merges = merges
        self._cells: list[Cell] | None = None

    @property
    def cells(self) -> list[Cell]:
        if self._cells is None:
            width = max([len(self.packed), *(merge.last_column for merge in self.merges)])
            values = self.packed + [None] * (min(width, limits.COLUMNS) - len(self.packed))
            covered = {
                column: merge
                for merge in self.merges
                for column in range(merge.first_column, min(merge.last_column, limits.COLUMNS) + 1)
            }
            self._cells = [
                cell_of(self.number, column, value, covered.get(column))
                for column, value in enumerate(values, 1)
            ]
        return self._cells

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, index: Any) -> Any:
        return self.cells[index]


def trimmed(values: Sequence[Any]) -> list[Any]:
    """A row up to its last filled cell."""
    found = list(values)
    while found and found[-1] is None:
        found.pop()
    return found


def cell_of(row: int, column: int, value: Any, merge: Merge | None = None) -> Cell:
    """A cell from what the reading process says of it."""
    if value is None:
        return Cell(row, column, merge=merge)
    if isinstance(value, str):
        if has_unseen(value):
            return Cell(row, column, "unseen", None, visible(value), merge)
        return Cell(row, column, "text", value, value, merge)
    if isinstance(value, bool):
        return Cell(row, column, "bool", value, "TRUE" if value else "FALSE", merge)
    if isinstance(value, int | float):
        number = decimal_of(value)
        return Cell(row, column, "number", number, f"{number:f}", merge)
    kind = KINDS.get(value.kind, "error")
    try:
        return Cell(row, column, kind, moment_of(kind, value.raw), value.raw, merge)
    except ValueError:
        return Cell(row, column, "bad_date", None, value.raw, merge)


def has_unseen(text: str) -> bool:
    return not text.isprintable() and text.translate(UNSEEN) != text


def visible(text: str) -> str:
    """The text with a sign where it would hide something from whoever looks at it."""
    return text.translate(UNSEEN) if has_unseen(text) else text


def decimal_of(value: int | float) -> Decimal:
    """A number as the spreadsheet shows it: 15 digits, and no ``.0``."""
    number = Decimal(value if isinstance(value, int) else f"{value:.15g}")
    if number != number.to_integral_value():
        return number.normalize()
    return number.quantize(Decimal(1))


def moment_of(kind: str, raw: str) -> Value:
    match kind:
        case "date":
            return datetime.date.fromisoformat(raw)
        case "moment":
            return datetime.datetime.fromisoformat(raw)
        case "time":
            return datetime.time.fromisoformat(raw)
    return None


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, how far its filled cells reach, its merged cells."""

    index: int
    name: str
    rows: int
    columns: int
    is_hidden: bool = False
    merges: tuple[Merge, ...] = field(default=(), repr=False)


class Workbook:
    """A spreadsheet that may be read: its sheets, and their rows as often as they are asked for."""

    def __init__(
        self, source: str | os.PathLike | bytes, *, name: str, survey: dict[str, Any] | None = None
    ) -> None:
        self.source = source
        self.name = name
        with opened(source) as file:
            self.size = file.seek(0, os.SEEK_END)
        self.survey = survey or self._survey()
        self.kind, self.encoding = self.survey["kind"], self.survey["encoding"]
        self.sheets = [
            Sheet(
                index,
                visible(sheet["name"] or Path(name).stem),
                sheet["rows"],
                sheet["columns"],
                sheet["hidden"],
                tuple(Merge(*merge) for merge in sheet["merges"]),
            )
            for index, sheet in enumerate(self.survey["sheets"])
        ]

    def _survey(self) -> dict[str, Any]:
        """What the file is and which sheets it has, as plain data; refuses what is no honest spreadsheet."""
        with opened(self.source) as file:
            glance(file, self.name)
        found = next(message for message in self._ask("survey", self.name) if message[0] == "found")
        return dict(zip(("kind", "encoding", "sheets"), found[1:], strict=True))

    def sheet(self, name: str) -> Sheet:
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise Refused("no_sheet", sheet=name[:80])

    def iter_rows(self, sheet: Sheet) -> Generator[tuple[int, Row], None, None]:
        """The rows that hold something, with their numbers in the file. Memory does not grow with rows."""
        merges = Merges(sheet.merges)
        for number, values in self.iter_packed(sheet):
            yield number, Row(number, values, merges.at(number))

    def iter_packed(self, sheet: Sheet) -> Generator[tuple[int, list[Any]], None, None]:
        """The same rows without looking at merged cells, each up to its last filled cell."""
        for numbers, columns in self.iter_columns(sheet):
            for number, row in zip(numbers, zip(*columns, strict=True), strict=True):
                yield number, trimmed(row)

    def iter_columns(self, sheet: Sheet) -> Generator[tuple[list[int], list[list[Any]]], None, None]:
        """The same as the reading process sends them: some hundred numbers, and the values by column."""
        for message in self._ask("rows", self.kind, self.encoding, str(sheet.index)):
            if message[0] == "rows":
                yield message[1], message[2]

    def _ask(self, task: str, *details: str) -> Iterator[list[Any]]:
        with opened(self.source) as file:
            yield from Reader(file, task, details, seconds=limits.seconds(self.size)).messages()


def read(path: str | os.PathLike | bytes, *, name: str, survey: dict[str, Any] | None = None) -> Workbook:
    """Open a spreadsheet by path, or from memory; raises Refused with what to do about it.

    ``survey`` is what an earlier look at the same file found, so that it need not be read through again.
    """
    return Workbook(path, name=name, survey=survey)


class Merges:
    """Which merged cells a row meets, asked from top to bottom."""

    def __init__(self, merges: Sequence[Merge]) -> None:
        self.waiting = list(reversed(merges))
        self.open: tuple[Merge, ...] = ()

    def at(self, row: int) -> tuple[Merge, ...]:
        if self.open and any(merge.last_row < row for merge in self.open):
            self.open = tuple(merge for merge in self.open if merge.last_row >= row)
        while self.waiting and self.waiting[-1].first_row <= row:
            merge = self.waiting.pop()
            if merge.last_row >= row:
                self.open += (merge,)
        return self.open


def opened(source: str | os.PathLike | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")


class Reader(Conversation):
    """One run of the reading process."""

    def __init__(self, file: BinaryIO, task: str, details: Sequence[str], *, seconds: int) -> None:
        self.seconds = seconds
        self.peak_memory = 0  # kB, where the process could say so at its end
        command = [*PROCESS, task, str(seconds), *details]
        super().__init__(command, file, seconds=seconds, unpack=packed.unpack, most=limits.TEXT_FILE)

    def messages(self) -> Iterator[list[Any]]:
        """What the process says until it is done; Refused if it refuses, fails or takes too long."""
        try:
            for message in super().messages():
                if message[0] in ("refused", "end"):
                    self.peak_memory = message[-1]
                if message[0] == "refused":
                    raise Refused(message[1], **message[2])
                if message[0] != "end":
                    yield message
        except Failed as failure:
            raise Refused(failure.why) from failure
