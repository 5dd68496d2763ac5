"""A resident looks things up: what moved where, which stamp is no longer needed, what the figures mean."""

import re

from playwright.sync_api import Page, expect

from tests.demo_site import Site

# One page of each kind.
PAGES = {
    "home": "/",
    "channel of guides": "/guides/",
    "guide": "/guides/canjiren-butie/",
    "print sheet": "/guides/canjiren-butie/sheet/",
    "results": "/search/?q=补贴",
    "nothing found": "/search/?q=火星移民",
    "channel of certificates": "/certificates/",
    "certificate list": "/certificates/national-20/",
    "certificate": "/certificates/national-20/entries/19/",
    "channel of lists": "/lists/",
    "list": "/zhonghua/lists/zhonghua-quanze/",
    "list row": "/jiangsulu/lists/xiachen-fuwu/entries/04/",
    "difference": "/dongqu/huayuan/lists/huayuan-zhunru-jiancha/editions/2/changes/",
    "street": "/dongqu/",
    "channel of communities": "/communities/",
    "community": "/dongqu/huayuan/",
    "dissolved community": "/chengqu/chengnan/",
    "channel of offices": "/offices/",
    "office": "/jiangsulu/jiangsulu-shequ/jiangsulu-shequ-zhongxin/",
    "channel of notices": "/notices/",
    "notice": "/notices/zhoumo-yanshi/",
    "choice of community": "/my-community/",
    "plain page": "/guanyu/",
}


def test_a_service_that_moved_says_where_it_is_now(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url())
    resident.get_by_label("您想办什么事？").fill("残疾补贴")
    resident.get_by_label("您想办什么事？").press("Enter")
    resident.get_by_role("link", name="残疾人两项补贴申请", exact=True).click()

    expect(resident.get_by_role("main").locator("header")).to_contain_text(
        "由江苏路街道服务大厅（已关闭）改到江苏路社区党群服务中心（示例）办理"
    )
    resident.get_by_role("link", name="变化经过").click()
    expect(resident).to_have_url(re.compile("#history$"))
    history = resident.locator("#history")
    expect(history).to_contain_text("2018年")
    expect(history).to_contain_text("走20到30分钟")
    expect(history).to_contain_text("青岛日报")


def test_everyday_names_find_the_guide(page: Page, reading_site: Site) -> None:
    wanted = {
        "老年证": "老年人优待证办理",
        "低保": "最低生活保障申请",
        "残疾补贴": "残疾人两项补贴申请",
    }
    for words, title in wanted.items():
        page.goto(reading_site.url(f"/search/?q={words}"))
        expect(page.locator("[data-result]").first).to_have_text(title)


def test_every_name_of_a_cancelled_certificate_gives_one_answer(resident: Page, reading_site: Site) -> None:
    verdicts = resident.get_by_role("region", name="社区不再出具")
    for words in ("住改商", "住宅改商用证明", "同意住宅改变为经营性用房证明"):
        resident.goto(reading_site.url(f"/search/?q={words}"))
        expect(
            verdicts.filter(has=resident.get_by_role("link", name="住改商证明", exact=True))
        ).to_have_count(1)

    verdicts.get_by_role("link", name="住改商证明", exact=True).click()
    expect(resident.get_by_role("heading", level=1)).to_have_text("住改商证明")
    verdict = resident.get_by_role("region", name="社区不再出具")
    expect(verdict).to_contain_text("任何单位也不应再要求您提供")
    expect(resident.locator("#instead")).to_contain_text("由街道的市场监管部门去看房子、问邻居")
    expect(resident.get_by_role("link", name="住房改作经营场所咨询转办")).to_be_visible()


def test_lists_count_what_left_and_name_what_is_missing(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url("/dongqu/huayuan/lists/huayuan-zhunru-jiancha/"))
    totals = page.get_by_label("数量核对")
    expect(page.locator("#comparison")).to_contain_text(re.compile("33 → 21[,，]−36.4%"))
    expect(totals).to_contain_text("现行 21 条，已退出 12 条")
    expect(page.get_by_role("row").filter(has_text="退出")).to_have_count(12)

    page.goto(reading_site.url("/dongqu/lists/dongqu-xiezhu/"))
    row = page.get_by_role("row").filter(has_text="示例：协助看望独居老人")
    expect(row).to_contain_text("协助")
    expect(row).to_contain_text("未明确经费")

    page.goto(reading_site.url("/jiangsulu/lists/xiachen-fuwu/"))
    expect(page.get_by_label("数量核对")).to_contain_text("已录入 4 / 公布 43")


