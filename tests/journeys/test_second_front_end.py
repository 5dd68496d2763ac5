"""A page of another site that shows guides from the API and follows the change feed."""

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NewPage
from tests.demo_site import ROOT, Site
from tests.journeys.test_publish_a_guide import publish

EXAMPLES = ROOT / "docs" / "examples"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Nothing of this belongs into a test's output."""


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    """The example on a server of its own, which knows nothing but files."""
    handler = functools.partial(Quiet, directory=str(EXAMPLES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/portal.html"
        server.shutdown()


@pytest.fixture
def front(portal: str, reading_site: Site, page: Page) -> Page:
    page.goto(f"{portal}?site={reading_site.address}")
    expect(page.get_by_role("status")).to_contain_text("项")
    return page


def test_it_is_a_page_of_fewer_than_two_hundred_lines() -> None:
    assert len((EXAMPLES / "portal.html").read_text().splitlines()) < 200


def test_it_lists_and_narrows_guides(front: Page) -> None:
    expect(front.locator("#guides li")).to_have_count(10)
    front.get_by_role("button", name="再看一些").click()
    expect(front.locator("#guides li")).to_have_count(16)

    front.get_by_label("服务人群").select_option(label="残疾人")
    expect(front.locator("#guides li").filter(has_text="残疾人两项补贴")).to_have_count(1)
    front.get_by_label("关键词").fill("没有这样的事项")
    expect(front.get_by_role("status")).to_have_text("没有找到，换个词试试。")
    front.get_by_label("关键词").fill("补贴")
    expect(front.locator("#guides li").first).to_contain_text("补贴")

    front.reload()
    expect(front.get_by_label("关键词")).to_have_value("补贴")


def test_it_says_what_holds_in_ones_community(front: Page) -> None:
    front.get_by_label("关键词").fill("残疾人两项补贴")
    front.get_by_label("我的社区").select_option(label="江苏路社区（示例）")

    expect(front.locator("#guides li").first).to_contain_text("江苏路社区")


def test_it_follows_what_is_published(portal: str, site: Site, new_page: NewPage) -> None:
    front, editor = new_page(), new_page()
    front.goto(f"{portal}?site={site.address}")
    guide = front.locator("#guides li").filter(has_text="残疾人两项补贴")
    number = guide.get_attribute("data-id")
    site.sign_in(editor, "district_editor")
    editor.goto(site.url(f"/admin/pages/{number}/edit/"))
    editor.get_by_role("textbox", name="一句话说明").fill("两项补贴可以一起办。")
    publish(editor)

    expect(front.get_by_role("status")).to_contain_text("刚刚更新")
    expect(front.locator("#guides .new")).to_contain_text("两项补贴可以一起办。")


def test_it_says_when_the_site_is_away(portal: str, page: Page) -> None:
    page.goto(f"{portal}?site=http://127.0.0.1:9")

    expect(page.get_by_role("status")).to_contain_text("暂时读不到内容")
