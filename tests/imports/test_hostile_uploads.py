"""Files that are meant to hurt, through the screens: answered in Chinese, shown as text, nothing left."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from content_models.base.spreadsheets import write_csv
from content_models.policy_lists.models import PolicyListPage
from imports.export import sheets_of
from imports.models import ImportRun
from imports.reading import workbook
from tests import factories
from tests.factories import column
from tests.imports.make_fixtures import HOSTILE, letters, sheet_xml, write_xlsx
from tests.imports.walk import book

pytestmark = pytest.mark.django_db

START = reverse("imports:start")
ANSWER = re.compile(r'id="file-errors" role="alert"><p>[^<]*[\u4e00-\u9fff][^<]*。</p>')
MARKUP = "<script>alert(1)</script>"
IMAGE = '<img src=x onerror="alert(2)">'
FORMULAS = [
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "==1+1",
    "＝1+1",
    "\t=1+1",
    "=cmd|' /C'!A0",
]


@pytest.fixture
def page() -> PolicyListPage:
    columns = [
        column("事项名称", is_title=True, is_required=True),
        column("类别"),
        column("依据", "long_text"),
    ]
    page = factories.policy_list(columns=columns)
    factories.list_edition(page, [{"key": "a", "事项名称": "甲"}], published=True)
    return factories.fresh(page)


@pytest.fixture
def client(page: PolicyListPage) -> Client:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    return client


def body(answer: Any) -> str:
    return answer.content.decode()


def url(name: str) -> str:
    return reverse(f"imports:{name}", args=[ImportRun.objects.get().pk])


def upload(client: Client, content: bytes, name: str) -> Any:
    place = re.search(r'name="into-lists".*?<option value="([^"]+)"', body(client.get(START)), re.S)
    assert place is not None
    form = {"kind": "lists", "into-lists": place[1], "file": SimpleUploadedFile(name, content)}
    return client.post(START, form, follow=True)


def check(client: Client) -> ImportRun:
    """Go on with the columns as they are proposed."""
    answers = {}
    for name, options in re.findall(
        r'<select name="(column-\d+)".*?>(.*?)</select>', body(client.get(url("columns"))), re.S
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        answers[name] = chosen[1] if chosen else ""
    client.post(url("columns"), answers)
    return ImportRun.objects.get()


def left_behind(folder: Path) -> list[Path]:
    return [path for path in (folder / "imports").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", sorted(path.name for path in HOSTILE.iterdir()))
def test_a_hostile_file_is_answered_and_leaves_nothing_behind(
    name: str, client: Client, tmp_path: Path, readers: list[workbook.Reader]
) -> None:
    answer = upload(client, (HOSTILE / name).read_bytes(), name)

    assert answer.status_code == 200
    assert all(reader.seconds == 5 for reader in readers)
    if name == "order.xlsx":  # seen only when its rows are read: the next screen says so
        assert re.search(r'import-note--bad" role="alert"><p>[^<]*请', body(answer))
    elif name == "deep.xlsx":
        assert ImportRun.objects.exists()
    else:
        assert not ImportRun.objects.exists()
        assert len(readers) <= 1
        assert ANSWER.search(body(answer)), body(answer)
        assert left_behind(tmp_path) == []
    assert client.get(START).status_code == 200


def test_a_failure_of_our_own_leaves_no_file_behind(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "read", lambda *_args, **_more: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        upload(client, "事项名称\n甲\n".encode(), "a.csv")

    assert left_behind(tmp_path) == []
    assert not ImportRun.objects.exists()


def test_text_is_text_on_every_screen_and_in_every_file(client: Client, page: PolicyListPage) -> None:
    name = f"{IMAGE}=1+1.xlsx".replace("/", "")
    rows = [[f"k{number}", text, MARKUP, text] for number, text in enumerate([MARKUP, IMAGE, *FORMULAS])]
    sheets = {
        "alert(1)<b>": [["编号", "事项名称", "类别", "依据", MARKUP], *rows],
        "=1+1<i>": [[IMAGE, MARKUP], ["=1+1", "x"]],
    }
    pages = [body(upload(client, as_texts(sheets), name))]
    run = check(client)
    assert (run.state, run.count("refused")) == ("checked", 0), run.message
    pages += [body(client.get(url("preview"), asked)) for asked in ({}, {"q": MARKUP}, {"show": "skipped"})]
    marked = client.get(url("marked")).content
    answers = {"outcome": "publish", "missing": "keep", "title": MARKUP}
    pages.append(body(client.post(url("preview"), answers, follow=True)))
    assert ImportRun.objects.get().state == "done", ImportRun.objects.get().message
    edition = page.editions.current().get()
    rows_of = reverse("wagtailsnippets_policy_lists_listedition:rows", args=[edition.pk])
    for address in (url("result"), url("undo"), reverse("imports:history"), "/admin/", rows_of):
        pages.append(body(client.get(address)))
    pages.append(body(Client().get(page.url)))

    for text in pages:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert sum("&lt;script&gt;alert(1)" in text for text in pages) >= 6
    for file in (marked, client.get(reverse("imports:export", args=["lists"]), {"into": page.pk}).content):
        assert live_formulas(file) == []
    written = io.BytesIO()
    write_csv(sheets_of("lists", page)[0], written)
    cells = [cell for row in csv.reader(io.StringIO(written.getvalue().decode("utf-8-sig"))) for cell in row]
    assert MARKUP in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r"))] == []


def as_texts(sheets: dict[str, list[list[str]]]) -> bytes:
    """A workbook in which also what looks like a formula is a text, as exports of other programs have it."""
    made = openpyxl.load_workbook(io.BytesIO(book(sheets)))
    for sheet in made.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            cell.data_type = "s"
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def live_formulas(content: bytes) -> list[str]:
    opened = openpyxl.load_workbook(io.BytesIO(content))
    return [
        str(cell.value)
        for sheet in opened.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def test_a_name_that_reads_backwards_is_not_kept(client: Client) -> None:
    upload(client, "编号,事项名称\nb,乙\n".encode(), "清单\u202exslx.csv")

    assert ImportRun.objects.get().file_name.isprintable()


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("甲\u202e乙", "看不见的控制字符"),
        ("甲\x07乙", "看不见的控制字符"),
        ("甲\u2066乙", "看不见的控制字符"),
        ("长" * 32_767, "最多 500 个字"),
    ],
)
def test_a_cell_that_would_mislead_is_named(client: Client, cell: str, says: str) -> None:
    upload(client, f"编号,事项名称,类别\nb,{cell},丙\n".encode(), "清单.csv")
    run = check(client)

    shown = body(client.get(url("preview"), {"show": "refused"}))

    assert run.count("refused") == 1
    assert says in shown
    assert "\u202e" not in shown


def test_the_longest_text_of_a_cell_goes_in_whole(client: Client, page: PolicyListPage) -> None:
    longest = "长" * 32_767
    upload(client, book({"清单": [["编号", "事项名称", "依据"], ["b", "乙", longest]]}), "清单.xlsx")

    run = check(client)
    client.post(url("preview"), {"outcome": "publish", "missing": "keep"})

    assert run.count("new") == 1, run.message
    assert longest in page.editions.current().get().rows.get(key="b").values.values()


def test_formulas_without_a_result_are_named(client: Client) -> None:
    upload(client, book({"清单": [["编号", "事项名称"], ["b", "=1+1"]]}), "清单.xlsx")

    assert check(client).count("refused") == 1
    assert "公式没有算出结果" in body(client.get(url("preview"), {"show": "refused"}))


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize("which", ["columns", "rows"])
def test_empty_formatting_far_out_harms_nobody(client: Client, tmp_path: Path, which: str) -> None:
    header = text_cell("A1", "编号") + text_cell("B1", "事项名称")
    row = text_cell("A2", "b") + text_cell("B2", "乙")
    if which == "columns":
        row += "".join(f'<c r="{letters(number)}2" s="1"/>' for number in range(3, 16_000))
        after = ""
    else:
        after = "".join(f'<row r="{number}" s="1" customFormat="1"/>' for number in range(3, 100_000))
    path = tmp_path / "wide.xlsx"
    write_xlsx(path, sheet_xml(f'<row r="1">{header}</row><row r="2">{row}</row>{after}'))

    upload(client, path.read_bytes(), "清单.xlsx")
    run = check(client)

    assert (run.state, run.counts["new"], run.count("refused")) == ("checked", 1, 0), run.message
