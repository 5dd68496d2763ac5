"""What is looked at before a spreadsheet is opened: that it is what its name says, and not too big.

``glance`` costs the web process next to nothing; ``preflight`` inflates everything, in the reading process.
"""

import io
import os
import re
import struct
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from imports.reading import compound, limits, objects, package, plain_text
from imports.reading.refusals import Refused

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXTENSIONS = {".xlsx": "xlsx", ".xls": "xls", ".et": "xls", ".csv": "csv", ".json": "json"}
OTHERS = [
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"{\\rtf", "RTF"),
]
_MARKUP = re.compile(rb"\s*<(\?xml|!doctype|!--|html|head|body|table|meta|style|script|div)", re.I)
_END = struct.Struct("<10xHLL2x")  # of a zip file: how many parts, length and place of their list


class Preflight(NamedTuple):
    """What a look at a file has found: how to read it and what sheets it has."""

    kind: str  # xlsx, xls, csv or json
    sheets: list[dict]
    encoding: str = ""


def preflight(source: str | os.PathLike | bytes | BinaryIO, name: str) -> Preflight:
    """Find out how to read a file; raises Refused with what to do about it."""
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    elif isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            return preflight(file, name)
    kind = glance(source, name)
    source.seek(0)
    if kind == "xlsx":
        return Preflight(kind, package.survey(source))
    if kind == "xls":
        return Preflight(kind, compound.survey(source))
    if kind == "json":
        return Preflight(kind, objects.survey(source))
    encoding, sheet = plain_text.survey(source)
    return Preflight(kind, [sheet], encoding)


def glance(file: BinaryIO, name: str) -> str:
    """The kind of file: its name, size and first bytes must agree."""
    extension = PurePath(name).suffix.lower()
    kind = EXTENSIONS.get(extension)
    if kind is None:
        raise Refused("unsupported", name=PurePath(name).name[-80:])
    size = file.seek(0, os.SEEK_END)
    most = {
        "xlsx": limits.FILE,
        "xls": limits.OLD_FILE,
        "csv": limits.TEXT_FILE,
        "json": limits.OBJECTS_FILE,
    }[kind]
    if size == 0:
        raise Refused("empty")
    if size > most:
        raise Refused("too_large", size=size // limits.MB + 1, most=most // limits.MB)
    file.seek(0)
    head = file.read(512)
    actual = kind_of(head)
    if actual == "web":
        raise Refused("web_page")
    if kind == "xlsx" and actual == ".xls" and compound.is_encrypted_package(file, size):
        raise Refused("encrypted")
    if actual is None and kind not in ("csv", "json"):
        raise Refused("damaged" if kind == "xlsx" else "not_a_sheet")
    if actual is not None and EXTENSIONS.get(actual) != kind:
        raise Refused("wrong_extension", extension=extension, actual=actual)
    if kind == "xlsx":
        check_directory(file, size)
    return kind


def kind_of(head: bytes) -> str | None:
    """What the first bytes say: an extension, ``web``, another format's name; None where they may be text."""
    if head.startswith((ZIP, EMPTY_ZIP)):
        return ".xlsx"
    if head.startswith(COMPOUND):
        return ".xls"
    for magic, other in OTHERS:
        if head.startswith(magic):
            return other
    without_mark = head.removeprefix(b"\xef\xbb\xbf")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        without_mark = head[2:].replace(b"\0", b"")
    return "web" if _MARKUP.match(without_mark) else None


def check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a zip file whose list of parts is cut off or long, before anyone reads the list."""
    start = max(0, size - 65_557)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Refused("damaged")
    count, length, offset = _END.unpack_from(tail, at)
    if count > limits.PARTS or length > limits.DIRECTORY:
        raise Refused("too_many_parts", count=count, most=limits.PARTS)
    if offset + length > start + at:
        raise Refused("damaged")
