"""Open data: what may be taken away, as files that are made once and are gone when the content is."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import AsyncRequestFactory, Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from api.open_data import files, views
from api.open_data.facts import Facts
from content_models.base.models import Code
from content_models.base.public_tables import PublicColumn, PublicTable, write_table
from content_models.home.models import SiteSettings
from content_models.policy_lists.models import PolicyListPage
from publishing import schedule
from publishing.publish import publish, take_back
from tests import factories
from tests.factories import column

ROOT = Path(__file__).parents[2]
MARK = "绝不公开的字样"
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1", "\tx"]


@pytest.fixture
def page(db: None) -> PolicyListPage:
    """A list with every type of column, two public editions and an internal column."""
    guide = publish(factories.guide("老年证"))
    page = factories.policy_list(
        "街道权责清单",
        columns=[
            column("事项名称", is_title=True, is_required=True, help_text="照文件写。"),
            column("类别", "choice", choices=["取消", "上收"]),
            column("数量", "number"),
            column("日期", "date"),
            column("公开", "yes_no"),
            column("网址", "link"),
            column("指南", "guide", empty_text="没有指南"),
            column("内部意见", is_public=False),
        ],
    )
    factories.list_edition(page, [{"key": "a", "事项名称": "甲旧"}], published=True)
    rows = [
        {
            "key": "a", "事项名称": "甲", "类别": "取消", "数量": "12.5", "日期": "2022-06-20", "公开": "no",
            "网址": "https://example.org/", "指南": str(guide.pk), "内部意见": MARK,
        },
        {"key": "b", "事项名称": "乙", "类别": "上收", "公开": "yes"},
    ]  # fmt: skip
    factories.list_edition(page, rows, title="第二批", published=True)
    return factories.fresh(page)


def name_of(page: Any) -> str:
    return f"{page.kind}-{page.pk}"


def address(page: Any, form: str, edition: str = "latest") -> str:
    return f"/open-data/{name_of(page)}/{edition}.{form}"


def got(url: str, status: int = 200, **options: Any) -> Any:
    response = Client().get(url, **options)
    assert response.status_code == status, (url, response.status_code)
    return response


def body(url: str) -> bytes:
    return b"".join(got(url).streaming_content)


def sheet_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def republished(thing: Any) -> Any:
    """The thing as it stands in memory, published."""
    thing.save_revision()
    return publish(thing)


def made() -> list[Path]:
    return sorted(path for path in files.root().rglob("*") if path.is_file() and path.name != files.TURN)


# What files hold


def test_json_has_typed_values_and_says_what_they_are(page):
    told = json.loads(body(address(page, "json")))

    titles = ["标识", "事项名称", "类别", "数量", "日期", "公开", "网址", "指南"]
    assert [each["label"] for each in told["columns"]] == titles
    keys = [each["key"] for each in told["columns"]]
    assert [list(row.values()) for row in told["rows"]] == [
        ["a", "甲", "取消", 12.5, "2022-06-20", False, "https://example.org/", "老年证"],
        ["b", "乙", "上收", None, None, True, None, None],
    ]
    assert all(list(row) == keys for row in told["rows"])
    assert told["licence"] == "可自由使用，请注明来源"
    assert (told["title"], told["edition"]) == ("街道权责清单", "第二批")
    assert told["columns"][1]["help_text"] == "照文件写。"
    assert [each["type"] for each in told["columns"]][1:4] == ["text", "choice", "number"]


def test_csv_begins_with_a_mark_for_spreadsheets_and_older_editions_are_there(page):
    content = body(address(page, "csv"))

    assert content.startswith(b"\xef\xbb\xbf")
    assert sheet_rows(content)[1] == [
        "a", "甲", "取消", "12.5", "2022-06-20", "否", "https://example.org/", "老年证",
    ]  # fmt: skip
    assert sheet_rows(body(address(page, "csv", "1")))[1][1] == "甲旧"
    assert body(address(page, "csv", "2")) == content


def test_a_workbook_explains_itself_on_a_second_sheet(page):
    book = openpyxl.load_workbook(io.BytesIO(body(address(page, "xlsx"))))

    rows, notes = book.worksheets
    assert [cell.value for cell in rows[1]][:3] == ["标识", "事项名称", "类别"]
    assert rows["D2"].value == 12.5
    said = {row[0]: row[1] for row in notes.iter_rows(min_row=2, values_only=True) if row[0]}
    assert said["使用许可"] == "可自由使用，请注明来源"
    assert said["版本"] == "第二批"
    assert said["类别"]  # the key of a column


def test_no_cell_comes_alive_in_any_file(db):
    page = factories.policy_list("=清单", columns=[column("=列", is_title=True), column("二")])
    rows = [{"=列": text, "二": text} for text in FORMULAS]
    factories.list_edition(page, rows, published=True)

    book = openpyxl.load_workbook(io.BytesIO(body(address(page, "xlsx"))))
    lines = sheet_rows(body(address(page, "csv")))

    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for row in lines[1:] for cell in row if cell[:1] in ("=", "+", "-", "@", "＝", "\t")]


def test_a_number_that_a_spreadsheet_would_round_stays_text(db):
    table = PublicTable(
        "表", [PublicColumn("n", "数", "number")], lambda: [["1234567890123456"], ["007"], ["5"]]
    )
    file = io.BytesIO()

    write_table(table, "xlsx", file)

    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["1234567890123456", "007", 5]


def test_certificates_figures_guides_offices_and_communities_are_there_too(db):
    certificates = factories.certificate_list("证明清单")
    item = {"name": "健在证明", "instead": ["联网核对"], "aliases": ["活人证明"]}
    factories.certificate_edition(certificates, [item], published=True)
    community = factories.community()
    factories.figure(community, "households", "13200")
    factories.figure(community, "elderly", "3", "人", is_sensitive=True)
    publish(factories.guide("老年证", everyday_names=["敬老卡"], conditions="<p>年满 <b>60</b></p>"))

    (row,) = json.loads(body(address(certificates, "json")))["rows"]
    figures = json.loads(body(f"/open-data/figures-{community.pk}/latest.json"))["rows"]
    guides = json.loads(body("/open-data/guides/latest.json"))["rows"]

    assert (row["polarity"], row["aliases"]) == ("不应出具", ["活人证明"])
    assert [way.split()[-1] for way in row["alternatives"]] == ["联网核对"]
    assert [(figure["value"], figure["value_text"]) for figure in figures] == [
        (13200, "13,200 户"),
        (None, "少于 10 人"),
    ]
    assert figures == json.loads(body("/open-data/figures/latest.json"))["rows"]
    assert (guides[0]["everyday_names"], guides[0]["conditions"]) == (["敬老卡"], "年满 60")
    assert guides[0]["service_objects"] == ["自然人"]
    assert guides[0]["url"].endswith("/lao-nian-zheng/") or guides[0]["url"].startswith("http")
    assert [row["title"] for row in json.loads(body("/open-data/offices/latest.json"))["rows"]]
    assert [row["region_code"] for row in json.loads(body("/open-data/communities/latest.json"))["rows"]] == [
        community.region_code
    ]


# Made once


def test_a_file_is_made_once_and_given_out_again(page, monkeypatch):
    first = got(address(page, "csv"))
    content = b"".join(first.streaming_content)
    before = made()

    monkeypatch.setattr(files, "write", lambda *arguments: pytest.fail("made again"))
    second = got(address(page, "csv"))

    assert b"".join(second.streaming_content) == content
    assert made() == before
    assert second["ETag"] == first["ETag"]
    assert int(second["Content-Length"]) == len(content)
    assert "%E8%A1%97%E9%81%93%E6%9D%83%E8%B4%A3%E6%B8%85%E5%8D%95" in second["Content-Disposition"]
    assert second["Content-Disposition"].startswith("attachment")


def test_who_has_the_file_is_told_so(page):
    first = got(address(page, "json"))

    assert got(address(page, "json"), 304, headers={"If-None-Match": first["ETag"]})["ETag"] == first["ETag"]
    assert got(address(page, "json"), 304, headers={"If-Modified-Since": first["Last-Modified"]})
    assert got(address(page, "json"), headers={"If-None-Match": '"other"'})
    assert Client().head(address(page, "json"))["Content-Length"] == first["Content-Length"]
    assert Client().post(address(page, "json")).status_code == 405


def test_another_edition_column_licence_or_guide_title_is_another_file(page):
    guide = Page.objects.get(title="老年证").specific
    tags = [got(address(page, "csv"))["ETag"]]
    older = got(address(page, "csv", "1"))["ETag"]

    columns = list(page.columns.all())
    columns[0].label = "名称"
    page.columns = columns
    page = republished(page)
    tags.append(got(address(page, "csv"))["ETag"])
    assert "名称" in sheet_rows(body(address(page, "csv")))[0]

    guide.title = "敬老卡"
    republished(guide)
    tags.append(got(address(page, "csv"))["ETag"])
    assert "敬老卡" in body(address(page, "csv")).decode()

    about = SiteSettings.for_site(Facts().site)
    about.open_data_licence = "仅供学习"
    about.save()
    tags.append(got(address(page, "csv"))["ETag"])

    page = factories.fresh(page)
    factories.list_edition(page, [{"名称": "丁"}], title="第三批", published=True)
    tags.append(got(address(page, "csv"))["ETag"])

    assert len(set(tags)) == len(tags)
    assert older not in tags


def test_figures_and_guides_follow_what_is_published(db):
    community = factories.community()
    factories.figure(community, "households", "100")
    community = publish(factories.fresh(community))
    guide = publish(factories.guide("老年证"))
    before = {name: got(f"/open-data/{name}/latest.json")["ETag"] for name in ("figures", "guides")}

    (figure,) = community.figures.all()
    figure.value = 200
    community.figures = [figure]
    republished(community)
    take_back(guide)
    Code.objects.filter(code_list="metric", code="households").update(label="住户")

    rows = json.loads(body("/open-data/figures/latest.json"))["rows"]
    assert [(row["value"], row["metric_label"]) for row in rows] == [(200, "住户")]
    assert json.loads(body("/open-data/guides/latest.json"))["rows"] == []
    assert before["guides"] != got("/open-data/guides/latest.json")["ETag"]


def test_content_that_changes_while_its_file_is_made_is_not_mixed(page, monkeypatch):
    write = files.write
    asked: list[str] = []

    def slow(found: Any, form: str) -> Path:
        part = write(found, form)
        asked.append(found.stamp)
        if len(asked) == 1:
            factories.list_edition(page, [{"事项名称": "丁"}], title="第三批", published=True)
        return part

    monkeypatch.setattr(files, "write", slow)

    assert [row[1] for row in sheet_rows(body(address(page, "csv")))[1:]] == ["丁"]
    assert len(set(asked)) == 2
    assert [path.stem for path in made()] == asked[1:]


def test_content_that_never_stands_still_asks_for_patience(page, monkeypatch):
    write = files.write

    def restless(found: Any, form: str) -> Path:
        part = write(found, form)
        factories.list_edition(page, [{"事项名称": "丁"}], published=True)
        return part

    monkeypatch.setattr(files, "write", restless)

    answer = got(address(page, "csv"), 503)

    assert answer["Retry-After"]
    assert "请过一会儿再下载" in answer.content.decode()
    assert made() == []


def test_a_failed_production_leaves_nothing(page, monkeypatch):
    def broken(self: Any, *arguments: Any) -> None:
        arguments[-1].write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("api.open_data.datasets.ListData.write", broken)

    with pytest.raises(OSError, match="disk full"):
        Client().get(address(page, "csv"))
    assert made() == []


HALF = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
import django
django.setup()
from api.open_data import files, views

def write(edition, form, file):
    file.write(b"half"); file.flush(); print("begun", flush=True); time.sleep(600)

folder = Path(sys.argv[1]); folder.mkdir(parents=True)
files.write(files.Found(folder / "x.csv", SimpleNamespace(write=write), None, "x"), "csv")
"""


