"""Files that are meant to hurt: each is refused in time and memory, with a sentence that says what to do."""

import fcntl
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from imports.reading import limits, workbook
from imports.reading.preflight import preflight
from imports.reading.refusals import SENTENCES, Refused
from quality.confined import SITE
from tests.imports.make_fixtures import FOLDER, HOSTILE, sheet_xml, write_xlsx

FILES = {
    "bomb.xlsx": "too_big_inside",
    "laughs.xlsx": "unsafe",
    "corner.xlsx": "too_many_columns",
    "columns.xlsx": "too_many_columns",
    "outside.xlsx": "outside",
    "order.xlsx": "disorder",
    "picture.xlsx": "wrong_extension",
    "renamed.csv": "wrong_extension",
    "renamed.xls": "wrong_extension",
    "truncated.xlsx": "damaged",
    "cut-part.xlsx": "damaged",
    "junk.xls": "damaged",
    "page.xls": "web_page",
    "encrypted.xlsx": "encrypted",
    "encrypted.xls": "encrypted",
    "false-count.xlsx": "false_count",
    "duplicate.xlsx": "duplicate_parts",
    "parts.xlsx": "too_many_parts",
    "merges.xlsx": "too_many_merges",
    "corner.xls": "too_much_memory",
    "utf16.csv": "utf16",
    "mixed.csv": "mixed_encoding",
    "nul.csv": "nul",
    "bytes.csv": "mixed_encoding",
    "quotes.csv": "quotes",
}
XFS = b"<xf/>" * 66_000
CHINESE = re.compile(r"[\u4e00-\u9fff].*[。]$", re.S)


def read_all(path: Path | bytes, name: str) -> list[tuple[int, workbook.Row]]:
    book = workbook.read(path, name=name)
    return [row for sheet in book.sheets for row in book.iter_rows(sheet)]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_what_to_do(name: str, readers: list[workbook.Reader]) -> None:
    with pytest.raises(Refused) as refusal:
        read_all(HOSTILE / name, name)

    assert refusal.value.code == FILES[name]
    assert CHINESE.search(str(refusal.value))
    assert all(reader.seconds == 5 for reader in readers)
    assert all(reader.peak_memory <= 256 << 10 for reader in readers)


def test_every_hostile_file_is_tested() -> None:
    assert {path.name for path in HOSTILE.iterdir()} == {*FILES, "deep.xlsx"}


def test_deep_nesting_after_the_cells_harms_nobody(readers: list[workbook.Reader]) -> None:
    assert len(read_all(HOSTILE / "deep.xlsx", "deep.xlsx")) == 1
    assert all(reader.peak_memory <= 256 << 10 for reader in readers)


def test_every_refusal_says_what_to_do_in_chinese() -> None:
    wanted = re.compile(r"请|没有名为")

    assert [code for code, sentence in SENTENCES.items() if not wanted.search(sentence)] == []


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import os; os.abort()", "too_much_memory"),
        ("import os; os._exit(3)", "crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too_slow"),
    ],
)
def test_a_reading_process_that_dies_is_a_refusal(
    script: str, code: str, monkeypatch: pytest.MonkeyPatch, readers: list[workbook.Reader]
) -> None:
    monkeypatch.setattr(workbook, "PROCESS", [sys.executable, "-c", script])

    with pytest.raises(Refused) as refusal:
        workbook.read(FOLDER / "directory.xlsx", name="directory.xlsx")

    assert refusal.value.code == code


