"""An open page follows what is published without disturbing its reader.

The server's part is played by ``Bell``; the pages are the site's own.
"""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import Site
from tests.journeys.bell import Bell, epochs, region, topics

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database

GUIDE = "/guides/canjiren-butie/"
LIST = "/dongqu/huayuan/lists/huayuan-zhunru-jiancha/"
CHANNEL = "/guides/"
MINUTE = 60_000

Opened = tuple[Page, Bell]
Open = Callable[..., Opened]
BANNER = (
    '<section class="banner" id="banner-9" data-live-name="紧急“台风红色预警”" aria-label="紧急">'
    '<div class="wrap banner__inner"><p class="banner__title">台风红色预警</p></div></section>'
)


@pytest.fixture
def open_page(new_page: NewPage, reading_site: Site) -> Open:
    """Open an address with a bell beside it, once its script watches; the clock obeys the test."""

    def opened(
        path: str = GUIDE,
        *,
        is_blocked: bool = False,
        community: str = "",
        silent: int = 60 * MINUTE,  # the page's clock runs ahead of the answers to its pings
        **options: Any,
    ) -> Opened:
        page = new_page(**options)
        page.add_init_script(f"""document.addEventListener("readystatechange", () => {{
            if (document.body) document.body.dataset.liveTest = '{{"silent": {silent}}}';
        }});""")
        if community:
            page.goto(reading_site.url("/my-community/"))
            page.get_by_role("button", name=community).click()
            page.wait_for_url(reading_site.url("/"))
            page.goto("about:blank")  # whose socket is not the bell's
        bell = Bell(page, is_blocked=is_blocked)
        page.clock.install()
        page.goto(reading_site.url(path))
        if is_blocked:
            page.wait_for_function("window.socketsTried > 0")
        else:
            wait_until(page, lambda: [message["type"] for message in bell.heard] == ["watch", "ping"])
        return page, bell

    return opened


def let_pass(page: Page, milliseconds: int) -> None:
    """Let time pass on the page in steps, between which answers arrive as they would."""
    while milliseconds > 0:
        page.clock.run_for(min(milliseconds, 2_500))
        let_arrive(page)
        milliseconds -= 2_500


def let_arrive(page: Page) -> None:
    for _there_and_back in range(2):
        page.evaluate("fetch('/static/civic/icon.svg', {cache: 'reload'}).then((answer) => answer.text())")


def wait_until(page: Page, is_so: Callable[[], bool], *, seconds: int = 30) -> None:
    """Wait for something outside the page; the page's own clock may run ahead of ours."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "It did not happen in time."
        let_arrive(page)


def own(page: Page) -> str:
    return next(iter(topics(page)))


def answer(page: Page, version: int, regions: dict[str, str], **more: Any) -> dict[str, Any]:
    """What the server says of the page's own topic at this version."""
    topic = own(page)
    return {
        "topic": topic,
        "version": version,
        "epoch": epochs(page).get(topic, ""),
        "at": "2026-11-21T10:32:05+08:00",
        "time": "10:32",
        "title": page.title(),
        "regions": regions,
    } | more


def publish(opened: Opened, change: Callable[[str], str], *, name: str = "main", **more: Any) -> None:
    """Have the page's own topic rise by one, with the region changed, and wait until the page has asked."""
    page, bell = opened
    topic, asked = own(page), len(bell.fetched)
    version = int(bell.answers.get(topic, {}).get("version", topics(page)[topic])) + 1
    before = bell.answers.get(topic, {}).get("regions", {}).get(name) or region(page, name)
    after = change(before)
    bell.answers[topic] = answer(page, version, {name: after}, **more)
    bell.ring(topic, version)
    wait_until(page, lambda: len(bell.fetched) > asked)


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(html: str) -> str:
        assert old in html, f"The region does not say “{old}”."
        return html.replace(old, new, 1)

    return change


new_condition = swap("家里生活困难", "家里生活特别困难")
new_material = swap("居民身份证", "居民身份证或者社保卡")


# What is said to the server


