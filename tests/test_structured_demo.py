"""The demo district as machines read it: every page by the book of schema.org, and as residents read it."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page

from content_models.guides.models import GuidePage
from content_models.places.models import OfficePage
from tests.conftest import StandingContent
from tests.schema_org import faults
from tests.test_structured_data import document, graph_of, of_type

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves the file of a picture that it has scaled to the collector.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _collect_scaled_pictures() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def pages(standing_content: StandingContent) -> Iterator[list[tuple[Any, BeautifulSoup]]]:
    """Every public page of the demo district with what it answers, asked once."""
    with standing_content():
        call_command("load_demo", verbosity=0)
        found = Page.objects.live().public().filter(depth__gt=1).specific()
        shown = [page for page in found if not getattr(page, "is_internal", False)]
        yield [(page, document(Client(), page)) for page in shown]


def test_every_page_is_described_by_the_book(pages: list[tuple[Any, BeautifulSoup]]) -> None:
    wrong, kinds = [], set()

    for page, shown in pages:
        things, kind = graph_of(shown), type(page).__name__
        wrong += [f"{page.get_url()}: {fault}" for thing in things for fault in faults(thing)]
        kinds.add(kind)
        expected = MAIN_TYPES.get(kind, [])
        if expected and not any(thing["@type"] in expected for thing in things):
            wrong.append(f"{page.get_url()}: is none of {expected}")
        if page.depth > 2 and things[-1]["@type"] != "BreadcrumbList":
            wrong.append(f"{page.get_url()}: does not say where it stands")

    assert wrong == []
    assert kinds >= set(MAIN_TYPES)


MAIN_TYPES = {
    "HomePage": ["WebSite", "GovernmentOrganization"],
    "StreetPage": ["AdministrativeArea"],
    "CommunityPage": ["AdministrativeArea"],
    "OfficePage": ["GovernmentOffice"],
    "GuidePage": ["GovernmentService"],
    "NoticePage": ["NewsArticle", "SpecialAnnouncement"],
}


def test_a_guide_tells_machines_what_residents_read(pages: list[tuple[Any, BeautifulSoup]]) -> None:
    guides = [shown for page, shown in pages if isinstance(page, GuidePage)]
    assert guides

    for shown in guides:
        read, service = words(shown), of_type(graph_of(shown), "GovernmentService")
        said = [service["name"], *service.get("alternateName", [])]
        for channel in service.get("availableChannel", []):
            said += [contact["telephone"] for contact in channel.get("servicePhone", [])]
            offices = channel.get("serviceLocation", [])
            said += [office[part] for office in offices for part in ("name", "address", "telephone")]
        assert [text for text in said if text not in read] == []


def test_an_office_tells_machines_what_residents_read(pages: list[tuple[Any, BeautifulSoup]]) -> None:
    offices = [shown for page, shown in pages if isinstance(page, OfficePage)]
    assert offices

    for shown in offices:
        read, office = words(shown), of_type(graph_of(shown), "GovernmentOffice")
        assert [office[part] for part in ("name", "address", "telephone") if office[part] not in read] == []
        week = office.get("openingHoursSpecification", [])
        told = {f"{times['opens']}–{times['closes']}" for times in week}
        assert {
            AS_TOLD.get(span.get_text(), span.get_text()) for span in shown.select(".hours__range")
        } == told


AS_TOLD = {"24 小时": "00:00–23:59"}


def words(shown: BeautifulSoup) -> str:
    assert shown.body is not None
    return shown.body.get_text(" ", strip=True)
