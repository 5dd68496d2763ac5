"""Our own screens in the admin hold the rules of WCAG 2.2 AA that a machine can check."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.accessibility.axe import violations
from tests.conftest import NewPage
from tests.demo_site import Site
from tests.journeys.test_import_a_list import SMALL, settle_columns, spreadsheet, upload

pytestmark = pytest.mark.sqlite  # the same on any database

SCREENS = [
    "", "guides/", "notices/", "policy-lists/", "certificate-lists/", "communities/", "streets/",
    "offices/", "plain-pages/", "snippets/guides/provisionedition/", "snippets/policy_lists/listedition/",
    "snippets/policy_lists/listtype/", "snippets/certificates/certificateedition/",
    "snippets/places/calendaryear/", "snippets/places/department/", "snippets/notices/emergencybanner/",
    "snippets/search/synonymgroup/", "snippets/base/code/", "window-status/", "bundles/", "searches/",
    "search-messages/", "demand-reports/", "usefulness/", "procedures/", "procedure-settings/",
    "quality/health/", "quality/conflicts/", "quality/rules/", "quality/overrides/", "care/boards/",
    "care/due/", "care/due/periods/", "care/channels/", "care/links/", "care/unread/", "imports/",
    "imports/history/", "imports/compare/", "schedule/", "posts/", "audit/", "tokens/", "webhooks/",
    "settings/home/sitesettings/",
]  # fmt: skip
# Screens below a listing: where to look and what the address of the first one ends with.
BELOW = {
    "snippets/policy_lists/listedition/": "/rows/",
    "snippets/certificates/certificateedition/": "/rows/",
    "snippets/guides/provisionedition/": "/rows/",
    "care/boards/": "/boards/",
}
# Wagtail's own, in every screen of the admin; each with the rule it breaks.
OF_WAGTAIL = (".w-minimap__list",)  # scrollable-region-focusable: its lines can be reached where they lead to
# The quick run looks at those with the most of our own templates.
QUICK = ["", "policy-lists/", "window-status/", "procedures/", "quality/health/", "care/due/", "bundles/"]


@pytest.mark.parametrize(
    ("screens", "width"),
    [
        pytest.param(QUICK, 1280, id="quick"),
        pytest.param(SCREENS, 1280, id="all", marks=pytest.mark.long),
        pytest.param(SCREENS, 375, id="all, narrow", marks=pytest.mark.long),
    ],
)
def test_screens_have_no_fault(screens: list[str], width: int, new_page: NewPage, reading_site: Site) -> None:
    page = new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    reading_site.sign_in(page, "admin")

    found = {}
    for screen in screens:
        open_screen(page, reading_site.url(f"/admin/{screen}"))
        found[screen] = violations(page, leaving_out=OF_WAGTAIL)

    assert {screen: faults for screen, faults in found.items() if faults} == {}


@pytest.mark.long
def test_rows_and_boards_have_no_fault(page: Page, reading_site: Site) -> None:
    reading_site.sign_in(page, "admin")

    for listing, end in BELOW.items():
        open_screen(page, reading_site.url(f"/admin/{listing}"))
        links = page.locator("main a").evaluate_all("links => links.map((link) => link.href)")
        inner = next(link for link in links if end in link and not link.endswith(listing))
        open_screen(page, inner)
        assert violations(page, leaving_out=OF_WAGTAIL) == [], inner


EDITORS = ["guides/", "notices/", "policy-lists/", "communities/", "offices/", "plain-pages/"]


@pytest.mark.parametrize(
    "listings",
    [pytest.param(EDITORS[:1], id="quick"), pytest.param(EDITORS, id="all", marks=pytest.mark.long)],
)
def test_editors_have_no_fault(listings: list[str], page: Page, reading_site: Site) -> None:
    reading_site.sign_in(page, "admin")
    found = {}

    for listing in listings:
        open_screen(page, reading_site.url(f"/admin/{listing}"))
        first = page.locator("main a[href*='/edit/']").first.get_attribute("href")
        open_screen(page, reading_site.url(first or ""))
        expect(page.get_by_role("textbox").and_(page.locator("[contenteditable]")).first).to_be_visible()
        found[listing] = violations(page, leaving_out=OF_WAGTAIL)

    assert {listing: faults for listing, faults in found.items() if faults} == {}


@pytest.mark.long
@pytest.mark.parametrize("account", ["district_editor", "street_editor", "importer", "reviewer", "auditor"])
def test_what_each_role_begins_with_has_no_fault(account: str, page: Page, reading_site: Site) -> None:
    reading_site.sign_in(page, account)

    assert violations(page, leaving_out=OF_WAGTAIL) == []


@pytest.mark.long
def test_an_import_has_no_fault_on_its_way(page: Page, site: Site, tmp_path: Path) -> None:
    site.sign_in(page, "importer")
    found = {}

    upload(page, site, spreadsheet(tmp_path, SMALL))
    page.get_by_role("button", name="检查内容，下一步").wait_for()
    found["columns"] = violations(page, leaving_out=OF_WAGTAIL)
    settle_columns(page)
    page.get_by_role("button", name="确认写入").wait_for()
    found["preview"] = violations(page, leaving_out=OF_WAGTAIL)
    page.get_by_role("button", name="确认写入").click()
    page.get_by_role("status").filter(has_text="已完成").wait_for()
    found["result"] = violations(page, leaving_out=OF_WAGTAIL)

    assert {step: faults for step, faults in found.items() if faults} == {}


def open_screen(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