def test_it_watches_what_the_page_shows_and_asks_for_what_was_missed(open_page: Open) -> None:
    page, bell = open_page(community="江苏路社区")
    topic, versions = own(page), topics(page)

    number = int(topic.removeprefix("guides:"))
    assert bell.heard[0] == {"type": "watch", "topics": versions, "epochs": epochs(page), "page": number}
    assert topic.startswith("guides:")
    assert "banner:0" in versions

    publish((page, bell), new_material, name="materials")

    expect(page.locator("#materials")).to_contain_text("社保卡")
    assert bell.fetched == [
        {
            "topic": topic,
            "since": str(versions[topic]),
            "epoch": epochs(page)[topic],
            "on": GUIDE,
            "community": page.locator("body").get_attribute("data-community"),
            "reading": "",
        }
    ]


def test_it_acknowledges_a_version_only_where_that_is_asked_for(open_page: Open) -> None:
    page, bell = open_page()
    topic = own(page)
    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")
    now = int(bell.answers[topic]["version"]) + 1
    bell.answers[topic] |= {"version": now}

    bell.ring(topic, now, seen=True)

    wait_until(page, lambda: bell.heard[-1]["type"] == "seen")
    assert [message for message in bell.heard if message["type"] == "seen"] == [
        {"type": "seen", "topic": topic, "version": now}
    ]


def test_what_is_not_news_is_not_asked_for(open_page: Open) -> None:
    page, bell = open_page()
    topic = own(page)

    bell.ring(topic, topics(page)[topic])
    bell.ring(topic, topics(page)[topic] - 1)
    bell.say({"type": "version", "topic": "guides:999999", "version": 9, "epoch": "00000000"})
    publish((page, bell), new_condition)

    assert len(bell.fetched) == 1


def test_an_answer_older_than_announced_is_asked_for_again(open_page: Open) -> None:
    page, bell = open_page()
    topic, version = own(page), topics(page)[own(page)]
    html = region(page, "main")
    bell.answers[topic] = [
        answer(page, version, {}),
        answer(page, version + 1, {"main": html.replace("生活困难", "生活较困难")}),
        answer(page, version + 2, {"main": html.replace("生活困难", "生活特别困难")}),
    ]

    bell.ring(topic, version + 2)
    let_pass(page, MINUTE)

    expect(page.locator("#conditions")).to_contain_text("特别困难")
    assert [asked["since"] for asked in bell.fetched] == [str(version), str(version), str(version + 1)]


def test_a_failed_answer_is_asked_for_again_later(open_page: Open) -> None:
    page, bell = open_page()
    topic, version = own(page), topics(page)[own(page)]
    bell.answers[topic] = [503, answer(page, version + 1, {"main": new_condition(region(page, "main"))})]

    bell.ring(topic, version + 1)
    wait_until(page, lambda: bell.fetched != [])
    let_pass(page, 2_000)

    expect(page.locator("#conditions")).to_contain_text("特别困难")


def test_after_a_lost_socket_it_comes_back_with_the_versions_it_has(open_page: Open) -> None:
    page, bell = open_page()
    topic, version = own(page), topics(page)[own(page)]
    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")

    bell.sockets[-1].close(code=1012)
    let_pass(page, 10_000)

    wait_until(page, lambda: [message["type"] for message in bell.heard].count("watch") >= 2)
    watched = [message for message in bell.heard if message["type"] == "watch"]
    assert watched[1]["topics"][topic] == version + 1


def test_a_silent_socket_is_given_up(open_page: Open) -> None:
    page, bell = open_page(silent=10_000)
    let_pass(page, 30_000)
    wait_until(page, lambda: [message["type"] for message in bell.heard].count("ping") >= 2)
    bell.is_deaf = True

    let_pass(page, 45_000)

    wait_until(page, lambda: len(bell.sockets) >= 2)


# What stays as the reader left it


def test_typed_text_and_the_caret_survive(open_page: Open) -> None:
    page, bell = open_page()
    search = page.get_by_label("搜索事项、证明、公告")
    search.click()
    search.press_sequentially("残疾人补")
    search.press("ArrowLeft")

    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")
    search.press_sequentially("的")

    expect(search).to_be_focused()
    expect(search).to_have_value("残疾人的补")


