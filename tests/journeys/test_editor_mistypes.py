"""What an editor types stays as typed, and a form with errors shows the first of them."""

import pytest
from playwright.sync_api import Page, expect

from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database


def test_a_wrong_date_stays_and_the_form_opens_where_it_is(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    open_a_guide(page, site)

    type_in(page, "生效日期", "2026-02-30")
    type_in(page, "咨询电话", "0000-55550199")
    page.get_by_role("tab", name="流程与办理").click()
    page.get_by_role("button", name="保存草稿").click()

    expect(page.get_by_role("tab", name="基本信息")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("请填写有效的日期，例如 2026-11-20。")).to_be_visible()
    expect(page.get_by_role("textbox", name="生效日期")).to_have_value("2026-02-30")
    expect(page.get_by_role("textbox", name="咨询电话")).to_have_value("0000-55550199")


@pytest.mark.long
def test_leaving_a_date_or_time_changes_nothing(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    open_a_guide(page, site)

    for text in ("明天", "2026年11月20日", "2026.11.20"):
        type_in(page, "生效日期", text)
        expect(page.get_by_role("textbox", name="生效日期")).to_have_value(text)


@pytest.mark.long
def test_an_office_taken_off_is_asked_for_on_its_own_tab(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    open_a_guide(page, site)

    page.get_by_role("tab", name="流程与办理").click()
    take_off = page.get_by_role("button", name="去掉")
    while take_off.count():
        take_off.first.click()
    page.get_by_role("tab", name="基本信息").click()
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="发布", exact=True).click()

    expect(page.get_by_role("tab", name="流程与办理")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("请填写这一项。")).to_be_visible()


def open_a_guide(page: Page, site: Site) -> None:
    page.goto(site.url("/admin/guides/"))
    page.get_by_role("main").get_by_role("link", name="住房改作经营场所咨询转办").first.click()
    expect(page.get_by_role("textbox", name="标题")).to_be_visible()


def type_in(page: Page, label: str, text: str) -> None:
    """As a person does: clears the box, types letter by letter, goes on to the next box."""
    box = page.get_by_role("textbox", name=label)
    box.fill("")
    box.press_sequentially(text)
    box.press("Tab")
