"""The district's home page."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from content_models.home.models import SiteSettings
from publishing.publish import publish
from tests import factories

pytestmark = pytest.mark.django_db


def suggestions(client: Client) -> list[tuple[str, str]]:
    """Text and address of what is offered below the search box."""
    page = BeautifulSoup(client.get("/").content, "html.parser")
    return [(link.get_text(), str(link["href"])) for link in page.select(".hero__try a")]


def test_the_words_that_staff_chose_lead_to_the_search(client: Client) -> None:
    publish(factories.guide("老年人优待证办理", everyday_names=["老年证"]))
    settings = SiteSettings.for_site(Site.objects.get())
    settings.frequent_words = ["老年证", "a&b"]
    settings.save()

    found = suggestions(client)

    assert [text for text, _address in found] == ["老年证", "a&b"]
    assert "老年人优待证办理" in client.get(found[0][1]).content.decode()
    assert client.get(found[1][1]).context["asked"] == "a&b"


def test_without_chosen_words_the_newest_guides_are_offered(client: Client) -> None:
    guide = factories.guide("老年人优待证办理", short_title="老年证")

    assert suggestions(client) == [("老年证", guide.get_url())]


@pytest.mark.parametrize("reading", ["", "elder"])
def test_a_notice_above_newer_ones_says_that_it_is_pinned(client: Client, reading: str) -> None:
    now, day = timezone.now(), datetime.timedelta(days=1)
    factories.notice("旧而置顶", first_published_at=now - day, pinned_until=now + day)
    factories.notice("新", first_published_at=now)
    client.cookies["reading"] = reading

    page = BeautifulSoup(client.get("/").content, "html.parser")

    said = [link.get_text(" ", strip=True) for link in page.select("#notices .dated a")]
    assert said == ["置顶 旧而置顶", "新"]