def test_typed_text_in_a_region_that_changes_survives(open_page: Open) -> None:
    page, bell = open_page("/")
    search = page.get_by_label("您想办什么事？")
    search.click()
    search.press_sequentially("老年优待证")
    page.evaluate("document.activeElement.setSelectionRange(2, 4)")
    expect(page.get_by_role("option").first).to_be_visible()

    publish((page, bell), swap("大家常查", "大家最近常查"))
    expect(page.get_by_role("main")).to_contain_text("大家最近常查")

    expect(search).to_be_focused()
    expect(search).to_have_value("老年优待证")
    expect(search).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option").first).to_be_visible()
    selection = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    assert page.evaluate(selection) == [2, 4]


def test_text_is_kept_even_where_its_field_is_gone(open_page: Open) -> None:
    page, bell = open_page(LIST)
    date = page.get_by_label("查某一天有效的版本")
    date.fill("2024-05-01")

    publish(
        (page, bell), lambda html: re.sub(r'<form class="editions__date".*?</form>', "", html, flags=re.S)
    )
    publish((page, bell), swap("</h1>", "（更正）</h1>"))

    expect(page.get_by_role("heading", level=1)).to_contain_text("（更正）")
    expect(date).to_have_value("2024-05-01")


def test_ticks_stay_with_their_words_when_others_come_in_before_them(open_page: Open) -> None:
    page, bell = open_page(CHANNEL)
    page.get_by_role("checkbox", name="老年人").check()
    first = page.locator(".choice").first.evaluate("choice => choice.outerHTML")
    other = re.sub(
        r'value="[^"]*"',
        'value="newcomer"',
        re.sub(r"<span>[^<]*</span>", "<span>新来的人</span>", first, count=1),
    )

    publish((page, bell), swap(first, other + first))

    expect(page.get_by_role("checkbox", name="新来的人")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="老年人")).to_be_checked()
    assert page.locator(".choice input:checked").count() == 1


def test_what_was_chosen_in_a_list_stays_chosen(open_page: Open) -> None:
    page, bell = open_page("/notices/")
    select = page.get_by_role("main").get_by_role("combobox").first
    value = select.locator("option").nth(1).get_attribute("value") or ""
    select.select_option(value)

    publish(
        (page, bell),
        lambda html: html.replace("</h1>", "（更正）</h1>").replace("<select", "<select lang=zh"),
    )

    expect(page.get_by_role("heading", level=1)).to_contain_text("（更正）")
    expect(select).to_have_value(value)


def test_opened_details_stay_open_and_others_closed(open_page: Open) -> None:
    page, bell = open_page("/guides/laonianzheng/")
    questions = page.locator("#faq details")
    questions.nth(0).evaluate("(details) => { details.open = true; }")
    asked = questions.nth(0).locator("summary").inner_text()
    html = questions.nth(0).evaluate(
        "(details) => { const copy = details.cloneNode(true); copy.open = false; return copy.outerHTML; }"
    )
    new = re.sub(r'id="[^"]*"', 'id="faq-new"', html.replace(asked, "新的问题？"), count=1)

    publish((page, bell), swap(html, new + html))

    expect(questions.filter(has_text="新的问题？")).not_to_have_attribute("open", "")
    expect(questions.filter(has_text=asked)).to_have_attribute("open", "")


def test_the_focus_stays_on_a_link_whose_list_grows_before_it(open_page: Open) -> None:
    page, bell = open_page(CHANNEL)
    link = page.locator(".listing [data-item]").nth(2)
    address = link.get_attribute("href")
    link.focus()
    first = page.locator(".listing__item").first.evaluate("item => item.outerHTML")

    publish((page, bell), swap(first, first.replace("href=", 'href="/guides/new/" data-old=') + first))
    expect(page.locator('.listing a[href="/guides/new/"]')).to_have_count(1)

    assert page.evaluate("document.activeElement.getAttribute('href')") == address


def test_where_what_had_the_focus_is_gone_its_section_has_it(open_page: Open) -> None:
    page, bell = open_page(community="江苏路社区")
    page.locator("#provision .provision__office a").focus()

    publish(
        (page, bell),
        lambda html: re.sub(r'<p class="provision__office">.*?</p>', "", html, count=1, flags=re.S),
    )
    expect(page.locator("#provision .provision__office")).to_have_count(0)

    assert page.evaluate("document.activeElement.id") == "provision"
    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")
    assert page.evaluate("document.activeElement.id") == "provision"


