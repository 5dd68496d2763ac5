"""Public pages, each through its address: whole, valid, unshaken by bad input, and cheap to make."""

import datetime
import io
import re
from collections.abc import Iterator
from typing import Any

import html5lib
import openpyxl
import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from content_models.guides.models import GuidePage, Material
from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficeSpecialDay
from publishing.publish import publish, take_back
from tests import factories
from tests.conftest import StandingContent
from tests.factories import column

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield one_of_each()


@pytest.fixture
def site(standing: dict[str, Any], db: None) -> dict[str, Any]:
    """One page of every kind, with something in each list; made once for this module."""
    return {name: factories.fresh(thing) for name, thing in standing.items()}


def one_of_each() -> dict[str, Any]:
    factories.home()
    street = factories.street()
    community = factories.community(under=street)
    factories.figure(community, "households", 5000)
    factories.figure(community, "office_area", 300, "㎡")
    office = factories.office(under=community)
    guide = publish(factories.guide(offices=[office]))
    notice = publish(factories.notice())
    provisions = factories.provision_edition(community)
    factories.provision(provisions, guide, office=office)
    publish(provisions)
    certificates = factories.certificate_list()
    first = factories.certificate_edition(certificates, ["健在证明", "亲属关系证明"], published=True)
    publish(first.new_draft(title="第二批"))
    policy_list = factories.policy_list()
    draft = factories.list_edition(policy_list, published=True).new_draft(title="第二批")
    factories.fill(draft, [{"key": "new", "事项名称": "新事项", "类别": "服务"}])
    publish(draft)
    channels = {kind.__name__: factories.channel(kind) for kind in factories.TITLES}
    factories.banner(level=3)
    return {
        "home": HomePage.objects.get(),
        "street": street,
        "community": community,
        "office": office,
        "guide": guide,
        "notice": notice,
        "plain": factories.plain_page(),
        "certificates": certificates,
        "list": policy_list,
        **channels,
    }


KINDS = [
    "home", "street", "community", "office", "guide", "notice", "plain", "certificates", "list",
    *(kind.__name__ for kind in factories.TITLES),
]  # fmt: skip


def addresses(site: dict[str, Any]) -> list[str]:
    certificates, policy_list = factories.fresh(site["certificates"]).url, factories.fresh(site["list"]).url
    return [
        *(factories.fresh(site[kind]).url for kind in KINDS),
        f"{certificates}entries/jian-zai-zheng-ming/",
        f"{certificates}changes/",
        f"{certificates}?edition=1",
        f"{policy_list}entries/row-1/",
        f"{policy_list}changes/",
        f"{policy_list}editions/1/changes/",
        f"{policy_list}?as_of=1990-01-01",
        "/my-community/",
        "/search/",
        "/search/?q=证明",
    ]


def read(client: Client, address: str, status: int = 200) -> Any:
    """The page at an address as a parsed document, without inert templates; HTML with a fault is refused."""
    response = client.get(address)
    assert response.status_code == status, address
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(response.content.decode())
    for parent in list(page.iter()):
        for inert in parent.findall("template"):
            parent.remove(inert)
    return page


@pytest.mark.parametrize("chosen", [False, True], ids=["stranger", "resident"])
def test_every_page_is_valid_with_one_heading_and_unique_ids(
    client: Client, site: dict[str, Any], chosen: bool
) -> None:
    if chosen:
        client.cookies["community"] = str(site["community"].pk)

    for address in addresses(site):
        page = read(client, address)

        assert len(page.findall(".//h1")) == 1, address
        assert page.get("lang") == "zh-Hans", address
        assert page.findtext(".//title", "").strip(), address
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), address
        for image in page.iter("img"):
            assert image.get("alt") is not None, address


def test_a_page_that_is_not_there_says_so_in_the_same_dress(client: Client, site: dict[str, Any]) -> None:
    assert len(read(client, "/no-such-page/", status=404).findall(".//h1")) == 1
    read(client, "/no-such-page/%00/", status=404)  # which PostgreSQL would refuse to look for


def test_links_within_the_site_lead_somewhere(client: Client, site: dict[str, Any]) -> None:
    links = {
        link.get("href").partition("#")[0]
        for address in addresses(site)
        for link in read(client, address).iter("a")
        if link.get("href", "").startswith("/")
    }

    broken = [link for link in sorted(links) if link and client.get(link, follow=True).status_code != 200]

    assert broken == []


