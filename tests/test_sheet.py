"""办事清单: what to bring, where to and how it goes on, for the reader's community, to be printed."""

from typing import Any

import pytest
import segno
from bs4 import BeautifulSoup
from django.test import Client

from content_models.base.qr import svg_of
from content_models.guides.models import GuidePage, GuideTranslation, Material
from content_models.places.models import OfficePage
from publishing.publish import publish
from tests import factories
from tests.delivery.readers import as_django_says, readers
from tests.factories import committed
from tests.live.visitors import Site, run


def soup_of(answer: Any) -> Any:
    return BeautifulSoup(answer.content, "html.parser")


def sheet_of(client: Client, guide: Any, address: str = "") -> Any:
    answer = client.get(address or f"{factories.fresh(guide).url}sheet/")
    assert answer.status_code == 200
    return soup_of(answer).find(id="sheet")


@pytest.mark.django_db
def test_the_sheet_says_what_to_bring_where_to_and_by_when(client: Client) -> None:
    materials = [Material(name="身份证", originals=1, copies=2), Material(name="户口簿", necessity="4")]
    office = factories.office("江苏路中心", address="江苏路 1 号", phone="0592-2020001")
    guide = publish(factories.guide(materials=materials, offices=[office], steps=("受理", "发证")))

    sheet = sheet_of(client, guide)

    ticked = sheet.select(".ticks__item")
    assert len(ticked) == 1
    assert "身份证" in ticked[0].get_text()
    assert "原件 1 份、复印件 2 份" in ticked[0].get_text()
    assert sheet.select_one(".ticks__spared").get_text(strip=True) == "不用带：户口簿"
    said = sheet.get_text(" ", strip=True)
    for each in ("受理", "发证", "4 个工作日", "不收费", "江苏路中心", "江苏路 1 号", "以网页为准"):
        assert each in said, each
    assert "周一至周五 09:00–12:00、13:30–17:00" in said
    assert sheet.find("a", href="tel:0592-2020001")


@pytest.mark.django_db
def test_the_code_leads_to_the_live_page_in_the_readers_language(client: Client) -> None:
    guide = publish(factories.guide())
    url = factories.fresh(guide).url

    for prefix in ("", "/zh-hant", "/en"):
        sheet = sheet_of(client, guide, f"{prefix}{url}sheet/")
        drawn = sheet.select_one("svg.qr path[stroke]")["d"]
        assert f"http://testserver{prefix}{url}" in sheet.get_text()
        assert drawn in svg_of(f"http://testserver{prefix}{url}")
    assert segno.make("http://testserver/x/", error="m", micro=False).matrix


@pytest.mark.django_db
def test_the_sheet_in_english_says_what_was_translated(client: Client) -> None:
    guide = factories.guide(materials=["身份证"], steps=("受理",))
    guide.in_other_languages.add(
        GuideTranslation(language="en", title="Care allowance", materials="<ul><li>Identity card</li></ul>")
    )
    publish(guide.save_revision().as_object())
    url = factories.fresh(guide).url

    english, chinese = sheet_of(client, guide, f"/en{url}sheet/"), sheet_of(client, guide)

    assert english.h1.get_text() == "Care allowance"
    assert guide.title in english.header.get_text()
    assert english.select_one(".sheet__told li").get_text() == "Identity card"
    assert "身份证" not in english.get_text()
    assert english.select_one(".sheet__steps").get_text(strip=True) == "受理"  # nobody translated it
    assert "The Chinese text is what holds" in english.get_text()
    assert chinese.h1.get_text() == guide.title
    assert "身份证" in chinese.get_text()


@pytest.mark.django_db
def test_the_guide_links_to_its_sheet_in_its_language(client: Client) -> None:
    url = factories.fresh(publish(factories.guide())).url

    for prefix in ("", "/zh-hant"):
        page = soup_of(client.get(f"{prefix}{url}"))
        assert page.main.find("a", href=f"{prefix}{url}sheet/")