def test_a_focused_table_changes_all_the_same(open_page: Open) -> None:
    page, bell = open_page()
    page.locator("#materials .scroller").focus()

    publish((page, bell), new_material, name="materials")

    expect(page.locator("#materials")).to_contain_text("社保卡")
    expect(page.locator("#materials .scroller")).to_be_focused()


def test_selected_text_stays_selected(open_page: Open) -> None:
    page, bell = open_page()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#steps h2'))")

    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")

    assert page.evaluate("getSelection().toString()") == "办理流程"


def test_what_is_before_the_eyes_stays_there_when_the_page_grows_above(open_page: Open) -> None:
    page, bell = open_page()
    page.evaluate("document.getElementById('basis').scrollIntoView({behavior: 'instant'})")
    place = "document.getElementById('basis').getBoundingClientRect().top"
    before, height = page.evaluate(place), page.evaluate("document.documentElement.scrollHeight")

    publish((page, bell), swap("<ul>", "<ul>" + "<li>又一种补贴，也可以申请。</li>" * 30))
    expect(page.locator("#conditions")).to_contain_text("又一种补贴")

    assert page.evaluate("document.documentElement.scrollHeight") > height + 500
    assert abs(page.evaluate(place) - before) <= 1


def test_places_found_nearby_stay(open_page: Open) -> None:
    page, bell = open_page()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 36.0617, "longitude": 120.3345})
    page.get_by_role("button", name="用我的位置找").click()
    nearest = page.locator("[data-near-list]")
    expect(nearest.get_by_role("link").first).to_be_visible()
    found = nearest.inner_text()

    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")

    assert nearest.inner_text() == found
    expect(page.locator("[data-near-status]")).to_contain_text("离您最近")


def test_at_the_top_of_the_page_a_new_banner_shows(open_page: Open) -> None:
    page, bell = open_page()
    bell.answers["banner:0"] = answer(page, 9, {"banners": BANNER}, topic="banner:0")

    bell.ring("banner:0", 9)

    expect(page.locator("#banner-9")).to_be_in_viewport()
    let_pass(page, 1_000)
    expect(page.locator("#live-status")).to_have_text("紧急“台风红色预警”已更新 10:32")


def test_a_banner_that_ends_is_told_as_taken_back(open_page: Open) -> None:
    page, bell = open_page()
    bell.answers["banner:0"] = answer(page, 9, {"banners": BANNER}, topic="banner:0")
    bell.ring("banner:0", 9)
    expect(page.locator("#banner-9")).to_be_visible()
    let_pass(page, 1_000)

    bell.answers["banner:0"] = answer(page, 10, {"banners": ""}, topic="banner:0")
    bell.ring("banner:0", 10)

    expect(page.locator("#banner-9")).to_have_count(0)
    let_pass(page, 1_000)
    expect(page.locator("#live-status")).to_have_text("紧急“台风红色预警”已撤下 10:32")


# What is said of a change


def test_a_change_is_marked_announced_once_and_highlighted_for_ten_seconds(open_page: Open) -> None:
    page, bell = open_page()

    publish((page, bell), lambda html: new_condition(new_material(html)), title="新的标题")
    let_pass(page, 1_000)

    expect(page.locator("#live-status")).to_have_text("受理条件、材料已更新 10:32")
    expect(page.locator(".live-mark")).to_have_text(["受理条件已更新 10:32", "材料已更新 10:32"])
    expect(page.locator("#materials > h2 + .live-mark")).to_have_count(1)
    expect(page.locator("#materials")).to_have_class(re.compile("live-changed"))
    expect(page).to_have_title("新的标题")

    let_pass(page, 10_000)

    expect(page.locator(".live-changed")).to_have_count(0)
    expect(page.locator(".live-mark")).to_have_count(2)


def test_earlier_marks_stay_elsewhere_and_give_way_to_new_ones(open_page: Open) -> None:
    page, bell = open_page()
    publish((page, bell), lambda html: new_condition(new_material(html)))
    expect(page.locator(".live-mark")).to_have_count(2)

    publish((page, bell), swap("特别困难", "十分困难"), time="10:40")

    expect(page.locator(".live-mark")).to_have_text(["受理条件已更新 10:40", "材料已更新 10:32"])


