"""A .csv file: its encoding and its rows. UTF-8, then GB18030 are tried; nothing is guessed."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from imports.reading import limits, packed, places
from imports.reading.refusals import Refused

CHUNK = 1 << 20

# A line that can only be UTF-8: GB18030 text has this shape by chance once in some billion lines.
_UTF8_LINE = re.compile(rb"(?:[\x01-\x7f]*[\xe3-\xef][\x80-\xbf]{2}){4,}[\x01-\x7f]*")
_ROUNDED = re.compile(r"\s*[-+]?\d(?:\.\d+)?[eE]\+?(\d{1,3})\s*")
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_GUARDED = re.compile(r"'(?='*[=+\-@＝＋－＠\t\r\n])")  # put before what a program would run as a formula


def survey(file: BinaryIO) -> tuple[str, dict]:
    """The encoding, and the file as one sheet with its size."""
    encoding = encoding_of(file)
    rows = columns = 0
    for number, values in read(file, encoding):
        rows, columns = number, max(columns, len(values))
    return encoding, {"name": "", "hidden": False, "rows": rows, "columns": columns, "merges": []}


def encoding_of(file: BinaryIO) -> str:
    """UTF-8 (with or without its mark) or GB18030; refuses UTF-16, NUL and files that mix two encodings."""
    file.seek(0)
    head = file.read(4096)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head.count(b"\0") > len(head) // 10:
        raise Refused("utf16")
    bad_line = wrong_line(file, "utf-8")
    if bad_line is None:
        return "utf-8-sig"
    if head.startswith(codecs.BOM_UTF8):
        raise Refused("encoding", line=bad_line)
    utf8_line = first_utf8_line(file)
    if utf8_line is not None:
        raise Refused("mixed_encoding", line=utf8_line)
    bad_line = wrong_line(file, "gb18030")
    if bad_line is not None:
        raise Refused("encoding", line=bad_line)
    return "gb18030"


def wrong_line(file: BinaryIO, encoding: str) -> int | None:
    """The first line that is not of this encoding; None where all are."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    line = 1
    while True:
        chunk = file.read(CHUNK)
        if b"\0" in chunk:
            raise Refused("nul", line=line + line_ends(chunk[: chunk.index(b"\0")]))
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + line_ends(chunk[: error.start])
        if not chunk:
            return None
        line += line_ends(chunk)


def line_ends(text: bytes) -> int:
    return text.count(b"\n") or text.count(b"\r")


def first_utf8_line(file: BinaryIO) -> int | None:
    """The first line that can only be UTF-8."""
    file.seek(0)
    line, tail = 1, b""
    while chunk := file.read(CHUNK):
        *whole, tail = re.split(rb"\r\n|\n|\r", tail + chunk)
        for text in whole:
            if _UTF8_LINE.fullmatch(text):
                return line
            line += 1
        tail = tail[-CHUNK:]
    return line if _UTF8_LINE.fullmatch(tail) else None


def read(file: BinaryIO, encoding: str) -> Iterator[tuple[int, list]]:
    """Rows with something in them, numbered as spreadsheets do; quoted cells may hold line ends."""
    file.seek(0)
    csv.field_size_limit(limits.CELL_TEXT)
    stream = io.TextIOWrapper(file, encoding=encoding, newline="")
    reader = csv.reader(stream, strict=True)
    number = count = 0
    try:
        for number, cells in enumerate(reader, 1):
            values = [cell_value(cell) for cell in cells]
            while values and values[-1] is None:
                values.pop()
            if not values:
                continue
            count += 1
            if len(values) > limits.COLUMNS:
                column = places.letters(len(values))
                raise Refused("too_many_columns", sheet="CSV", column=column, most=limits.COLUMNS)
            if count > limits.ROWS:
                raise Refused("too_many_rows", sheet="CSV", most=limits.ROWS)
            yield number, values
    except csv.Error:
        raise Refused("quotes", line=number + 1) from None
    finally:
        stream.detach()


def cell_value(text: str) -> object:
    """A cell's text; a number that was saved in its rounded form is no number to rely on."""
    if not text or text.isspace():
        return None
    if text[0] == "=" and (quoted := _TEXT_FORMULA.fullmatch(text)):
        return quoted[1] or None  # how people keep a spreadsheet from rounding a code
    if text[0] == "'":
        text = _GUARDED.sub("", text, count=1)
    if "E" in text or "e" in text:
        rounded = _ROUNDED.fullmatch(text)
        if rounded and int(rounded[1]) >= 11:
            return packed.pack(packed.DAMAGED, text.strip())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
