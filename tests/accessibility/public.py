"""Every kind of page that residents meet, and every way in which they may read it."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, ViewportSize

from tests.conftest import NewPage
from tests.demo_site import Site
from tests.journeys.test_resident_reads import PAGES

OTHERS = {
    "answer of a search": "/search/?q=住改商",
    "search": "/search/",
    "changes of a certificate list": "/certificates/national-20/changes/",
    "certificate to get": "/zhonghua/certificates/zhonghua-shili/entries/01/",
    "page that is not there": "/no-such-page/",
    "ways to read": "/reading/",
    "statement": "/accessibility/",
    "kept pages": "/saved/",
    "map of the site": "/site-map/",
    "disclosure": "/disclosure/",
    "certificate nobody listed": "/zhonghua/certificates/zhonghua-shili/entries/03/",
    "feeds": "/feeds/",
    "open data": "/open-data/",
    "data set": "/open-data/guides/",
    "ratings": "/procedures/ratings/",
    "admission": "/procedures/admission/",
    "report of a demand": "/feedback/demands/",
    "receipts": "/feedback/receipts/",
    "manual of the API": "/api/v1/docs/",
}
KINDS = PAGES | OTHERS


@dataclass(frozen=True)
class Mode:
    """One way to read: words of the cookie, prefix of the address."""

    reading: str = ""
    prefix: str = ""
    context: dict[str, str] = field(default_factory=dict)


MODES = {
    "standard": Mode(),
    "elder": Mode("elder"),
    "contrast": Mode("contrast"),
    "dark": Mode("dark"),
    "zh-hant": Mode(prefix="/zh-hant"),
    "en": Mode(prefix="/en"),
}
WIDTHS = (1280, 375)
PLACE = "花苑社区"


def reader(new_page: NewPage, site: Site, mode: Mode, width: int, community: str = "") -> Page:
    """A visitor who reads like that; nothing on their screen moves."""
    page = new_page(viewport=ViewportSize(width=width, height=900), reduced_motion="reduce", **mode.context)
    cookies = {"reading": mode.reading, "community": community}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": site.address} for name, value in cookies.items() if value]
    )
    return page


def visit(page: Page, site: Site, mode: Mode, path: str) -> None:
    answer = page.goto(site.url(mode.prefix + path))
    assert answer is not None
    assert answer.status == (404 if path == OTHERS["page that is not there"] else 200), path
