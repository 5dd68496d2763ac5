"""A resident reports who still demands a cancelled certificate, and says whether a page was useful."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
SENDING = 15_000  # ms: the site wants to see nobody answer faster than one can read


def send(page: Page, button: str) -> None:
    """Press the button; who is told that this was too fast presses it again."""
    page.get_by_role("button", name=button).click()
    again = page.get_by_text("按得太快了")
    thanks = page.get_by_text("谢谢，我们收到了").first
    expect(again.or_(thanks).first).to_be_visible(timeout=SENDING)
    while again.is_visible():
        page.get_by_role("button", name=button).click()
        expect(again.or_(thanks).first).to_be_visible(timeout=SENDING)
    expect(thanks).to_be_visible()


def test_a_report_is_sent_and_its_receipt_tells_what_became_of_it(
    resident: Page, page: Page, site: Site
) -> None:
    resident.goto(site.url("/search/?q=住改商证明"))
    resident.get_by_role("link", name="有人还在要这个证明？").first.click()
    expect(resident.get_by_role("main")).to_contain_text("住改商证明")
    resident.get_by_label("哪个单位、哪个窗口要的").fill("江苏路街道某窗口")
    resident.get_by_label("他们怎么说").fill("身份证 11010519491231002X 也要交")
    resident.get_by_role("button", name="提交").click()

    summary = resident.get_by_role("alert")
    expect(summary).to_contain_text("110105********002X")
    summary.get_by_role("link").click()
    expect(resident.get_by_label("他们怎么说")).to_be_focused()
    resident.get_by_role("button", name="帮我把号码遮住").click()
    expect(resident.get_by_label("他们怎么说")).to_have_value("身份证 110105********002X 也要交")
    send(resident, "提交")
    receipt = resident.locator(".receipt__code").inner_text()

    site.sign_in(page, "admin")
    page.get_by_role("link", name="1 条证明索要反映还没办结").click()
    page.get_by_role("link", name="江苏路街道某窗口").click()
    page.get_by_label("已答复").check()
    page.get_by_label("给居民的答复").fill("已要求窗口改正。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存：已答复。")).to_be_visible()

    resident.goto(site.url("/feedback/receipts/"))
    resident.get_by_label("回执编号").fill(receipt.lower())
    resident.get_by_role("button", name="查一查").click()
    expect(resident.get_by_role("main")).to_contain_text("已要求窗口改正。")
    resident.get_by_role("link", name="住改商证明").click()
    expect(resident.get_by_role("main")).to_contain_text(re.compile(r"近一年有 [12] 人反映仍被要求提供"))


def test_a_page_is_judged(resident: Page, site: Site) -> None:
    resident.goto(site.url("/guides/laonianzheng/"))
    resident.get_by_role("link", name="没帮助").click()
    resident.get_by_label("哪里没写清楚，或者不对？").fill("没写周末开不开门")
    send(resident, "提交：没帮助")


def test_with_script_it_is_judged_in_place_by_keyboard(new_page: NewPage, site: Site) -> None:
    page = new_page(**PHONE)
    page.goto(site.url("/guides/laonianzheng/"))
    page.get_by_role("link", name="有帮助").focus()
    page.keyboard.press("Enter")
    words = page.get_by_label("哪里有帮助？")
    expect(words).to_be_focused()
    expect(page.get_by_role("link", name="有帮助")).to_have_attribute("aria-current", "true")

    page.keyboard.press("Escape")
    expect(words).to_have_count(0)
    expect(page.get_by_role("link", name="有帮助")).to_be_focused()
    page.keyboard.press("Enter")
    expect(words).to_be_focused()
    page.keyboard.type("打 13812345678 问到了")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused(timeout=SENDING)
    expect(page.get_by_role("alert")).to_contain_text("138****5678")

    words.fill("写得清楚")
    page.get_by_role("button", name="提交：有帮助").press("Enter")
    thanks = page.locator("[data-useful-thanks]")
    expect(thanks).to_be_focused(timeout=SENDING)
    expect(page.get_by_role("status").filter(has_text="谢谢，我们收到了")).to_have_count(1)
    expect(page).to_have_url(re.compile("/guides/laonianzheng/$"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("address", ["/feedback/demands/", "/feedback/receipts/"])
def test_the_forms_fit_a_small_phone(new_page: NewPage, reading_site: Site, address: str) -> None:
    page = new_page(**PHONE)
    page.goto(reading_site.url(address))

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
