"""What the checks find in a guide: mended from the panel, refused, or seen and published anyway."""

import pytest
from playwright.sync_api import Page, expect

from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database


def test_a_number_is_masked_in_the_panel_and_a_reminder_is_ticked(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/guides/"))
    page.get_by_role("main").get_by_role("link", name="老年人优待证办理").first.click()
    summary = page.locator("[name=summary]")
    summary.fill("问办事员 13812343210，当场就能领。")

    publish(page)
    beside = page.locator(".w-field__errors").filter(has_text="手机号码 138****3210。请打码后再公开。")
    expect(beside).to_be_visible()
    expect(summary).to_have_value("问办事员 13812343210，当场就能领。")

    page.get_by_role("button", name="打开或收起检查").click()
    page.get_by_role("button", name="打码").click()
    expect(summary).to_have_value("问办事员 138****3210，当场就能领。")
    page.get_by_role("tab", name="流程与办理").click()
    page.locator("[name=visits]").fill("1")
    page.locator("[name=visit_reason]").fill("")
    publish(page)
    seen = page.get_by_label("我已看过以上提醒")
    expect(page.locator(".staff-unseen")).to_contain_text("请写明“必须现场办理原因”")

    seen.check()
    publish(page)
    expect(page.get_by_text("已发布。")).to_be_visible()
    page.goto(site.url("/guides/laonianzheng/"))
    expect(page.get_by_text("问办事员 138****3210，当场就能领。")).to_be_visible()


def test_on_a_phone_the_panel_waits_until_it_is_asked_for(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/guides/"))
    page.get_by_role("main").get_by_role("link", name="老年人优待证办理").first.click()
    toggle = page.get_by_role("button", name="打开或收起检查")
    toggle.click()
    expect(page.locator("[data-findings]")).to_be_visible()

    page.reload()
    expect(toggle).to_have_attribute("aria-expanded", "true")

    page.set_viewport_size({"width": 375, "height": 812})
    page.reload()
    expect(page.locator(".form-side:not(.form-side--initial)")).to_be_attached()
    expect(toggle).to_have_attribute("aria-expanded", "false")


@pytest.mark.long
def test_checks_that_did_not_come_are_asked_for_again(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/guides/"))
    page.get_by_role("main").get_by_role("link", name="老年人优待证办理").first.click()
    page.get_by_role("button", name="打开或收起检查").click()
    page.route("**/findings/", lambda route: route.abort())

    page.locator("[name=summary]").fill("问办事员 13812343210，当场就能领。")
    failed = page.get_by_text("现在检查不了，请稍后再试")
    expect(failed).to_be_visible()

    page.unroute("**/findings/")
    expect(page.get_by_role("button", name="打码")).to_be_visible()
    expect(failed).to_have_count(0)


def publish(page: Page) -> None:
    """As the button does, for a form whose window asks before it is left."""
    page.get_by_role("button", name="更多操作").last.click()
    page.get_by_role("button", name="发布", exact=True).click()
