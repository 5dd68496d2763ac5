"""Every kind of public page, in every way to read it, holds the rules of WCAG 2.2 AA a machine can check.

The quick run looks at each kind once, spread over ways and widths; the long one at all of them.
"""

from itertools import cycle, islice, product

import pytest
from playwright.sync_api import Page

from tests.accessibility.axe import violations
from tests.accessibility.public import KINDS, MODES, OTHERS, WIDTHS, reader, visit
from tests.conftest import NewPage
from tests.demo_site import Site

pytestmark = pytest.mark.sqlite  # the same on any database

COMBINATIONS = list(product(MODES, WIDTHS))
# The kinds whose templates are made for elder mode come first, so that the quick run sees them in it.
SPREAD = dict(zip(KINDS, islice(cycle(COMBINATIONS), len(KINDS)), strict=True)) | {
    "home": ("elder", 375),
    "guide": ("elder", 1280),
    "office": ("elder", 375),
    "community": ("elder", 1280),
    "certificate": ("elder", 375),
}


def test_a_fault_would_be_found(page: Page) -> None:
    page.set_content(
        "<!doctype html><html lang=zh><title>示例</title><h1>示例</h1><img src=/x.png>"
        "<p style='color: #aaa'>浅灰色的字看不清</p>"
    )

    found = sorted(violations(page))

    assert [fault.partition(":")[0] for fault in found] == ["color-contrast", "image-alt"]
    assert violations(page, leaving_out=("img", "p")) == []


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_each_kind_of_page_has_no_fault(
    combination: tuple[str, int], new_page: NewPage, reading_site: Site
) -> None:
    kinds = [kind for kind, chosen in SPREAD.items() if chosen == combination]

    assert kinds
    assert faults(kinds, combination, new_page, reading_site) == {}


@pytest.mark.long
@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_page_in_every_way_has_no_fault(
    combination: tuple[str, int], new_page: NewPage, reading_site: Site
) -> None:
    assert faults(list(KINDS), combination, new_page, reading_site) == {}


def faults(
    kinds: list[str], combination: tuple[str, int], new_page: NewPage, site: Site
) -> dict[str, list[str]]:
    """The faults by kind of page; one that is wider than its window has one, too."""
    name, width = combination
    page = reader(new_page, site, MODES[name], width)
    found = {}
    for kind in kinds:
        visit(page, site, MODES[name], KINDS[kind])
        if kind not in OTHERS or kind == "ways to read":
            open_all(page)
        found[kind] = violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[kind].append("wider than its window")
    return {kind: faults for kind, faults in found.items() if faults}


def open_all(page: Page) -> None:
    """Unfold what is folded: it is part of the page."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
