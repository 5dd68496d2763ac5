"""One edits, the other reads: what an editor publishes shows on a page that is already open."""

import re

from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site
from tests.journeys.bell import BLOCKED
from tests.journeys.test_publish_a_guide import publish, tab

GUIDE = "/guides/canjiren-butie/"
POLLING_OFTEN = """
document.addEventListener("readystatechange", () => { document.body.dataset.liveTest = '{"poll": 1000}'; });
"""
TITLE = "残疾人两项补贴申请"


def test_a_published_guide_changes_where_it_is_read(
    page: Page, new_page: NewPage, noscript_page: Page, site: Site
) -> None:
    resident, blocked = new_page(), new_page()
    blocked.add_init_script(BLOCKED)
    blocked.add_init_script(POLLING_OFTEN)
    for reader in (resident, blocked, noscript_page):
        reader.goto(site.url(GUIDE))
    search = resident.get_by_label("搜索事项、证明、公告")
    search.click()
    search.press_sequentially("残疾人补")

    edit_guide(page, site)
    page.get_by_role("textbox", name="一句话说明").fill("今年起当场办结，一次交齐材料。")
    tab(page, "申请材料")
    page.get_by_role("textbox", name="材料名称").first.fill("居民身份证或者社会保障卡")
    publish(page)
    expect(page.get_by_role("status").first).to_contain_text("已发布")

    for reader in (resident, blocked):
        expect(reader.locator("#materials")).to_contain_text("居民身份证或者社会保障卡")
        expect(reader.locator("#materials .live-mark")).to_contain_text("材料已更新")
        expect(reader.get_by_role("main")).to_contain_text("今年起当场办结")
        expect(reader.locator("#live-status")).to_contain_text(re.compile(r"^本页、材料.*已更新 \d\d:\d\d$"))
        expect(reader.locator("#conditions .live-mark")).to_have_count(0)
    search.press_sequentially("贴")
    expect(search).to_have_value("残疾人补贴")
    expect(noscript_page.locator("#materials")).not_to_contain_text("居民身份证或者社会保障卡")
    noscript_page.reload()
    expect(noscript_page.locator("#materials")).to_contain_text("居民身份证或者社会保障卡")


def test_a_banner_appears_on_every_open_page_and_goes(page: Page, new_page: NewPage, site: Site) -> None:
    guide, search = new_page(), new_page()
    guide.goto(site.url(GUIDE))
    search.goto(site.url("/search/?q=补贴"))

    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/snippets/notices/emergencybanner/add/"))
    page.get_by_role("textbox", name="内容").fill("台风红色预警，今天下午停止办公")
    page.get_by_role("combobox", name="级别").select_option("紧急")
    publish(page)

    for reader in (guide, search):
        expect(reader.get_by_role("region", name="紧急")).to_contain_text("台风红色预警")
        expect(reader.locator("#live-status")).to_contain_text("台风红色预警")


def test_a_withdrawn_guide_says_so_where_it_is_read(page: Page, new_page: NewPage, site: Site) -> None:
    resident, elsewhere = new_page(), new_page()
    resident.goto(site.url(GUIDE))
    elsewhere.goto(site.url("/guides/laonianzheng/"))

    edit_guide(page, site)
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("link", name="取消发布").click()
    page.get_by_role("main").locator("button[type=submit], input[type=submit]").click()
    expect(page.get_by_role("status").first).to_contain_text(TITLE)

    main = resident.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("这个页面已经撤下")
    main.get_by_role("link", name="办事指南").click()
    expect(resident).to_have_url(site.url("/guides/"))
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")


def edit_guide(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    page.goto(site.url("/admin/guides/"))
    page.get_by_role("link", name=TITLE, exact=True).click()
    expect(page.get_by_role("textbox", name="标题")).to_have_value(TITLE)
