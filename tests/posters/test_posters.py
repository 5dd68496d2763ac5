"""Posters and cards: what stands on them, as SVG and PDF, for one thing or for all of a place."""

import io
import re
import shutil
from typing import Any

import pypdf
import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from content_models.base.qr import code_of
from posters import fonts, screens
from posters.layout import HEIGHT, QUIET, WIDTH, Box, Text, fitted, lines_of, sheets_of, width_of
from posters.svg import svg_of
from posters.things import Poster
from publishing.publish import publish
from tests import factories

NEEDS_FONT = pytest.mark.skipif(
    shutil.which("fc-match") is None, reason="fontconfig finds fonts: apt install fontconfig fonts-noto-cjk"
)
ADDRESS = "http://testserver/guides/hu-li-bu-tie/"


def poster(title: str = "残疾人护理补贴", address: str = ADDRESS, **fields: Any) -> Poster:
    return Poster(kind="办事指南", title=title, lead="扫一扫", address=address, **fields)


def dark_modules(sheet: list[Any], size: int) -> set[tuple[int, int]]:
    """The dark modules of the only code on a sheet, as (row, column)."""
    boxes = [mark for mark in sheet if isinstance(mark, Box) and mark.colour == "#000000"]
    module = boxes[0].height
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    found = set()
    for box in boxes:
        row, column = round((box.y - top) / module), round((box.x - left) / module)
        found |= {(row, column + further) for further in range(round(box.width / module))}
    assert {row for row, _column in found} <= set(range(size))
    return found


@pytest.mark.parametrize("shape", ["poster", "cards"])
def test_the_code_holds_the_address_with_room_around_it(shape: str) -> None:
    [sheet] = sheets_of([poster()], shape=shape, site_name="家门口")

    matrix = code_of(ADDRESS).matrix

    expected = {(r, c) for r, row in enumerate(matrix) for c, is_dark in enumerate(row) if is_dark}
    assert dark_modules(sheet, len(matrix)) == expected
    boxes = [mark for mark in sheet if isinstance(mark, Box) and mark.colour == "#000000"]
    module = boxes[0].height
    left, right = min(box.x for box in boxes), max(box.x + box.width for box in boxes)
    top, bottom = min(box.y for box in boxes), max(box.y + box.height for box in boxes)
    for text in (mark for mark in sheet if isinstance(mark, Text)):
        width = width_of(text.text) * text.size
        start = text.x - width / 2 if text.anchor == "middle" else text.x
        is_beside = start > right + QUIET * module - 1 or start + width < left - QUIET * module + 1
        is_apart = text.y < top - QUIET * module + 1 or text.y - text.size > bottom + QUIET * module - 1
        assert is_beside or is_apart, text


@pytest.mark.parametrize("title", ["老", "名" * 60, "名" * 255, "Long Latin words " * 12, "𠮷䶮" * 30])
@pytest.mark.parametrize("shape", ["poster", "cards"])
def test_a_name_of_any_length_stands_whole_on_the_sheet(title: str, shape: str) -> None:
    [sheet] = sheets_of([poster(title, facts=("地址：" + "路" * 60,))], shape=shape, site_name="家门口")

    texts = [mark for mark in sheet if isinstance(mark, Text)]

    bold = "".join(mark.text for mark in texts if mark.is_bold)
    assert re.sub(r"\s", "", title) in re.sub(r"\s", "", bold)
    for mark in texts:
        width = width_of(mark.text) * mark.size
        start = mark.x - width / 2 if mark.anchor == "middle" else mark.x
        assert start >= 0
        assert start + width <= WIDTH
        assert mark.size <= mark.y <= HEIGHT


def test_lines_do_not_begin_with_a_closing_mark_and_are_even() -> None:
    assert lines_of("甲乙丙丁，戊己", 4) == ["甲乙丙丁，", "戊己"]
    assert lines_of("http://a.cn/" + "x" * 40, 10)[0] != ""
    assert all(width_of(line) <= 10 for line in lines_of("x" * 100, 10))
    assert [len(line) for line in fitted("一二三四五六七八九十", 9 * 10, 80, (10,))[1]] == [6, 4]


def test_words_on_a_drawing_are_words() -> None:
    [sheet] = sheets_of([poster("<script>&\"'")], shape="poster", site_name="家<门>口")

    drawn = svg_of(sheet, label='"><b>')

    read = BeautifulSoup(drawn, "html.parser")
    assert not read.find("script")
    assert not read.find("b")
    assert "<script>&\"'" in read.get_text()
    assert "style=" not in drawn


def test_eight_cards_stand_on_a_sheet() -> None:
    sheets = sheets_of([poster(f"第{number}件事") for number in range(17)], shape="cards", site_name="家门口")

    cuts = [[mark for mark in sheet if isinstance(mark, Box) and mark.is_cut] for sheet in sheets]
    assert [len(each) for each in cuts] == [8, 8, 1]
    assert all(cut.x >= 0 and cut.x + cut.width <= WIDTH for cut in cuts[0])
    assert all(cut.y >= 0 and cut.y + cut.height <= HEIGHT for cut in cuts[0])


# In the admin


@pytest.fixture
def editor(client: Client) -> Client:
    """The editor of one community, which offers one guide and has an office."""
    community = factories.community("江苏路社区")
    office = factories.office("江苏路中心", under=community)
    guide = publish(factories.guide("护理补贴", offices=[office]))
    publish(factories.guide("别处才办的事", offices=[office]))
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, office=office)
    publish(edition)
    factories.office("别处的中心", under=factories.community("海安社区"))
    client.force_login(factories.user("community_editor", community))
    return client