def test_a_split_community_leads_to_both_successors(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url("/chengqu/chengnan/"))

    gone = resident.get_by_role("main").locator("header")
    expect(gone).to_contain_text("已于 2021-12-31 撤销")
    expect(gone.get_by_role("link", name="环城社区")).to_be_visible()
    expect(resident.locator("#figures")).to_contain_text("来源写 680，按其数字计算为 694")

    gone.get_by_role("link", name="城南社区", exact=True).click()
    expect(resident.get_by_role("heading", level=1)).to_have_text("城南社区")
    expect(resident.locator("#figures")).to_contain_text("出处的文字写“居民”，单位却是“户”")


def test_norms_and_stars_stand_beside_their_inputs(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url("/guimo/bangong-yongfang/"))
    figures = page.locator("#figures")
    expect(figures).to_contain_text("办公用房 300 ㎡ ÷ 户数 5,000 户")
    expect(figures).to_contain_text(re.compile("每百户办公用房一般为 30㎡[,，]本社区 6㎡"))
    expect(figures).to_contain_text("只作对照，不作评价")

    page.goto(reading_site.url("/guimo/daxing/"))
    expect(figures).to_contain_text(re.compile("社区一般为 1,000–3,000 户[,，]本社区 15,000 户"))

    levels = []
    for letter in "abcdef":
        page.goto(reading_site.url(f"/xingji/xingji-{letter}/"))
        levels.append(page.locator("#ratings tbody td").nth(1).inner_text())
    assert levels == ["差", "一般", "一般", "较好", "好", "好"]
    expect(page.locator("#ratings")).to_contain_text("五好党支部、市级以上先进、自治区级先进")


def test_a_chosen_community_is_remembered_and_can_be_taken_back(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url("/guides/laonianzheng/"))
    resident.get_by_role("main").get_by_role("link", name="选择我的社区").first.click()
    resident.get_by_label("社区或街道名称").fill("花苑")
    resident.get_by_role("button", name="查找").click()
    resident.get_by_role("button", name="花苑社区").click()

    expect(resident).to_have_url(reading_site.url("/guides/laonianzheng/"))
    box = resident.get_by_role("region", name="在您的社区：花苑社区")
    expect(box.get_by_role("link", name="花苑社区党群服务中心（示例）")).to_be_visible()
    expect(box).to_contain_text(re.compile("正在办公|现在不办公"))

    resident.get_by_role("banner").get_by_role("link", name="更换").click()
    resident.get_by_role("button", name="不选择社区，看全区通用的说明").click()
    expect(resident.get_by_role("banner")).to_contain_text("我的社区：未选择")


def test_odd_input_is_answered_in_plain_words(page: Page, reading_site: Site) -> None:
    for value in ("999999999", "no-such-place"):
        page.context.add_cookies([{"name": "community", "value": value, "url": reading_site.address}])
        page.goto(reading_site.url("/guides/laonianzheng/"))
        expect(page.get_by_text("您选择的社区已不在，请重新选择。")).to_be_visible()

    answers = {
        "/jiangsulu/lists/xiachen-fuwu/?as_of=yesterday": "日期",
        "/jiangsulu/lists/xiachen-fuwu/?as_of=1990-01-01": "1990-01-01",
        "/guides/?audience=nobody": "没有这个选项",
        "/guides/?page=900": "共 16 项",
    }
    for path, words in answers.items():
        page.goto(reading_site.url(path))
        expect(page.get_by_role("main")).to_contain_text(words)

    missing = page.goto(reading_site.url("/guides/no-such-guide/"))
    assert missing is not None
    assert missing.status == 404
    expect(page.get_by_label("您想办什么事？")).to_be_visible()


def test_the_keyboard_reaches_search_and_the_first_result(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url())

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "您想办什么事？")
    page.keyboard.type("老年证")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("搜索：老年证"))

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, "老年人优待证办理")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")


def test_no_page_scrolls_sideways_at_320_pixels(page: Page, reading_site: Site) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    too_wide = {}
    for kind, path in PAGES.items():
        answer = page.goto(reading_site.url(path))
        assert answer is not None
        assert answer.status == 200, f"{kind}: {path} answers {answer.status}"
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            too_wide[kind] = width

    assert not too_wide


def tab_to(visitor: Page, name: str, *, within: int = 20) -> None:
    """Press Tab until what bears this name has the focus."""
    wanted = visitor.get_by_role("link", name=name, exact=True)
    wanted = wanted.or_(visitor.get_by_role("combobox", name=name))
    for _press in range(within):
        visitor.keyboard.press("Tab")
        if wanted.and_(visitor.locator(":focus")).count():
            return
    raise AssertionError(f"Tab did not reach “{name}” in {within} steps.")
