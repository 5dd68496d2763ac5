"""sitemap.xml and robots.txt: what search engines are told."""

from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_script_prefix
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.models import Page

from api import sitemap
from content_models.home.models import HomePage
from publishing.publish import publish
from tests import factories, unseen

pytestmark = pytest.mark.django_db

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def read(client: Client, address: str = "/sitemap.xml") -> Element:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert not response.cookies
    return fromstring(response.content)


def locations(root: Element) -> list[str]:
    return [location.text or "" for location in root.iterfind(".//s:loc", NS)]


def paths(root: Element) -> list[str]:
    return [urlsplit(location).path for location in locations(root)]


def one_of_each() -> list[Any]:
    street = factories.street()
    community = factories.community(under=street)
    office = factories.office(under=community)
    policy_list, certificates = factories.policy_list(), factories.certificate_list()
    rows = [
        {"事项名称": "低保申报"},
        {"事项名称": "临时救助", "key": "临时救助"},
        {"事项名称": "走不到", "key": "a&b.c"},
    ]
    factories.list_edition(policy_list, rows, published=True)
    factories.certificate_edition(certificates, ["健在证明"], published=True)
    pages = [street, community, office, factories.guide(offices=[office]), factories.notice()]
    return [*pages, factories.plain_page(), policy_list, certificates]


def test_every_public_page_and_entry_is_there_and_answers(client: Client) -> None:
    pages = one_of_each()

    found = locations(read(client))

    assert len(found) == len(set(found))
    assert {f"http://testserver{factories.fresh(page).get_url()}" for page in pages} <= set(found)
    assert "http://testserver/" in found
    below = f"http://testserver{pages[-2].get_url()}entries/"
    assert {f"{below}row-1/", f"{below}{quote('临时救助')}/"} <= set(found)
    assert f"http://testserver{pages[-1].get_url()}entries/jian-zai-zheng-ming/" in found
    assert len(found) == Page.objects.live().filter(depth__gt=1).count() + 3
    assert [address for address in found if client.get(address).status_code != 200] == []


def test_an_address_says_when_it_changed_last(client: Client) -> None:
    policy_list = factories.policy_list()
    edition = factories.list_edition(policy_list, published=True)
    notice = publish(factories.notice())

    dates = {
        urlsplit(url.findtext("s:loc", "", NS)).path: parse_datetime(url.findtext("s:lastmod", "", NS))
        for url in read(client)
    }

    notice, edition = factories.fresh(notice), factories.fresh(edition)
    assert dates[notice.get_url()] == notice.last_published_at.replace(microsecond=0)
    entry = dates[f"{policy_list.get_url()}entries/row-1/"]
    assert entry == edition.last_published_at.replace(microsecond=0)


def test_nothing_that_is_not_public_is_there(client: Client) -> None:
    hidden = unseen.plant()

    found = read(client)

    internal = Page.objects.get(title__startswith=unseen.WORD, title__contains="内部清单")
    secret = [*hidden.values(), internal, Page.objects.get(title=f"{unseen.WORD}：限制访问")]
    addresses = [page.get_url() for page in secret]
    assert [path for path in paths(found) if any(path.startswith(address) for address in addresses)] == []
    assert [path for path in paths(found) if client.get(path).status_code != 200] == []


def alternates(root: Element, path: str) -> dict[str, str]:
    [url] = [url for url in root if urlsplit(url.findtext("s:loc", "", NS)).path == path]
    links = [link.attrib for link in url.iterfind("x:link", NS)]
    assert {link["rel"] for link in links} == {"alternate"}
    return {link["hreflang"]: link["href"] for link in links}


def test_an_address_names_its_languages(client: Client) -> None:
    notice = factories.notice()
    path = urlsplit(notice.get_url()).path

    found = alternates(read(client), path)

    assert found == {
        "x-default": f"http://testserver{path}",
        "zh-Hans": f"http://testserver{path}",
        "zh-Hant": f"http://testserver/zh-hant{path}",
        "en": f"http://testserver/en{path}",
    }


def test_many_addresses_make_an_index_of_sections(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    one_of_each()
    Page.objects.filter(last_published_at=None).update(last_published_at=timezone.now())
    whole = set(locations(read(client)))
    monkeypatch.setattr(sitemap, "WHOLE", 10)
    monkeypatch.setattr(sitemap, "STEP", 5)

    index = read(client)

    assert index.tag == f"{{{NS['s']}}}sitemapindex"
    sections = locations(index)
    assert len(sections) >= 4  # ids may start anywhere within a step
    assert all(part.findtext("s:lastmod", "", NS) for part in index)
    found = [address for section in sections for address in locations(read(client, section))]
    assert len(found) == len(set(found))
    assert set(found) == whole


def test_a_section_of_what_has_no_address_is_named_and_empty(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_of_each()
    monkeypatch.setattr(sitemap, "WHOLE", 10)
    monkeypatch.setattr(sitemap, "STEP", 1)

    sections = [locations(read(client, section)) for section in locations(read(client))]

    assert sections.count([]) == 1  # the row whose key Wagtail takes for no part of an address
    assert {len(section) for section in sections} == {0, 1}


def test_a_section_stays_the_same_while_pages_are_added(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_of_each()
    monkeypatch.setattr(sitemap, "WHOLE", 10)
    monkeypatch.setattr(sitemap, "STEP", 5)
    first = locations(read(client))[0]
    before = client.get(first).content

    for number in range(10):
        factories.notice(f"通知{number}")

    assert client.get(first).content == before


@pytest.mark.parametrize(
    "address", ["sitemap-pages-99999.xml", "sitemap-pages-99999999999999.xml", "sitemap-drafts-0.xml"]
)
def test_a_section_that_holds_nothing_is_not_found(client: Client, address: str) -> None:
    assert client.get(f"/{address}").status_code == 404


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_it_takes_the_same_few_queries_for_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    one_of_each()
    few = queries(client, "/sitemap.xml")
    office = factories.office("另一处")
    for number in range(20):
        factories.guide(f"指南{number}", offices=[office])
        factories.list_edition(factories.policy_list(f"清单{number}"), published=True)

    assert queries(client, "/sitemap.xml") == few < 15
    monkeypatch.setattr(sitemap, "WHOLE", 10)
    assert queries(client, "/sitemap.xml") < few
    assert queries(client, "/sitemap-pages-0.xml") < few


def test_robots_are_told_where_to_look_and_where_not(client: Client) -> None:
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Disallow: /zh-hant/search/",
        "Disallow: /en/search/",
        "",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def test_below_another_portal_addresses_begin_with_its_path(client: Client) -> None:
    notice = factories.notice()

    with override_script_prefix("/fuwu/"):
        found = locations(read(client))

    path = notice.url_path[len(HomePage.objects.get().url_path) :]
    assert f"http://testserver/fuwu/{path}" in found
