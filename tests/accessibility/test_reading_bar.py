"""The reading bar: larger text, contrast, spacing and a voice, without losing the place."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.accessibility.public import PLACE, Mode, reader
from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

GUIDE = "/guides/canjiren-butie/"
# A device with voices in these languages, which says what it hears in ``said``.
VOICES = """
  window.said = [];
  const speech = new EventTarget();
  Object.assign(speech, {
    getVoices: () => %s.map((lang) => ({lang})),
    speak: (words) => { said.push([words.lang, words.text]); speech.now = words; },
    cancel: () => { speech.now = null; },
  });
  Object.defineProperty(window, "speechSynthesis", {value: speech});
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def test_a_choice_takes_hold_and_stays(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url(GUIDE))
    html = resident.locator("html")

    for button, attribute, value in (("特大字", "text", "largest"), ("高对比度", "colours", "contrast")):
        open_bar(resident)
        resident.get_by_role("button", name=button).click()
        expect(html).to_have_attribute(f"data-{attribute}", value)

    expect(resident).to_have_url(reading_site.url(GUIDE))
    resident.goto(reading_site.url("/guides/"))
    expect(html).to_have_attribute("data-text", "largest")
    expect(html).to_have_attribute("data-colours", "contrast")


def test_with_a_script_nothing_else_changes(page: Page, reading_site: Site) -> None:
    page.goto(reading_site.url(GUIDE))
    page.get_by_label("搜索事项、证明、公告").first.fill("写了一半")
    open_bar(page)

    page.get_by_role("button", name="大字", exact=True).press("Enter")

    expect(page.locator("html")).to_have_attribute("data-text", "large")
    expect(page.get_by_role("button", name="大字", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="大字", exact=True, pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="标准字号", pressed=False)).to_be_visible()
    expect(page.get_by_label("搜索事项、证明、公告").first).to_have_value("写了一半")
    page.get_by_role("button", name="标准字号").click()
    expect(page.locator("html")).not_to_have_attribute("data-text", "large")


def test_the_page_is_read_aloud_paused_and_stopped(page: Page, reading_site: Site) -> None:
    page.add_init_script(VOICES % '["en-US", "zh-CN"]')
    page.goto(reading_site.url(GUIDE))
    open_bar(page)

    page.get_by_role("button", name="听全文").click()
    read_on(page, 1)
    assert [tag for tag, _text in said(page)] == ["zh-CN", "zh-CN"]
    expect(page.locator("h1")).to_have_attribute("data-heard", "")
    assert said(page)[1][1] == page.locator("h1").inner_text()
    page.get_by_role("button", name="暂停").click()
    page.get_by_role("button", name="继续听").click()
    assert said(page)[2] == said(page)[1]  # the sentence begins anew

    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("button", name="听全文")).to_be_focused()
    assert page.evaluate("speechSynthesis.now") is None
    expect(page.locator("[data-heard]")).to_have_count(0)


def test_the_whole_text_is_read_and_nothing_that_is_hidden(page: Page, reading_site: Site) -> None:
    page.add_init_script(VOICES % '["zh_CN"]')
    page.goto(reading_site.url(GUIDE))
    open_bar(page)

    page.get_by_role("button", name="听全文").click()
    read_on(page, 1000)

    text = "".join(text for _tag, text in said(page))
    assert "受理条件" in text
    assert "残疾人证" in text
    assert (page.locator(".faq__answer").first.text_content() or "?") not in text
    expect(page.get_by_role("button", name="听全文")).to_be_visible()  # at the end, as it was


def test_the_voice_follows_the_language_of_each_part(page: Page, reading_site: Site) -> None:
    page.add_init_script(VOICES % '["en-US", "zh-CN"]')
    page.goto(reading_site.url(f"/en{GUIDE}"))
    open_bar(page)

    page.locator("[data-listen] button").first.click()
    read_on(page, 1000)

    assert {"en", "zh-CN"} <= {tag for tag, _text in said(page)}


