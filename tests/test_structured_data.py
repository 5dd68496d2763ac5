"""What public pages tell machines in the terms of schema.org: valid, public, the same as residents read."""

import datetime
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, Site

from api.templatetags import structured_tags
from content_models.base.pages import ContentPage
from content_models.guides.models import GuidePage, Question
from content_models.home.models import HomePage, SiteSettings
from content_models.notices.models import NoticePage
from content_models.places import structured
from content_models.places.hours import Hours, Span, SpecialDay
from content_models.places.models import OfficeSpecialDay
from tests import factories, unseen
from tests.schema_org import faults

pytestmark = pytest.mark.django_db


def document(client: Client, page: Any) -> BeautifulSoup:
    address = page if isinstance(page, str) else page.get_url()
    response = client.get(address)
    assert response.status_code == 200, address
    return BeautifulSoup(response.content, "html.parser")


def graph(client: Client, page: Any) -> list[dict[str, Any]]:
    """What a page says of itself."""
    return graph_of(document(client, page))


def graph_of(shown: BeautifulSoup) -> list[dict[str, Any]]:
    [script] = shown.select('head script[type="application/ld+json"]')
    said = json.loads(script.get_text())
    assert said["@context"] == "https://schema.org"
    return said["@graph"]


def of_type(things: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [thing for thing in things if thing["@type"] == kind]
    return found


def test_a_guide_names_its_offices_phones_and_ways(client: Client) -> None:
    office = factories.office(latitude="24.446", longitude="118.082", has_ramp=True)
    guide = factories.guide(
        "残疾人护理补贴",
        offices=[office],
        everyday_names=["护理补贴"],
        summary="重度残疾人每月领取。",
        base_code="000111001000",
        online_url="https://example.gov.cn/apply",
        promised_days=0,
        result_name="补贴",
    )
    guide.audiences.add(factories.audience("残疾人"))
    guide.faqs = [Question(question="可以代办吗？", answer="<p>可以，带<b>委托书</b>。</p><p>当天办。</p>")]
    guide.save()

    things = graph(client, guide)
    service = of_type(things, "GovernmentService")

    assert service["alternateName"] == ["护理补贴"]
    assert service["description"] == "重度残疾人每月领取。"
    assert service["url"] == f"http://testserver{guide.get_url()}"
    assert service["identifier"]["value"] == "000111001000"
    assert service["provider"]["name"] == "区民政局"
    assert service["areaServed"]["name"] == "思明区"
    assert "残疾人" in [audience["audienceType"] for audience in service["audience"]]
    counter, online = service["availableChannel"]
    assert [phone["telephone"] for phone in counter["servicePhone"]] == ["0592-2020002", "12345"]
    assert counter["processingTime"] == "P0D"
    assert counter["description"] == "承诺时限：当场办结"
    [place] = counter["serviceLocation"]
    assert place["url"] == f"http://testserver{office.get_url()}"
    assert place["geo"] == {"@type": "GeoCoordinates", "latitude": 24.446, "longitude": 118.082}
    assert place["amenityFeature"][0]["name"] == "坡道"
    assert online["serviceUrl"] == "https://example.gov.cn/apply"
    [question] = of_type(things, "FAQPage")["mainEntity"]
    assert question["name"] == "可以代办吗？"
    assert question["acceptedAnswer"]["text"] == "可以，带委托书。 当天办。"
    assert [fault for thing in things for fault in faults(thing)] == []


def test_working_days_are_told_in_words_alone(client: Client) -> None:
    channels = [
        of_type(graph(client, guide), "GovernmentService")["availableChannel"][0]
        for guide in (
            factories.guide("甲", promised_days=4),
            factories.guide("乙", promised_days=4, promised_unit="N"),
        )
    ]

    assert [channel["description"] for channel in channels] == [
        "承诺时限：4 个工作日", "承诺时限：4 个自然日",
    ]  # fmt: skip
    assert [channel.get("processingTime") for channel in channels] == [None, "P4D"]


def test_a_suspended_guide_offers_no_way_to_apply(client: Client) -> None:
    guide = factories.guide(status=GuidePage.Status.SUSPENDED)

    service = of_type(graph(client, guide), "GovernmentService")

    assert "availableChannel" not in service
    assert service["description"].startswith("这个事项暂停办理")


def test_a_guide_says_the_same_whatever_community_was_chosen(client: Client) -> None:
    community = factories.community()
    office = factories.office(under=community)
    guide = factories.guide(offices=[office])
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, office=office, phone="0592-7654321")
    stranger = graph(client, guide)

    client.cookies["community"] = str(community.pk)

    assert graph(client, guide) == stranger


