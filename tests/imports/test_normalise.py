"""What a cell says, in all the ways staff write it."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.reading.normalise import Figure, code, day, number, ticked, time_of_day, yes_no
from imports.reading.packed import Odd
from imports.reading.workbook import Cell, cell_of

DAY = datetime.date(2022, 6, 20)


def cell(value: Any) -> Cell:
    return cell_of(12, 3, value)


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        ("约1.5万人", Figure(Decimal(15_000), "人", "约")), ("3000户", Figure(Decimal(3000), "户")),
        ("１２３", Figure(Decimal(123))), ("12,345", Figure(Decimal(12_345))),
        ("３,０００户", Figure(Decimal(3000), "户")),
        ("300㎡", Figure(Decimal(300), "㎡")), ("约7,263 平方米", Figure(Decimal(7263), "㎡", "约")),
        (350203011001.0, Figure(Decimal(350203011001))), (0.1, Figure(Decimal("0.1"))),
        ("30万元", Figure(Decimal(30), "万元")), ("-2", Figure(Decimal(-2))), (None, None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(value: Any, figure: Figure | None) -> None:
    assert number(cell(value)).value == figure


@pytest.mark.parametrize(
    "value",
    [
        "2022年6月20日", "2022.6.20", "2022-06-20", "2022/6/20", "２０２２．６．２０", "20220620",
        "2022-06-20 00:00:00",
        44732, 44732.0, "44732", Odd(1, "2022-06-20"), Odd(2, "2022-06-20 12:00:00"), "2022年6月20号",
    ],
)  # fmt: skip
def test_days_are_read_in_every_form(value: Any) -> None:
    assert day(cell(value)).value == DAY


@pytest.mark.parametrize(
    "value",
    [
        "2022-06",
        "2022年",
        "22.6.20",
        "2022-02-30",
        "六月",
        60,
        -1,
        True,
        Odd(7, "60"),
        Odd(4, "#N/A"),
        "长期",
    ],
)
def test_what_is_no_day_is_refused_with_a_sentence(value: Any) -> None:
    found = day(cell(value))

    assert found.value is None
    assert found.problem.endswith("。")


@pytest.mark.parametrize("read", [number, day, code, yes_no, ticked, time_of_day])
@pytest.mark.parametrize("value", [Odd(6, "4.4052418800101e+17"), Odd(5, ""), Odd(4, "#REF!"), "a\x00b"])
def test_a_damaged_cell_has_no_value_whatever_the_column(read: Any, value: Any) -> None:
    found = read(cell(value))

    assert found.value is None
    assert found.problem == cell(value).problem


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (350203011001.0, "350203011001"), ("350203011001.0", "350203011001"), ("３５０２", "3502"),
        ("440524188001010014", "440524188001010014"), ("011010", "011010"), (None, ""),
    ],
)  # fmt: skip
def test_codes_keep_their_digits(value: Any, text: str) -> None:
    assert code(cell(value)).value == text


@pytest.mark.parametrize(
    ("value", "answer"),
    [("√", True), ("■", True), ("☑", True), ("是", True), (True, True), (1, True), ("□", False),
     ("口", False), ("☐", False), ("否", False), (False, False), ("", None), (None, None)],
)  # fmt: skip
def test_marks_are_yes_or_no(value: Any, answer: bool | None) -> None:
    assert yes_no(cell(value)).value is answer


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("■全社会 □特定群体", ["全社会"]), ("□全社会　☑特定群体", ["特定群体"]),
        ("√主动\n口依申请", ["主动"]),
        ("口主动 ■依申请", ["依申请"]), ("县级√、乡级□", ["县级"]), ("■县级■乡级", ["县级", "乡级"]),
        ("☑窗口 □网上", ["窗口"]), ("□窗口 □网上", []), ("窗口；网上", ["窗口", "网上"]),
        ("户口簿", ["户口簿"]), ("", []),
    ],
)  # fmt: skip
def test_ticked_choices_are_read(text: str, choices: list[str]) -> None:
    assert ticked(cell(text)).value == choices


def test_a_choice_that_is_not_offered_is_named() -> None:
    assert ticked(cell("■全 社会"), ["全社会", "特定群体"]).value == ["全社会"]
    assert "部分人" in ticked(cell("■部分人"), ["全社会", "特定群体"]).problem


def test_a_mark_between_two_texts_is_not_guessed() -> None:
    assert ticked(cell("主动√依申请")).value is None


def test_times_are_read() -> None:
    assert time_of_day(cell("９：００")).value == datetime.time(9)
    assert time_of_day(cell(Odd(3, "17:30:00"))).value == datetime.time(17, 30)


FORMS = [
    "{0:%Y-%m-%d}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.year}/{0.month:02}/{0.day:02}",
]


@given(
    st.dates(datetime.date(1949, 10, 1), datetime.date(2100, 12, 31)), st.sampled_from(FORMS), st.booleans()
)
def test_every_day_is_read_in_every_form(date: datetime.date, form: str, is_wide: bool) -> None:
    text = form.format(date)
    wide = text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    assert day(cell(wide if is_wide else text)).value == date


@given(st.integers(0, 10**14), st.sampled_from(["", "户", "人", "㎡"]), st.booleans())
def test_every_number_is_read_with_thousands_and_unit(amount: int, unit: str, has_commas: bool) -> None:
    found = number(cell(f"{amount:,}{unit}" if has_commas else f"{amount}{unit}")).value

    assert found is not None
    assert found.number == amount


@given(st.text(max_size=20))
def test_any_text_gives_a_value_or_a_sentence(text: str) -> None:
    for read in (number, day, code, yes_no, ticked, time_of_day):
        found: Any = read(cell(text))

        assert found.problem == "" or found.value is None