def test_a_process_that_is_killed_while_it_makes_a_file_leaves_none_to_be_given_out(db):
    folder = files.root() / "guides"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, str(folder)], stdout=subprocess.PIPE, env=env, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.kill()
    process.wait()
    process.stdout.close()

    (left,) = folder.iterdir()
    assert left.suffix == files.PART
    factories.home()
    assert sheet_rows(body("/open-data/guides/latest.csv"))
    os.utime(left, (0, 0))
    assert files.remove_outdated_files() == 1
    assert not left.exists()


def test_the_schedule_removes_files_that_stand_for_nothing_any_more(page):
    body(address(page, "csv"))
    body(address(page, "csv", "1"))
    kept = set(made())
    take_back(page)
    body("/open-data/guides/latest.csv")
    for path in made():
        os.utime(path, (0, 0))

    assert files.remove_outdated_files in schedule._further
    assert files.remove_outdated_files() == len(kept)
    assert [path.parent.name for path in made()] == ["guides"]


def test_an_outdated_file_that_may_still_be_on_its_way_stays(page):
    body(address(page, "csv"))
    take_back(page)

    assert files.remove_outdated_files() == 0


def test_a_server_that_reads_in_turn_gets_the_same_bytes(page):
    expected = body(address(page, "csv"))
    (path,) = made()

    async def read() -> bytes:
        pieces = views.pieces_for(AsyncRequestFactory().get("/"), path)
        assert isinstance(pieces, AsyncIterator)
        return b"".join([piece async for piece in pieces])

    assert asyncio.run(read()) == expected