def test_notices_are_news_and_cuts_are_announcements(client: Client) -> None:
    news = factories.notice("低保标准调整", author="民政科", doc_no="思民〔2026〕3号")
    cut = factories.notice("停水", notice_kind=NoticePage.Kind.OUTAGE, scope="江苏路 1 至 9 号")

    article = of_type(graph(client, news), "NewsArticle")
    announcement = of_type(graph(client, cut), "SpecialAnnouncement")

    assert article["headline"] == "低保标准调整"
    assert article["publisher"]["name"] == "区民政局"
    assert article["identifier"]["value"] == "思民〔2026〕3号"
    stored = factories.fresh(news).first_published_at
    assert datetime.datetime.fromisoformat(article["datePublished"]) == stored.replace(microsecond=0)
    assert announcement["text"] == "明日 9 时至 17 时停水。"
    assert announcement["spatialCoverage"]["name"] == "江苏路 1 至 9 号"


def test_the_home_page_names_the_site_its_search_and_who_runs_it(client: Client) -> None:
    about = SiteSettings.for_site(Site.objects.get())
    about.site_name, about.organiser, about.hotline = "家门口", "思明区人民政府", "12345"
    about.save()

    things = graph(client, "/")

    site, organisation = of_type(things, "WebSite"), of_type(things, "GovernmentOrganization")
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert client.get(template.replace("{search_term_string}", "补贴")).status_code == 200
    assert (site["name"], organisation["name"]) == ("家门口", "思明区人民政府")
    assert organisation["telephone"] == "12345"
    assert [thing["@type"] for thing in things if thing["@type"] == "BreadcrumbList"] == []


def test_a_community_stands_in_its_street_and_holds_its_offices(client: Client) -> None:
    street = factories.street("中华街道")
    community = factories.community("江苏路社区", under=street)
    office = factories.office(under=community)

    area = of_type(graph(client, community), "AdministrativeArea")
    above = of_type(graph(client, street), "AdministrativeArea")

    assert area["identifier"]["value"] == community.region_code
    assert area["containedInPlace"]["name"] == "中华街道"
    assert [place["telephone"] for place in area["containsPlace"]] == [office.phone]
    assert [place["name"] for place in above["containsPlace"]] == ["江苏路社区"]
    assert above["containedInPlace"]["name"] == "思明区"


def test_the_way_to_an_entry_is_told_step_by_step(client: Client) -> None:
    page = factories.policy_list("街道权责清单")
    factories.list_edition(page, published=True)
    address = f"{page.get_url()}entries/row-1/"

    steps = of_type(graph(client, address), "BreadcrumbList")["itemListElement"]

    assert [step["name"] for step in steps] == ["思明区", "清单", "街道权责清单", "低保申报"]
    assert [step["position"] for step in steps] == [1, 2, 3, 4]
    assert steps[-1]["item"] == f"http://testserver{address}"
    shown = document(client, address).select(".breadcrumb__list li")
    assert [step.get_text(strip=True) for step in shown] == [step["name"] for step in steps]


def test_no_text_gets_out_of_its_script(client: Client) -> None:
    odd = "</script><script>alert(1)</script><!-- & \u2028\u2029\"'"
    notice = factories.notice(odd)

    html = client.get(notice.get_url()).content.decode()
    article = of_type(graph(client, notice), "NewsArticle")

    assert article["headline"] == odd
    [start] = [place for place in range(len(html)) if html.startswith("application/ld+json", place)]
    script = html[start : html.index("</script>", start)]
    assert not set("<&\u2028\u2029") & set(script)
    assert script.count(">") == 1


def test_nothing_that_is_not_public_is_told(client: Client) -> None:
    hidden = unseen.plant()

    pages = Page.objects.live().public().filter(depth__gt=1).exclude(title__contains=unseen.WORD)
    said = {page.get_url(): json.dumps(graph(client, page), ensure_ascii=False) for page in pages}

    assert len(said) > 8
    assert [address for address, text in said.items() if unseen.WORD in text] == []
    assert client.get(hidden["gone"].get_url()).status_code == 404


def test_a_preview_says_nothing_to_machines() -> None:
    guide = factories.guide()

    response = guide.make_preview_request()

    assert b"ld+json" not in response.render().content


