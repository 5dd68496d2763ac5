"""The user's own file comes back with its wrong cells marked."""

import io

import openpyxl
import pytest

from imports import marked, runs
from imports.kinds import lane_of
from tests import factories
from tests.factories import column
from tests.imports.walk import checked

pytestmark = pytest.mark.django_db


def own_file() -> io.BytesIO:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "第一批"
    page.append(["某街道事项清单"])
    page.merge_cells("A1:C1")
    page.append([])
    page.append(["事项名称", "类别", "数量"])
    page.append(["=1+1甲", "取消", 1])
    page["A4"].data_type = "s"
    page.append(["乙", "没有这一类", "三"])
    page.append(["合计", None, 4])
    book.create_sheet("别的").append(["原样"])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_wrong_cells_are_marked_where_they_stand() -> None:
    page = factories.policy_list(
        columns=[
            column("事项名称", is_title=True),
            column("类别", "choice", choices=["取消"]),
            column("数量", "number"),
        ]
    )
    editor = factories.user("district_editor", factories.home())
    run = runs.receive(own_file(), name="清单.xlsx", kind="lists", into=page, by=editor)
    lane = lane_of(run)
    table = runs.table_of(run, lane)
    runs.choose_columns(run, {found.label: found.target for found in runs.propose(run, lane, table)})
    runs.check(run)
    file = io.BytesIO()

    marked.write(run, {"": table}, file)

    sheet = openpyxl.load_workbook(file)["第一批"]
    assert sheet["A1"].value == "某街道事项清单"
    assert [str(merge) for merge in sheet.merged_cells.ranges] == ["A1:C1"]
    assert sheet["D3"].value == "需要改的地方"
    assert "类别：" in sheet["D5"].value
    assert "数量：" in sheet["D5"].value
    assert "不在选项里" in sheet["B5"].comment.text
    assert sheet["B5"].fill.fgColor.rgb.endswith("F9D6D2")
    assert sheet["A4"].value == "=1+1甲"
    assert sheet["A4"].data_type == "s"
    assert sheet["D4"].value is None
    assert sheet["A6"].value == "合计"
    assert openpyxl.load_workbook(file)["别的"]["A1"].value == "原样"


def test_reminders_are_called_so_and_look_milder_than_errors() -> None:
    factories.department("区民政局")
    text = "事项名称,实施主体,咨询电话\n老年证,区民政局,5555101\n,区民政局,\n"
    editor = factories.user("district_editor", factories.home())
    run = checked("guides", text, by=editor, into=factories.guide_channel())
    file = io.BytesIO()

    marked.write(run, runs.tables_of(run, lane_of(run)), file)

    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert sheet["D2"].value.startswith("提醒：咨询电话：")
    assert sheet["C2"].fill.fgColor.rgb.endswith("FFF3C4")
    assert sheet["C2"].value == "5555101"
    assert not sheet["D3"].value.startswith("提醒：")
    assert sheet["A3"].fill.fgColor.rgb.endswith("F9D6D2")
