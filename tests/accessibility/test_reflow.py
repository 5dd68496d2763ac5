"""Nothing is cut or covered: narrow windows, large text, wide spacing, forced colours, elder mode."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.accessibility.public import KINDS, MODES, Mode, reader, visit
from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

# What WCAG 1.4.12 lets readers do to every text.
SPACED = """
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }
  `);
  document.adoptedStyleSheets = [sheet];
"""
# Boxes that hide what does not fit, with text that does not fit.
CUT = """() => [...document.querySelectorAll("body *")].filter((box) => {
    const {overflowX, overflowY, clipPath} = getComputedStyle(box);
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    if (clipPath !== "none" || !box.textContent.trim() || box.clientWidth < 2) return false;
    return (hides(overflowX) && box.scrollWidth > box.clientWidth + 1)
      || (hides(overflowY) && box.scrollHeight > box.clientHeight + 1);
  }).map((box) => box.outerHTML.slice(0, 160))"""
# What stands out of the button it is in, or is broken within a word.
BEYOND_THEIR_BUTTON = """() => {
  const out = (box) => [...box.children].some((part) =>
    part.getBoundingClientRect().right > box.getBoundingClientRect().right + 1);
  const wide = (box) => box.scrollWidth > box.clientWidth + 1;
  const found = [...document.querySelectorAll(".phone, .ways__link")].filter((box) => out(box) || wide(box));
  return found.map((box) => box.outerHTML.slice(0, 160));
}"""
# Whichever day it is, its line is the broadest.
ANY_DAY = "() => document.querySelectorAll('.hours tr').forEach((row) => row.classList.add('hours__today'))"
# Text smaller than 18 px.
SMALL_TEXT = """() => {
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    const isSeen = box.checkVisibility() && !box.closest(".visually-hidden, script, template, svg");
    if (!texts.currentNode.data.trim() || !isSeen) continue;
    if (parseFloat(getComputedStyle(box).fontSize) < 18) found.add(box.outerHTML.slice(0, 160));
  }
  return [...found];
}"""
# What one touches that is lower than 60 px, unless it stands inside a sentence.
SMALL_TARGETS = """() => {
  const isSmall = (box) => {
    if (!box.checkVisibility() || box.closest(".skip, .visually-hidden, .prose, .note, figure")) return false;
    if (box.matches("input[type=hidden]") || (box.matches("input") && box.closest("label"))) return false;
    const line = box.parentElement.closest("p, dd, li, h2, h3, td, th, span") ?? box.parentElement;
    const isPart = line.textContent.trim().length > box.textContent.trim().length;
    if (isPart && getComputedStyle(box).display === "inline") return false;
    const {width, height} = box.getBoundingClientRect();
    return width > 1 && height < 59.5;
  };
  const boxes = [...document.querySelectorAll("a, button, summary, select, input, label:has(input)")];
  return boxes.filter(isSmall).map((box) => `${box.offsetHeight} ${box.outerHTML.slice(0, 160)}`);
}"""


@pytest.mark.parametrize(
    "reading", ["", "elder", "largest.wide", pytest.param("elder.largest.wide", marks=pytest.mark.long)]
)
def test_four_times_as_large_needs_no_sideways_scrolling(
    reading: str, new_page: NewPage, reading_site: Site
) -> None:
    """1280 pixels at 400 % are 320."""
    found = {}
    page = reader(new_page, reading_site, Mode(reading), 320)
    for kind, path in KINDS.items():
        visit(page, reading_site, Mode(reading), path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320 or page.evaluate(CUT):
            found[kind] = (width, page.evaluate(CUT))

    assert found == {}


@pytest.mark.parametrize("width", [640, pytest.param(1280, marks=pytest.mark.long)])
def test_wider_spacing_cuts_nothing(width: int, new_page: NewPage, reading_site: Site) -> None:
    """640: 1280 pixels at 200 %."""
    found = {}
    page = reader(new_page, reading_site, MODES["standard"], width)
    for kind, path in KINDS.items():
        visit(page, reading_site, MODES["standard"], path)
        page.evaluate(SPACED)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width or page.evaluate(CUT):
            found[kind] = (wide, page.evaluate(CUT))

    assert found == {}


def test_a_long_name_of_an_edition_takes_lines_and_not_its_numbers_place(
    new_page: NewPage, reading_site: Site
) -> None:
    page = new_page(viewport={"width": 375, "height": 812})
    page.goto(reading_site.url("/dongqu/huayuan/lists/huayuan-zhunru-jiancha/"))
    cell = page.locator("#comparison td.num[data-label]").first
    height = "cell => cell.getBoundingClientRect().height"

    before = cell.evaluate(height)
    cell.evaluate("cell => { cell.dataset.label = '2026-11-22 退出'; }")

    assert cell.evaluate(height) > before * 1.5


@pytest.mark.parametrize("reading", ["", "elder", "elder.largest"])
def test_numbers_and_words_stay_whole(reading: str, new_page: NewPage, reading_site: Site) -> None:
    found = {}
    for width in (320, 375):
        for prefix in ("", "/en"):
            page = reader(new_page, reading_site, Mode(reading, prefix), width)
            for path in ("/", "/dongqu/zhuyuan/", "/dongqu/zhuyuan/zhuyuan-zhongxin/"):
                page.goto(reading_site.url(prefix + path))
                if not reading:
                    page.evaluate(SPACED)
                page.evaluate(ANY_DAY)
                wide = page.evaluate("document.documentElement.scrollWidth")
                cut = page.evaluate(BEYOND_THEIR_BUTTON)
                if wide > width or cut:
                    found[prefix + path, width] = (wide, cut)
            page.context.close()

    assert found == {}


def test_who_to_call_comes_first_for_elders(new_page: NewPage, reading_site: Site) -> None:
    page = reader(new_page, reading_site, MODES["elder"], 375)
    page.goto(reading_site.url("/my-community/"))
    page.get_by_role("button", name="竹苑社区", exact=True).click()
    for path in ("/guides/laonianzheng/", "/en/guides/laonianzheng/", "/dongqu/zhuyuan/zhuyuan-zhongxin/"):
        page.goto(reading_site.url(path))

        call = page.locator("main .phone").first.bounding_box()
        assert call
        assert call["y"] < 900, path


def test_elder_mode_is_large_everywhere(new_page: NewPage, reading_site: Site) -> None:
    page = reader(new_page, reading_site, MODES["elder"], 375)
    found: dict[str, Any] = {}
    for kind, path in KINDS.items():
        if path.startswith("/api/"):
            continue  # for programmers
        visit(page, reading_site, MODES["elder"], path)
        small = [*page.evaluate(SMALL_TEXT), *page.evaluate(SMALL_TARGETS)]
        if small:
            found[kind] = small

    assert found == {}


def test_colours_of_the_system_leave_what_matters_to_be_seen(new_page: NewPage, reading_site: Site) -> None:
    page = reader(new_page, reading_site, Mode(context={"forced_colors": "active"}), 1280)
    visit(page, reading_site, MODES["standard"], KINDS["guide"])
    page.locator(".readbar summary").click()

    chosen = page.get_by_role("button", name="标准字号")
    assert "✓" in page.evaluate("(box) => getComputedStyle(box, '::before').content", chosen.element_handle())
    for selector in (".readbar__button", ".search__input", ".badge", ".provision", ".table thead th"):
        assert has_edge(page, selector), selector


def test_who_wants_no_motion_gets_none(new_page: NewPage, reading_site: Site) -> None:
    page = reader(new_page, reading_site, MODES["standard"], 1280)
    visit(page, reading_site, MODES["standard"], KINDS["guide"])
    page.evaluate("document.querySelector('#materials').classList.add('live-changed')")

    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def has_edge(page: Page, selector: str) -> bool:
    """Whether a box is still told from the page where all backgrounds are the same."""
    return bool(
        page.evaluate(
            """(selector) => {
                const box = [...document.querySelectorAll(selector)].find((box) => box.checkVisibility());
                const {borderBlockEndStyle: style, borderBlockEndWidth: width} = getComputedStyle(box);
                return style !== "none" && parseFloat(width) >= 1;
            }""",
            selector,
        )
    )