# Who may know


def refused(page: Any) -> None:
    for url in (address(page, "csv"), address(page, "json", "1"), f"/open-data/{name_of(page)}/"):
        got(url, 404)
    assert name_of(page) not in got("/open-data/").content.decode()
    assert name_of(page) not in got("/open-data/catalog.json").content.decode()


def test_what_is_taken_back_restricted_or_internal_is_gone_at_once_though_its_file_is_there(page):
    body(address(page, "csv"))

    restriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
    refused(page)
    restriction.delete()
    assert body(address(page, "csv"))

    page.is_internal = True
    page = republished(page)
    refused(page)
    page.is_internal = False
    page = republished(page)
    assert body(address(page, "csv"))

    take_back(page)
    refused(page)
    assert made()


def test_an_edition_that_was_taken_back_is_gone_and_the_one_before_is_the_latest(page):
    body(address(page, "csv"))

    take_back(page.current_edition)

    assert sheet_rows(body(address(page, "csv")))[1][1] == "甲旧"
    got(address(page, "csv", "2"), 404)


def test_the_marker_text_of_what_is_not_public_appears_nowhere(page):
    draft = factories.list_edition(page, [{"事项名称": MARK}], title=MARK)
    assert draft.status == "draft"
    internal = factories.policy_list(MARK, is_internal=True)
    factories.list_edition(internal, [{"事项名称": MARK}], published=True)
    unpublished = factories.policy_list(MARK, live=False)
    factories.guide(MARK, live=False)
    hidden = factories.guide_channel(factories.street())
    publish(factories.guide(MARK, under=hidden, conditions=f"<p>{MARK}</p>"))
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    office = factories.office(MARK, under=factories.street("另一街道"), live=False)
    guide = factories.guide("有场所的事项")
    guide.offices = [*guide.offices.all(), office]
    publish(guide)
    closed = factories.community(MARK, live=False)
    factories.figure(closed, "households", "1", note=MARK)
    page.title = MARK
    page.save_revision()

    catalogue = got("/open-data/catalog.json")
    found = [catalogue.content, got("/open-data/").content, got(f"/open-data/?q={MARK}").content]
    for each in catalogue.json()["dataset"]:
        found.append(got(each["landingPage"]).content)
        for file in each["distribution"]:
            answer = got(file["downloadURL"])
            found.append(str(answer.headers).encode())
            content = b"".join(answer.streaming_content)
            if file["format"] == "XLSX":
                book = openpyxl.load_workbook(io.BytesIO(content))
                values = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
                content = "\n".join(values).encode()
            found.append(content)

    assert len(found) > 20
    said = [text.replace(f'value="{MARK}"'.encode(), b"") for text in found]
    assert [text[:200] for number, text in enumerate(said) if MARK.encode() in text and number != 2] == []
    assert f"lists-{internal.pk}" not in found[0].decode()
    got(f"/open-data/lists-{internal.pk}/", 404)
    got(f"/open-data/lists-{unpublished.pk}/latest.csv", 404)


