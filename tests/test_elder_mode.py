"""Elder mode: pages of its own that lose nothing that refreshes, and odd choices of how to read."""

import datetime
import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from content_models.places.calendar import Calendar
from content_models.places.hours import open_state
from tests import factories
from tests.conftest import StandingContent
from tests.test_pages import addresses, one_of_each, read

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield one_of_each()


@pytest.fixture
def site(standing: dict[str, Any], db: None) -> dict[str, Any]:
    return {name: factories.fresh(thing) for name, thing in standing.items()}


@pytest.mark.parametrize("chosen", [False, True], ids=["stranger", "resident"])
def test_every_page_is_whole_and_keeps_its_regions(
    client: Client, site: dict[str, Any], chosen: bool
) -> None:
    if chosen:
        client.cookies["community"] = str(site["community"].pk)

    for address in addresses(site):
        client.cookies["reading"] = ""
        standard = regions(read(client, address))
        client.cookies["reading"] = "elder"
        page = read(client, address)

        assert page.get("data-mode") == "elder", address
        assert regions(page) == standard, address
        assert len(page.findall(".//h1")) == 1, address
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), address
        assert "退出长者模式" in text_of(page.find(".//header")), address
        assert page.find(".//header//a[@href='tel:12345']") is not None, address


def test_a_guide_leads_with_phone_place_hours_and_what_to_bring(client: Client, site: dict[str, Any]) -> None:
    client.cookies["reading"] = "elder"
    client.cookies["community"] = str(site["community"].pk)

    page = read(client, site["guide"].url)

    main = page.find(".//main")
    text = text_of(main)
    box = page.find(".//section[@id='provision']")
    assert box.find(".//a").get("href") == f"tel:{site['office'].phone.replace(' ', '')}"
    summary = factories.fresh(site["guide"]).specific.summary
    order = [
        site["office"].title,
        site["office"].address,
        *([summary] if summary else []),
        "申请材料",
        "收费",
        "办理流程",
        "看全部说明",
    ]
    assert sorted(order, key=text.index) == order
    for material in site["guide"].materials.all():
        assert main.find(f".//*[@id='material-{material.pk}']") is not None


def test_before_a_guide_stands_one_way_back_and_after_it_where_it_is_from(
    client: Client, site: dict[str, Any]
) -> None:
    client.cookies["reading"] = "elder"

    page = read(client, site["guide"].url)

    ways = page.findall(".//nav[@class='breadcrumb']//a")
    assert [way.get("href") for way in ways] == [site["guide"].get_parent().url]
    order = [element.get("id") or element.get("class") for element in page.iter()]
    assert order.index("main") < order.index("articlebar")
    sizes = page.findall(".//li[@class='articlebar__sizes']/a")
    assert [(text_of(size), size.get("aria-current")) for size in sizes] == [
        ("特大字", None),
        ("大字", None),
        ("标准字号", "true"),
    ]


def test_hours_of_the_day_are_said_where_it_opens(site: dict[str, Any]) -> None:
    hours, calendar = site["office"].opening_hours, Calendar.load()
    monday = datetime.datetime(2026, 6, 22, 20, 0, tzinfo=datetime.UTC)

    said = [
        open_state(hours, at=monday + datetime.timedelta(days=days), calendar=calendar).today_text
        for days in (0, 6)
    ]

    assert said == ["09:00–12:00、13:30–17:00", ""]


@pytest.mark.parametrize("cookie", ["elderly", "x" * 4000, "elder<b>", "%00.%ff", "dark.bright.huge", "...."])
def test_unknown_words_leave_a_readable_standard_page(
    client: Client, site: dict[str, Any], cookie: str
) -> None:
    client.cookies["reading"] = cookie

    page = read(client, site["guide"].url)

    assert page.get("data-mode") is None
    assert page.find(".//table") is not None
    assert cookie not in client.get(site["guide"].url).content.decode() or cookie == "...."


@pytest.mark.parametrize(
    "query", ["mode=huge", "mode=", "text=%00", "colours=%FF&spacing=no", "mode=elder&mode=x"]
)
def test_an_unknown_choice_leads_back_and_changes_nothing(client: Client, query: str) -> None:
    client.cookies["reading"] = "large"

    answer = client.get(f"/reading/?{query}&next=/guides/")

    assert (answer.status_code, answer["Location"]) == (302, "/guides/")
    assert client.cookies["reading"].value == "large"


def test_settings_and_statement_say_what_they_are(client: Client, site: dict[str, Any]) -> None:
    reading, statement = read(client, "/reading/"), read(client, "/accessibility/")

    assert [box.get("name") for box in reading.findall(".//main//fieldset/div/label[1]/input")] == [
        "mode",
        "text",
        "colours",
        "spacing",
    ]
    for page in (reading, read(client, "/")):
        assert page.find(".//a[@href='/accessibility/']") is not None
    said = text_of(statement.find(".//main"))
    assert "参照 GB/T 37668" in said
    assert "WCAG 2.2 AA" in said
    assert statement.find(".//main//a[@href='tel:12345']") is not None


def test_the_scripts_of_reading_are_small() -> None:

    folder = settings.THEMES_ROOT / settings.THEME / "static" / "civic"
    scripts = [(folder / name).read_bytes() for name in ("reading.js", "listen.js", "ticks.js")]

    assert sum(len(gzip.compress(script)) for script in scripts) < 3_000


def regions(page: Any) -> set[str]:
    return {element.get("data-region") for element in page.iter() if element.get("data-region")}


def text_of(element: Any) -> str:
    return "".join(element.itertext())