def test_it_stands_outside_of_what_refreshes(client: Client) -> None:
    for page in (factories.guide(), factories.office("另一处"), factories.notice()):
        assert document(client, page).select("[data-region] script") == []


def pages_of_each_kind() -> list[Any]:
    street = factories.street()
    community = factories.community(under=street)
    office = factories.office(under=community)
    guide = factories.guide(offices=[office, factories.office("另一处", under=community)])
    guide.audiences.add(factories.audience())
    guide.faqs = [Question(question="问", answer="<p>答</p>")]
    guide.save()
    policy_list, certificates = factories.policy_list(), factories.certificate_list()
    factories.list_edition(policy_list, published=True)
    factories.certificate_edition(certificates, published=True)
    plain = [policy_list, certificates, factories.notice(), factories.plain_page()]
    channels = [factories.channel(kind) for kind in factories.TITLES]
    return [HomePage.objects.get(), street, community, office, guide, *plain, *channels]


def queries(client: Client, page: Any) -> int:
    client.get(page.get_url())
    with CaptureQueriesContext(connection) as captured:
        client.get(page.get_url())
    return len(captured)


def test_telling_machines_costs_no_page_a_query(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [factories.fresh(page) for page in pages_of_each_kind()]
    with_it = {page.get_url(): queries(client, page) for page in pages}

    for kind in {type(page) for page in pages} | {ContentPage}:
        monkeypatch.setattr(kind, "structured_data", lambda self, scene: [])
    monkeypatch.setattr(structured_tags, "breadcrumbs", lambda scene, page: None)
    without = {page.get_url(): queries(client, page) for page in pages}

    assert with_it == without


TODAY = datetime.date(2026, 11, 20)
MORNING, NOON, MIDNIGHT = datetime.time(9), datetime.time(12), datetime.time(0)
WORKDAYS = frozenset(range(5))


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (MORNING, NOON, ("09:00", "12:00")),
        (MORNING, MIDNIGHT, ("09:00", "00:00")),
        (datetime.time(22), datetime.time(6), ("22:00", "06:00")),
        (MIDNIGHT, MIDNIGHT, ("00:00", "23:59")),
    ],
)
def test_hours_are_told_by_the_clock(opens: datetime.time, closes: datetime.time, said: Any) -> None:
    [times] = structured.weekly(Hours((Span(frozenset([0, 6]), opens, closes),)), TODAY)

    assert (times["opens"], times["closes"]) == said
    assert times["dayOfWeek"] == ["Monday", "Sunday"]


@pytest.mark.parametrize(
    ("season", "said"),
    [
        (((5, 1), (9, 30)), ("2027-05-01", "2027-09-30")),
        (((10, 1), (4, 30)), ("2026-10-01", "2027-04-30")),
        (((11, 1), (11, 20)), ("2026-11-01", "2026-11-20")),
        (((12, 1), (2, 29)), ("2026-12-01", "2027-02-28")),
    ],
)
def test_a_season_is_told_with_its_present_or_next_dates(season: Any, said: tuple[str, str]) -> None:
    [times] = structured.weekly(Hours((Span(WORKDAYS, MORNING, NOON, season),)), TODAY)

    assert (times["validFrom"], times["validThrough"]) == said


def test_days_to_come_that_are_different_are_told() -> None:
    special = {
        TODAY - datetime.timedelta(days=1): SpecialDay(),
        TODAY: SpecialDay(reason="消毒"),
        TODAY + datetime.timedelta(days=1): SpecialDay(spans=((MORNING, NOON),)),
    }
    spans = (Span(WORKDAYS, MORNING, NOON),)

    holidays, closed, short = structured.special(Hours(spans, special), TODAY)

    assert holidays["dayOfWeek"] == "PublicHolidays"
    assert (closed["validFrom"], closed["opens"], closed["closes"]) == ("2026-11-20", "00:00", "00:00")
    assert (short["validThrough"], short["opens"], short["closes"]) == ("2026-11-21", "09:00", "12:00")
    assert structured.special(Hours(spans, closed_on_holidays=False), TODAY) == []


def test_a_special_day_of_an_office_reaches_its_page(client: Client) -> None:
    office = factories.office()
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    OfficeSpecialDay.objects.create(page=office, on=tomorrow, is_closed=True, reason="消毒")

    said = of_type(graph(client, office), "GovernmentOffice")["specialOpeningHoursSpecification"]

    assert [times.get("validFrom") for times in said] == [None, f"{tomorrow}"]
