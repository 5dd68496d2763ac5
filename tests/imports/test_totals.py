"""Totals that a file or a document states are compared with what was read, before anything is written."""

from typing import Any

import pytest

from content_models.policy_lists.models import PolicyListPage
from imports import runs, totals
from imports.reading import workbook
from imports.tables import Table, find_table
from tests import factories
from tests.factories import column
from tests.imports.make_fixtures import FOLDER
from tests.imports.walk import book, checked

HEADER = ["事项", "类别", "户数"]
ROWS = [["甲", "取消", 1], ["乙", "上收", 2], ["丙", "取消", 3]]


def remarks(*rows: list[Any]) -> list[str]:
    """What is said of a sheet with these rows under the header."""
    return totals.remarks_on_table(read(book({"清单": [HEADER, *rows]}), "表.xlsx"))


def read(content: Any, name: str) -> Table:
    opened = workbook.read(content, name=name)
    table = find_table(opened, opened.sheets[0], [])
    assert table is not None
    list(table.rows())
    return table


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS, ["合计", None, 6]],
        [*ROWS, ["合计", 3, 6]],
        [*ROWS, ["合计3条", None, None]],
        [*ROWS, ["合计", None, None]],
        [*ROWS[:2], ["小计", None, 3], ROWS[2], ["小计", None, 3], ["总计", None, 6]],
        [
            *ROWS[:1],
            ["小计", None, 1],
            ROWS[1],
            ["小计", None, 2],
            ["合计", None, 3],
            ROWS[2],
            ["总计", 3, 6],
        ],
        [["甲", "取消", "１"], ["乙", "上收", "3,000户"], ["合计", None, "3001"]],
        [["甲", "取消", 0.1], ["乙", "上收", 0.2], ["合计", None, 0.1 + 0.2]],
        [["甲", "取消", 1], ["乙", "上收", "不详"], ["合计", None, 6]],
    ],
)
def test_a_total_that_agrees_is_not_spoken_of(rows: list[list[Any]]) -> None:
    assert remarks(*rows) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*ROWS, ["合计", None, 7]], "工作表“清单”C5 的合计写的是 7，各行相加是 6。请核对。"),
        ([*ROWS, ["合计", 4, 6]], "工作表“清单”B5 的合计写的是 4，读到 3 行。请核对。"),
        ([*ROWS, ["合计42条", None, None]], "工作表“清单”A5 的合计写的是 42，读到 3 行。请核对。"),
        ([*ROWS[:2], ["小计", None, 9], ROWS[2]], "工作表“清单”C4 的合计写的是 9，各行相加是 3。请核对。"),
    ],
)
def test_a_total_that_differs_is_named_with_its_cell(rows: list[list[Any]], said: str) -> None:
    assert remarks(*rows) == [said]


def test_only_the_first_differences_are_told() -> None:
    assert len(remarks(*[row for each in ROWS * 4 for row in (each, ["小计", None, 99])])) == totals.REMARKS


@pytest.mark.parametrize("name", ["directory.xlsx", "directory.xls", "directory.et", "directory.csv"])
def test_the_totals_of_real_files_are_right(name: str) -> None:
    assert totals.remarks_on_table(read(FOLDER / name, name)) == []


def test_merged_cells_count_once() -> None:
    assert totals.remarks_on_table(read(FOLDER / "community-list.xlsx", "community-list.xlsx")) == []


# Numbers that the document states

CATEGORIES = ["取消", "上收", "下放"]
STATED: dict[str, Any] = {"stated_total": 5, "stated_by_category": [["取消", 2], ["上收", 2], ["下放", 1]]}


@pytest.fixture
def page() -> PolicyListPage:
    columns = [
        column("事项名称", is_title=True, is_required=True),
        column("类别", "choice", choices=CATEGORIES, is_category=True),
    ]
    page = factories.policy_list(columns=columns)
    rows = [
        {"key": "a", "事项名称": "甲", "类别": "取消"},
        {"key": "b", "事项名称": "乙", "类别": "上收"},
    ]
    factories.list_edition(page, rows, published=True, **STATED)
    return factories.fresh(page)


@pytest.fixture
def editor(page: PolicyListPage) -> Any:
    return factories.user("district_editor", factories.home())


def told(text: str, page: PolicyListPage, editor: Any) -> list[str]:
    return checked("lists", "编号,事项名称,类别\n" + text, by=editor, into=page).remarks


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c,丙,取消\n", ["导入后：已录入 3 / 公布 5。"]),
        ("a,甲,上收\n", ["导入后：已录入 2 / 公布 5。"]),
        ("c,丙,取消\nd,丁,上收\ne,戊,下放\n", []),
        ("a,又甲,没有\nb,乙,上收\n", ["导入后：已录入 2 / 公布 5。"]),
        (
            "c,丙,取消\nd,丁,取消\n",
            ["“取消”导入后有 3 条，比公布的 2 条多 1 条。请核对。", "导入后：已录入 4 / 公布 5。"],
        ),
        (
            "c,丙,取消\nd,丁,上收\ne,戊,下放\nf,己,下放\n",
            [
                "“下放”导入后有 2 条，比公布的 1 条多 1 条。请核对。",
                "导入后共 6 条，比公布的 5 条多 1 条。请核对。",
            ],
        ),
    ],
)
def test_entries_after_the_import_are_compared_with_what_the_document_states(
    text: str, said: list[str], page: PolicyListPage, editor: Any
) -> None:
    assert told(text, page, editor) == said


@pytest.mark.django_db
def test_a_list_that_states_nothing_is_not_spoken_of(editor: Any) -> None:
    silent = factories.policy_list("别的清单", columns=[column("事项名称", is_title=True), column("类别")])
    factories.list_edition(silent, published=True)

    assert told("c,丙,取消\n", silent, editor) == []


@pytest.mark.django_db
def test_a_file_that_contradicts_its_own_total_says_so_before_it_is_confirmed(
    page: PolicyListPage, editor: Any
) -> None:
    run = checked("lists", "编号,事项名称,类别\nc,丙,取消\n合计,2,\n", by=editor, into=page)

    assert run.state == "checked"
    assert "读到 1 行" in run.remarks[-1]
    assert runs.confirm(run, by=editor).state == "done"
