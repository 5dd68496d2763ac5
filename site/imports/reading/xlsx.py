"""The rows of an .xlsx, one at a time, in memory that does not grow with them.

Sheets are written by few programs in one plain way, which a single pattern reads as fast as compiled code;
what is written otherwise (prefixes, comments, cells without an address) is read as XML from there.
python-calamine is not used here: it holds the sheet in memory, hides errors and moves impossible days.
"""

import html
import re
import zipfile
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO

from imports.reading import limits, packed, places
from imports.reading.package import CHUNK, ENDS, Book, count_cells, opened, steps, walk
from imports.reading.refusals import Refused

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"((?: [a-z]+="[^"<>&]*")*) ?'
    rb"(?:/>|>(?:<v>([^<&\r]*)</v>|<is><t>([^<&\r]*)</t></is>|((?:<(?:f|v|is|t|r|rPr|rPh|phoneticPr)\b.*?)?))</c>)",
    re.S,
)
_ATTRIBUTE = re.compile(rb' ([a-z]+)="([^"]*)"')
_VALUE = re.compile(rb"<v(?: [^>]*)?>([^<]*)</v>")
_PHONETIC = re.compile(rb"<rPh\b.*?</rPh>", re.S)
_TEXT = re.compile(rb"<t(?: [^>]*)?>([^<]*)</t>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class NotPlain(Exception):
    """This sheet's XML is not written in the usual way."""


def read(file: BinaryIO, index: int) -> Iterator[tuple[int, list]]:
    """The rows of one sheet that hold something, as (number, values)."""
    with opened(file) as archive:
        book = Book(archive)
        sheet = book.sheets[index]
        cells = Cells(book, sheet["name"])
        last = count = 0
        try:
            for number, values in plain_rows(archive, sheet["part"], cells):
                last = check_order(sheet["name"], number, last)
                count += 1
                yield number, values
        except NotPlain:
            for number, values in any_rows(archive, sheet["part"], cells, after=last):
                last = check_order(sheet["name"], number, last)
                count += 1
                yield number, values


def check_order(sheet: str, number: int, last: int) -> int:
    if number <= last:
        raise Refused("disorder", sheet=sheet, address=f"A{number}")
    if number > limits.LAST_ROW:
        raise Refused("outside", sheet=sheet, address=f"A{number}")
    return number


def plain_rows(archive: zipfile.ZipFile, part: str, cells: "Cells") -> Iterator[tuple[int, list]]:
    """The rows of a sheet written in the usual way; raises NotPlain at the first piece that is not."""
    tail = b""
    is_begun = False
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            piece = tail + chunk
            if not is_begun:
                at = piece.find(b"<sheetData")
                if at < 0 and len(piece) > 8 * CHUNK:
                    raise NotPlain
                if at < 0:
                    tail = piece
                    continue
                is_begun, piece = True, piece[at:]
            cut = piece.rfind(b"</row>")
            if cut < 0 and len(piece) > 32 * CHUNK:
                raise NotPlain
            tail = piece[max(cut, 0) :]
            if cut > 0:
                yield from piece_rows(piece[:cut], cells)
            if b"</sheetData>" in tail:
                break
        else:
            if not any(end in tail for end in ENDS):
                raise NotPlain
    if count_cells(tail.partition(b"</sheetData>")[0]):
        raise NotPlain


def piece_rows(piece: bytes, cells: "Cells") -> Iterator[tuple[int, list]]:
    found = _CELL.findall(piece)
    if b"<!" in piece or len(found) != count_cells(piece):
        raise NotPlain
    columns = cells.columns
    kinds = cells.kinds
    now = b""
    values: list[Any] = []
    last = 0
    for name, number, attributes, value, own, inner in found:
        if number != now:
            if values:
                yield int(now), values
            now, values, last = number, [], 0
        column = columns.get(name) or cells.column(name)
        if column <= last:
            raise Refused("disorder", sheet=cells.sheet, address=(name + number).decode())
        last = column
        kind, shown = kinds.get(attributes) or cells.kind(attributes)
        if value:
            read = cells.value(kind, shown, value.decode())
        elif own and kind == "inlineStr":
            read = text_or_none(own.decode())
        elif inner:
            read = cells.inner(kind, shown, inner)
        else:
            continue  # formatted and empty; whole columns often are
        if read is not None:
            if column > limits.COLUMNS:
                raise Refused(
                    "too_many_columns", sheet=cells.sheet, column=name.decode(), most=limits.COLUMNS
                )
            while len(values) < column - 1:
                values.append(None)
            values.append(read)
    if values:
        yield int(now), values


def any_rows(
    archive: zipfile.ZipFile, part: str, cells: "Cells", *, after: int
) -> Iterator[tuple[int, list]]:
    """The rows of a sheet read as XML, whatever its style, below a row already read."""
    reader = Elements(cells, after)
    for _pause in steps(archive, part, reader.start, reader.end, reader.text):
        yield from reader.rows
        reader.rows.clear()


class Elements:
    """Gathers rows from the elements of a sheet."""

    def __init__(self, cells: "Cells", after: int) -> None:
        self.cells = cells
        self.after = after
        self.rows: list[tuple[int, list]] = []
        self.row = self.column = 0
        self.values: list[Any] = []
        self.attributes: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self.path: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column, self.values = 0, []
        elif name == "c":
            place = (
                places.split_address(attributes["r"]) if "r" in attributes else (self.row, self.column + 1)
            )
            if (
                place is None
                or place[0] != self.row
                or place[1] <= self.column
                or place[1] > limits.LAST_COLUMN
            ):
                raise Refused("disorder", sheet=self.cells.sheet, address=attributes.get("r", "")[:40])
            self.column, self.attributes, self.parts = place[1], attributes, {}
        self.path.append(name)
        if name in ("v", "f", "t") and "rPh" not in self.path:
            self.parts.setdefault(name, "")

    def text(self, data: str) -> None:
        if self.path and self.path[-1] in ("v", "t") and "rPh" not in self.path:
            name = self.path[-1]
            self.parts[name] = self.parts.get(name, "") + data

    def end(self, name: str) -> None:
        if self.path:
            self.path.pop()
        if name == "c":
            value = self.cells.any(self.attributes, self.parts)
            if value is not None:
                if self.column > limits.COLUMNS:
                    column = places.letters(self.column)
                    raise Refused(
                        "too_many_columns", sheet=self.cells.sheet, column=column, most=limits.COLUMNS
                    )
                self.values += [None] * (self.column - 1 - len(self.values))
                self.values.append(value)
        elif name == "row" and self.values and self.row > self.after:
            self.rows.append((self.row, self.values))


class Cells:
    """What a cell's text means, by its type and format."""

    def __init__(self, book: Book, sheet: str) -> None:
        self.sheet = sheet
        self.is_1904 = book.is_1904
        self.formats = book.formats()
        self.texts = Texts(book.archive, book.strings_part)
        self.columns: dict[bytes, int] = {}
        self.kinds: dict[bytes, tuple[str, str]] = {}

    def column(self, name: bytes) -> int:
        column = self.columns[name] = places.column_number(name.decode())
        return column

    def kind(self, attributes: bytes) -> tuple[str, str]:
        """The type of a cell and what its format shows, from its attributes as written."""
        found = dict(_ATTRIBUTE.findall(attributes))
        kind = self.kinds[attributes] = self._kind(
            found.get(b"t", b"").decode(), found.get(b"s", b"").decode()
        )
        return kind

    def _kind(self, kind: str, style: str) -> tuple[str, str]:
        number = int(style) if style.isdecimal() else 0
        return kind or "n", self.formats[number] if number < len(self.formats) else ""

    def value(self, kind: str, shown: str, raw: str) -> Any:
        """The meaning of what stands in a cell's ``v``."""
        if kind == "n":
            try:
                return (
                    packed.pack_serial(raw, shown, is_1904=self.is_1904) if shown else packed.pack_number(raw)
                )
            except (ValueError, OverflowError):
                return packed.pack(packed.ERROR, raw[:100])
        if kind == "s":
            return self.texts.get(raw)
        if kind == "b":
            return raw.strip() in ("1", "true")
        if kind == "e":
            return packed.pack(packed.ERROR, raw[:100])
        if kind == "d":
            return packed.pack(packed.MOMENT if "T" in raw else packed.DATE, raw.strip())
        return text_or_none(raw)

    def inner(self, kind: str, shown: str, inner: bytes) -> Any:
        """The meaning of a cell that holds more than a plain ``v``: a formula, its own text, runs of text."""
        parts: dict[str, str] = {}
        inner = _PHONETIC.sub(b"", inner)
        value = _VALUE.search(inner)
        texts = _TEXT.findall(inner)
        if value:
            parts["v"] = unescape(value[1])
        if texts:
            parts["t"] = unescape(b"".join(texts))
        if b"<f" in inner:
            parts["f"] = ""
        return self.meaning(kind, shown, parts)

    def any(self, attributes: dict[str, str], parts: dict[str, str]) -> Any:
        kind, shown = self._kind(attributes.get("t", ""), attributes.get("s", ""))
        return self.meaning(kind, shown, parts)

    def meaning(self, kind: str, shown: str, parts: dict[str, str]) -> Any:
        if kind == "inlineStr":
            return text_or_none(parts.get("t", ""))
        if parts.get("v"):
            return self.value(kind, shown, parts["v"])
        if "f" in parts and kind != "str":
            return packed.pack(packed.FORMULA, "")
        return None


class Texts:
    """A workbook's table of texts, kept as bytes: a tenth of the memory that strings need."""

    def __init__(self, archive: zipfile.ZipFile, part: str) -> None:
        self.blob = bytearray()
        self.ends = array("L", [0])
        self.path: list[str] = []
        if part in archive.namelist():
            walk(archive, part, self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)

    def _text(self, data: str) -> None:
        if self.path[-1] == "t" and "rPh" not in self.path:
            self.blob += data.encode()

    def _end(self, name: str) -> None:
        self.path.pop()
        if name == "si":
            self.ends.append(len(self.blob))

    def get(self, number: str) -> Any:
        at = int(number) if number.isdecimal() and len(number) < 10 else -1
        if not 0 <= at < len(self.ends) - 1:
            return packed.pack(packed.ERROR, number[:20])
        return text_or_none(self.blob[self.ends[at] : self.ends[at + 1]].decode())


def text_or_none(text: str) -> str | None:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text if text and not text.isspace() else None


def unescape(raw: bytes) -> str:
    text = raw.decode().replace("\r\n", "\n").replace("\r", "\n")
    return html.unescape(text) if "&" in text else text
