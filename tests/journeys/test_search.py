"""A resident looks for a service: types, is offered names, narrows what was found."""

import contextlib
import re

import pytest
from playwright.sync_api import CDPSession, Error, Locator, Page, Request, Route, expect

from tests.conftest import NewPage
from tests.demo_site import Site

SUGGEST = re.compile(r"/search/suggest/")
# The key with which characters are accepted; gives whether the box would be sent by it.
ENTER_FOR_THE_INPUT_METHOD = """input => input.dispatchEvent(
    new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, bubbles: true, cancelable: true}))"""
PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}


def box(page: Page) -> Locator:
    """The large search box."""
    return page.get_by_label("您想办什么事？")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def chosen(page: Page) -> Locator:
    return page.get_by_role("option", selected=True)


def asked(page: Page) -> list[str]:
    """Addresses of suggestions asked for from now on."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        if SUGGEST.search(request.url):
            addresses.append(request.url)

    page.on("request", note)
    return addresses


# Suggestions


def test_a_suggested_name_is_opened_by_keyboard(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url())
    box(page).press_sequentially("老年")

    expect(page.get_by_role("listbox", name="搜索建议")).to_be_visible()
    expect(box(page)).to_have_role("combobox")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    number = options(page).count()
    expect(page.get_by_role("status").filter(has_text="条建议")).to_contain_text(f"{number} 条建议")
    expect(chosen(page)).to_have_count(0)

    first, last = options(page).first, options(page).last
    for key, option in (("ArrowDown", first), ("End", last), ("ArrowUp", options(page).nth(number - 2))):
        page.keyboard.press(key)
        expect(option).to_have_attribute("aria-selected", "true")
        expect(chosen(page)).to_have_count(1)
        expect(box(page)).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
        expect(box(page)).to_be_focused()
    page.keyboard.press("Home")
    expect(first).to_contain_text("老年人优待证办理")
    expect(first).to_have_attribute("aria-selected", "true")

    page.keyboard.press("Enter")
    expect(page).to_have_url(reading_site.url("/guides/laonianzheng/"))
    page.go_back()
    expect(options(page)).to_have_count(0)


def test_escape_closes_the_list_and_keeps_the_text(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url("/search/"))
    box(page).press_sequentially("低保")
    expect(options(page).first).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(box(page)).to_have_value("低保")

    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_enter_without_a_choice_searches_for_what_was_typed(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url())
    box(page).press_sequentially("老年")
    expect(options(page).first).to_be_visible()

    page.keyboard.press("Enter")

    expect(page).to_have_title(re.compile("^搜索：老年 - "))
    expect(box(page)).to_have_value("老年")


def test_an_everyday_name_is_shown_beside_the_title(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url("/guides/"))
    page.get_by_label("搜索事项、证明、公告").press_sequentially("老年证")

    option = options(page).filter(has_text="老年人优待证办理")
    expect(option).to_contain_text("也叫“老年证”")
    expect(option).to_contain_text("办事指南")
    option.click()
    expect(page).to_have_url(reading_site.url("/guides/laonianzheng/"))


def test_an_input_method_is_left_in_peace(page: Page, reading_site: Site) -> None:
    page.clock.install()
    page.goto(reading_site.url())
    requests = asked(page)
    keyboard = page.context.new_cdp_session(page)
    box(page).focus()

    compose(keyboard, "lao'nian")
    page.clock.run_for(2_000)
    assert not box(page).evaluate(ENTER_FOR_THE_INPUT_METHOD)
    page.clock.run_for(2_000)
    assert requests == []
    expect(page.get_by_role("listbox")).to_have_count(0)

    keyboard.send("Input.insertText", {"text": "老年"})
    expect(box(page)).to_have_value("老年")
    page.clock.run_for(2_000)
    expect(options(page).first).to_be_visible()
    assert len(requests) == 1
    expect(page).to_have_url(reading_site.url())


def compose(keyboard: CDPSession, text: str) -> None:
    """Type letters that an input method has not yet turned into characters."""
    end = {"selectionStart": len(text), "selectionEnd": len(text)}
    keyboard.send("Input.imeSetComposition", {"text": text, **end})


def test_typing_fast_asks_once_and_a_late_answer_is_dropped(page: Page, reading_site: Site) -> None:
    late: list[Route] = []
    page.route(re.compile(r"suggest/\?q=%E8%80%81$"), lambda route: late.append(route))  # 老
    page.clock.install(time=0)
    page.goto(reading_site.url())
    page.clock.pause_at(3600)
    requests = asked(page)

    box(page).press_sequentially("老")
    with page.expect_request(SUGGEST):
        page.clock.run_for(500)
    for letter in "年证":
        box(page).press_sequentially(letter)
        page.clock.run_for(20)
    page.clock.run_for(500)
    expect(options(page).first).to_contain_text("老年人优待证办理")
    with contextlib.suppress(Error):  # the browser has given it up
        late[0].fulfill(json={"suggestions": [{"title": "太晚了", "name": "", "kind_label": "", "url": "/"}]})

    expect(options(page).filter(has_text="太晚了")).to_have_count(0)
    expect(options(page).first).to_contain_text("老年人优待证办理")
    assert [request.partition("q=")[2] for request in requests] == [
        "%E8%80%81",
        "%E8%80%81%E5%B9%B4%E8%AF%81",
    ]


def test_where_nothing_answers_it_is_a_plain_search_box(page: Page, reading_site: Site) -> None:
    answers = iter([lambda route: route.abort(), lambda route: route.fulfill(status=500, body="oh")])
    page.route(SUGGEST, lambda route: next(answers)(route))
    page.goto(reading_site.url())

    for letter in "低保":
        with page.expect_request(SUGGEST):
            box(page).press_sequentially(letter)
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("Enter")

    expect(page).to_have_title(re.compile("^搜索：低保 - "))


@pytest.mark.parametrize("width", [320, 375])
def test_suggestions_are_touched_on_a_phone_and_move_nothing(
    new_page: NewPage, reading_site: Site, width: int
) -> None:
    phone = new_page(**{**PHONE, "viewport": {"width": width, "height": 700}})
    phone.goto(reading_site.url())
    below = phone.get_by_role("heading", name="按人群找服务")
    before = below.bounding_box()

    box(phone).tap()
    box(phone).press_sequentially("老年")
    expect(options(phone).first).to_be_visible()

    assert below.bounding_box() == before
    assert phone.evaluate("document.documentElement.scrollWidth") == width
    for option in options(phone).all():
        size = option.bounding_box()
        assert size is not None
        assert size["height"] >= 44
    options(phone).first.tap()
    expect(phone).to_have_url(reading_site.url("/guides/laonianzheng/"))


def test_the_chosen_name_stands_out_in_forced_colours(new_page: NewPage, reading_site: Site) -> None:
    page = new_page(forced_colors="active")
    page.goto(reading_site.url())
    box(page).press_sequentially("老年")
    expect(options(page).first).to_be_visible()

    page.keyboard.press("ArrowDown")

    expect(chosen(page)).to_have_count(1)
    colours = options(page).evaluate_all("all => all.map(option => getComputedStyle(option).backgroundColor)")
    assert colours.count(colours[0]) == 1


# Results


def test_a_resident_narrows_what_was_found_and_comes_back(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url())
    box(resident).fill("社区")
    box(resident).press("Enter")
    results = resident.locator(".results .listing__item")
    count = resident.locator("#results")
    kinds = resident.get_by_role("navigation", name="按类别看")
    expect(count).to_have_text(re.compile(r"^找到 \d+ 条$"))
    whole = count.inner_text()

    kinds.get_by_role("link", name=re.compile("办事指南")).click()
    expect(kinds.locator("[aria-current]")).to_contain_text("办事指南")
    for badge in results.locator(".badge--plain").all():
        expect(badge).to_have_text("办事指南")
    guides = results.count()

    resident.get_by_role("checkbox", name=re.compile("^网上")).check()
    resident.get_by_role("button", name="查看结果").click()
    expect(resident.get_by_role("link", name="办理形式：网上 移除")).to_be_visible()
    expect(kinds.locator("[aria-current]")).to_contain_text("办事指南")
    assert 0 < results.count() < guides
    narrowed = resident.url

    results.first.get_by_role("link").click()
    expect(resident.get_by_role("heading", level=1)).not_to_have_text("搜索")
    resident.go_back()
    expect(resident).to_have_url(narrowed)
    expect(resident.get_by_role("checkbox", name=re.compile("^网上"))).to_be_checked()

    resident.get_by_role("link", name="办理形式：网上 移除").click()
    expect(results).to_have_count(guides)
    kinds.get_by_role("link", name=re.compile("全部")).click()
    expect(count).to_have_text(whole)
    resident.get_by_role("link", name="下一页").click()
    expect(resident.get_by_role("navigation", name="分页")).to_contain_text("第 2 页")


def test_filters_that_leave_nothing_lead_back_to_all(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url("/search/?q=社区&kind=notices&form=2"))

    expect(resident.get_by_role("main")).to_contain_text("但没有一条符合您选的条件")
    resident.get_by_role("link", name=re.compile(r"看全部 \d+ 条")).click()
    expect(resident.locator("#results")).to_have_text(re.compile(r"^找到 \d+ 条$"))


def test_the_readers_community_stands_in_the_results(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url("/my-community/?next=/search/%3Fq=老年证"))
    resident.get_by_role("button", name="江苏路社区（示例）").click()

    first = resident.locator(".listing__item").first
    expect(first).to_contain_text("您的社区可办")
    expect(first).to_contain_text("江苏路社区党群服务中心（示例）")


def test_filters_are_folded_on_a_phone(phone_page: Page, reading_site: Site) -> None:
    phone_page.goto(reading_site.url("/search/?q=社区"))
    tick = phone_page.get_by_role("checkbox", name=re.compile("^网上"))
    expect(tick).not_to_be_visible()

    phone_page.locator("summary", has_text="筛选").click()
    tick.check()
    phone_page.get_by_role("button", name="查看结果").click()

    expect(phone_page.locator("summary", has_text="筛选（已选 1 项）")).to_be_visible()
    for path in ("/search/", "/search/?q=社区", "/search/?q=住改商", "/search/?q=火星移民", phone_page.url):
        phone_page.goto(path if path.startswith("http") else reading_site.url(path))
        assert phone_page.evaluate("document.documentElement.scrollWidth") == 375
