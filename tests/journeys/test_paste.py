"""Pasting into formatted text: what cleaning would change is shown first, and one's choice goes in."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database

PASTE = """(editor, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  editor.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
}"""
# Its number stands alone wherever in the notice the text goes in.
UNTIDY = "　　请带身份证,户口簿\n\n— 3 —\n联系 13812343210。"


def test_cleaned_text_goes_in_by_keyboard_and_is_masked_by_one_click(page: Page, site: Site) -> None:
    editor = open_a_notice(page, site)

    editor.evaluate(PASTE, UNTIDY)
    dialog = page.get_by_role("dialog", name="粘贴的内容可以整理一下")
    expect(dialog.get_by_text("汉字之间的英文标点：1 处")).to_be_visible()
    expect(dialog.get_by_role("button", name="用整理后的")).to_be_focused()
    page.keyboard.press("Enter")

    expect(editor).to_contain_text("请带身份证，户口簿")
    expect(editor).not_to_contain_text("— 3 —")
    page.get_by_role("button", name="打开或收起检查").click()
    page.get_by_role("button", name="打码").first.click()
    expect(editor).to_contain_text("联系 138****3210")


@pytest.mark.long
def test_it_may_go_in_as_it_is_or_not_at_all(page: Page, site: Site) -> None:
    editor = open_a_notice(page, site)
    dialog = page.get_by_role("dialog", name="粘贴的内容可以整理一下")

    editor.evaluate(PASTE, UNTIDY)
    dialog.wait_for()
    page.keyboard.press("Escape")
    expect(editor).not_to_contain_text("户口簿")

    editor.evaluate(PASTE, UNTIDY)
    dialog.get_by_role("button", name="按原样粘贴").click()
    expect(editor).to_contain_text("身份证,户口簿")


@pytest.mark.long
def test_sound_text_goes_in_at_once_and_any_text_when_nobody_answers(page: Page, site: Site) -> None:
    editor = open_a_notice(page, site)

    editor.evaluate(PASTE, "请带户口簿。")
    expect(editor).to_contain_text("请带户口簿。")

    page.route("**/quality/paste/", lambda route: route.abort())
    editor.evaluate(PASTE, "再带照片,两张")
    expect(editor).to_contain_text("再带照片,两张")
    expect(page.get_by_role("dialog")).to_have_count(0)


def open_a_notice(page: Page, site: Site) -> Locator:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/notices/"))
    page.get_by_role("main").get_by_role("link", name="11月26日下午窗口不开").first.click()
    editor = page.locator(".Draftail-Editor [contenteditable=true]").first
    editor.click()
    return editor
