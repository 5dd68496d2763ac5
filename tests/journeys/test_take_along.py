"""A resident finds the nearest community, prints what to bring, and passes a page on in WeChat."""

import io
import re
import unicodedata
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.48.2580"
GUIDE = "/guides/laonianzheng/"
CERTIFICATE = "/certificates/national-20/entries/19/"
PASSED_ON = ("/", GUIDE, f"{GUIDE}sheet/", "/my-community/", "/offices/", CERTIFICATE)
IN_ZHUYUAN = {"latitude": 22.5195, "longitude": 113.3885}
IN_URUMQI = {"latitude": 43.8, "longitude": 87.6}
MORE_MATERIALS = """
from content_models.guides.models import GuidePage, Material

page = GuidePage.objects.get(slug="laonianzheng")
for number in range({number}):
    Material.objects.create(
        page=page, name=f"第{{number}}种很要紧的材料", necessity="1", originals=1, copies=2, spec="A4",
        source="10", source_note="到窗口领，也可以下载打印", sort_order=20 + number,
    )
"""
LONG_TITLE = """
GuidePage.objects.filter(slug="laonianzheng").update(title="很长的事项名称" * 8 + "办理登记")
"""


def printed(page: Page) -> list[str]:
    """The text of each sheet of paper, with characters for what is told as their radicals."""
    paper = page.pdf(prefer_css_page_size=True)
    texts = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(paper)).pages]
    return [unicodedata.normalize("NFKC", re.sub(r"\s", "", text)) for text in texts]


def test_what_to_bring_fits_on_one_sheet_and_flows_on_where_it_is_long(site: Site, page: Page) -> None:
    page.goto(site.url(GUIDE))
    page.get_by_role("link", name="打印办事清单").first.click()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    [sheet] = printed(page)
    assert "老年人优待证办理" in sheet
    assert "为准。" in sheet
    assert "我的社区" not in sheet

    site.manage("shell", "-c", MORE_MATERIALS.format(number=12))  # with the three it has
    page.goto(site.url(f"{GUIDE}sheet/?again"))
    expect(page.locator(".ticks__item")).to_have_count(15)
    [sheet] = printed(page)
    assert "第11种很要紧的材料" in sheet
    assert "为准。" in sheet

    site.manage("shell", "-c", MORE_MATERIALS.format(number=40))
    page.goto(site.url(f"{GUIDE}sheet/?long"))
    sheets = printed(page)
    assert 2 <= len(sheets) <= 3
    assert "为准。" in sheets[-1]


