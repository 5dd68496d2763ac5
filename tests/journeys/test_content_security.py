"""Strict policies on every page, and nothing on any page that they have to refuse.

A page that does what its policy does not allow fails every journey (``new_page``); here are the pages and the
corners of the admin that no other journey visits.
"""

import base64
import re
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import is_refusal
from tests.demo_site import Site
from tests.journeys.test_import_a_list import SMALL, settle_columns, spreadsheet, upload
from tests.journeys.test_publish_a_guide import begin_guide, choose, tab, write

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
LEAVES = re.compile(
    r"/logout/|/delete|/(template|export)/|export=|\.(xlsx|csv|json|zip|png|jpe?g|xml|pdf)\b|/documents/|/media/"
)


def policy_at(site: Site, path: str) -> str:
    with urllib.request.urlopen(site.url(path), timeout=30) as answer:
        return answer.headers["Content-Security-Policy"]


def shape(address: str) -> str:
    """An address without its numbers and names of single things."""
    path = re.sub(r"\d+", "N", urlsplit(address).path)
    return path if path.startswith("/admin/") else "/".join(path.split("/")[:3])


def walk(page: Page, site: Site, start: str, look: Callable[[Page], None], *, most: int) -> list[str]:
    """Open one address of each shape that links lead to from ``start`` and within it; returns them."""
    waiting, known, seen = [start], {start}, Counter[str]()
    opened: list[str] = []
    while waiting and len(opened) < most:
        address = waiting.pop(0)
        seen[shape(address)] += 1
        if seen[shape(address)] > 1:
            continue
        answer = page.goto(site.url(address))
        opened.append(address)
        assert answer is not None
        if "html" not in answer.headers.get("content-type", ""):
            continue
        look(page)
        for link in page.locator("a[href]").evaluate_all("links => links.map((link) => link.href)"):
            parts = urlsplit(urljoin(page.url, link))
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = f"{parts.scheme}://{parts.netloc}" == site.address and found.startswith(start)
            if is_ours and found not in known and not LEAVES.search(found):
                known.add(found)
                waiting.append(found)
    return opened


def test_no_public_page_does_what_its_policy_refuses(page: Page, reading_site: Site) -> None:
    def look(page: Page) -> None:
        inline = page.locator("script:not([src]):not([type*=json]), style, [style]")
        assert inline.count() == 0, page.url
        handlers = "elements => elements.flatMap((e) => e.getAttributeNames()).filter((n) => /^on/.test(n))"
        assert page.locator("*").evaluate_all(handlers) == []

    opened = walk(page, reading_site, "/", look, most=70)

    assert len(opened) > 20
    assert {"/", "/search/"} <= {urlsplit(address).path for address in opened}
    for path in ("/api/v1/docs/", "/search/?q=养老"):
        page.goto(reading_site.url(path))
        look(page)
    for path in ("/", "/api/v1/docs/", "/guides/"):
        said = policy_at(reading_site, path)
        assert "unsafe" not in said
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in said


@pytest.mark.parametrize("path", ["/", "/live/nothing/", "/nowhere/", "/static/civic/suggest.js", "/media/x"])
def test_every_answer_carries_each_header_once_and_no_servers_name(path: str, reading_site: Site) -> None:
    """Also those that are given before Django is asked."""
    try:
        with urllib.request.urlopen(reading_site.url(path), timeout=30) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as answer:
        headers = answer.headers

    for name in ("Content-Security-Policy", "Permissions-Policy", "X-Frame-Options", "Referrer-Policy"):
        assert len(headers.get_all(name, [])) == 1, name
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in headers


def test_the_policy_is_in_force(browser: Browser, reading_site: Site) -> None:
    """What the other tests would see if something were refused, seen by a page that may fail so."""
    with browser.new_page() as page:
        page.goto(reading_site.url("/"))
        with page.expect_console_message(is_refusal):
            page.evaluate(
                """() => { const script = document.createElement("script");
                script.textContent = "window.ran = true"; document.body.append(script); }"""
            )

        assert page.evaluate("window.ran ?? false") is False


def test_an_open_page_still_has_its_socket(page: Page, reading_site: Site) -> None:
    sent: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))

    page.goto(reading_site.url("/guides/"))
    page.get_by_role("main").get_by_role("link").first.click()

    deadline = time.monotonic() + 20
    while not sent and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert sent, "the page watches nothing"


def test_no_screen_of_the_admin_does_what_its_policy_refuses(page: Page, reading_site: Site) -> None:
    reading_site.sign_in(page, "admin")

    def look(page: Page) -> None:
        assert page.locator("script:not([src]):not([type])").count() == 0, page.url

    opened = walk(page, reading_site, "/admin/", look, most=120)

    assert len(opened) > 80


def test_an_editor_uses_every_kind_of_field(page: Page, site: Site) -> None:
    site.sign_in(page, "district_editor")
    begin_guide(page)

    page.get_by_role("textbox", name="标题").fill("政策如何执行")
    date = page.get_by_role("textbox", name="生效日期")
    date.click()
    page.locator(".xdsoft_datetimepicker:visible .xdsoft_date:not(.xdsoft_disabled)").first.click()
    expect(date).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    choose(page, "选择部门", "家门口示范区民政局（示例）")
    conditions = page.get_by_role("region", name="受理条件").get_by_role("textbox")
    write(conditions, "家里有老人，", bold="住在本区")
    tab(page, "流程与办理")
    page.get_by_role("button", name="添加环节").click()
    page.get_by_role("region", name="环节 1").get_by_role("textbox", name="环节").fill("上门评估")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("status").first).to_contain_text("政策如何执行")

    page.reload()
    tab(page, "流程与办理")
    expect(page.get_by_role("region", name="环节 1").get_by_role("textbox", name="环节")).to_have_value(
        "上门评估"
    )
    for panel in ("status", "checks", "comments", "preview"):
        toggle = page.locator(f"[data-side-panel-toggle={panel}]")
        if toggle.count():  # which there are follows from the page and the role
            toggle.click()
    frame = page.frame_locator("[data-w-preview-target=iframe]").last
    expect(frame.get_by_role("heading", level=1)).to_contain_text("政策如何执行")


def test_files_are_uploaded_and_a_picture_is_cut(page: Page, site: Site, tmp_path: Path) -> None:
    picture = tmp_path / "照片.png"
    picture.write_bytes(PICTURE)
    site.sign_in(page, "admin")

    page.goto(site.url("/admin/images/multiple/add/"))
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_role("textbox", name="标题")).to_have_value("照片")
    page.goto(site.url("/admin/images/"))
    page.get_by_role("link", name="照片").first.click()
    expect(page.locator(".jcrop-holder")).to_be_visible()

    page.goto(site.url("/admin/documents/multiple/add/"))
    file = tmp_path / "说明.txt"
    file.write_text("说明")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("textbox", name="标题")).to_have_value("说明")


def test_an_import_is_followed(page: Page, site: Site, tmp_path: Path) -> None:
    site.sign_in(page, "importer")

    upload(page, site, spreadsheet(tmp_path, SMALL))
    settle_columns(page)

    expect(page.get_by_role("navigation", name="按结果查看")).to_be_visible()
