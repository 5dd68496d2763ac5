"""A district editor chooses a colour, is offered a better one, sees it before saving; the site wears it."""

import pytest
from playwright.sync_api import Page, expect

from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database


def test_a_colour_is_mended_seen_saved_and_worn(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/settings/appearance/districtlook/"))
    brand = page.get_by_role("textbox", name="主色", exact=True)
    preview = page.frame_locator("iframe[title=首页预览]")

    brand.fill("#c8742f")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("正文要 4.5:1").first).to_be_visible()
    page.get_by_role("button", name="改用 #b36116").click()

    expect(brand).to_have_value("#b36116")
    expect(preview.locator(".header")).to_have_css("background-color", "rgb(179, 97, 22)")
    page.get_by_role("button", name="深色").click()
    expect(preview.locator("html")).to_have_attribute("data-colours", "dark")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("外观已更新。")).to_be_visible()

    page.goto(site.url("/"))
    expect(page.locator(".header")).to_have_css("background-color", "rgb(179, 97, 22)")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".header")).not_to_have_css("background-color", "rgb(179, 97, 22)")
    page.goto(site.url("/dongqu/"))  # which has a look of its own
    expect(page.locator('link[href^="/look/"]')).to_have_count(0)


def test_a_themes_fonts_hold_in_every_language(page: Page, reading_site: Site) -> None:
    for prefix in ("", "/zh-hant", "/en"):
        page.goto(reading_site.url(f"{prefix}/dongqu/"))
        assert page.locator('link[href*="harbour/"]').count() == 1

        assert font_of(page, "h1") == font_of(page, "body"), prefix
    page.goto(reading_site.url("/en/"))
    assert font_of(page, "h1") != font_of(page, "body")


def font_of(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("(box) => getComputedStyle(box).fontFamily"))
