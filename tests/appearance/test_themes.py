"""No theme loses anything: every kind of page has the same parts, headings, ids and ways as in civic."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Site

from appearance import themes
from appearance.choices import COOKIE
from content_models.home.models import SiteSettings
from content_models.home.themes import themes_there
from tests import factories
from tests.conftest import StandingContent
from tests.test_pages import addresses, one_of_each

pytestmark = pytest.mark.django_db
OTHERS = [name for name in themes_there() if name != "civic"]
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
LANDMARKS = ["header", "nav", "main", "footer", "aside", "form", "section"]


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield one_of_each()


def wear(theme: str) -> None:
    site = SiteSettings.for_site(Site.objects.get())
    site.theme = theme
    site.save()


def outline(page: Any) -> list[tuple[str, str]]:
    return [(heading.name, heading.get_text(" ", strip=True)) for heading in page.find_all(HEADINGS)]


def parts(page: Any) -> dict[str, Counter[Any]]:
    """What people, scripts and assistive programs find their way by, and how often each is there."""
    found = page.find_all(True)
    return {
        "live regions": Counter(tag["data-region"] for tag in found if tag.has_attr("data-region")),
        "live names": Counter(tag["data-live-name"] for tag in found if tag.has_attr("data-live-name")),
        "live items": Counter(tag.name for tag in found if tag.has_attr("data-item")),
        "headings": Counter(outline(page)),
        "ids": Counter(tag["id"] for tag in found if tag.has_attr("id")),
        "landmarks": Counter(
            (tag.name, tag.get("role", ""), tag.get("aria-label", "")) for tag in page.find_all(LANDMARKS)
        ),
        "ways": Counter({link["href"]: 1 for link in page.find_all("a", href=True)}),
        "fields": Counter(
            (field["name"], field.get("type", "")) for field in page.select("[name]:not(meta)")
        ),
        "live updates": Counter(tag.get("aria-live", tag.get("role")) for tag in page.select("[aria-live]")),
    }


def skipped(page: Any) -> list[tuple[str, str]]:
    levels = [int(name[1]) for name, _text in outline(page)]
    return [outline(page)[at] for at in range(1, len(levels)) if levels[at] > levels[at - 1] + 1]


@pytest.mark.parametrize("mode", ["", pytest.param("elder", marks=pytest.mark.long)])
@pytest.mark.parametrize("theme", OTHERS)
def test_no_page_loses_anything(client: Client, standing: dict[str, Any], theme: str, mode: str) -> None:
    client.cookies[COOKIE] = mode
    client.cookies["community"] = str(standing["community"].pk)
    lost: dict[tuple[str, str], Any] = {}

    for address in addresses(standing):
        wear("civic")
        usual = BeautifulSoup(client.get(address).content, "html.parser")
        wear(theme)
        page = BeautifulSoup(client.get(address).content, "html.parser")

        assert page.find("link", href=f"/static/{theme}/main.css"), address
        usual_parts, own_parts = parts(usual), parts(page)
        missing = {name: usual_parts[name] - own_parts[name] for name in usual_parts}
        lost |= {(address, name): dict(gone) for name, gone in missing.items() if gone}
        inner = [link["href"][1:] for link in page.select('a[href^="#"]') if len(link["href"]) > 1]
        assert [name for name in inner if not page.find(id=name)] == [], address
        assert max(own_parts["ids"].values()) == 1, address
        assert set(skipped(page)) <= set(skipped(usual)), address

    assert lost == {}


def sheets(client: Client, address: str) -> list[str]:
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return [str(link["href"]) for link in page.find_all("link", rel="stylesheet")]


def test_a_street_and_its_communities_wear_its_theme_and_others_do_not(client: Client) -> None:
    street = factories.street("海湾街道", theme=OTHERS[0])
    own = factories.community(under=street)
    other = factories.community("别处社区", under=factories.street("别的街道"))
    theirs = f"/static/{OTHERS[0]}/main.css"

    assert theirs in sheets(client, street.url)
    assert theirs in sheets(client, own.url)
    assert theirs not in sheets(client, other.url)
    assert theirs not in sheets(client, "/")
    page = BeautifulSoup(client.get(own.url).content, "html.parser")
    assert [link.get_text() for link in page.select(f'.header a[href="{street.url}"]')] == ["海湾街道"]


def test_a_preview_wears_the_theme_that_is_being_chosen(admin_client: Client) -> None:
    street = factories.street("海湾街道")
    street.theme = OTHERS[0]
    revision = street.save_revision()

    answer = admin_client.get(f"/admin/pages/{street.pk}/revisions/{revision.pk}/view/")

    assert f"/static/{OTHERS[0]}/main.css" in answer.content.decode()
    assert f"/static/{OTHERS[0]}/main.css" not in Client().get(street.url).content.decode()
    assert themes.present() == themes.Look()  # nothing of it is left on the thread


def test_the_editor_of_a_street_wears_none(admin_client: Client) -> None:
    street = factories.street("海湾街道", theme=OTHERS[0])

    assert admin_client.get(f"/admin/pages/{street.pk}/edit/").status_code == 200

    assert themes.present() == themes.Look()
