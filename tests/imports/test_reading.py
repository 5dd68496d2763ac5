"""Cells as staff's files have them, whatever program wrote the file."""

import csv
import datetime
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.reading import packed, places, plain_text, workbook, xlsx
from imports.reading.formats import shows
from imports.reading.refusals import Refused
from imports.reading.workbook import cell_of
from tests.imports.make_fixtures import FOLDER, sheet_xml, write_xlsx

Found = dict[str, tuple[str, Any]]


def cells_of(name: str, sheet: int = 0, folder: Path = FOLDER) -> Found:
    """Address → kind and value (text where there is no value to rely on) of every filled cell."""
    book = workbook.read(folder / name, name=name)
    return {
        cell.address: (cell.kind, cell.raw if cell.value is None else cell.value)
        for _number, row in book.iter_rows(book.sheets[sheet])
        for cell in row
        if not cell.is_empty
    }


@pytest.mark.parametrize("name", ["directory.xls", "directory.et", "directory.csv"])
def test_every_format_gives_the_same_cells(name: str) -> None:
    assert cells_of(name) == cells_of("directory.xlsx")


def test_sheets_say_their_size_merges_and_whether_they_are_hidden() -> None:
    for name in ("community-list.xlsx", "community-list.xls"):
        first, second = workbook.read(FOLDER / name, name=name).sheets

        assert (first.name, first.rows, first.columns, first.is_hidden) == ("事项清单", 16, 6, False)
        assert (second.name, second.is_hidden) == ("代码", True)
        assert places.Merge(6, 2, 7, 2) in first.merges


def test_merged_cells_know_the_area_they_belong_to() -> None:
    book = workbook.read(FOLDER / "community-list.xlsx", name="a.xlsx")

    row = dict(book.iter_rows(book.sheets[0]))[7]

    assert row[1].is_empty
    assert row[1].merge == places.Merge(6, 2, 7, 2)


DATE = datetime.date(2022, 6, 20)
NOON = datetime.datetime(2022, 6, 20, 12)  # noqa: DTZ001  a file's times have no zone
NUMBERS: Found = {
    "A1": ("text", "代码"), "B1": ("text", "日期"),
    "A2": ("number", Decimal("350203011001")), "B2": ("bad_date", "0"),
    "A3": ("number", Decimal("350203011001")), "B3": ("bad_date", "60"),
    "A4": ("damaged", "4.4052418800101e+17"), "B4": ("bad_date", "-1"),
    "A5": ("damaged", "1234567890123456"), "B5": ("bad_date", "2958466"),
    "A6": ("error", "NaN"), "B6": ("date", DATE),
    "A7": ("number", Decimal("0.1")), "B7": ("moment", NOON),
    "A8": ("number", Decimal("123")), "B8": ("date", datetime.date(1900, 1, 1)),
}  # fmt: skip


def test_damaged_numbers_and_impossible_days_are_never_values() -> None:
    assert cells_of("numbers.xlsx") == NUMBERS


def test_the_old_format_follows_the_same_rules() -> None:
    differing = {
        "A5": ("damaged", "1.23456789012346e+15"), "A6": ("error", "nan"),
        "A9": ("error", "#N/A"), "B9": ("bool", True),
    }  # fmt: skip

    assert cells_of("numbers.xls") == NUMBERS | differing


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    found = cells_of("numbers-1904.xlsx")

    assert [found[f"B{row}"] for row in (2, 4, 5, 6)] == [
        ("date", datetime.date(1904, 1, 1)),
        ("bad_date", "-1"),
        ("bad_date", "2958466"),
        ("date", datetime.date(2026, 6, 21)),
    ]


def test_a_code_saved_as_a_number_keeps_its_digits() -> None:
    book = workbook.read(FOLDER / "numbers.xlsx", name="a.xlsx")

    raw = dict(book.iter_rows(book.sheets[0]))[2][0].raw

    assert raw == "350203011001"


def test_formulas_that_nobody_computed_and_errors_are_told_from_empty_cells() -> None:
    found = cells_of("formulas.xlsx")

    assert [found[address][0] for address in ("C2", "B3", "C3")] == ["formula", "formula", "error"]


def test_unusual_xml_means_the_same() -> None:
    assert cells_of("other-xml.xlsx") == {
        "A1": ("text", "名称"),
        "B1": ("text", "户数 &A"),
        "B3": ("number", Decimal(12)),
        "C3": ("text", "a<b"),
    }


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("utf8.csv", "utf-8-sig"), ("utf8-bom.csv", "utf-8-sig"),
        ("gb18030.csv", "gb18030"), ("cr-only.csv", "utf-8-sig"),
    ],
)  # fmt: skip
def test_csv_reads_the_same_in_each_encoding_and_with_each_line_end(name: str, encoding: str) -> None:
    assert workbook.read(FOLDER / name, name=name).encoding == encoding
    assert cells_of(name) == {
        "A1": ("text", "名称"), "B1": ("text", "代码"), "C1": ("text", "说明"),
        "A2": ("text", "𠮷祥社区"), "B2": ("text", "350203011001"), "C2": ("text", "第一行\n第二行"),
        "A3": ("text", "镕城社区"), "B3": ("text", "350203011002"), "C3": ("damaged", "4.40524E+17"),
    }  # fmt: skip


def test_a_file_in_memory_reads_like_one_on_disk() -> None:
    content = (FOLDER / "directory.xls").read_bytes()

    book = workbook.read(content, name="directory.xls")

    assert [number for number, _row in book.iter_rows(book.sheet("公开目录"))] == list(range(1, 10))