@pytest.mark.django_db
def test_the_sheet_names_the_office_of_the_readers_community(client: Client) -> None:
    community = factories.community("桃苑社区")
    own, other = factories.office("桃苑中心", under=community), factories.office("别处的中心")
    guide = publish(factories.guide(offices=[other]))
    edition = factories.provision_edition(community, published=False)
    factories.provision(edition, guide, office=own, window="3", hours="周一 09:00-11:30", promised_days=1)
    publish(edition)
    client.cookies["community"] = str(community.pk)

    said = sheet_of(client, guide).get_text(" ", strip=True)

    assert "桃苑中心" in said
    assert "3 号窗口" in said
    assert "周一 09:00-11:30" in said
    assert "1 个工作日" in said
    assert "别处的中心" not in said


@pytest.mark.django_db
def test_a_guide_without_offices_says_whom_to_ask(client: Client) -> None:
    office = factories.office()
    guide = publish(factories.guide(offices=[office], consult_phone="0592-2020009"))
    OfficePage.objects.filter(pk=office.pk).update(live=False)

    pages = [sheet_of(client, guide), soup_of(client.get(factories.fresh(guide).url)).main]

    for page in pages:
        assert "办理地点还没有登记" in page.get_text()
        assert page.find("a", href="tel:0592-2020009")
        assert page.find("a", href="tel:12345")


@pytest.mark.django_db
def test_long_and_rare_names_stand_on_the_sheet_whole(client: Client) -> None:
    name = "䶮𠮷" + "很长的材料名称" * 20
    guide = publish(factories.guide("残" * 200, materials=[name, "<b>证</b> עברית"]))

    sheet = sheet_of(client, guide)

    assert name in sheet.get_text()
    assert "<b>证</b> עברית" in sheet.get_text()
    assert not sheet.find("b")


@pytest.mark.django_db
def test_offices_are_numbered_in_a_sketch_and_the_nearest_comes_first(client: Client) -> None:
    community = factories.community("桃苑社区")
    factories.office("桃苑中心", under=community, latitude="36.0700", longitude="120.3800")
    far = factories.office("甲中心", latitude="36.0800", longitude="120.3800")
    near = factories.office("乙中心", latitude="36.0720", longitude="120.3800")
    guide = publish(factories.guide(offices=[far, near]))
    client.cookies["community"] = str(community.pk)

    sheet = sheet_of(client, guide)

    assert [each.find("strong").get_text() for each in sheet.select(".sheet__place")] == [
        "1乙中心",
        "2甲中心",
    ]
    assert "步行约 5 分钟（估算）" in sheet.get_text()
    assert len(sheet.select("svg .sheet__dot")) == 2
    assert sheet.select_one("svg .sheet__home")


@committed
def test_the_sheet_is_kept_in_memory_and_changes_with_the_guide() -> None:
    factories.home()
    guide = publish(factories.guide())
    address = f"{factories.fresh(guide).url}sheet/"

    with readers() as some:
        first, again = some.get(address), some.get(address)
        assert some.rendered == [address]
        guide = factories.fresh(guide)
        guide.materials.set([Material(name="新加的表")])
        guide.save_revision()
        publish(guide)
        some.look()
        later = some.get(address)
        some.settle()
        later = some.get(address)

    assert first.content == again.content
    assert "新加的表" in later.text == as_django_says(address)


@committed
def test_an_open_sheet_gets_what_it_missed() -> None:
    guide = publish(factories.guide())
    address = f"{factories.fresh(guide).url}sheet/"
    guide = GuidePage.objects.get(pk=guide.pk)
    guide.materials.set([Material(name="新加的表")])
    guide.save_revision()
    publish(guide)

    answer = run(lambda: Site().get(f"/live/{guide.topic}/", since=1, on=address))

    assert "新加的表" in answer.json["regions"]["main"]
    assert 'id="sheet"' in answer.json["regions"]["main"]
    assert answer.json["title"].startswith("办事清单")
