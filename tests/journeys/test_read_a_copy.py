"""The site cannot be reached: a resident reads and searches its copy, which lies in a folder."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # what happens in the browser alone is the same on any database


@pytest.fixture(scope="module")
def copy(reading_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    reading_site.manage("export_site", str(folder))
    return folder


def test_a_resident_finds_a_guide_by_links_and_by_name(copy: Path, page: Page) -> None:
    page.goto((copy / "index.html").as_uri())
    expect(page.get_by_role("note")).to_contain_text("副本")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="办事指南").click()
    page.get_by_role("link", name="老年人优待证办理").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")

    page.goto((copy / "search/index.html").as_uri() + "?q=老年证")

    found = page.locator("[data-find] li:visible")
    expect(found.first).to_contain_text("老年人优待证办理")
    page.get_by_role("searchbox").fill("没有这样的事")
    expect(found).to_have_count(0)
    expect(page.get_by_text("没有找到")).to_be_visible()


def test_without_scripts_everything_is_listed(copy: Path, noscript_page: Page) -> None:
    noscript_page.goto((copy / "search/index.html").as_uri())

    expect(noscript_page.get_by_role("link", name="老年人优待证办理")).to_be_visible()


def test_on_a_phone_nothing_pans_sideways(copy: Path, phone_page: Page) -> None:
    for file in ("index.html", "guides/laonianzheng/index.html", "search/index.html"):
        phone_page.goto((copy / file).as_uri())

        assert phone_page.evaluate("document.documentElement.scrollWidth") <= 375