def test_the_same_again_is_no_change(open_page: Open) -> None:
    page, bell = open_page("/guides/laonianzheng/")
    page.locator("#faq summary").first.click()

    publish((page, bell), lambda html: html.replace("\n", "\n  "))
    publish((page, bell), swap("</h1>", "（更正）</h1>"))

    expect(page.locator(".live-mark")).to_have_text(["本页已更新 10:32"])


def test_what_stands_in_no_section_is_told_by_the_name_of_the_page(open_page: Open) -> None:
    page, bell = open_page("/notices/zhoumo-yanshi/")

    publish((page, bell), swap("</p>", "（有更正）</p>"))
    let_pass(page, 1_000)

    expect(page.locator("h1 + .live-mark")).to_have_text("本页已更新 10:32")
    expect(page.locator("#live-status")).to_have_text("本页已更新 10:32")


def test_a_section_that_went_is_told(open_page: Open) -> None:
    page, bell = open_page()

    publish((page, bell), lambda html: "", name="places")
    let_pass(page, 1_000)

    expect(page.locator("#places")).to_have_count(0)
    expect(page.locator("#live-status")).to_have_text("办理地点已撤下 10:32")


def test_reduced_motion_gets_the_mark_without_the_highlight(open_page: Open) -> None:
    page, bell = open_page(reduced_motion="reduce")

    publish((page, bell), new_material, name="materials")

    expect(page.locator(".live-mark")).to_have_text("材料已更新 10:32")
    expect(page.locator(".live-changed")).to_have_count(0)


# Where the page cannot just be changed


def test_a_page_that_must_reload_takes_its_regions_from_the_whole_page(open_page: Open) -> None:
    page, bell = open_page()
    topic, version = own(page), topics(page)[own(page)]
    search = page.get_by_label("搜索事项、证明、公告")
    search.fill("补贴")
    epoch = epochs(page)[topic]

    def newer(route: Any) -> None:
        html = new_condition(route.fetch().text())
        html = html.replace(epoch, "0a0b0c0d")
        route.fulfill(body=html, content_type="text/html", headers={"Date": "Sat, 21 Nov 2026 02:32:05 GMT"})

    page.route(f"**{GUIDE}", newer)
    bell.answers[topic] = {"reload": True}

    bell.say({"type": "version", "topic": topic, "version": version, "epoch": "0a0b0c0d"})

    expect(page.locator("#conditions .live-mark")).to_have_text("受理条件已更新 10:32")
    expect(search).to_have_value("补贴")
    assert len(bell.fetched) == 1
    bell.answers[topic] = answer(page, version + 1, {}) | {"epoch": "0a0b0c0d"}
    bell.say({"type": "version", "topic": topic, "version": version + 1, "epoch": "0a0b0c0d"})
    wait_until(page, lambda: len(bell.fetched) >= 2)
    assert bell.fetched[1]["epoch"] == "0a0b0c0d"


def test_a_page_that_cannot_even_reload_says_so_until_it_can(open_page: Open) -> None:
    page, bell = open_page()
    topic, version = own(page), topics(page)[own(page)]
    page.route(f"**{GUIDE}", lambda route: route.abort())
    bell.answers[topic] = {"reload": True}

    bell.ring(topic, version + 1)

    line = page.locator(".live-line")
    expect(line).to_have_text("页面可能不是最新，请刷新")
    bell.answers[topic] = answer(page, version + 1, {})
    page.unroute(f"**{GUIDE}")
    let_pass(page, MINUTE)
    wait_until(page, lambda: len(bell.fetched) > 1)
    expect(line).to_have_count(0)


