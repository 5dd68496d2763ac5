"""The reading process: a document at its standard input, its texts with their places at its standard output.

It says ``["ready"]`` before it looks at the file; then ``["text", place, text]``, where a place is a list
of a word and numbers or names (``["page", 3]``, ``["row", "Sheet1", 4, 1]``); at the end ``["end"]``, or
``["refused", why]``. Started as ``python -m quality.attachments.child SUFFIX SECONDS``.
"""

import csv
import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgpack  # type: ignore[import-untyped]  # carries no types

from quality.confined import confine

MB = 1 << 20
FILE = 64 * MB
INFLATED = 64 * MB  # of one part
TEXT = 8 * MB  # of all texts together; who wrote more wrote no attachment to read
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WORD_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
FURTHER_PARTS = re.compile(r"xl/(?:comments\d*|threadedComments/.*|drawings/drawing\d+)\.xml")
SLIDES = re.compile(r"ppt/(?:slides|notesSlides)/\w+?(\d+)\.xml")
PEOPLE = {"creator", "lastModifiedBy"}  # of docProps/core.xml

Place = list[Any]
Texts = Iterator[tuple[Place, str]]


class Refused(Exception):
    """A file that is not read; ``args[0]`` says why: encrypted, damaged, too_large."""


def main(suffix: str, seconds: str) -> None:
    out = os.fdopen(os.dup(1), "wb")
    data = read_all(sys.stdin.buffer)
    reader, load = READERS[suffix]
    load()  # its library, before nothing more may be opened
    b"".decode("gb18030")  # modules that codecs load on first use
    b"".decode("utf-16")
    confine(seconds=int(seconds))
    try:
        send(out, ["ready"])
        length = 0
        for place, text in reader(data):
            length += len(text)
            if length > TEXT:
                raise Refused("too_large")
            send(out, ["text", place, text])
        send(out, ["end"])
    except Refused as why:
        send(out, ["refused", why.args[0]])
    except (MemoryError, RecursionError):
        send(out, ["refused", "too_large"])
    except BrokenPipeError:
        pass  # nobody wants the rest
    except Exception:
        send(out, ["refused", "damaged"])


def read_all(source: BinaryIO) -> bytes:
    data = source.read(FILE + 1)
    return data if len(data) <= FILE else b""


def send(out: BinaryIO, message: Any) -> None:
    out.write(msgpack.packb(message))
    out.flush()


# Packages


