"""Guides under the names of the national interface: out and in again, with all that these do not carry."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import PageViewRestriction

from content_models.guides import national
from content_models.guides.models import GuideChannel, GuidePage, LegalBasis, Material, Question, Step
from imports import marked, runs
from imports.kinds import lane_of
from imports.models import ImportRun
from imports.reading import workbook
from imports.reading.refusals import Refused
from publishing.publish import publish
from tests import factories
from tests.api.conftest import Program, token_of
from tests.imports.walk import book, checked, problems, statuses

pytestmark = pytest.mark.django_db
MARK = "绝不公开的字样"
TASK_NAMES = [
    "ROWGUID",
    "TASK_NAME",
    "CATALOG_CODE",
    "TASK_CODE",
    "TASK_HANDLE_ITEM",
    "TASK_TYPE",
    "TASK_STATE",
    "BY_LAW",
    "POWER_SOURCE",
    "USE_LEVEL",
    "DEPT_NAME",
    "DEPT_CODE",
    "SERVER_TYPE",
    "PROJECT_TYPE",
    "HANDLE_TYPE",
    "LIMIT_SCENE_NUM",
    "LIMIT_SCENE_EXPLAIN",
    "TRANSACT_ADDR",
    "TRANSACT_TIME",
    "LINK_WAY",
    "SUPERVISE_WAY",
    "ANTICIPATE_DAY",
    "ANTICIPATE_TYPE",
    "PROMISE_DAY",
    "PROMISE_TYPE",
    "ACCEPT_CONDITION",
    "HANDLE_FLOW",
    "IS_FEE",
    "FEE_BASIS",
    "ONLINE_HANDLE_URL",
    "TOWN_CODE",
    "TOWN_NAME",
    "VILLAGE_CODE",
    "VILLAGE_NAME",
]
MATERIAL_NAMES = [
    "MATERIAL_NAME",
    "MATERIAL_TYPE",
    "MATERIAL_FORMAT",
    "IS_NEED",
    "SOURCE_TYPE",
    "PAGE_NUM",
    "PAGE_FORMAT",
    "FORM_GUID",
    "EXAMPLE_GUID",
    "FILL_EXPLAIN",
    "ACCEPT_STAND",
    "BY_LAW",
    "ORDER_NUM",
]


@pytest.fixture
def guide() -> Any:
    """A guide that holds more than the interface has names for."""
    department = factories.department("区残联", uscc="11320000MB151840XJ")
    form = get_document_model().objects.create(
        title="申请表", file=ContentFile("姓名：\n".encode(), "biao.txt")
    )
    page = factories.guide(
        "残疾人护理补贴",
        under=factories.guide_channel(factories.street("中华街道")),
        department=department,
        conditions="<ul><li>持<b>残疾人证</b></li><li>本区户籍 &amp; 常住</li></ul>",
        exercise_levels=["5", "6"],
        service_objects=["1"],
        handle_forms=["1", "3"],
        impl_code="11320000MB151840XJ4000512001000",
        everyday_names=["护理补贴"],
        materials=[
            Material(
                name="身份证", material_kind="both", medium="paper", originals=1, copies=2, blank_form=form
            ),
            Material(name="诊断书", condition="重残", necessity="3"),
            Material(name="诊断书", condition="二级以下", issuer="医院"),
        ],
    )
    page.steps = [
        Step(name="受理", who="窗口", limit="当场", sort_order=0),
        Step(name="审核", result="决定书", sort_order=1),
    ]
    page.legal_basis = [
        LegalBasis(law="优化营商环境条例", article="第四十四条", text="第一行\n第二行", sort_order=0),
        LegalBasis(law="关于补贴的通知", doc_no="民发〔2021〕70号", sort_order=1),
    ]
    page.faqs = [Question(question="要多久？", answer="<p>四天。</p>", sort_order=0)]
    page.save_revision()
    return publish(page)


@pytest.fixture
def by() -> Any:
    return factories.user("administrator")


def exported(form: str) -> bytes:
    response: Any = Client().get(f"/open-data/national/guides.{form}")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def read_in(form: str, content: bytes, by: Any, **answers: Any) -> ImportRun:
    """A run over a file of the interface as far as its check."""
    if form == "xlsx":
        return checked("guides", content, by=by, **answers)
    return checked_json(content, by, **answers)


def checked_json(content: bytes | list[Any] | dict[str, Any], by: Any, into: Any = None) -> ImportRun:
    from imports import steps  # noqa: PLC0415

    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    run = runs.receive(io.BytesIO(body), name="事项.json", kind="guides", into=into, by=by)
    steps.place_columns(run, lane_of(run))
    runs.check(run)
    return ImportRun.objects.get(pk=run.pk)


def changes(run: ImportRun) -> dict[str, Any]:
    (row,) = run.rows.filter(part="")
    return {**row.data["new"], "parts": row.data["parts"]}


# Out


def test_names_are_exact_and_codes_are_codes(guide):
    (task,) = json.loads(exported("json"))

    materials = task.pop("MATERIALS")
    assert list(task) == TASK_NAMES
    assert [list(material) for material in materials] == [MATERIAL_NAMES] * 3
    assert task["ROWGUID"] == str(guide.translation_key)
    said = {name: task[name] for name in ("TASK_STATE", "USE_LEVEL", "HANDLE_TYPE", "IS_FEE", "PROMISE_DAY")}
    assert said == {
        "TASK_STATE": "1", "USE_LEVEL": "5,6", "HANDLE_TYPE": "1,3", "IS_FEE": "0", "PROMISE_DAY": 4,
    }  # fmt: skip
    assert (task["DEPT_NAME"], task["DEPT_CODE"]) == ("区残联", "11320000MB151840XJ")
    assert task["ACCEPT_CONDITION"] == "持残疾人证\n本区户籍 & 常住"
    assert task["HANDLE_FLOW"] == "受理：窗口；当场\n审核：决定书"
    assert task["BY_LAW"].splitlines() == [
        "优化营商环境条例第四十四条：第一行 第二行", "关于补贴的通知（民发〔2021〕70号）",
    ]  # fmt: skip
    assert (task["TOWN_NAME"], task["VILLAGE_CODE"]) == ("中华街道", "")
    assert "（江苏路 1 号）" in task["TRANSACT_ADDR"]
    assert (materials[0]["MATERIAL_TYPE"], materials[0]["MATERIAL_FORMAT"]) == ("3", "1")
    assert materials[0]["FORM_GUID"].endswith(".txt")
    assert [material["ORDER_NUM"] for material in materials] == [1, 2, 3]


def test_the_workbook_says_the_same_on_two_sheets(guide):
    found = openpyxl.load_workbook(io.BytesIO(exported("xlsx")))

    tasks, materials, notes = found.worksheets
    assert [cell.value for cell in tasks[1]] == TASK_NAMES
    assert [cell.value for cell in materials[1]] == ["TASK_GUID", *MATERIAL_NAMES]
    assert {row[0] for row in materials.iter_rows(min_row=2, values_only=True)} == {
        str(guide.translation_key)
    }
    assert {"TASK_STATE", "ORDER_NUM"} <= {row[0] for row in notes.iter_rows(values_only=True)}
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}


def test_what_is_not_public_is_in_neither_file(guide):
    hidden = factories.guide_channel(factories.community("别处"))
    publish(factories.guide(MARK, under=hidden))
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    factories.guide(MARK, live=False)
    office = factories.office(MARK, under=factories.street("另一街道"), live=False)
    guide.offices = [*guide.offices.all(), office]
    guide.save_revision()
    guide = publish(guide)
    guide.conditions = f"<p>{MARK}</p>"
    guide.save_revision()

    sheets = openpyxl.load_workbook(io.BytesIO(exported("xlsx")))
    cells = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row]

    assert MARK not in exported("json").decode()
    assert MARK not in "".join(cells)
    assert len(json.loads(exported("json"))) == 1


def test_the_command_writes_one_place_or_all(guide, tmp_path):
    street = guide.get_parent().get_parent()
    publish(factories.guide("另一事项"))

    call_command("export_sheet", str(tmp_path / "a.json"), kind="guides", national=True, verbosity=0)
    call_command(
        "export_sheet", str(tmp_path / "b.json"), kind="guides", national=True, into=street.slug, verbosity=0
    )

    assert len(json.loads((tmp_path / "a.json").read_text())) == 2
    assert [task["TASK_NAME"] for task in json.loads((tmp_path / "b.json").read_text())] == ["残疾人护理补贴"]
    for name, kind, sentence in (("c.csv", "guides", "xlsx 或 .json"), ("c.json", "lists", "只有办事指南")):
        with pytest.raises(CommandError, match=sentence):
            call_command("export_sheet", str(tmp_path / name), kind=kind, national=True)
    assert not list(tmp_path.glob("c.*"))


# In


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_what_was_exported_changes_nothing(guide, by, form):
    run = read_in(form, exported(form), by)

    assert problems(run) == []
    assert run.remarks == []
    assert (run.counts["same"], statuses(run, "materials")) == (1, {2: "same", 3: "same", 4: "same"})


def test_the_command_and_programs_take_the_json_too(guide, by, tmp_path):
    (tmp_path / "事项.json").write_bytes(exported("json"))

    with pytest.raises(CommandError, match="没有要写入的变化"):
        call_command(
            "import_sheet", str(tmp_path / "事项.json"), kind="guides", yes=True, verbosity=0,
            stdout=io.StringIO(),
        )  # fmt: skip
    answer = Program(token_of(by)).upload(exported("json"), name="事项.json", kind="guides")

    assert answer.status_code == 201, answer.content
    assert ImportRun.objects.latest("pk").counts["same"] == 1


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_a_change_is_taken_over_and_what_has_no_name_stays(guide, by, form):
    content = exported(form)
    if form == "json":
        (task,) = json.loads(content)
        task |= {"TASK_STATE": "2", "LINK_WAY": "0592-2020009"}
        task["HANDLE_FLOW"] += "\n送达：邮寄"
        task["MATERIALS"][0]["IS_NEED"] = "3"
        content = json.dumps([task], ensure_ascii=False).encode()
    else:
        sheets = openpyxl.load_workbook(io.BytesIO(content))
        place = {cell.value: cell.column_letter for cell in sheets.worksheets[0][1]}
        sheets.worksheets[0][f"{place['TASK_STATE']}2"] = "2"
        sheets.worksheets[0][f"{place['LINK_WAY']}2"] = "0592-2020009"
        sheets.worksheets[0][f"{place['HANDLE_FLOW']}2"].value += "\n送达：邮寄"
        need = next(cell.column_letter for cell in sheets.worksheets[1][1] if cell.value == "IS_NEED")
        sheets.worksheets[1][f"{need}2"] = "3"
        file = io.BytesIO()
        sheets.save(file)
        content = file.getvalue()

    run = read_in(form, content, by)
    assert changes(run) == {"状态": "暂停", "咨询电话": "0592-2020009", "parts": ["办理流程", "申请材料"]}
    run.outcome = "publish"
    run.save()
    runs.confirm(run, by=by)

    after = factories.fresh(guide)
    assert (after.status, after.consult_phone) == ("suspended", "0592-2020009")
    assert after.conditions == guide.conditions
    assert (after.slug, after.everyday_names, after.department_uscc) == (guide.slug, ["护理补贴"], "")
    assert [(step.name, step.who, step.standard) for step in after.steps.all()] == [
        ("受理", "窗口", ""), ("审核", "", ""), ("送达", "", "邮寄"),
    ]  # fmt: skip
    materials = [(each.necessity, each.copies, each.condition, each.issuer) for each in after.materials.all()]
    assert materials == [("3", 2, "", ""), ("3", 0, "重残", ""), ("1", 0, "二级以下", "医院")]
    assert after.faqs.count() == 1


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_another_site_takes_it_as_new_and_knows_it_again(guide, by, form):
    guide.materials = list(guide.materials.all())[:2]
    guide.save_revision()
    guide = publish(guide)
    content = exported(form)
    key, office = guide.translation_key, guide.offices.get()
    guide.delete()

    run = read_in(form, content, by)
    assert (problems(run), run.message, run.counts) == ([], "", run.counts | {"new": 1})
    runs.confirm(run, by=by)

    made = GuidePage.objects.get(title="残疾人护理补贴")
    assert (made.translation_key, made.live) == (key, False)
    assert made.get_parent().specific_class is GuideChannel
    latest = made.get_latest_revision_as_object()
    assert [material.name for material in latest.materials.all()] == ["身份证", "诊断书"]
    assert [step.name for step in latest.steps.all()] == ["受理", "审核"]
    assert [(each.law, each.doc_no, each.article) for each in latest.legal_basis.all()] == [
        ("优化营商环境条例", "", "第四十四条"), ("关于补贴的通知", "民发〔2021〕70号", ""),
    ]  # fmt: skip
    assert [each.pk for each in latest.offices.all()] == [office.pk]
    assert (latest.exercise_levels, latest.handle_forms, latest.promised_days) == (["5", "6"], ["1", "3"], 4)

    made.title = "改了名的补贴"
    made.save_revision(clean=False)
    again = read_in(form, content, by)
    assert (again.counts.get("new", 0), again.counts["changed"]) == (0, 1)


def test_materials_of_one_name_are_told_apart_only_by_what_the_interface_lacks(guide, by):
    content = exported("json")
    guide.delete()

    run = checked_json(content, by)

    assert ("materials", 4, "", "与第 3 行重复。") in problems(run)


def test_a_foreign_file_is_read_by_its_own_codes(by):
    channel = factories.guide_channel(factories.street())
    factories.department("区民政局")
    office = factories.office("便民服务中心", address="人民路 1 号")
    task = {
        "TASK_NAME": "高龄津贴", "TASK_CODE": "A1", "DEPT_NAME": "区民政局", "SERVER_TYPE": "1^2",
        "PROJECT_TYPE": "1", "HANDLE_TYPE": "1,2", "PROMISE_DAY": "0", "LINK_WAY": "0592-2020001",
        "SUPERVISE_WAY": "12345", "TRANSACT_ADDR": "便民服务中心（人民路 1 号）",
        "ACCEPT_CONDITION": "年满八十。",
    }  # fmt: skip
    materials = [
        ["TASK_CODE", "MATERIAL_NAME", "IS_NEED", "MATERIAL_TYPE", "ROWGUID"],
        ["A1", "身份证", "1", "1", "m-1"],
    ]
    content = book({"办事指南": [list(task), list(task.values())], "材料": materials})

    run = checked("guides", content, by=by, into=channel)
    assert problems(run) == []
    runs.confirm(run, by=by)

    made = GuidePage.objects.get(title="高龄津贴").get_latest_revision_as_object()
    assert (made.service_objects, made.handle_forms, made.case_type) == (["1", "2"], ["1", "2"], "1")
    assert [material.name for material in made.materials.all()] == ["身份证"]
    assert "年满八十" in made.conditions
    assert [each.pk for each in made.offices.all()] == [office.pk]


def test_a_wrong_cell_is_named(guide, by):
    (task,) = json.loads(exported("json"))
    task |= {"TASK_STATE": "9", "SERVER_TYPE": "1,77", "PROMISE_DAY": "很快"}
    task["MATERIALS"][1]["MATERIAL_TYPE"] = "8"

    run = checked_json([task], by)

    said = {(part, number, column): message for part, number, column, message in problems(run)}
    assert "可填：在用、暂停、取消" in said["", 2, "状态"]
    assert "不在选项里" in said["", 2, "服务对象"]
    assert "不是数字" in said["", 2, "承诺时限"]
    assert "可填：原件、复印件" in said["materials", 3, "形式"]
    file = io.BytesIO()
    lane = lane_of(run)
    marked.write(run, runs.tables_of(run, lane), file)
    assert openpyxl.load_workbook(file).worksheets[0].max_row >= 2


def test_a_line_that_is_too_long_is_named_with_its_cell(guide, by):
    (task,) = json.loads(exported("json"))
    task["HANDLE_FLOW"] += "\n" + "很" * 61

    run = checked_json([task], by)

    ((_part, _number, column, message),) = problems(run)
    assert column == "HANDLE_FLOW"
    assert "第 3 行" in message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "json"),
        (b"[1, 2]", "json_shape"),
        (b'{"a": 1}', "json_shape"),
        (b"[" * 100_000, "json_shape"),
        (b'[{"TASK_NAME": {"a": 1}}]', "json_value"),
        (b'[{"TASK_NAME": [[1]]}]', "json_value"),
        (b'[{"A": 1, "A": 2}]', "json_repeat"),
        (b'[{"A": NaN}]', "json_shape"),
        (b'[{"A": "\xff"}]', "encoding"),
        (b"<html></html>", "web_page"),
        (b"PK\x03\x04", "wrong_extension"),
        (b"", "empty"),
        (b" " * (17 << 20), "too_large"),
    ],
)
def test_json_that_is_none_of_ours_is_refused_in_plain_words(content, code):
    with pytest.raises(Refused) as refused:
        workbook.read(content, name="a.json")

    assert refused.value.code == code
    assert str(refused.value)


def test_long_codes_in_json_keep_their_digits(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(
        '{"TASKS": [{"TASK_CODE": 123456789012345678901, "N": 5, "F": 1.5, "B": true, "E": null}]}'
    )

    found = workbook.read(path, name="a.json")

    rows = [[cell.value for cell in row] for _number, row in found.iter_rows(found.sheets[0])]
    assert [str(value) for value in rows[1]] == ["123456789012345678901", "5", "1.5", "True"]


def test_every_name_of_the_mapping_is_known_to_the_import():
    from content_models.guides.resources import GuideResource, MaterialResource  # noqa: PLC0415

    guides, materials = GuideResource(), MaterialResource()

    assert set(guides.match_headers(TASK_NAMES)) == set(TASK_NAMES)
    assert set(materials.match_headers([national.TASK_GUID, *MATERIAL_NAMES])) == {
        national.TASK_GUID, *MATERIAL_NAMES,
    }  # fmt: skip


def test_templates_and_our_own_exports_have_no_national_names(guide, tmp_path: Path):
    call_command("export_sheet", str(tmp_path / "a.xlsx"), kind="guides", verbosity=0)

    header = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0][1]]
    assert not {"ROWGUID", "BY_LAW", "HANDLE_FLOW", "TOWN_CODE"} & set(header)