@pytest.mark.parametrize(
    "kind", ["community", "office", "guide", "notice", "plain", "certificates", "list", "GuideChannel"]
)
def test_what_was_taken_back_is_not_found(client: Client, site: dict[str, Any], kind: str) -> None:
    address = factories.fresh(site[kind]).url

    take_back(site[kind])

    read(client, address, status=404)
    assert client.get("/").status_code == 200


def test_a_draft_shows_nowhere(client: Client, site: dict[str, Any]) -> None:
    guide, notice = factories.guide("秘密指南", live=False), factories.notice("秘密通知", live=False)
    site["guide"].title = "秘密修改"
    site["guide"].save_revision()
    factories.list_edition(site["list"], [{"key": "secret", "事项名称": "秘密条目"}], title="秘密批次")

    for draft in (guide, notice):
        read(client, draft.get_url(), status=404)
    assert client.get(f"{factories.fresh(site['list']).url}entries/secret/").status_code == 404
    for address in [*addresses(site), "/search/?q=秘密"]:
        said = client.get(address).content.decode().replace('value="秘密"', "")
        assert not [
            word for word in ("秘密指南", "秘密通知", "秘密修改", "秘密条目", "秘密批次") if word in said
        ], address


BAD_QUERIES = [
    "page=0", "page=-1", "page=99999", "page=x", "page=%00", "page=", "q=" + "x" * 3000, "q=%00",
    "q=%F0%9F%98%80", "q=%25", "q=<script>alert(1)</script>", "edition=x", "edition=99", "as_of=yesterday",
    "as_of=%00", "as_of=9999-99-99", "audience=none", "topic=none", "topic=99999999999999999999", "form=9",
    "department=x", "department=99999999999999999999", "kind=none", "year=abc", "year=99999999999999999999",
    "polarity=none", "status=none", "type=x", "type=99999999999999999999", "lei_bie=none",
    "street=none", "%FF=%FF",
]  # fmt: skip


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_bad_input_is_answered_with_the_page_and_a_plain_word(
    client: Client, site: dict[str, Any], query: str
) -> None:
    client.cookies["community"] = "nonsense"

    for kind in KINDS:
        address = f"{factories.fresh(site[kind]).url}?{query}"
        response = client.get(address)
        assert response.status_code == 200, address
        assert b"<script>alert(1)" not in response.content, address
    assert client.get(f"/search/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [("as_of=yesterday", "不是日期"), ("edition=99", "没有这个版本"), ("lei_bie=none", "没有这个选项")],
)
def test_a_wrong_question_is_named(client: Client, site: dict[str, Any], query: str, words: str) -> None:
    assert words in client.get(f"{factories.fresh(site['list']).url}?{query}").content.decode()


def test_a_page_past_the_end_is_the_last_page(client: Client, site: dict[str, Any]) -> None:
    for number in range(25):
        factories.notice(f"通知{number:02d}")

    response = client.get(f"{factories.channel(NoticeChannel).url}?page=99")

    page = response.context["listing"].page
    assert (page.number, len(page)) == (2, 6)
    assert "没有第“99”页，下面是第 2 页。" in response.content.decode()


