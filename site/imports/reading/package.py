"""An .xlsx file as what it is, a zip file of XML parts: checked whole before anything is read from it."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from imports.reading import limits, places
from imports.reading.formats import BUILT_IN, shows
from imports.reading.refusals import Refused

CHUNK = 1 << 18
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, expat.ExpatError, OSError,
    UnicodeError, ValueError, IndexError, KeyError,
)  # fmt: skip

_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_FILLED = re.compile(rb'<c r="([A-Z]+)[0-9]+"(?:[^>]*[^/])?>(?!</c>|<v></v></c>|<v ?/></c>)')
_FILLED_ROW = re.compile(rb'<c r="[A-Z]+([0-9]+)"(?:[^>]*[^/])?>(?!</c>|<v></v></c>|<v ?/></c>)')
ENDS = (b"</sheetData>", b"<sheetData/>", b"<sheetData />")
_MERGE = re.compile(rb'<mergeCell ref="([^"]*)"')
_UNIQUE = re.compile(rb'<(?:\w+:)?sst\b[^>]*?\buniqueCount\s*=\s*["\'](\d+)')


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The zip file; whatever is broken in it is one refusal."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except BROKEN:
        raise Refused("damaged") from None


def survey(file: BinaryIO) -> list[dict]:
    """Every check of THREATS that an .xlsx must pass, and its sheets with their sizes and merged cells."""
    with opened(file) as archive:
        check_parts(archive)
        book = Book(archive)
        wanted = {sheet["part"]: Extent(sheet["name"]) for sheet in book.sheets}
        budget = limits.INFLATED
        for part in archive.infolist():
            budget = check_part(archive, part, wanted.get(part.filename), budget)
        for sheet in book.sheets:
            extent = wanted[sheet["part"]]
            extent.finish(archive, sheet["part"])
            sheet |= {"rows": extent.rows, "columns": extent.columns, "merges": extent.merges}
        book.formats()
        book.check_strings()
        return book.sheets


def check_parts(archive: zipfile.ZipFile) -> None:
    """What the list of parts says: how many, how large, each name once, none encrypted."""
    parts = archive.infolist()
    if len(parts) > limits.PARTS:
        raise Refused("too_many_parts", count=len(parts), most=limits.PARTS)
    names: set[str] = set()
    for part in parts:
        name = posixpath.normpath(part.filename.replace("\\", "/")).casefold()
        if name in names:
            raise Refused("duplicate_parts", part=part.filename[:80])
        names.add(name)
        if part.flag_bits & 1:
            raise Refused("encrypted")
    if sum(part.file_size for part in parts) > limits.INFLATED:
        raise Refused("too_big_inside", most=limits.INFLATED // limits.MB)
    if "[content_types].xml" not in names:
        raise Refused("not_a_sheet")


def check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, extent: "Extent | None", budget: int) -> int:
    """Inflate one part, counting; look through XML for entities, through sheets for their size."""
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            budget -= len(chunk)
            if budget < 0:
                raise Refused("too_big_inside", most=limits.INFLATED // limits.MB)
            if not is_xml:
                continue
            if not tail:
                check_encoding(chunk, part.filename)
            window = tail + chunk
            if b"<!" in window and _FORBIDDEN.search(window):
                raise Refused("unsafe", what="DOCTYPE")
            tail = window[-32:]
            if extent is not None:
                extent.feed(chunk)
    return budget


def check_encoding(start: bytes, name: str) -> None:
    """Refuse XML that is not UTF-8: the checks look at bytes."""
    declared = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf")[:200].lstrip())
    if b"\0" in start[:64] or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused("unsafe", what="UTF-16")
    if declared and declared[1].upper() not in (b"UTF-8", b"US-ASCII", b"ASCII"):
        raise Refused("unsafe", what=declared[1].decode("ascii", "replace")[:20])


def count_cells(piece: bytes) -> int:
    """How many cells begin in a piece of a sheet, however they are written."""
    return sum(piece.count(start) for start in (b"<c ", b"<c>", b"<c/>", b"<c\n", b"<c\t", b"<c\r"))


class Extent:
    """How far a sheet's filled cells reach, found while its XML goes by; empty cells do not count."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.rows = 0
        self.columns = 0
        self.merges: list[places.Merge] = []
        self.is_plain = True
        self.is_whole = False
        self._tail = b""
        self._place = (0, 0)

    def feed(self, chunk: bytes) -> None:
        """Look through whole cells; what follows the last one waits for the next chunk."""
        window = self._tail + chunk
        self.is_whole = self.is_whole or any(end in window for end in ENDS)
        cut = max(window.rfind(b"</c>") + 4, window.rfind(b"/>") + 2)
        if cut <= 3:
            self.is_plain = self.is_plain and len(window) <= limits.CELL_TEXT
            self._tail = window if self.is_plain else b""
            return
        window, self._tail = window[:cut], window[cut:]
        cells = count_cells(window)
        if cells != window.count(b'<c r="'):
            self.is_plain = False
        if cells:
            columns = set(_FILLED.findall(window))
            if columns:
                self.widen(max(map(places.column_number, (name.decode() for name in columns))))
                self.rows = max(self.rows, self._last_row(window))
                if self.rows > limits.LAST_ROW:
                    raise Refused("outside", sheet=self.sheet, address=f"A{self.rows}")
        for reference in _MERGE.findall(window):
            self.merge(reference.decode("ascii", "replace"))

    def _last_row(self, window: bytes) -> int:
        near_the_end = _FILLED_ROW.findall(window, max(0, len(window) - 8192))
        return int((near_the_end or _FILLED_ROW.findall(window))[-1])

    def widen(self, column: int) -> None:
        self.columns = max(self.columns, column)
        if column > limits.LAST_COLUMN:
            raise Refused("outside", sheet=self.sheet, address=f"{places.letters(column)}1")
        if column > limits.COLUMNS:
            name = places.letters(column)
            raise Refused("too_many_columns", sheet=self.sheet, column=name, most=limits.COLUMNS)

    def merge(self, reference: str) -> None:
        found = places.merge_of(reference)
        if found is None or found.last_row > limits.LAST_ROW or found.last_column > limits.LAST_COLUMN:
            raise Refused("outside", sheet=self.sheet, address=reference[:40])
        self.merges.append(found)
        if len(self.merges) > limits.MERGES:
            raise Refused("too_many_merges", sheet=self.sheet, most=limits.MERGES)

    def finish(self, archive: zipfile.ZipFile, part: str) -> None:
        """Go through a sheet again, slowly, where its XML is not written the usual way."""
        if not self.is_plain or not self.is_whole:
            self.merges.clear()
            walk(archive, part, self._element)
        check_merges(self.sheet, self.merges)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self._place = (int(number[:8]) if number.isdecimal() else self._place[0] + 1, 0)
        elif name == "c":
            here = (self._place[0], self._place[1] + 1)
            place = places.split_address(attributes["r"]) if "r" in attributes else here
            if place is None or place[0] > limits.LAST_ROW:
                raise Refused("outside", sheet=self.sheet, address=attributes.get("r", "")[:40])
            self._place = place
        elif name in ("v", "is", "f"):
            self.rows = max(self.rows, self._place[0])
            self.widen(self._place[1])
        elif name == "mergeCell":
            self.merge(attributes.get("ref", ""))


