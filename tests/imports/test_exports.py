"""Export gives what import takes: nothing changes, and nothing in a cell comes alive."""

import io
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from content_models.base.spreadsheets import OutColumn, OutSheet, write_csv, write_xlsx
from content_models.policy_lists.models import PolicyListPage
from imports.export import sheets_of
from imports.models import ImportRun
from imports.reading import plain_text, workbook
from imports.samples import template_for
from tests import factories
from tests.factories import column

NASTY = ["=1+1", "==1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "＝1", "'=1", "''=1", "-5", "+86 10", "1.50"]


def read_back(name: str, content: bytes) -> list[list[str]]:
    book = workbook.read(content, name=name)
    return [[cell.raw for cell in row] for _number, row in book.iter_rows(book.sheets[0])]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_cells_that_look_like_formulas_stay_text_and_come_back(name: str) -> None:
    file = io.BytesIO()
    write = write_csv if name.endswith("csv") else lambda sheet, out: write_xlsx([sheet], out)

    write(OutSheet("表", [OutColumn("列")], [[text] for text in NASTY]), file)

    assert [row[0].strip() for row in read_back(name, file.getvalue())[1:]] == [
        text.strip() for text in NASTY
    ]
    if name.endswith("xlsx"):
        page = openpyxl.load_workbook(file).worksheets[0]
        assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
    else:
        lines = file.getvalue().decode("utf-8-sig").split("\r\n")
        assert not [line for line in lines[1:] if line.strip('"')[:1] in "=+@\t＝" and line[:1]]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1), min_size=1))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    texts = [text for text in texts if text.strip() and "E" not in text.upper() and not text.startswith('="')]
    file = io.BytesIO()

    write_csv(OutSheet("表", [OutColumn("列")], [[text] for text in texts]), file)

    read = list(plain_text.read(io.BytesIO(file.getvalue()), "utf-8-sig"))
    assert [values[0] for _number, values in read[1:]] == texts


@pytest.fixture
def page(db: None) -> PolicyListPage:
    columns = [
        column("事项名称", is_title=True, is_required=True),
        column("类别", "choice", choices=["取消", "上收"]),
        column("日期", "date"),
        column("公开", "yes_no"),
    ]
    page = factories.policy_list(columns=columns)
    rows = [
        {"key": "a", "事项名称": "=甲", "类别": "取消", "日期": "2022-06-20", "公开": "是"},
        {"key": "b", "事项名称": "乙", "类别": "上收"},
    ]
    factories.list_edition(page, rows, published=True)
    return factories.fresh(page)


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_a_list_exported_and_imported_changes_nothing(
    page: PolicyListPage, tmp_path: Path, name: str
) -> None:
    factories.user("administrator", None)
    call_command("export_sheet", str(tmp_path / name), kind="lists", into=page.slug, verbosity=0)

    with pytest.raises(CommandError, match="没有要写入的变化"):
        call_command(
            "import_sheet", str(tmp_path / name), kind="lists", into=page.slug, yes=True, verbosity=0,
            stdout=io.StringIO(),
        )  # fmt: skip

    assert ImportRun.objects.get().counts["same"] == 2


def test_commands_import_and_undo(page: PolicyListPage, tmp_path: Path) -> None:
    factories.user("administrator", None)
    file = tmp_path / "清单.csv"
    file.write_text("编号,事项名称,类别\na,甲,上收\nc,丙,取消\n")
    said = io.StringIO()

    call_command(
        "import_sheet", str(file), kind="lists", into=page.slug, yes=True, outcome="publish", stdout=said
    )

    run = ImportRun.objects.get()
    assert "新增 1，有变化 1" in said.getvalue()
    assert set(page.editions.current().get().rows.values_list("key", flat=True)) == {"a", "b", "c"}
    call_command("undo_import", str(run.pk), stdout=io.StringIO())
    assert set(page.editions.current().get().rows.values_list("key", flat=True)) == {"a", "b"}


def test_a_command_masks_personal_data_only_where_told_to(page: PolicyListPage, tmp_path: Path) -> None:
    factories.user("administrator", None)
    file = tmp_path / "清单.csv"
    file.write_text("编号,事项名称,类别\na,甲 13812345678,取消\n")
    call = {"kind": "lists", "into": page.slug, "yes": True, "verbosity": 0, "outcome": "publish"}

    with pytest.raises(CommandError, match="有错误"):
        call_command("import_sheet", str(file), stdout=io.StringIO(), **call)
    call_command("import_sheet", str(file), masks=True, stdout=io.StringIO(), **call)

    texts = " ".join(str(row.values) for row in page.editions.current().get().rows.all())
    assert "138****5678" in texts
    assert "13812345678" not in texts


def test_wrong_calls_are_told_apart(page: PolicyListPage, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error:
        call_command("import_sheet", str(tmp_path / "no.csv"), kind="lists", into=page.slug)
    assert error.value.returncode == 2


def test_a_template_offers_choices_and_explains_columns(page: PolicyListPage) -> None:
    file = io.BytesIO()

    write_xlsx(template_for("lists", page), file)

    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["清单条目", "填写说明"]
    rules = {str(rule.sqref)[0]: rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    assert rules["C"] == '"取消,上收"'
    notes = {row[1]: row[2] for row in book["填写说明"].iter_rows(min_row=2, values_only=True)}
    assert notes["事项名称"] == "必填"


@pytest.mark.parametrize("kind", ["guides", "notices", "offices"])
def test_a_template_explains_addresses_in_our_own_words(kind: str, db: None) -> None:
    file = io.BytesIO()

    write_xlsx(template_for(kind), file)

    sheet = openpyxl.load_workbook(file)["填写说明"]
    told = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "小写字母、数字和短横线" in told
    assert "domain.com" not in told


@pytest.mark.parametrize("kind", ["guides", "notices", "communities", "offices", "figures", "provisions"])
def test_every_kind_can_be_exported(kind: str, db: None) -> None:
    factories.guide()
    factories.notice()
    factories.office(under=factories.community())
    file = io.BytesIO()

    write_xlsx(sheets_of(kind), file)

    assert openpyxl.load_workbook(file).worksheets[0].max_column > 3


def test_html_in_a_cell_stays_text() -> None:
    sheet = OutSheet("<b>表</b>", [OutColumn("<i>")], [["<script>alert(1)</script>"]])
    file = io.BytesIO()

    write_xlsx([sheet], file)

    assert read_back("a.xlsx", file.getvalue()) == [["<i>"], ["<script>alert(1)</script>"]]
