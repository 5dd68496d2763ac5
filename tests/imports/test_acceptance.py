"""Acceptance cases of the import room, by the files that people really have (FACTS H2, H10)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from content_models.policy_lists.models import PolicyListPage
from imports.models import ImportRun
from tests import factories
from tests.factories import column
from tests.imports.make_fixtures import FOLDER
from tests.imports.walk import book

pytestmark = pytest.mark.django_db

START = reverse("imports:start")


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    return client


def page_of(answer: Any) -> str:
    return answer.content.decode()


def url(name: str) -> str:
    return reverse(f"imports:{name}", args=[ImportRun.objects.latest("pk").pk])


def uploaded(client: Client, name: str, content: bytes) -> ImportRun:
    """A file for the only list, as far as its preview, with its columns as they are proposed."""
    place = re.search(r'name="into-lists".*?<option value="([^"]+)"', page_of(client.get(START)), re.S)
    assert place is not None
    file = SimpleUploadedFile(name, content)
    screen = page_of(client.post(START, {"kind": "lists", "into-lists": place[1], "file": file}, follow=True))
    answers = {}
    for name, options in re.findall(r'<select name="(column-\d+)".*?>(.*?)</select>', screen, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        answers[name] = chosen[1] if chosen else ""
    client.post(url("columns"), answers)
    return ImportRun.objects.latest("pk")


# H2: list B, of which 42 entries changed


STATED = [("取消", 12), ("上收", 14), ("下放", 16)]


@pytest.fixture
def list_b() -> PolicyListPage:
    columns = [
        column("事项名称", is_title=True, is_required=True),
        column("调整方式", "choice", choices=["取消", "上收", "下放"], is_category=True, is_filter=True),
    ]
    page = factories.policy_list("清单乙", columns=columns)
    factories.publish(page)
    first = {"key": "1", "事项名称": "事项1", "调整方式": "取消"}
    factories.list_edition(
        page, [first], published=True, stated_total=161, stated_by_category=[list(pair) for pair in STATED]
    )
    return factories.fresh(page)


def changed(extra: str = "") -> bytes:
    ways = [way for way, number in STATED for _time in range(number)] + ([extra] if extra else [])
    rows = [[str(number), f"事项{number}", way] for number, way in enumerate(ways, 1)]
    return book({"调整事项": [["编号", "事项名称", "调整方式"], *rows]})


def test_h2_42_changed_rows_are_counted_by_kind_and_the_public_page_hides_no_gap(
    client: Client, list_b: PolicyListPage
) -> None:
    run = uploaded(client, "调整.xlsx", changed())
    assert (run.counts["new"], run.counts["same"]) == (41, 1)
    assert run.remarks == ["导入后：已录入 42 / 公布 161。"]

    client.post(url("preview"), {"outcome": "publish", "title": "第二批"})

    edition = list_b.editions.current().get()
    assert edition.category_totals == [(way, number, number) for way, number in STATED]
    assert "已录入 42 / 公布 161" in page_of(Client().get(list_b.url))


def test_h2_a_43rd_row_is_named_before_anything_is_confirmed(client: Client, list_b: PolicyListPage) -> None:
    run = uploaded(client, "调整.xlsx", changed(extra="上收"))

    preview = page_of(client.get(url("preview")))

    assert run.state == "checked"
    assert "“上收”导入后有 15 条，比公布的 14 条多 1 条。" in preview
    assert "已录入 43 / 公布 161" in preview
    assert list_b.editions.current().get().rows.count() == 1


# H10: one directory, as four programs write it


@pytest.fixture
def directory() -> PolicyListPage:
    columns = [
        column("序号", "number"),
        column("一级事项"),
        column("二级事项", is_title=True, is_required=True),
        column("公开内容"),
        column("公开时限"),
        column("全社会", "yes_no"),
        column("特定群体", "yes_no"),
        column("户数"),
        column("更新日期", "date"),
    ]
    return factories.policy_list("基层政务公开标准目录", columns=columns)


def test_h10_one_sheet_gives_the_same_rows_whatever_program_wrote_it(
    client: Client, directory: PolicyListPage
) -> None:
    found = {}
    for name in ("directory.xlsx", "directory.xls", "directory.et", "directory.csv"):
        run = uploaded(client, name, (FOLDER / name).read_bytes())
        assert (run.state, run.count("refused"), run.remarks) == ("checked", 0, []), (name, run.message)
        assert [reason for _number, reason, _text in run.skipped] == ["表格标题", "合计行", "说明行"], name
        found[name] = list(run.rows.values_list("number", "key", "digest", "status", "data"))

    rows = found["directory.xlsx"]
    assert all(other == rows for other in found.values())
    labels = {spec.key: spec.label for spec in directory.column_specs}
    first = {labels[key]: value for key, value in rows[0][4].items()}
    assert first == {
        "序号": "1",
        "一级事项": "养老服务",
        "二级事项": "高龄津贴",
        "公开内容": "对象、标准、流程",
        "公开时限": "２０个工作日",
        "全社会": "yes",
        "户数": "１２３",
        "更新日期": "2022-06-20",
    }
    assert len(rows) == 4