@pytest.mark.parametrize("kind", ["list", "certificates"])
def test_a_list_is_downloaded_whole_and_without_live_formulas(
    client: Client, site: dict[str, Any], kind: str
) -> None:
    page = factories.fresh(site[kind])
    asked = (f"{page.url}download/{form}/?q=nothing" for form in ("xlsx", "csv"))
    files: list[Any] = [client.get(address, follow=True) for address in asked]
    contents = [b"".join(file.streaming_content) for file in files]
    sheet, text = openpyxl.load_workbook(io.BytesIO(contents[0])), contents[1].decode("utf-8-sig")

    rows = list(sheet.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == page.current_edition.rows.count() + 1
    assert len(text.splitlines()) >= len(rows)
    assert client.get(f"{page.url}download/exe/").status_code == 404
    assert client.get(f"{page.url}download/csv/?edition=1", follow=True).status_code == 200


@pytest.mark.parametrize("cookie", ["nonsense", "99999999999999999999", "-1", "\u00b2"])
def test_an_unknown_community_is_said_and_ignored(client: Client, site: dict[str, Any], cookie: str) -> None:
    client.cookies["community"] = cookie

    for kind in ("home", "guide", "list"):
        response = client.get(factories.fresh(site[kind]).url)
        assert response.status_code == 200
        assert not response.context["my_community"]
        assert response.context["community_choice"].is_unknown


def test_a_guide_leads_with_the_community_of_the_reader(client: Client, site: dict[str, Any]) -> None:
    client.cookies["community"] = str(site["community"].pk)

    said = client.get(factories.fresh(site["guide"]).url).content.decode()

    assert "江苏路社区党群服务中心" in said
    assert site["office"].phone in said


def test_a_guide_whose_office_was_removed_still_stands(client: Client, site: dict[str, Any]) -> None:
    client.cookies["community"] = str(site["community"].pk)
    factories.fresh(site["office"]).delete()

    said = client.get(factories.fresh(site["guide"]).url)

    assert said.status_code == 200
    assert "0592-2020002" in said.content.decode()


def test_what_was_typed_by_people_is_escaped(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    guide = factories.guide(evil, summary=evil, materials=[Material(name=evil, spec=evil)])
    page = factories.policy_list(evil)
    factories.list_edition(page, [{"key": "a", "事项名称": evil, "类别": evil}], title=evil, published=True)

    for address in (
        guide.get_url(),
        page.get_url(),
        f"{page.get_url()}entries/a/",
        "/",
        f"/search/?q={evil}",
    ):
        assert evil not in client.get(address).content.decode(), address


def regions(content: str) -> dict[str, str]:
    """What follows the opening tag of each region of a page, by the region's name."""
    found = re.finditer(r'<[a-z]+ [^>]*data-region="(\w+)"[^>]*>', content)
    return {region[1]: content[region.end() :] for region in found}


@pytest.mark.parametrize("chosen", [False, True], ids=["stranger", "resident"])
def test_a_region_holds_just_what_its_partial_renders_alone(
    client: Client, site: dict[str, Any], chosen: bool
) -> None:
    if chosen:
        client.cookies["community"] = str(site["community"].pk)

    for address in addresses(site):
        response: Any = client.get(address)
        found = regions(response.content.decode())
        assert set(found) >= {"banners", *(["main"] if response.context.get("page") else [])}, address
        for name, content in found.items():
            template = "includes/banners.html" if name == "banners" else response.template_name
            partial = get_template(f"{template}#{name}")
            alone = partial.render(getattr(response, "context_data", {}), response.wsgi_request)
            assert content.startswith(f"{alone}</"), f"{address}: {name}"


def test_a_guide_has_regions_for_what_others_say_of_it(client: Client, site: dict[str, Any]) -> None:
    named = {part for parts in GuidePage.live_parts.values() for part in parts}

    found = regions(client.get(factories.fresh(site["guide"]).url).content.decode())

    assert set(found) == {"banners", "main", "aside", "places", *named}


def shown_topics(client: Client, page: Any) -> list[str]:
    """The topics a page names once it is rendered; naming them asks the database nothing."""
    response = client.get(factories.fresh(page).url)
    with CaptureQueriesContext(connection) as captured:
        topics = response.context["page"].shown_topics(response.context)
    assert not captured.captured_queries
    return list(dict.fromkeys(topics))


def test_a_page_names_the_topics_that_show_on_it(client: Client, site: dict[str, Any]) -> None:
    community, street, office = site["community"], site["street"], site["office"]
    certificates, policies = f"certificates:{site['certificates'].pk}", f"lists:{site['list'].pk}"
    guide, around = f"guides:{site['guide'].pk}", f"offices:{office.pk}"
    notices, provisions = f"notices:{site['NoticeChannel'].pk}", f"provisions:{community.pk}"
    certificate = factories.certificate("健在证明（三）")
    asked = Material(name="健在证明", certificate=certificate)
    asking = factories.guide("问证明", materials=[asked], offices=[office])
    local = factories.notice("社区通知", under=factories.channel(NoticeChannel, under=community))

    assert shown_topics(client, site["guide"]) == [guide, around]
    client.cookies["community"] = str(community.pk)

    assert shown_topics(client, site["guide"]) == [guide, provisions, f"provisions:{street.pk}", around]
    assert f"certificates:{certificate.owner_id}" in shown_topics(client, asking)
    assert shown_topics(client, office) == [around, provisions]
    assert shown_topics(client, community) == [
        f"communities:{community.pk}", provisions, around, local.topic,
    ]  # fmt: skip
    assert shown_topics(client, street)[:2] == [f"pages:{street.pk}", f"provisions:{street.pk}"]
    assert local.topic in shown_topics(client, street)
    home = shown_topics(client, site["home"])
    assert home[:2] == [f"pages:{site['home'].pk}", around]
    assert {notices, local.topic, policies} <= set(home)
    assert shown_topics(client, site["notice"]) == [notices]
    assert shown_topics(client, site["plain"]) == [f"pages:{site['plain'].pk}"]
    assert shown_topics(client, site["certificates"]) == [certificates]
    assert shown_topics(client, site["list"]) == [policies]


def test_a_channel_names_the_topics_of_what_it_lists(client: Client, site: dict[str, Any]) -> None:
    shown = {
        "GuideChannel": f"guides:{site['guide'].pk}",
        "CertificateChannel": f"certificates:{site['certificates'].pk}",
        "ListChannel": f"lists:{site['list'].pk}",
        "NoticeChannel": f"notices:{site['NoticeChannel'].pk}",
        "CommunityChannel": f"communities:{site['community'].pk}",
        "OfficeChannel": f"offices:{site['office'].pk}",
    }

    for kind, topic in shown.items():
        topics = shown_topics(client, site[kind])
        assert topics[0] == site[kind].topic
        assert topic in topics


def queries(client: Client, address: str) -> int:
    client.get(address)  # code lists, content types and the site's root are read once
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_guide_with_twenty_materials_takes_few_queries(client: Client, site: dict[str, Any]) -> None:
    refused = factories.certificate("健在证明（二）")
    materials = [Material(name=f"材料{number}", certificate=refused) for number in range(20)]
    guide = factories.guide("多材料", materials=materials, offices=[site["office"]])
    client.cookies["community"] = str(site["community"].pk)

    assert queries(client, guide.get_url()) < 40


def test_a_list_takes_as_many_queries_whether_it_has_fifty_rows_or_five_thousand(client: Client) -> None:
    def made(number: int) -> str:
        columns = [
            column("事项", is_title=True),
            column("类别", is_filter=True, is_category=True),
            column("金额", "number"),
        ]
        page = factories.policy_list(f"{number}条", columns=columns)
        rows = ({"事项": f"事项{row}", "类别": f"类{row % 7}", "金额": str(row)} for row in range(number))
        factories.list_edition(page, rows, published=True)
        return page.get_url()

    small, large = queries(client, made(50)), queries(client, made(5000))

    assert large <= small + 1
    assert large < 25


def test_a_channel_takes_as_many_queries_for_twenty_pages_as_for_two(
    client: Client, site: dict[str, Any]
) -> None:
    def counts() -> dict[str, int]:
        return {
            kind: queries(client, factories.fresh(site[kind]).url)
            for kind in KINDS
            if kind.endswith("Channel")
        }

    few = counts()
    for number in range(15):
        factories.guide(f"指南{number}", offices=[site["office"]])
        factories.notice(f"通知{number}")
        factories.policy_list(f"清单{number}")
        factories.office(f"场所{number}", under=site["community"])

    many = counts()

    assert {kind: (few[kind], many[kind]) for kind in few if many[kind] > few[kind] + 3} == {}


def test_seasons_and_special_days_of_an_office_are_shown(client: Client, site: dict[str, Any]) -> None:
    office = site["office"]
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)  # noqa: DTZ011  the day of any zone will do
    OfficeSpecialDay.objects.create(page=office, on=tomorrow, reason="停电")

    assert "停电" in client.get(factories.fresh(office).url).content.decode()


def test_what_is_restricted_stands_on_no_page(client: Client, site: dict[str, Any]) -> None:
    """Neither the office's name on the pages of others, nor the guide's."""
    office, guide = factories.fresh(site["office"]), factories.fresh(site["guide"])
    others = [factories.fresh(site[kind]).url for kind in ("home", "street", "community", "guide", "office")]
    for hidden in (office, guide):
        restriction = PageViewRestriction.objects.create(page=hidden, restriction_type="login")
        for address in others:
            response = client.get(address)
            assert response.status_code in (200, 302)
            assert hidden.title not in response.content.decode(), (hidden, address)
        restriction.delete()