def test_a_sheet_that_is_not_there_is_named() -> None:
    book = workbook.read(FOLDER / "directory.xlsx", name="a.xlsx")

    with pytest.raises(Refused, match="汇总"):
        book.sheet("汇总")


@pytest.mark.parametrize("kind", ["error", "formula", "damaged", "bad_date", "unseen"])
def test_a_cell_without_a_value_says_what_to_do(kind: str) -> None:
    cell = workbook.Cell(12, 3, kind, None, "raw")

    assert cell.address == "C12"
    assert cell.problem.endswith("。")


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\x1bb", "\u2066a"])
def test_text_with_unseen_marks_is_no_value(text: str) -> None:
    assert cell_of(1, 1, text).kind == "unseen"


@pytest.mark.parametrize("text", ["第一行\n第二行", "制表\t符", "𠮷", "e\u0301", "a\u3000b"])
def test_ordinary_text_is_kept_as_it_is(text: str) -> None:
    assert cell_of(1, 1, text).value == text


def test_markup_stays_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["<script>alert(1)</script>", "&lt;b&gt;", "_x000D_", "=cmd"])
    book.active["D1"].data_type = "s"
    book.save(tmp_path / "a.xlsx")

    found = cells_of("a.xlsx", folder=tmp_path)

    assert [found[address][1] for address in ("A1", "B1", "D1")] == [
        "<script>alert(1)</script>",
        "&lt;b&gt;",
        "=cmd",
    ]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("yyyy-mm-dd", "date"), ('yyyy"年"m"月"', "date"), ("[$-804]aaaa;@", ""), ("h:mm AM/PM", "time"),
        ("[h]:mm", "elapsed"), ("General", ""), ("0.00E+00", ""), ('0"日"', ""), ("[Red]0.00", ""), ("@", ""),
        ("#,##0_ ;[Red]-#,##0", ""), ("m/d/yy h:mm", "date"), ("mm:ss", "time"), ("G/通用格式", ""),
    ],
)  # fmt: skip
def test_number_formats_tell_days_from_numbers(code: str, shown: str) -> None:
    assert shows(code) == shown


@given(st.dates(datetime.date(1900, 3, 1), datetime.date(9999, 12, 31)))
def test_every_day_of_the_1900_calendar_is_read_back(day: datetime.date) -> None:
    serial = (day - datetime.date(1899, 12, 30)).days

    assert packed.pack_serial(str(serial), "date", is_1904=False).data.decode() == day.isoformat()


@given(st.dates(datetime.date(1904, 1, 1), datetime.date(9999, 12, 31)))
def test_every_day_of_the_1904_calendar_is_read_back(day: datetime.date) -> None:
    serial = (day - datetime.date(1904, 1, 1)).days

    assert packed.pack_serial(str(serial), "date", is_1904=True).data.decode() == day.isoformat()


@given(st.floats())
def test_no_number_shown_as_a_day_is_silently_another_day(serial: float) -> None:
    try:
        found = packed.pack_serial(repr(serial), "date", is_1904=False)
    except (ValueError, OverflowError):
        return  # NaN and infinity, which the reader makes an error

    assert found.code in (packed.DATE, packed.MOMENT) if 1 <= serial < 60 or 61 <= serial < 2958465 else True
    assert found.code == packed.BAD_DATE or 0 < serial < 2958466


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert cell_of(1, 1, packed.pack_number(str(number))).raw == str(number)


@given(st.integers(1, places.column_number("XFD")), st.integers(1, 1_048_576))
def test_addresses_are_read_back(column: int, row: int) -> None:
    assert places.split_address(places.address(row, column)) == (row, column)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12)


ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=6)


@given(ROWS, st.sampled_from(["utf-8", "gb18030"]))
def test_csv_rows_are_read_back(rows: list[list[str]], encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([[f"列{cell}列" for cell in row] for row in rows])
    file = io.BytesIO(out.getvalue().encode(encoding))

    found = [values for _number, values in plain_text.read(file, encoding)]

    assert found == [[f"列{cell}列" for cell in row] for row in rows]


CELL = st.one_of(
    TEXTS, st.integers(-(10**14), 10**14), st.floats(-1e9, 1e9, allow_subnormal=False),
    st.booleans(), st.none(), st.dates(datetime.date(1901, 1, 1), datetime.date(2100, 1, 1)),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.lists(CELL, min_size=1, max_size=6), min_size=1, max_size=8))
def test_the_fast_and_the_thorough_way_read_the_same(rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    with xlsx.opened(out) as archive:
        described = xlsx.Book(archive)
        cells = xlsx.Cells(described, "")
        part = described.sheets[0]["part"]

        fast = list(xlsx.plain_rows(archive, part, cells))
        thorough = list(xlsx.any_rows(archive, part, cells, after=0))

    assert fast == thorough


def test_reading_goes_on_thoroughly_from_the_row_that_differs(tmp_path: Path) -> None:
    plain = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_000))
    other = "<!-- --><row r='20000'><c r='A20000'><v>20000</v></c></row>"
    write_xlsx(tmp_path / "a.xlsx", sheet_xml(plain + other))
    book = workbook.read(tmp_path / "a.xlsx", name="a.xlsx")

    numbers = [int(row[0].raw) for _number, row in book.iter_rows(book.sheets[0])]

    assert numbers == list(range(1, 20_001))
    assert book.sheets[0].rows == 20_000