def check_merges(sheet: str, merges: list[places.Merge]) -> None:
    """Merged cells must not lie on each other: no row meets more of them than it has columns."""
    edges = sorted(
        [(merge.first_row, 1) for merge in merges] + [(merge.last_row + 1, -1) for merge in merges]
    )
    open_now = 0
    for _row, change in edges:
        open_now += change
        if open_now > limits.MERGES_IN_ONE_ROW:
            raise Refused("too_many_merges", sheet=sheet, most=limits.MERGES)
    merges.sort()


class Book:
    """What a workbook says of itself: its sheets, its calendar, its formats."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.is_1904 = False
        self.sheets: list[dict] = []
        self.styles_part = ""
        self.strings_part = ""
        part = self._target_of("", "officeDocument") or "xl/workbook.xml"
        self.relations = self._relations(part)
        self.names = 0
        walk(archive, part, self._element, most=limits.SMALL_PART)
        for kind, target in self.relations.values():
            if kind == "styles":
                self.styles_part = target
            elif kind == "sharedStrings":
                self.strings_part = target
        if not self.sheets:
            raise Refused("not_a_sheet")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        elif name == "definedName":
            self.names += 1
            if self.names > limits.NAMES:
                raise Refused("too_many_names", count=self.names, most=limits.NAMES)
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            kind, part = self.relations.get(relation, ("", ""))
            if kind == "worksheet" and part:
                is_hidden = attributes.get("state", "visible") != "visible"
                self.sheets.append({"name": attributes.get("name", ""), "part": part, "hidden": is_hidden})
            if len(self.sheets) > limits.SHEETS:
                raise Refused("too_many_sheets", count=len(self.sheets), most=limits.SHEETS)

    def _target_of(self, part: str, kind: str) -> str:
        return next((target for found, target in self._relations(part).values() if found == kind), "")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part refers to: id → (kind, name of the part)."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def element(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self.archive.namelist():
            walk(self.archive, relations, element, most=limits.SMALL_PART)
        return found

    def formats(self) -> list[str]:
        """What each cell format shows: a day, a time, or nothing of the kind."""
        codes: dict[int, str] = {}
        formats: list[str] = []
        inside = False

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if name == "numFmt":
                codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs"):
                inside = name == "cellXfs"
            elif name == "xf" and inside:
                number = int(attributes.get("numFmtId", 0))
                formats.append(shows(codes[number]) if number in codes else BUILT_IN.get(number, ""))
                if len(formats) > limits.STYLES:
                    raise Refused("too_many_styles", count=len(formats), most=limits.STYLES)
            elif name == "dxfs":
                inside = False

        if self.styles_part in self.archive.namelist():
            walk(self.archive, self.styles_part, element)
        return formats

    def check_strings(self) -> None:
        """Refuse a table of texts that claims to be far longer than it is: readers believe the claim."""
        if self.strings_part not in self.archive.namelist():
            return
        claimed = count = 0
        tail = b""
        with self.archive.open(self.strings_part) as stream:
            while chunk := stream.read(CHUNK):
                if not count and not claimed:
                    match = _UNIQUE.search(chunk[:4096])
                    claimed = int(match[1][:18]) if match else 0
                window = tail + chunk
                count += window.count(b"<si>") + window.count(b"<si/>") + window.count(b":si>")
                tail = window[-3:]
        if claimed > max(10_000, 2 * count):
            raise Refused("false_count")


def walk(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    *,
    most: int = limits.INFLATED,
) -> None:
    """Go through a part's XML element by element, without prefixes; entities are refused, nothing is kept."""
    for _ in steps(archive, part, start, end, text, most=most):
        pass


def steps(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    *,
    most: int = limits.INFLATED,
) -> Iterator[None]:
    """``walk`` with a pause after each piece, in which what the handlers gathered can be passed on."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> int:
        raise Refused("unsafe", what="DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        stream = archive.open(part)
    except KeyError:
        raise Refused("damaged") from None
    with stream:
        while chunk := stream.read(CHUNK):
            most -= len(chunk)
            if most < 0:
                raise Refused("too_big_inside", most=limits.INFLATED // limits.MB)
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
