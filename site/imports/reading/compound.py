"""An .xls or .et file (BIFF8 in a compound file): its sheets, and cells that are no plain text or number."""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from imports.reading import limits, packed, places
from imports.reading.formats import BUILT_IN, shows
from imports.reading.package import check_merges
from imports.reading.refusals import Refused

END_OF_CHAIN = 0xFFFFFFFA  # and above: no sector's number
BOF, EOF, FILE_PASSWORD, DATE_MODE, SHEET, FORMAT, CELL_FORMAT = 0x809, 0x0A, 0x2F, 0x22, 0x85, 0x41E, 0xE0
NUMBER, RK, MANY_RK, FORMULA, BOOL_OR_ERROR, MERGED = 0x203, 0x27E, 0xBD, 0x06, 0x205, 0xE5
TEXTS = {0xFD, 0x204, 0xD6}
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_HEAD = struct.Struct("<HH")
_CELL = struct.Struct("<HHH")
_CHAINS = struct.Struct("<II4xII4xII")


def survey(file: BinaryIO) -> list[dict]:
    """The sheets of an .xls or .et with their sizes and merged cells."""
    book = Book(file)
    sheets = []
    for name, is_hidden, offset in book.sheets:
        extent = Cells(book, name, offset)
        if extent.rows * extent.columns > limits.OLD_CELLS:
            raise Refused("too_much_memory")
        sheets.append(
            {
                "name": name,
                "hidden": is_hidden,
                "rows": extent.rows,
                "columns": extent.columns,
                "merges": extent.merges,
            }
        )
    return sheets


class Book:
    """The workbook stream and what it says before its sheets: formats, calendar, where the sheets are."""

    def __init__(self, file: BinaryIO) -> None:
        streams = Streams(file)
        if "EncryptedPackage" in streams.found:
            raise Refused("encrypted")
        name = next((name for name in ("Workbook", "Book") if name in streams.found), None)
        if name is None:
            raise Refused("not_a_sheet")
        self.stream = streams.read(name)
        self.is_1904 = False
        self.sheets: list[tuple[str, bool, int]] = []
        codes: dict[int, str] = {}
        numbers: list[int] = []
        for kind, data in records(self.stream, 0):
            if kind == FILE_PASSWORD:
                raise Refused("encrypted")
            if kind == DATE_MODE:
                self.is_1904 = data[:1] == b"\1"
            elif kind == FORMAT and len(data) > 5:
                codes[int.from_bytes(data[:2], "little")] = text_of(data[5:], data[4])
            elif kind == CELL_FORMAT and len(data) > 4:
                numbers.append(int.from_bytes(data[2:4], "little"))
                if len(numbers) > limits.STYLES:
                    raise Refused("too_many_styles", count=len(numbers), most=limits.STYLES)
            elif kind == SHEET and len(data) > 8 and data[5] == 0:
                place = int.from_bytes(data[:4], "little")
                self.sheets.append((text_of(data[8:], data[7], data[6]), bool(data[4] & 3), place))
        self.formats = [
            shows(codes[number]) if number in codes else BUILT_IN.get(number, "") for number in numbers
        ]
        if not self.sheets:
            raise Refused("damaged")
        if len(self.sheets) > limits.SHEETS:
            raise Refused("too_many_sheets", count=len(self.sheets), most=limits.SHEETS)


class Cells:
    """One sheet's records: how far filled cells reach, what is merged, which cells are no plain value."""

    def __init__(self, book: Book, name: str, offset: int) -> None:
        self.book = book
        self.rows = self.columns = 0
        self.merges: list[places.Merge] = []
        self.odd: dict[int, dict[int, Any]] = {}  # row → column → value, both from 0
        for kind, data in records(book.stream, offset):
            if kind in TEXTS or kind in (NUMBER, RK, FORMULA, BOOL_OR_ERROR):
                if len(data) < 8:
                    raise Refused("damaged")
                row, column, style = _CELL.unpack_from(data)
                self.reach(row, column)
                self.value(kind, data, row, column, style)
            elif kind == MANY_RK and len(data) >= 12:
                row, column = struct.unpack_from("<HH", data)
                for at in range(4, len(data) - 7, 6):
                    self.reach(row, column)
                    self.number(
                        rk(data[at + 2 : at + 6]), row, column, int.from_bytes(data[at : at + 2], "little")
                    )
                    column += 1
            elif kind == MERGED:
                for at in range(2, len(data) - 7, 8):
                    first_row, last_row, first_column, last_column = struct.unpack_from("<4H", data, at)
                    self.merges.append(
                        places.Merge(first_row + 1, first_column + 1, last_row + 1, last_column + 1)
                    )
        check_merges(name, self.merges)

    def reach(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)

    def value(self, kind: int, data: bytes, row: int, column: int, style: int) -> None:
        if kind == NUMBER and len(data) >= 14:
            self.number(struct.unpack_from("<d", data, 6)[0], row, column, style)
        elif kind == RK and len(data) >= 10:
            self.number(rk(data[6:10]), row, column, style)
        elif kind == BOOL_OR_ERROR and data[7]:
            self.odd.setdefault(row, {})[column] = packed.pack(packed.ERROR, ERRORS.get(data[6], "#N/A"))
        elif kind == FORMULA and len(data) >= 14:
            if data[12:14] != b"\xff\xff":
                self.number(struct.unpack_from("<d", data, 6)[0], row, column, style)
            elif data[6] == 2:
                self.odd.setdefault(row, {})[column] = packed.pack(packed.ERROR, ERRORS.get(data[8], "#N/A"))

    def number(self, number: float, row: int, column: int, style: int) -> None:
        shown = self.book.formats[style] if style < len(self.book.formats) else ""
        raw = f"{number:.15g}"
        if shown and number - number == 0:
            self.odd.setdefault(row, {})[column] = packed.pack_serial(raw, shown, is_1904=self.book.is_1904)
        elif number - number != 0 or abs(number) >= packed.DAMAGED_FROM:
            self.odd.setdefault(row, {})[column] = packed.pack_number(raw)