def test_a_withdrawn_page_says_so_and_where_to_go(open_page: Open) -> None:
    page, bell = open_page()
    page.locator("#basis").scroll_into_view_if_needed()
    page.locator("#materials .scroller").focus()
    bell.answers[own(page)] = {"gone": True, "url": "/guides/", "title": "办事指南"}

    bell.say({"type": "gone", "topic": own(page)})

    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("这个页面已经撤下")
    expect(main).not_to_contain_text("申请材料")
    expect(main.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(main.get_by_role("link")).to_have_text(["到上一级：办事指南", "回到首页"])
    expect(main).to_be_focused()
    expect(page).to_have_title("这个页面已经撤下")
    let_pass(page, 1_000)
    expect(page.locator("#live-status")).to_have_text("这个页面已经撤下")
    main.get_by_role("link", name="办事指南").click()
    expect(page).to_have_url(re.compile("/guides/$"))


def test_a_page_that_comes_back_shows_again(open_page: Open) -> None:
    page, bell = open_page()
    topic, version, html = own(page), topics(page)[own(page)], region(page, "main")
    bell.answers[topic] = {"gone": True, "url": "/guides/", "title": "办事指南"}
    bell.ring(topic, version + 1)
    expect(page.get_by_role("heading", level=1)).to_have_text("这个页面已经撤下")

    bell.answers[topic] = answer(page, version + 2, {"main": new_condition(html)}, title="残疾人两项补贴申请")
    bell.ring(topic, version + 2)

    expect(page.locator(".live-mark")).to_have_text("受理条件已更新 10:32")
    expect(page).to_have_title("残疾人两项补贴申请")
    let_pass(page, 1_000)
    expect(page.locator("#live-status")).to_have_text("这个页面恢复显示了")


def test_another_topic_that_is_gone_changes_only_its_regions(open_page: Open) -> None:
    page, bell = open_page()
    office = next(topic for topic in topics(page) if topic.startswith("offices:"))
    bell.answers[office] = {"gone": True, "time": "10:32", "title": page.title(), "regions": {"places": ""}}

    bell.say({"type": "gone", "topic": office})

    expect(page.locator("#places")).to_have_count(0)
    expect(page.locator("#materials")).to_be_visible()
    bell.say({"type": "gone", "topic": office})
    publish((page, bell), new_condition)
    assert [asked["topic"] for asked in bell.fetched] == [office, own(page)]


def test_a_search_page_is_never_taken_for_withdrawn(open_page: Open) -> None:
    page, bell = open_page("/search/?q=补贴")
    bell.answers["banner:0"] = {"gone": True, "url": "/", "title": "首页"}

    bell.ring("banner:0", 9)
    wait_until(page, lambda: bell.fetched != [])

    expect(page.get_by_role("heading", level=1)).to_have_text("搜索")


# Where there is no socket


def test_where_sockets_are_blocked_it_polls_and_still_tries(open_page: Open) -> None:
    page, bell = open_page(is_blocked=True)
    topic, version = own(page), topics(page)[own(page)]
    known = epochs(page)
    bell.told = {name: {"version": at, "epoch": known.get(name, "")} for name, at in topics(page).items()}

    let_pass(page, 10_000)
    wait_until(page, lambda: bell.polled != [])
    assert "if-none-match" not in bell.polled[0]
    let_pass(page, 40_000)
    wait_until(page, lambda: len(bell.polled) >= 2)
    assert "if-none-match" in bell.polled[1]
    assert bell.fetched == []

    bell.answers[topic] = answer(page, version + 1, {"main": new_condition(region(page, "main"))})
    bell.told[topic] = {"version": version + 1, "epoch": epochs(page)[topic]}
    let_pass(page, 40_000)

    expect(page.locator("#conditions")).to_contain_text("特别困难")
    tried = page.evaluate("window.socketsTried")
    let_pass(page, 3 * MINUTE)
    assert page.evaluate("window.socketsTried") > tried
    expect(page.locator(".live-line")).to_have_count(0)


def test_polling_sees_a_page_withdrawn(open_page: Open) -> None:
    page, bell = open_page(is_blocked=True)
    bell.told = {own(page): None}
    bell.answers[own(page)] = {"gone": True, "url": "/", "title": "首页"}

    let_pass(page, 40_000)  # the page may have asked once before the bell knew what to tell

    expect(page.get_by_role("heading", level=1)).to_have_text("这个页面已经撤下")
    expect(page.get_by_role("main").get_by_role("link")).to_have_text(["回到首页"])


def test_five_minutes_without_any_way_are_said_quietly_until_there_is_one(open_page: Open) -> None:
    page, _bell = open_page(is_blocked=True)
    page.route(re.compile(r"/live/\?topics="), lambda route: route.abort())
    line = page.locator(".live-line")

    let_pass(page, 4 * MINUTE)
    expect(line).to_have_count(0)
    let_pass(page, MINUTE + 40_000)  # one question may have been answered before the way was closed
    expect(line).to_be_visible()
    let_pass(page, 1_000)
    expect(page.locator("#live-status")).to_have_text("页面可能不是最新，请刷新")

    page.unroute(re.compile(r"/live/\?topics="))
    page.route(re.compile(r"/live/\?topics="), lambda route: route.fulfill(json={"topics": {}}))
    let_pass(page, MINUTE)

    expect(line).to_have_count(0)


# While nobody looks


def hide(page: Page, is_hidden: bool) -> None:
    page.evaluate(
        "(isHidden) => { Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        is_hidden,
    )


def test_a_page_out_of_sight_lets_go_and_catches_up_when_seen_again(open_page: Open) -> None:
    page, bell = open_page()

    hide(page, True)
    let_pass(page, 59_000)
    assert bell.closed == []
    let_pass(page, 2_000)
    wait_until(page, lambda: len(bell.closed) == 1)
    let_pass(page, 10 * MINUTE)
    assert len(bell.sockets) == 1

    hide(page, False)

    wait_until(page, lambda: [message["type"] for message in bell.heard].count("watch") >= 2)
    publish((page, bell), new_condition)
    expect(page.locator("#conditions")).to_contain_text("特别困难")
    expect(page.locator(".live-line")).to_have_count(0)


def test_a_short_look_elsewhere_keeps_the_socket(open_page: Open) -> None:
    page, bell = open_page()

    hide(page, True)
    let_pass(page, 30_000)
    hide(page, False)
    let_pass(page, 2 * MINUTE)

    assert bell.closed == []
    assert len(bell.sockets) == 1


def test_a_page_kept_by_the_browser_lets_go_and_comes_back(open_page: Open) -> None:
    page, bell = open_page()

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    wait_until(page, lambda: len(bell.closed) == 1)
    let_pass(page, 5 * MINUTE)
    assert len(bell.sockets) == 1
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    wait_until(page, lambda: len(bell.sockets) >= 2)


def test_the_network_coming_back_is_used_at_once(open_page: Open) -> None:
    page, _bell = open_page(is_blocked=True)
    let_pass(page, 5 * MINUTE)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)
    tried = page.evaluate("window.socketsTried")

    page.evaluate("dispatchEvent(new Event('online'))")

    assert page.evaluate("window.socketsTried") == tried + 1