def text_of(answer: Any) -> list[str]:
    """The text of each page of a PDF."""
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return [re.sub(r"[\s\0]", "", page.extract_text()) for page in pages]


@pytest.mark.django_db
@NEEDS_FONT
def test_a_community_prints_what_is_offered_there(editor: Client, settings: Settings) -> None:
    settings.POSTER_FONT = ""

    guides, offices = (editor.get(reverse("posters:pdf"), {"kind": kind}) for kind in ("guides", "offices"))

    [guide], [office] = text_of(guides), text_of(offices)
    assert "护理补贴" in guide
    assert "http://testserver/" in guide
    assert "江苏路中心" in office
    assert "0592-2020001" in office
    assert len(guides.content) < 200_000  # not the whole font
    assert "attachment" in guides.headers["Content-Disposition"]


@pytest.mark.django_db
@NEEDS_FONT
def test_what_the_font_lacks_is_said_and_not_left_out(editor: Client, settings: Settings) -> None:
    settings.POSTER_FONT = ""
    community = factories.fresh(factories.CommunityPage.objects.get(title="江苏路社区"))
    publish(factories.office("\U000e0100中心", under=community, address="\U0010fffe路"))

    answer = editor.get(reverse("posters:pdf"), {"kind": "offices"}, follow=True)

    assert "字体里没有这些字" in answer.content.decode()
    assert "打印" in answer.content.decode()


@pytest.mark.django_db
def test_without_a_chinese_font_the_way_out_is_said(editor: Client) -> None:
    answer = editor.get(reverse("posters:pdf"), {"kind": "offices", "shape": "cards"}, follow=True)

    said = answer.content.decode()
    assert "没有中文字体" in said
    assert "fonts-noto-cjk" in said
    printed = editor.get(reverse("posters:print"), {"kind": "offices", "shape": "cards"}).content.decode()
    assert printed.count("<svg") == 1
    assert "江苏路中心" in printed


def test_a_font_is_named_by_file_and_number(settings: Settings, tmp_path: Any) -> None:
    file = tmp_path / "own.ttc"
    settings.POSTER_FONT = f"{file}#2"
    with pytest.raises(fonts.NoFont):
        fonts.font(is_bold=False)

    file.write_bytes(b"")

    assert fonts.font(is_bold=True) == fonts.Font(str(file), 2)


@pytest.mark.django_db
def test_many_are_parted_and_each_part_is_printed(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "MOST", 2)
    community = factories.CommunityPage.objects.get(title="江苏路社区")
    for number in range(4):
        factories.office(f"代办点{number}", under=community)

    screen = BeautifulSoup(editor.get(reverse("posters:index"), {"kind": "offices"}).content, "html.parser")

    links = [str(link["href"]) for link in screen.find_all("a", href=re.compile("/print/"))]
    assert len(links) == 3
    assert "第 5–5 个" in screen.get_text()
    sheets = [editor.get(link).content.decode().count("<svg") for link in links]
    assert sheets == [2, 2, 1]
    beyond = editor.get(reverse("posters:print"), {"kind": "offices", "part": "99999"})
    assert beyond.content.decode().count("<svg") == 1


@pytest.mark.django_db
def test_one_works_only_on_ones_own_pages(editor: Client) -> None:
    own, other = (factories.OfficePage.objects.get(title=title) for title in ("江苏路中心", "别处的中心"))
    draft = factories.office("草稿中心", under=own.get_parent().specific, live=False)

    def statuses(page: Any) -> set[int]:
        names = ("page", "print_page", "svg_of_page")
        return {editor.get(reverse(f"posters:{name}", args=[page.pk])).status_code for name in names}

    assert statuses(own) == {200}
    assert statuses(other) == statuses(draft) == statuses(own.get_parent()) == {404}
    elsewhere = other.get_parent().pk
    assert "别处的中心" not in editor.get(reverse("posters:index"), {"place": elsewhere}).content.decode()
    assert editor.get(reverse("posters:print"), {"place": elsewhere, "kind": "offices"}).status_code == 404


@pytest.mark.django_db
def test_the_page_itself_leads_to_its_poster(editor: Client) -> None:
    own = factories.OfficePage.objects.get(title="江苏路中心")

    form = editor.get(reverse("wagtailadmin_pages:edit", args=[own.pk])).content.decode()

    assert reverse("posters:page", args=[own.pk]) in form
    svg = editor.get(reverse("posters:svg_of_page", args=[own.pk]))
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert "江苏路中心" in svg.content.decode()


@pytest.mark.django_db
def test_each_certificate_of_a_list_has_its_poster(client: Client) -> None:
    page = factories.certificate_list()
    edition = factories.certificate_edition(page, ("亲属关系证明", "健在证明"), published=True)
    item, other = edition.rows.order_by("order")
    client.force_login(factories.user("administrator"))

    one = client.get(reverse("posters:print_page", args=[page.pk]), {"key": item.key}).content.decode()
    none = client.get(reverse("posters:print_page", args=[page.pk]), {"key": "no-such"})

    whole = client.get(reverse("posters:page", args=[page.pk])).content.decode()

    assert f'href="?key={other.key}"' in whole
    assert item.name in one
    assert other.name not in one
    assert f"http://testserver{item.url}" in re.sub("</text><text[^>]*>", "", one)
    assert none.status_code == 404
