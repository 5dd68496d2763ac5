"""Two spreadsheets side by side, in memory only."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from imports.compare import compare, proposed_keys, table_in
from imports.lanes import NotNow
from imports.reading import workbook
from tests import factories

RESIDENTS = "姓名,身份证号,地址\n甲,１1,一号\n乙,22,二号\n丙,33,三号\n丙,33,三号\n丁,,四号\n"
DECLARED = "证件,申报人,身份证号码,住址\n1,甲, 11 ,一号\n2,丙,33,五号\n3,戊,55,六号\n"


def tables() -> tuple[Any, Any]:
    return table_in(RESIDENTS.encode(), "居民.csv"), table_in(DECLARED.encode(), "申报.csv")


def test_rows_belong_together_by_key_however_it_is_written() -> None:
    a, b = tables()

    result = compare(a, b, key_a="身份证号", key_b="身份证号码")

    assert result.same + len(result.different) == 2
    assert [cells["姓名"] for _row, cells in result.only_a] == ["乙"]
    assert [cells["申报人"] for _row, cells in result.only_b] == ["戊"]
    assert result.a.repeated == [(5, "33")]
    assert result.a.without_key == [6]


def test_columns_that_mean_the_same_are_compared() -> None:
    a, b = tables()
    columns = {left for left, _right in compare(a, b, key_a="身份证号", key_b="身份证号码").columns}

    chosen = compare(a, b, key_a="身份证号", key_b="身份证号码", columns=[])

    assert "身份证号" not in columns
    assert chosen.columns == []
    assert chosen.same == 2


def test_the_key_is_proposed() -> None:
    assert proposed_keys(["姓名", "身份证号"], ["身份证号", "姓名"]) == ("身份证号", "身份证号")


def test_a_key_that_is_not_there_is_named() -> None:
    a, b = tables()

    with pytest.raises(NotNow, match="没有“户号”这一列"):
        compare(a, b, key_a="户号", key_b="身份证号码")


@pytest.fixture
def staff(db: None) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(factories.user("street_editor", factories.street()))
    return client


def files() -> dict[str, Any]:
    return {
        "a": SimpleUploadedFile("居民.csv", RESIDENTS.encode()),
        "b": SimpleUploadedFile("申报.csv", DECLARED.encode()),
    }


def test_the_answer_carries_its_own_download_and_is_never_stored(
    staff: Client, tmp_path: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1

    response = staff.post(reverse("imports:compare"), {**files(), "key_a": "身份证号", "key_b": "身份证号码"})

    page = response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert "不保存" in page
    assert "只在 A 里" in page
    content = base64.b64decode(re.search(r"base64,([A-Za-z0-9+/=]+)", page)[1])  # type: ignore[index]
    book = workbook.read(content, name="结果.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["不一致", "只在 A 里", "只在 B 里", "重复或没有编号"]
    assert list(tmp_path.iterdir()) == []


def test_headers_are_offered(staff: Client) -> None:
    answer = staff.post(reverse("imports:compare_headers"), files()).json()

    assert answer["a"] == ["姓名", "身份证号", "地址"]
    assert (answer["key_a"], answer["key_b"]) == ("身份证号", "身份证号码")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.exe", b"MZ", "不认识"),
        ("a.csv", b"", "空"),
        ("a.csv", b"x" * (11 << 20), "最大 10 MB"),
    ],
)
def test_what_is_no_spreadsheet_is_said_beside_the_form(
    staff: Client, name: str, content: bytes, says: str
) -> None:
    response = staff.post(
        reverse("imports:compare"),
        {"a": SimpleUploadedFile(name, content), "b": SimpleUploadedFile("b.csv", DECLARED.encode())},
    )

    assert says in response.content.decode()


def test_comparing_asks_for_the_forms_own_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user("street_editor", factories.street()))

    assert client.post(reverse("imports:compare"), files()).status_code == 403


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(reverse("imports:compare")).status_code == 302


def test_html_in_cells_is_text(staff: Client) -> None:
    hostile = io.BytesIO("姓名,身份证号\n<script>alert(1)</script>,1\n".encode()).getvalue()

    page = staff.post(
        reverse("imports:compare"),
        {"a": SimpleUploadedFile("a.csv", hostile), "b": SimpleUploadedFile("b.csv", DECLARED.encode()),
         "key_a": "身份证号", "key_b": "身份证号码"},
    ).content.decode()  # fmt: skip

    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("kind", ["lists"])
def test_templates_and_exports_are_offered_to_staff(staff: Client, kind: str) -> None:
    response = staff.get(reverse("imports:template", args=[kind]))

    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert workbook.read(response.content, name="模板.xlsx").sheets
    asked = staff.get(reverse("imports:export", args=[kind]), follow=True)
    assert "请指明要导出哪个清单。" in asked.content.decode()
    assert staff.get(reverse("imports:export", args=["nothing"])).status_code == 404
    assert staff.get(reverse("imports:template", args=[kind]) + "?into=abc").status_code == 404