@pytest.mark.parametrize("community", ["", "竹苑社区"])
@pytest.mark.parametrize("reading", ["", "elder"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_sheet_is_one_page(
    prefix: str, reading: str, community: str, reading_site: Site, page: Page
) -> None:
    read_as(page, reading_site, reading, community)
    found = {}
    for guide in ("linshi-jiuzhu", "zhucan-dengji", "gongyixing-gangwei", "dibao", "laonianzheng"):
        page.goto(reading_site.url(f"{prefix}/guides/{guide}/sheet/"))
        found[guide] = len(printed(page))

    assert set(found.values()) == {1}, found


def test_elders_sheet_with_a_long_title_is_one_page_without_frames(site: Site, page: Page) -> None:
    site.manage("shell", "-c", MORE_MATERIALS.format(number=5) + LONG_TITLE)
    read_as(page, site, "elder", "竹苑社区")

    page.goto(site.url(f"{GUIDE}sheet/"))

    assert len(printed(page)) == 1
    first = page.locator(".ticks__item").first
    assert first.evaluate("(box) => getComputedStyle(box).borderStyle") == "none"
    code, note = (page.locator(each).bounding_box() for each in (".sheet__code", ".sheet .demo"))
    assert code
    assert note
    assert note["x"] + note["width"] <= code["x"] or note["y"] >= code["y"] + code["height"]


def read_as(page: Page, site: Site, reading: str, community: str) -> None:
    page.goto(site.url("/my-community/"))
    button = page.get_by_role("button", name=community, exact=True)
    cookies = {"reading": reading, "community": community and button.get_attribute("value")}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": site.address} for name, value in cookies.items() if value]
    )


def test_a_printed_guide_names_few_places_and_nothing_that_passes(reading_site: Site, page: Page) -> None:
    page.goto(reading_site.url(GUIDE))
    places = page.locator("#places .places__item a[href^='tel:']").all_text_contents()
    assert len(places) > 3

    sheets = printed(page)

    assert len(sheets) <= 7
    text = "".join(sheets)
    assert sum(place in text for place in places) == 3
    assert f"还有{len(places) - 3}个办理地点" in text
    for passing in ("现在不办公", "正在办公", "展开"):
        assert passing not in text
    assert page.locator(".articlebar").get_by_role("link", name="办事清单").is_visible()


def test_the_nearest_community_is_chosen_with_one_click(reading_site: Site, new_page: NewPage) -> None:
    page = new_page(geolocation=IN_ZHUYUAN, permissions=["geolocation"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    page.goto(reading_site.url(f"/my-community/?next={GUIDE}"))
    assert not any("communities.json" in each for each in asked)

    page.get_by_role("button", name="用我的位置找").click()
    found = page.locator("[data-near-list] li")
    expect(found.first).to_contain_text("竹苑社区")
    expect(found.first).to_contain_text(re.compile("步行约 [12] 分钟（估算）"))
    expect(found).to_have_count(5)
    found.first.get_by_role("button").click()

    expect(page.locator("#provision-title")).to_contain_text("竹苑社区")
    assert any("communities.json" in each for each in asked)
    assert not any("22.51" in each or "113.38" in each for each in asked)


def test_who_does_not_tell_where_they_are_is_told_what_to_do(reading_site: Site, new_page: NewPage) -> None:
    page = new_page()
    page.goto(reading_site.url("/my-community/"))

    page.get_by_role("button", name="用我的位置找").click()

    expect(page.locator("[data-near-status]")).to_contain_text("按名称找")
    field = page.get_by_label("社区或街道名称")
    beside, box = page.get_by_role("button", name="查找").bounding_box(), field.bounding_box()
    assert beside
    assert box
    assert abs(beside["y"] + beside["height"] - box["y"] - box["height"]) < 2
    field.fill("zysq")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("button", name="竹苑社区")).to_be_visible()


def test_the_nearest_office_is_found_where_one_stands(reading_site: Site, new_page: NewPage) -> None:
    page = new_page(geolocation=IN_ZHUYUAN, permissions=["geolocation"])
    for address in ("/offices/", GUIDE):
        page.goto(reading_site.url(address))
        page.get_by_role("button", name="用我的位置找").click()
        nearest = page.locator("[data-near-list] li").first
        expect(nearest.get_by_role("link")).to_contain_text("竹苑社区")
    nearest.get_by_role("link").click()
    expect(page.get_by_role("link", name=re.compile("看地图"))).to_be_visible()


def test_who_is_far_from_every_place_is_told_so(reading_site: Site, new_page: NewPage) -> None:
    page = new_page(geolocation=IN_URUMQI, permissions=["geolocation"])
    page.goto(reading_site.url("/offices/"))

    page.get_by_role("button", name="用我的位置找").click()

    expect(page.locator("[data-near-status]")).to_contain_text("50 公里内没有登记的地点")
    expect(page.locator("[data-near-list] li")).to_have_count(0)


def test_without_scripts_nobody_is_asked_where_they_are(reading_site: Site, noscript_page: Page) -> None:
    for address in ("/my-community/", "/offices/", GUIDE, f"{GUIDE}sheet/"):
        noscript_page.goto(reading_site.url(address))

        expect(noscript_page.get_by_role("button", name="用我的位置找")).to_have_count(0)
        expect(noscript_page.get_by_role("button", name="打印", exact=True)).to_have_count(0)


def test_wechat_shows_pages_without_panning_sideways(reading_site: Site, new_page: NewPage) -> None:
    for width in (320, 360, 414):
        phone: dict[str, Any] = {"viewport": {"width": width, "height": 780}, "is_mobile": True}
        page = new_page(user_agent=WECHAT, has_touch=True, device_scale_factor=3, **phone)
        for address in PASSED_ON:
            page.goto(reading_site.url(address))

            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            title = page.locator('meta[property="og:title"]').get_attribute("content")
            assert title
        assert page.locator("a[href^='tel:']").count() > 0
