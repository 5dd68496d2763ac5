"""A whole errand with nothing but keys: find the guide, choose the community, tick what is ready, go back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.accessibility.public import PLACE
from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

MOST = 80  # presses of Tab


def test_an_errand_by_keyboard_alone(page: Page, reading_site: Site) -> None:
    page.context.add_cookies([{"name": "reading", "value": "elder", "url": reading_site.address}])
    page.goto(reading_site.url())

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    tab_to(page, page.get_by_label("您想办什么事？"))
    page.keyboard.type("残疾补贴")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="残疾人两项补贴申请", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("残疾人两项补贴申请")

    tab_to(page, page.get_by_role("link", name="选择我的社区"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name=PLACE, exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=f"在您的社区：{PLACE}")).to_be_visible()

    tab_to(page, page.get_by_role("checkbox", name="居民身份证"))
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="居民身份证")).to_be_checked()
    tab_to(page, page.locator("#rest > summary"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="受理条件")).to_be_visible()

    page.evaluate("history.back()")  # what Alt and the left arrow do, which belong to the browser's window
    expect(page.get_by_role("heading", level=1)).to_have_text("选择我的社区")


def test_the_reading_bar_by_keyboard(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url("/guides/"))

    tab_to(page, page.locator(".readbar summary"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="宽松"))
    page.keyboard.press("Space")

    expect(page.locator("html")).to_have_attribute("data-spacing", "wide")
    tab_to(page, page.get_by_role("link", name="键盘怎么用"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="键盘怎么用")).to_be_in_viewport()


def test_the_focus_is_always_seen(new_page: NewPage, reading_site: Site) -> None:
    for colours in ("none", "active"):
        page = new_page(forced_colors=colours, reduced_motion="reduce")
        page.goto(reading_site.url("/guides/canjiren-butie/"))
        for _press in range(25):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => {
                    const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement);
                    const {top, bottom, width} = document.activeElement.getBoundingClientRect();
                    const isIn = bottom > 0 && top < innerHeight && width > 0;
                    return isIn && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
                }"""
            )
            assert seen, page.evaluate("document.activeElement.outerHTML")


def tab_to(page: Page, wanted: Locator) -> None:
    for _press in range(MOST):
        if wanted.and_(page.locator(":focus")).count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab did not reach {wanted} in {MOST} steps.")