def part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part of a package, as far as it honestly is as large as it says."""
    with package.open(name) as file:
        data = file.read(INFLATED + 1)
    if len(data) > INFLATED:
        raise Refused("too_large")
    return data


def opened(data: bytes) -> zipfile.ZipFile:
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # how a package with a password is kept
        raise Refused("encrypted")
    return zipfile.ZipFile(io.BytesIO(data))


def tree(data: bytes) -> Any:
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415  loaded before this process is limited

    return fromstring(data, forbid_dtd=True)


def word_texts(data: bytes) -> Texts:
    with opened(data) as package:
        for name in filter(WORD_PARTS.fullmatch, package.namelist()):
            word = name.split("/")[1].removesuffix(".xml").rstrip("0123456789")
            for number, text in enumerate(paragraphs(tree(part(package, name))), 1):
                yield [word, number], text
        yield from people(package)


def paragraphs(root: Any) -> Iterator[str]:
    """Paragraphs, and rows of tables with their cells between tabs; what was struck out is there still."""
    for element in blocks(root):
        if element.tag == WORD + "tr":
            yield "\t".join(" ".join(runs(cell)) for cell in element.iter(WORD + "tc"))
        else:
            yield "".join(runs(element))


def blocks(root: Any) -> Iterator[Any]:
    for child in root:
        if child.tag in (WORD + "p", WORD + "tr"):
            yield child
        else:
            yield from blocks(child)


def runs(element: Any) -> Iterator[str]:
    for each in element.iter():
        if each.tag in (WORD + "t", WORD + "delText", WORD + "instrText"):
            yield each.text or ""
        elif each.tag in (WORD + "tab", WORD + "br", WORD + "cr"):
            yield "\n"


def people(package: zipfile.ZipFile) -> Texts:
    """Who made the file and saved it last, as the file itself tells."""
    if "docProps/core.xml" not in package.namelist():
        return
    for element in tree(part(package, "docProps/core.xml")):
        if element.tag.rpartition("}")[2] in PEOPLE and element.text:
            yield ["about"], element.text


def slide_texts(data: bytes) -> Texts:
    with opened(data) as package:
        for name in package.namelist():
            if slide := SLIDES.fullmatch(name):
                yield ["slide", int(slide[1])], all_text(tree(part(package, name)))
        yield from people(package)


def all_text(root: Any) -> str:
    """The text of every paragraph, each on a line."""
    lines = []
    for element in root.iter():
        if element.tag.rpartition("}")[2] in ("p", "text", "comment"):
            lines.append("".join(each.text or "" for each in element.iter() if each.tag.endswith("}t")))
    return "\n".join(lines)


def book_texts(data: bytes) -> Texts:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  loaded before this process is limited

    is_package = not data.startswith(b"\xd0\xcf\x11\xe0")
    if is_package:
        with opened(data) as package:
            if any(info.file_size > INFLATED for info in package.infolist()):
                raise Refused("too_large")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except Exception as error:
        raise Refused("encrypted" if "assword" in str(error) else "damaged") from error
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        column = (sheet.start or (0, 0))[1] + 1
        for number, row in enumerate(sheet.iter_rows(), 1):
            text = "\t".join(map(cell_text, row))
            if text.strip():
                yield ["row", name, number, column], text
    if is_package:
        with opened(data) as package:
            for name in filter(FURTHER_PARTS.fullmatch, package.namelist()):
                yield ["comments"], all_text(tree(part(package, name)))
            yield from people(package)


def cell_text(value: Any) -> str:
    """A cell as a reader sees it: a number without decimals that it has not."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\t", " ").replace("\n", " ")


# Others


def pdf_texts(data: bytes) -> Texts:
    from pypdf import PdfReader  # noqa: PLC0415  loaded before this process is limited

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("encrypted")
    for number, page in enumerate(reader.pages, 1):
        yield ["page", number], page.extract_text()
        for note in page.get("/Annots") or ():
            said = note.get_object().get("/Contents")
            if said:
                yield ["page", number], str(said)
    about = reader.metadata
    if about and about.author:
        yield ["about"], str(about.author)


def table_texts(data: bytes) -> Texts:
    for number, row in enumerate(csv.reader(io.StringIO(decoded(data))), 1):
        yield ["line", number], "\t".join(row)


def plain_texts(data: bytes) -> Texts:
    for number, line in enumerate(decoded(data).splitlines(), 1):
        yield ["line", number], line


def decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


# What an old Word or PowerPoint file holds is in its streams as UTF-16 or in one byte a character.
_WIDE = re.compile(rb"(?:[\x09\x0d\x20-\x7e]\x00|[\x00-\xff][\x30\x4e-\x9f\xff]){6,}")
_NARROW = re.compile(rb"[\x09\x0d\x20-\x7e]{6,}")


def old_texts(data: bytes) -> Texts:
    for run in _WIDE.finditer(data):
        text = run[0].decode("utf-16-le", errors="replace")
        yield ["somewhere"], text.replace("\r", "\n").replace("\x07", "\t")
    for run in _NARROW.finditer(data):
        yield ["somewhere"], run[0].decode("ascii").replace("\r", "\n")


def load_xml() -> None:
    import defusedxml.ElementTree  # noqa: F401, PLC0415  loaded before this process is limited


def load_books() -> None:
    load_xml()
    import python_calamine  # noqa: F401, PLC0415  loaded before this process is limited


def load_pdf() -> None:
    import pypdf  # noqa: F401, PLC0415  loaded before this process is limited


def load_nothing() -> None:
    """Its reader needs none."""


READERS = {
    "docx": (word_texts, load_xml),
    "pptx": (slide_texts, load_xml),
    "xlsx": (book_texts, load_books),
    "xls": (book_texts, load_books),
    "pdf": (pdf_texts, load_pdf),
    "csv": (table_texts, load_nothing),
    "txt": (plain_texts, load_nothing),
    "doc": (old_texts, load_nothing),
    "ppt": (old_texts, load_nothing),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
