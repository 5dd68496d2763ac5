"""What a sheet's rows are: titles, header, data, totals, notes, and guides one under another."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.reading import layout, workbook
from imports.reading.layout import NumberedRow, find_blocks, find_header, find_table
from imports.reading.places import Merge
from imports.reading.workbook import cell_of
from tests.imports.make_fixtures import DIRECTORY_ROWS, FOLDER, GUIDE_TABLE

DIRECTORY = ["序号", "一级事项", "二级事项", "公开内容", "公开时限", "全社会", "特定群体", "户数", "更新日期"]
FORMATS = ["directory.xlsx", "directory.xls", "directory.et", "directory.csv"]


def rows(*lines: Sequence[Any], merges: Sequence[Merge] = ()) -> list[NumberedRow]:
    """Rows numbered from 1, as a workbook gives them; ``None`` is an empty cell."""
    return [
        (
            number,
            [
                cell_of(number, column, value, next((m for m in merges if m.covers(number, column)), None))
                for column, value in enumerate(line, 1)
            ],
        )
        for number, line in enumerate(lines, 1)
    ]


def table_of(name: str, known: Sequence[str] = ()) -> tuple[layout.Table, list[layout.DataRow]]:
    book = workbook.read(FOLDER / name, name=name)
    table = find_table(book.iter_rows(book.sheets[0]), known)
    assert table is not None
    return table, list(table.rows)


@pytest.mark.parametrize("known", [DIRECTORY, []], ids=["known", "unknown"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_directory_gives_the_same_rows_in_every_format(name: str, known: list[str]) -> None:
    table, data = table_of(name, known)

    assert table.header.rows == (2, 3)
    assert table.header.labels == (
        "序号", "公开事项·一级事项", "公开事项·二级事项", "公开内容", "公开时限",
        "公开对象·全社会", "公开对象·特定群体", "户数", "更新日期",
    )  # fmt: skip
    assert [[cell.raw for cell in row.cells.values()] for row in data] == DIRECTORY_ROWS
    assert [(row.number, row.reason) for row in table.skipped] == [
        (1, "表格标题"),
        (8, "合计行"),
        (9, "说明行"),
    ]


@pytest.mark.parametrize("name", ["community-list.xlsx", "community-list.xls"])
def test_what_is_no_data_is_left_out_and_reported(name: str) -> None:
    table, data = table_of(name, ["序号", "类别", "事项名称", "申请部门", "准入日", "状态"])

    assert [row["事项名称"].raw for row in data] == ["消防安全巡查", "房屋安全巡查", "月度报表", "季度报表"]
    assert [(row.number, row.reason) for row in table.skipped] == [
        (1, "表格标题"), (2, "落款行"), (4, "栏号行"), (5, "分组标题"), (8, "合计行"), (9, "分组标题"),
        (11, "重复的表头"), (13, "合计行"), (14, "说明行"), (15, "说明行"), (16, "落款行"),
    ]  # fmt: skip


def test_merged_cells_say_the_same_as_above_and_groups_name_their_rows() -> None:
    _table, data = table_of("community-list.xlsx", ["序号", "类别", "事项名称"])

    assert [row["类别"].raw for row in data] == ["巡查检查", "巡查检查", "报表", ""]
    assert data[1]["类别"].address == "B7"
    assert [row.section for row in data] == ["一、巡查检查类（2项）"] * 2 + ["二、报表类（2项）"] * 2


def test_guides_one_under_another_each_have_their_own_materials() -> None:
    book = workbook.read(FOLDER / "guides.xlsx", name="guides.xlsx")

    blocks = find_blocks(
        book.iter_rows(book.sheets[0]),
        first_label="事项名称",
        field_labels=["实施主体", "办件类型", "受理条件", "咨询电话", "监督电话"],
        table_labels=GUIDE_TABLE,
    )

    assert [block.fields["事项名称"].raw for block in blocks] == [
        "老年优惠证办理", "困难残疾人生活补贴申请", "生育登记",
    ]  # fmt: skip
    assert [[row["材料名称"].raw for row in block.tables[0].rows] for block in blocks] == [
        ["材料1-1"], ["材料2-1", "材料2-2"], ["材料3-1", "材料3-2", "材料3-3"],
    ]  # fmt: skip
    assert blocks[0].fields["受理条件"].raw == "本街道户籍；\n年满60周岁。"
    assert "咨询电话" not in blocks[0].fields
    assert blocks[0].fields["监督电话"].raw == "12345"
    assert [row.text for row in blocks[1].skipped] == ["二、困难残疾人生活补贴申请", "申请材料"]


def test_a_header_of_one_row_is_not_joined_with_the_data_below() -> None:
    header = find_header(rows(["名称", "类别"], ["甲", "乙"], ["丙", "丁"]), ["名称", "类别"])

    assert header is not None
    assert (header.rows, header.labels) == ((1,), ("名称", "类别"))


def test_the_row_with_most_known_labels_is_the_header() -> None:
    sheet = rows(["部门", "街道"], ["名称", "电话", "地址"], ["甲", "1", "乙"])

    header = find_header(sheet, ["名称", "电话", "地址", "部门"])

    assert header is not None
    assert header.rows == (2,)
    assert [title.number for title in header.titles] == [1]


def test_labels_are_compared_without_width_case_or_punctuation() -> None:
    header = find_header(
        rows(["事项 名称", "ＴＡＳＫ＿ＣＯＤＥ", "户数（户）"]), ["事项名称", "task_code", "户数(户)"]
    )

    assert header is not None
    assert header.known == 3


def test_two_columns_of_one_name_are_told_apart() -> None:
    header = find_header(rows(["名称", "电话", "电话"], ["甲", "1", "2"]), ["名称", "电话"])

    assert header is not None
    assert header.labels == ("名称", "电话", "电话(2)")


def test_a_column_without_a_header_is_reported_where_it_holds_something() -> None:
    table = find_table(rows(["名称", "电话", None], ["甲", "1", "漏"], ["乙", "2", "漏"]), ["名称", "电话"])
    assert table is not None

    list(table.rows)

    assert [(row.number, row.reason, row.text) for row in table.skipped] == [(2, "没有表头的列", "C2 漏")]


def test_a_sheet_of_one_title_has_no_header() -> None:
    assert find_table(rows(["关于开展工作的通知"], ["各社区："]), ["名称", "电话"]) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (["合计", 3], "合计行"), (["小 计", 3], "合计行"), ([None, "总　计：42项", 1], "合计行"),
        (["共计4项"], "合计行"),
        (["注：以上为准"], "说明行"), (["备注: 以上为准"], "说明行"), (["填表说明：一"], "说明行"),
        (["填表人：张某", "审核人：李某"], "落款行"),
        (["合计用电量", 3], ""), (["备注", "x"], ""), (["注册登记", "x"], ""), ([1, "社区合计表", "x"], ""),
        (["说明书", "x"], ""), (["负责人", "张某"], ""),
    ],
)  # fmt: skip
def test_totals_notes_and_signatures_are_known_by_their_words(line: list[Any], reason: str) -> None:
    assert layout.reason_to_skip(rows(line)[0][1]) == reason


def test_a_merge_over_everything_costs_nothing() -> None:
    whole = Merge(2, 1, 1_048_576, 2)
    table = find_table(
        rows(["名称", "电话"], ["甲", None], [None, None], ["乙", "丙"], merges=[whole]), ["名称", "电话"]
    )

    assert table is not None
    assert [row["名称"].raw for row in table.rows] == ["甲", "乙"]


WORD = st.text(
    st.characters(categories=["Lo"], max_codepoint=0x9FA5, min_codepoint=0x4E00), min_size=2, max_size=6
)


@given(st.lists(WORD, min_size=3, max_size=8, unique=True), st.integers(0, 4), st.integers(1, 5))
def test_a_known_header_is_found_under_any_titles(labels: list[str], above: int, below: int) -> None:
    lines = (
        [["清单标题"]] * above
        + [labels]
        + [[f"值{n}{at}号" for at in range(len(labels))] for n in range(below)]
    )

    table = find_table(rows(*lines), labels)

    assert table is not None
    assert table.header.rows == (above + 1,)
    assert table.header.labels == tuple(labels)
    assert len(list(table.rows)) == below


@given(st.lists(st.lists(st.one_of(st.none(), WORD, st.integers(0, 99)), max_size=5), max_size=10))
def test_every_filled_row_is_data_or_reported(lines: list[list[Any]]) -> None:
    sheet = rows(["名称", "电话", "地址"], *lines)
    table = find_table(sheet, ["名称", "电话", "地址"])
    assert table is not None

    seen = (
        [row.number for row in table.rows] + [row.number for row in table.skipped] + list(table.header.rows)
    )

    assert {number for number, cells in sheet if layout.filled(cells)} <= set(seen)
