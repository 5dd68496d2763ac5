"""The columns of a new list are read off its file."""

import pytest

from imports.infer import propose, propose_column
from imports.reading import workbook
from imports.tables import find_table


@pytest.mark.parametrize(
    ("label", "texts", "column_type"),
    [
        ("数量", ["1", "12", "3.5", "１２"], "number"),
        ("区划代码", ["350203011001", "350203011002"], "text"),
        ("电话", ["0000-55551011", "12345"], "text"),
        ("邮编", ["066000", "100000"], "text"),
        ("日期", ["2022-06-20", "2022.6.20", "2022年6月20日"], "date"),
        ("月份", ["2022-06", "2022-07"], "text"),
        ("是否公开", ["是", "否", "√"], "yes_no"),
        ("网址", ["https://example.org/a"], "link"),
        ("类别", ["取消"] * 5 + ["上收"] * 4, "choice"),
        ("部门", ["民政局", "住建局"], "text"),
        ("说明", ["很长的说明。" * 20], "long_text"),
        ("空列", [], "text"),
        ("标记", ["1", "0", "1"], "number"),
    ],
)
def test_a_column_gets_the_narrowest_type_that_all_cells_fit(
    label: str, texts: list[str], column_type: str
) -> None:
    assert propose_column(label, texts).column_type == column_type


def test_personal_data_is_proposed_as_internal() -> None:
    by_label = propose_column("联系人姓名", ["甲", "乙"])
    by_content = propose_column("备注", ["请联系 13812345678"])

    assert (by_label.is_public, by_content.is_public) == (False, False)


def test_a_file_becomes_a_list() -> None:
    text = "某街道事项清单\n序号,事项名称,类别,数量\n" + "".join(
        f"{number},事项{number},{'取消' if number % 2 else '上收'},{number}\n" for number in range(1, 11)
    )
    book = workbook.read(text.encode(), name="清单.csv")
    table = find_table(book, book.sheets[0], [])
    assert table is not None

    serial, name, category, amount = propose(table)

    assert not serial.is_wanted
    assert (name.is_title, name.column_type) == (True, "text")
    assert (category.is_category, category.is_filter, category.choices) == (True, True, ["取消", "上收"])
    assert amount.column_type == "number"
    assert name.examples == ("事项1", "事项2", "事项3")