def rk(data: bytes) -> float:
    """BIFF's short number: 30 bits of a float or a whole number, perhaps divided by 100."""
    (bits,) = struct.unpack("<i", data)
    number = float(bits >> 2) if bits & 2 else struct.unpack("<d", struct.pack("<q", (bits & ~3) << 32))[0]
    return number / 100 if bits & 1 else number


def text_of(data: bytes, is_wide: int, length: int | None = None) -> str:
    """A BIFF8 text: one byte a character, or two."""
    if is_wide & 1:
        return data[: None if length is None else 2 * length].decode("utf-16-le", "replace")
    return data[:length].decode("latin-1")


def records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream, from its beginning to its end, without charts inside it."""
    depth = 0
    view = memoryview(stream)
    while offset + 4 <= len(stream):
        kind, length = _HEAD.unpack_from(stream, offset)
        end = offset + 4 + length
        if end > len(stream):
            break
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth == 0:
                return
        elif depth == 0:
            break
        elif depth == 1:
            yield kind, bytes(view[offset + 4 : end])
        offset = end
    raise Refused("damaged")


class Streams:
    """The streams inside a compound file, by name."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self.data = file.read(limits.OLD_FILE + 1)
        if len(self.data) < 512 or len(self.data) > limits.OLD_FILE:
            raise Refused("damaged")
        shift, small_shift = struct.unpack_from("<HH", self.data, 30)
        if shift not in (9, 12) or small_shift > shift:
            raise Refused("damaged")
        self.size, self.small_size = 1 << shift, 1 << small_shift
        count, directory, self.cutoff, small_start, more, more_count = _CHAINS.unpack_from(self.data, 44)
        tables = list(struct.unpack_from("<109I", self.data, 76))
        while more < END_OF_CHAIN and more_count and len(tables) < len(self.data) // self.size + 109:
            *numbers, more = struct.unpack(f"<{self.size // 4}I", self.sector(more))
            tables += numbers
            more_count -= 1
        self.table: list[int] = []
        for number in tables[:count]:
            self.table += struct.unpack(f"<{self.size // 4}I", self.sector(number))
        entries = self.chain(directory)
        self.found: dict[str, tuple[int, int]] = {}
        self.small = b""
        for at in range(0, len(entries) - 127, 128):
            entry = entries[at : at + 128]
            length, kind = struct.unpack_from("<HB", entry, 64)
            start, size = struct.unpack_from("<II", entry, 116)
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == 5:
                self.small = self.chain(start)[:size]
            elif kind == 2:
                self.found.setdefault(name, (start, size))
        small_table = self.chain(small_start)
        self.small_table = struct.unpack(f"<{len(small_table) // 4}I", small_table)

    def sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        data = self.data[start : start + self.size]
        if number >= END_OF_CHAIN or not data:
            raise Refused("damaged")
        return data.ljust(self.size, b"\0")

    def chain(self, number: int) -> bytes:
        """Sectors that follow each other; one that comes back to itself is no chain."""
        parts: list[bytes] = []
        while number < END_OF_CHAIN:
            if number >= len(self.table) or len(parts) > len(self.table):
                raise Refused("damaged")
            parts.append(self.sector(number))
            number = self.table[number]
        return b"".join(parts)

    def read(self, name: str) -> bytes:
        start, size = self.found[name]
        if size >= self.cutoff:
            data = self.chain(start)
        else:
            parts: list[bytes] = []
            while start < END_OF_CHAIN:
                if start >= len(self.small_table) or len(parts) > len(self.small_table):
                    raise Refused("damaged")
                parts.append(self.small[start * self.small_size : (start + 1) * self.small_size])
                start = self.small_table[start]
            data = b"".join(parts)
        if len(data) < size:
            raise Refused("damaged")
        return data[:size]


def is_encrypted_package(file: BinaryIO, size: int) -> bool:
    """Whether this is an .xlsx with a password, which is a compound file."""
    file.seek(0)
    return "EncryptedPackage".encode("utf-16-le") in file.read(min(size, limits.OLD_FILE))