@pytest.mark.parametrize("voices", ["[]", '["en-US"]'])
def test_where_no_voice_fits_none_is_offered(page: Page, reading_site: Site, voices: str) -> None:
    page.add_init_script(VOICES % voices)
    page.goto(reading_site.url(GUIDE))
    open_bar(page)

    expect(page.get_by_role("button", name="大字", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="听全文")).to_be_hidden()


def test_leaving_the_page_ends_the_voice(page: Page, reading_site: Site) -> None:
    page.add_init_script(VOICES % '["zh-CN"]')
    page.goto(reading_site.url(GUIDE))
    open_bar(page)
    page.get_by_role("button", name="听全文").click()
    page.evaluate("speechSynthesis.cancel = () => localStorage.setItem('ended', 'yes')")

    page.goto(reading_site.url("/guides/"))

    assert page.evaluate("localStorage.getItem('ended')") == "yes"


def test_elder_mode_needs_no_script_and_is_left_as_easily(resident: Page, reading_site: Site) -> None:
    resident.goto(reading_site.url(GUIDE))
    resident.get_by_role("link", name="长者模式", exact=True).click()

    expect(resident).to_have_url(reading_site.url(GUIDE))
    box = resident.get_by_role("region", name="在您的社区")
    expect(box.get_by_role("link").first).to_have_attribute("href", "tel:0000-55554041")
    resident.get_by_role("link", name="我的社区", exact=True).click()
    resident.get_by_role("button", name=PLACE).click()
    expect(resident.get_by_role("region", name=f"在您的社区：{PLACE}")).to_contain_text("1 号窗口")

    resident.get_by_role("link", name="退出长者模式").click()
    expect(resident.locator("html")).not_to_have_attribute("data-mode", "elder")
    expect(resident.get_by_role("columnheader", name="要不要带")).to_be_visible()


def test_ticks_stay_on_the_device(page: Page, reading_site: Site) -> None:
    page.context.add_cookies([{"name": "reading", "value": "elder", "url": reading_site.address}])
    page.goto(reading_site.url(GUIDE))
    page.get_by_role("checkbox", name="居民身份证").check()
    page.get_by_role("checkbox", name="户口簿").check()
    page.get_by_role("checkbox", name="户口簿").uncheck()

    page.goto(reading_site.url("/guides/"))
    page.goto(reading_site.url(GUIDE))

    expect(page.get_by_role("checkbox", name="居民身份证")).to_be_checked()
    expect(page.get_by_role("checkbox", name="户口簿")).not_to_be_checked()


def test_nothing_pops_up_or_moves_in_elder_mode(page: Page, reading_site: Site) -> None:
    page.context.add_cookies([{"name": "reading", "value": "elder", "url": reading_site.address}])
    page.goto(reading_site.url("/search/"))

    page.get_by_label("您想办什么事？").press_sequentially("老年证")

    expect(page.get_by_role("listbox")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.parametrize("reading", ["", "elder", "largest", "elder.largest.wide"])
def test_links_and_the_summary_beside_them_never_meet(
    reading: str, new_page: NewPage, reading_site: Site
) -> None:
    for prefix in ("", "/zh-hant", "/en"):
        for width in (320, 375, 768, 1280):
            page = reader(new_page, reading_site, Mode(reading, prefix), width)
            page.goto(reading_site.url(f"{prefix}/guides/"))

            summary = page.locator(".readbar summary").bounding_box()
            for link in page.locator(".readbar__links a").all():
                assert not meet(link.bounding_box(), summary), (prefix, width, link.inner_text())
            page.context.close()


def meet(one: Any, other: Any) -> bool:
    return all(
        one[start] < other[start] + other[length] and other[start] < one[start] + one[length]
        for start, length in (("x", "width"), ("y", "height"))
    )


def open_bar(page: Page) -> None:
    """Without a script each choice is a page of its own, on which the bar is folded again."""
    bar = page.locator("#reading-choices")
    if bar.get_attribute("open") is None:
        bar.locator("summary").click()


def said(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("said")
    return found


def read_on(page: Page, times: int) -> None:
    """Let the voice end as many sentences."""
    page.evaluate("(times) => { while (times-- && speechSynthesis.now) speechSynthesis.now.onend(); }", times)