@pytest.mark.parametrize(
    "rest",
    [
        "lists-1/latest.exe", "lists-0/latest.csv", "lists-99999999999/latest.csv", "lists-x/", "nothing/",
        "guides/2.csv", "national/guides.csv", "lists-%C2%B2/", "lists/", "-1/",
        "figures-999/latest.csv",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(page, rest):
    got(f"/open-data/{rest}", 404)


def test_no_name_leads_out_of_the_folder(page):
    for name in ("..", "%2e%2e", "lists-1%2F..", "a\\b"):
        assert Client().get(f"/open-data/{name}/latest.csv").status_code in (301, 404)
    assert not files.root().exists() or made() == []


# Pages


def test_the_index_is_narrowed_by_kind_street_and_name(page):
    street = factories.street("中华街道")
    community = factories.community(under=street)
    factories.figure(community, "households", "100")

    everything = got("/open-data/").context["listing"]
    lists = got("/open-data/?kind=lists")
    figures = got(f"/open-data/?street={street.pk}")
    named = got("/open-data/?q=权责")
    nothing = got("/open-data/?q=没有的数据")

    assert everything.count == 2
    assert [made.name for made in lists.context["data_sets"]] == [name_of(page)]
    assert lists.context["whole"] == []
    assert [made.name for made in figures.context["data_sets"]] == [f"figures-{community.pk}"]
    assert named.context["number"] == 1
    assert "没有找到符合条件的内容" in nothing.content.decode()
    assert [made.name for made in got("/open-data/?kind=whole").context["whole"]] == [
        "guides", "national", "offices", "communities", "figures",
    ]  # fmt: skip
    kinds = next(field for field in everything.filterset.fields_with_counts if field.name == "kind")
    assert {option["value"]: option["count"] for option in kinds.options} == {
        "lists": 1, "figures": 1, "whole": 5,
    }  # fmt: skip


def test_an_empty_site_says_that_there_is_nothing_yet(db):
    assert "这里还没有内容" in got("/open-data/").content.decode()
    assert got("/open-data/catalog.json").json()["dataset"]


def test_the_page_of_a_data_set_explains_it_to_people_and_programs(page):
    text = got(f"/open-data/{name_of(page)}/").content.decode()

    for said in (
        "照文件写。",
        "空着表示：没有指南。",
        "可选：取消、上收。",
        "第二批",
        "第一批",
        "可自由使用",
    ):
        assert said in text
    assert f"/api/v1/lists/{page.pk}/entries/" in text
    assert f"/open-data/{name_of(page)}/1.csv" in text
    start = text.index('<script type="application/ld+json">') + len('<script type="application/ld+json">')
    told = json.loads(text[start : text.index("</script>", start)])
    assert (told["@type"], told["name"], len(told["distribution"])) == ("Dataset", "街道权责清单", 6)
    assert told["distribution"][0]["contentUrl"].startswith("http://testserver/open-data/")


def test_no_title_ends_the_script_that_describes_it(db):
    page = factories.policy_list("</script><script>alert(1)</script>")
    factories.list_edition(page, published=True)

    assert "<script>alert(1)" not in got(f"/open-data/{name_of(page)}/").content.decode()


def test_the_catalogue_knows_sizes_of_what_was_made(page):
    size = len(body(address(page, "csv")))

    data_sets = {each["identifier"]: each for each in got("/open-data/catalog.json").json()["dataset"]}

    mine = data_sets[name_of(page)]
    sizes = {each["downloadURL"].rpartition("/")[2]: each.get("byteSize") for each in mine["distribution"]}
    assert (sizes["latest.csv"], sizes["latest.json"], sizes["1.csv"]) == (size, None, None)
    assert mine["distribution"][0]["rows"] == 2
    assert mine["license"] == "可自由使用，请注明来源"


def test_lists_lead_to_their_data_and_old_addresses_still_work(page):
    text = got(page.url).content.decode()

    assert f'href="/open-data/{name_of(page)}/"' in text
    assert 'href="/open-data/"' in text
    older: Any = Client().get(f"{page.url}download/csv/?edition=1", follow=True)
    assert sheet_rows(b"".join(older.streaming_content))[1][1] == "甲旧"
    assert got(f"{page.url}download/json/", 302)["Location"] == address(page, "json")


def test_questions_do_not_grow_with_the_data_sets(page):
    def counted(url: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            got(url)
        return len(asked)

    factories.figure(factories.community(), "households", "1")
    counted("/open-data/")
    few = counted("/open-data/"), counted("/open-data/catalog.json")
    for number in range(8):
        more = factories.policy_list(f"清单{number}")
        factories.list_edition(more, published=True)
        factories.list_edition(more, title="第二批", published=True)
        factories.figure(factories.community(f"社区{number}"), "households", "1")

    many = counted("/open-data/"), counted("/open-data/catalog.json")

    assert many[0] <= few[0]
    assert many[1] <= few[1]


def test_a_file_that_is_there_costs_few_questions(page, django_assert_max_num_queries: Any):
    body(address(page, "csv"))

    with django_assert_max_num_queries(12):
        got(address(page, "csv"))
