"""A notice goes public after somebody other than its author has approved it."""

from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site

TITLE = "下周三上午停水"
TEXT = "下周三上午8点到11点停水，请提前存水。"


def test_a_notice_is_approved_by_another_and_read(
    page: Page, new_page: NewPage, noscript_page: Page, site: Site
) -> None:
    site.sign_in(page, "district_editor")
    write_notice(page)
    submit(page)
    may_not_approve(page, site)
    answer = noscript_page.goto(site.url("/notices/"))
    assert answer is not None
    assert TITLE not in noscript_page.content()

    reviewer = new_page()
    site.sign_in(reviewer, "reviewer")
    approve(reviewer)

    for resident in (new_page(), noscript_page):
        read(resident, site)


def write_notice(page: Page) -> None:
    """我要发布一条公告, in the district's own channel."""
    page.get_by_role("link", name="我要发布一条公告").click()
    page.get_by_role("link", name="家门口示范区 › 通知公告", exact=True).click()

    page.get_by_role("textbox", name="标题").fill(TITLE)
    page.get_by_role("combobox", name="类型").select_option("停水停电")
    page.get_by_role("textbox", name="发布机构").fill("家门口示范区政务服务管理办公室（示例）")
    page.get_by_role("textbox", name="信息来源").fill("示例")
    body = page.get_by_role("region", name="正文")
    body.get_by_role("button", name="插入内容块").first.click()
    page.get_by_role("option", name="正文").click()
    editor = body.get_by_role("textbox").first
    editor.click()
    editor.press_sequentially(TEXT)
    expect(editor).to_contain_text(TEXT)


def submit(page: Page) -> None:
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("status").first).to_contain_text(TITLE)
    expect(page.get_by_role("status").first).to_contain_text("审核")


def may_not_approve(page: Page, site: Site) -> None:
    page.goto(site.url("/admin/"))
    page.get_by_role("region", name="您提交审核的页面和条目").get_by_role("link", name=TITLE).first.click()
    page.get_by_role("button", name="更多操作").click()
    expect(page.get_by_role("button", name="取消审核流程")).to_be_visible()
    expect(page.get_by_role("button", name="通过并发布")).to_have_count(0)


def approve(reviewer: Page) -> None:
    reviewer.get_by_role("region", name="等待您审核").get_by_role("link", name=TITLE).first.click()
    expect(reviewer.get_by_role("region", name="正文").get_by_role("textbox").first).to_contain_text(TEXT)
    reviewer.get_by_role("button", name="更多操作").click()
    reviewer.get_by_role("button", name="通过并发布", exact=True).click()
    expect(reviewer.get_by_role("status").first).to_contain_text(TITLE)


def read(resident: Page, site: Site) -> None:
    resident.goto(site.url("/notices/"))
    resident.get_by_role("main").get_by_role("link", name=TITLE).click()
    expect(resident.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(resident.get_by_role("article")).to_contain_text(TEXT)
    expect(resident.get_by_role("article")).to_contain_text("停水停电")
