"""A parent portal shows a channel of ours inside its own page, by the script or by a frame."""

import contextlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Frame, Page, Route, expect

from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database

POLICY = (
    "default-src 'self'; script-src 'self' {site}; frame-src {site}; style-src 'self'; img-src 'self' data:"
)
TITLE = "通知公告"


class Portal:
    """A small site of its own origin, with the strict rules that a government portal has."""

    def __init__(self, folder: Path, policy: str) -> None:
        self.folder = folder
        handler = partial(Pages, directory=str(folder), policy=policy)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://localhost:{self.server.server_port}"

    def show(self, body: str) -> str:
        """Write the portal's page and give its address."""
        head = '<meta charset="utf-8"><link rel="icon" href="data:,"><title>门户</title>'
        html = f'<!doctype html><html lang="zh">{head}<body>{body}'
        (self.folder / "index.html").write_text(html, encoding="utf-8")
        return f"{self.address}/index.html"


class Pages(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, policy: str, **options: Any) -> None:
        self.policy = policy
        super().__init__(*arguments, **options)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to say."""


@contextlib.contextmanager
def running(portal: Portal) -> Iterator[Portal]:
    thread = threading.Thread(target=portal.server.serve_forever)
    thread.start()
    try:
        yield portal
    finally:
        portal.server.shutdown()
        portal.server.server_close()
        thread.join()


@pytest.fixture
def portal(reading_site: Site, tmp_path: Path) -> Iterator[Portal]:
    folder = tmp_path / "portal"
    folder.mkdir()
    with running(Portal(folder, POLICY.format(site=reading_site.address))) as found:
        yield found


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser logs for the page's developers: warnings, errors, refusals."""
    lines: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            lines.append(message.text)

    page.on("console", note)
    return lines


def channel_of(page: Page, site: Site) -> str:
    """The number of the district's channel of notices, as its feed names it."""
    page.goto(site.url("/notices/"))
    address = page.locator('head link[type="application/rss+xml"]').get_attribute("href")
    found = re.search(r"/feeds/(\d+)/", address or "")
    assert found is not None
    return found[1]


def script(site: Site, channel: str, more: str = "") -> str:
    return f'<script src="{site.url("/embed.js")}" data-channel="{channel}" {more} async></script>'


def frame_of(page: Page) -> Frame:
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def height_of(page: Page) -> float:
    return page.locator("iframe").evaluate("frame => frame.getBoundingClientRect().height")


def is_as_high_as_its_content(page: Page, frame: Frame) -> None:
    """Wait until the frame has grown, or shrunk, to just its content."""
    frame.wait_for_selector("h1")
    page.wait_for_function(
        """() => {
            const frame = document.querySelector("iframe");
            return frame.style.height && frame.style.height !== "20rem";
        }"""
    )
    inside = frame.evaluate("document.documentElement.getBoundingClientRect().height")
    expect(page.locator("iframe")).to_have_css("height", f"{-(-inside // 1):.0f}px")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_a_portal_shows_a_channel_by_the_script(
    reading_site: Site, portal: Portal, page: Page, said: list[str]
) -> None:
    channel = channel_of(page, reading_site)
    code = script(reading_site, channel, "data-count=4")

    page.goto(portal.show(f"<h1>门户</h1>{code}<p id=after>后面</p>"))
    frame = frame_of(page)
    is_as_high_as_its_content(page, frame)

    assert frame.locator("li").count() == 4
    expect(frame.locator("h1")).to_have_text(TITLE)
    assert page.evaluate("document.querySelector('script').nextElementSibling.localName") == "iframe"
    assert said == []

    wide = height_of(page)
    page.set_viewport_size({"width": 256, "height": 800})
    page.wait_for_function("before => document.querySelector('iframe').offsetHeight > before", arg=wide)
    is_as_high_as_its_content(page, frame)
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")

    first = frame.locator("li a").first
    title = first.inner_text()
    first.click()
    page.wait_for_url(f"{reading_site.address}/**")  # in the whole window, not within the frame
    expect(page.locator("h1")).to_have_text(title)


def test_a_portal_shows_a_channel_by_a_frame_alone(
    reading_site: Site, portal: Portal, page: Page, said: list[str]
) -> None:
    address = reading_site.url(f"/embed/{channel_of(page, reading_site)}/?count=2")

    page.goto(portal.show(f'<iframe src="{address}" width="240" height="400"></iframe>'))
    frame = frame_of(page)

    expect(frame.locator("li")).to_have_count(2)
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = frame.evaluate("[...document.querySelectorAll('a')].map(a => a.getBoundingClientRect().height)")
    assert min(sizes) >= 44
    assert said == []


def test_no_other_page_of_ours_stands_in_a_foreign_frame(
    reading_site: Site, portal: Portal, page: Page
) -> None:
    address = portal.show(f'<iframe src="{reading_site.url("/notices/")}"></iframe>')

    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(address)

    assert frame_of(page).url.startswith("chrome-error:")


def test_a_foreign_message_does_not_change_the_height(reading_site: Site, portal: Portal, page: Page) -> None:
    channel = channel_of(page, reading_site)
    page.goto(portal.show(script(reading_site, channel)))
    frame = frame_of(page)
    is_as_high_as_its_content(page, frame)
    before = height_of(page)

    page.evaluate(
        """() => new Promise((resolve) => {
            addEventListener("message", () => setTimeout(resolve));
            postMessage({ doorstep: "height", height: 5000 }, "*");
        })"""
    )

    assert height_of(page) == before


def test_an_editor_copies_the_code_from_the_channel(
    reading_site: Site, new_page: NewPage, portal: Portal
) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    channel = channel_of(page, reading_site)
    reading_site.sign_in(page, "district_editor")
    page.goto(reading_site.url(f"/admin/pages/{channel}/edit/"))
    page.get_by_role("button", name="操作").first.click()
    page.get_by_role("link", name="嵌入到其他网站").first.click()

    page.get_by_label("显示几条").fill("3")
    page.get_by_role("button", name="更新代码和预览").click()
    preview = page.frame_locator("[data-preview]")
    expect(preview.locator("li")).to_have_count(3)
    page.get_by_role("button", name="复制脚本代码").click()
    expect(page.get_by_role("status").filter(has_text="已复制。")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")

    visitor = new_page()
    visitor.goto(portal.show(code))
    expect(visitor.frame_locator("iframe").locator("li")).to_have_count(3)


def test_what_is_told_to_machines_passes_a_strict_policy(
    reading_site: Site, page: Page, said: list[str]
) -> None:
    """Scripts in the page are forbidden altogether; data in a script element is no script."""

    def with_policy(route: Route) -> None:
        answer = route.fetch()
        policy = (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws:"
        )
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    page.route(lambda address: "/static/" not in address, with_policy)
    for path in ("/", "/guides/", "/notices/"):
        page.goto(reading_site.url(path))
        data = page.locator('script[type="application/ld+json"]')
        assert page.evaluate("text => JSON.parse(text)['@graph'].length", data.text_content()) > 0

    assert [line for line in said if "Content Security Policy" in line] == []