def test_a_reading_process_that_never_ends_is_stopped_with_its_children(
    monkeypatch: pytest.MonkeyPatch, readers: list[workbook.Reader], tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    script = (
        "import fcntl, os, signal\n"
        "os.fork()\n"
        f"held = open({str(lock)!r})\n"
        "fcntl.flock(held, fcntl.LOCK_SH)\n"
        "signal.pause()\n"
    )
    monkeypatch.setattr(workbook, "PROCESS", [sys.executable, "-c", script])
    monkeypatch.setattr(limits, "seconds", lambda size: 1)

    with pytest.raises(Refused) as refusal:
        workbook.read(FOLDER / "directory.xlsx", name="directory.xlsx")

    assert refusal.value.code == "too_slow"
    with lock.open() as free:
        fcntl.flock(free, fcntl.LOCK_EX)  # both have let go of it


def test_the_reading_process_can_neither_write_nor_take_more_memory(tmp_path: Path) -> None:
    script = (
        "from quality.confined import confine; confine(seconds=5)\n"
        "import sys\n"
        "try: bytearray(300 << 20); sys.exit(1)\n"
        "except MemoryError: pass\n"
        f"try: open({str(tmp_path / 'file')!r}, 'w', buffering=1).write('x\\n'); sys.exit(2)\n"
        "except OSError: sys.exit(0)\n"
    )
    ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"

    ended = subprocess.run(
        [sys.executable, "-c", ignore + script], env={"PYTHONPATH": str(SITE)}, check=False
    )

    assert ended.returncode == 0


def test_rows_left_unread_leave_no_process_behind(readers: list[workbook.Reader]) -> None:
    book = workbook.read(FOLDER / "directory.xlsx", name="directory.xlsx")

    rows = book.iter_rows(book.sheets[0])
    next(rows)
    rows.close()

    assert readers[-1].process.returncode is not None


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty"),
        (b"x", "a.ods", "unsupported"),
        (b"x", "a", "unsupported"),
        (b"PK\x03\x04" + bytes(100), "a.xlsx", "damaged"),
        (b"text", "a.xlsx", "damaged"),
        (b"text", "a.xls", "not_a_sheet"),
        (b"%PDF-1.7", "a.csv", "wrong_extension"),
        (b'<?xml version="1.0"?><Workbook/>', "a.xls", "web_page"),
        (b"\xef\xbb\xbf <HTML>", "a.csv", "web_page"),
    ],
)
def test_a_glance_refuses_what_its_name_does_not_say(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        preflight(content, name)

    assert refusal.value.code == code


def test_a_file_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE", 1000)

    with pytest.raises(Refused) as refusal:
        preflight(FOLDER / "directory.xlsx", "directory.xlsx")

    assert refusal.value.code == "too_large"


def changed(part: str, old: bytes, new: bytes) -> bytes:
    """A sound file with one part changed."""
    out = BytesIO()
    with zipfile.ZipFile(FOLDER / "directory.xlsx") as good, zipfile.ZipFile(out, "w") as bad:
        for info in good.infolist():
            data = good.read(info)
            bad.writestr(info.filename, data.replace(old, new, 1) if info.filename == part else data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        ("xl/styles.xml", b"<cellXfs", b"<cellXfs>" + XFS + b"</cellXfs><cellXfs", "too_many_styles"),
        (
            "xl/workbook.xml",
            b"</sheets>",
            b"</sheets><definedNames>" + b'<definedName name="a"/>' * 66_000 + b"</definedNames>",
            "too_many_names",
        ),
        ("xl/workbook.xml", b"<sheets>", b"<sheets><!DOCTYPE a>", "damaged"),
        ("xl/styles.xml", b"<styleSheet", b"<!DocType a><styleSheet", "unsafe"),
        ("xl/workbook.xml", b"<sheet ", b"<other ", "not_a_sheet"),
        ("xl/worksheets/sheet1.xml", b'ref="A1:I1"', b'ref="A1:XFE1"', "outside"),
        ("xl/worksheets/sheet1.xml", b"<worksheet", b"<?xml encoding='UTF-7'?><worksheet", "unsafe"),
    ],
)  # fmt: skip
def test_what_a_workbook_says_of_itself_is_checked(part: str, old: bytes, new: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        preflight(changed(part, old, new), "a.xlsx")

    assert refusal.value.code == code


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray((FOLDER / "directory.xlsx").read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1

    with pytest.raises(Refused) as refusal:
        preflight(bytes(data), "a.xlsx")

    assert refusal.value.code == "encrypted"


def test_whole_columns_formatted_to_the_last_row_are_no_attack() -> None:
    found = preflight(FOLDER / "community-list.xlsx", "community-list.xlsx")

    assert (found.sheets[0]["rows"], found.sheets[0]["columns"]) == (16, 6)


@pytest.mark.parametrize("place", ["A1048576", "SR5"])
def test_a_stray_cell_far_down_or_right_is_read(place: str, tmp_path: Path) -> None:
    row = re.sub(r"\D", "", place)
    cells = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{place}"><v>2</v></c></row>'
    write_xlsx(tmp_path / "far.xlsx", sheet_xml(cells))

    rows = read_all(tmp_path / "far.xlsx", "far.xlsx")

    assert [number for number, _cells in rows] == [1, int(row)]
