"""Someone at the window pauses it from a phone, and residents read it on every page that names it."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database

OFFICE = "江苏路社区党群服务中心（示例）"
COMMUNITY = "江苏路社区（示例）"
# Whether the office has hours today depends on the day the test runs; that it is paused does not.
PAUSED = "暂停办理"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def clerk(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A phone at the window, once with JavaScript and once without."""
    return new_page(
        viewport={"width": 375, "height": 812},
        has_touch=True,
        is_mobile=True,
        java_script_enabled=request.param,
    )


def test_a_window_pauses_in_two_taps_and_resumes_in_one(clerk: Page, new_page: NewPage, site: Site) -> None:
    resident = new_page()
    resident.goto(site.url("/my-community/"))
    resident.get_by_role("button", name=COMMUNITY).click()

    site.sign_in(clerk, "community_editor")
    clerk.get_by_role("link", name="我要设置窗口状态").tap()
    expect(clerk.locator(".window")).to_have_count(1)
    holds_the_width(clerk)
    clerk.locator("summary").filter(has_text=PAUSED).tap()
    holds_the_width(clerk)
    clerk.get_by_role("button", name="系统维护").tap()
    expect(clerk.get_by_role("button", name="恢复办理")).to_be_visible()
    expect(clerk.locator(".messages")).to_contain_text("居民现在看到“暂停办理")
    reads(resident, site, count=1)

    clerk.get_by_role("button", name="恢复办理").tap()
    expect(clerk.get_by_role("button", name="恢复办理")).to_have_count(0)
    reads(resident, site, count=0)


def test_a_mistyped_time_is_said_and_put_right(clerk: Page, site: Site) -> None:
    site.sign_in(clerk, "community_editor")
    clerk.goto(site.url("/admin/window-status/"))
    choice = clerk.locator("details").filter(has_text=PAUSED)
    choice.locator("summary").tap()
    choice.get_by_role("radio", name="到别的时间").check()
    choice.get_by_label("日期").fill("2020-01-01")
    choice.get_by_label("几点").fill("15:00")
    choice.get_by_role("textbox", name="补充几个字").fill("打印机")
    choice.get_by_role("button", name="设备故障").tap()

    expect(choice.get_by_role("alert")).to_have_text("01-01 15:00 已经过去了，请选晚一些的时间。")
    expect(choice.get_by_role("textbox", name="补充几个字")).to_have_value("打印机")
    choice.get_by_role("radio", name="1 小时").check()
    choice.get_by_role("button", name="设备故障").tap()

    expect(clerk.locator(".window__state")).to_contain_text("设备故障：打印机")


def holds_the_width(page: Page) -> None:
    page.wait_for_load_state()  # a link leads to the page's words first, then to its style sheets
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    touched = page.locator(".window :is(summary, button:not(.w-sr-only), label.window__moment)")
    for box in [place.bounding_box() for place in touched.filter(visible=True).all()]:
        assert box is not None
        assert box["height"] >= 44, box
        assert box["x"] + box["width"] <= 375, box


def reads(resident: Page, site: Site, *, count: int) -> None:
    """The resident's home page and the office's own say it, or no longer do."""
    resident.goto(site.url("/"))
    expect(resident.locator("#my-community-card").get_by_text(PAUSED)).to_have_count(count)
    resident.get_by_role("link", name=OFFICE).click()
    expect(resident.get_by_role("heading", level=1)).to_have_text(OFFICE)
    expect(resident.locator("#now").get_by_text(PAUSED)).to_have_count(count)