# Without any of it


def test_without_script_every_page_is_complete_and_silent(noscript_page: Page, reading_site: Site) -> None:
    for path in ("/", GUIDE, LIST, CHANNEL):
        noscript_page.goto(reading_site.url(path))
        expect(noscript_page.get_by_role("heading", level=1)).to_have_count(1)
        expect(noscript_page.get_by_text("这个页面已经撤下")).to_have_count(0)
        expect(noscript_page.get_by_text("页面可能不是最新")).to_have_count(0)


def test_a_page_without_topics_opens_no_socket(page: Page, reading_site: Site) -> None:
    sockets: list[Any] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    page.route(
        f"**{GUIDE}",
        lambda route: route.fulfill(
            body=re.sub(r" data-topics='[^']*'| data-topics=\"[^\"]*\"", "", route.fetch().text()),
            content_type="text/html",
        ),
    )

    page.goto(reading_site.url(GUIDE))
    page.wait_for_load_state("networkidle")

    assert page.locator("body").get_attribute("data-topics") is None
    assert sockets == []


def test_it_leaves_nothing_in_the_window(open_page: Open, reading_site: Site, page: Page) -> None:
    page.route("**/live/live.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.clock.install()
    page.goto(reading_site.url(GUIDE))
    names = "Object.keys(window).filter((name) => !name.startsWith('__'))"
    before = page.evaluate(names)

    opened, _bell = open_page()

    assert sorted(opened.evaluate(names)) == sorted(before)
