"""Finding one's own community and the nearest office: by name, street, pinyin, and where one stands."""

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from content_models.communities import reader
from content_models.communities.filters import named
from content_models.communities.models import CommunityPage, HistoryEvent
from content_models.communities.positions import position_of
from content_models.places.channels import OfficeChannel
from content_models.places.models import OfficePage
from publishing.publish import publish
from tests import factories
from tests.delivery.readers import readers
from tests.factories import committed

GONE = datetime.date(2021, 12, 31)


def soup_of(answer: Any) -> Any:
    return BeautifulSoup(answer.content, "html.parser")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("花苑", ["花苑社区"]),
        ("huayuan", ["花苑社区"]),
        ("hua yuan", ["花苑社区"]),
        ("HUAY", ["花苑社区"]),
        ("hysq", ["花苑社区"]),
        ("hyuan", ["花苑社区"]),
        ("tao", ["桃苑社区"]),
        ("yuan", ["花苑社区", "桃苑社区"]),
        ("东区", ["花苑社区", "桃苑社区"]),
        ("dqjd", ["花苑社区", "桃苑社区"]),
        ("dongqu", ["花苑社区", "桃苑社区"]),
        ("uan", []),
        ("xyz", []),
        ("[a-z", []),
        ("(" * 40, []),
    ],
)
def test_a_community_is_found_by_name_street_pinyin_and_initials(words: str, found: list[str]) -> None:
    street = factories.street("东区街道")
    for title in ("花苑社区", "桃苑社区"):
        factories.community(title, under=street)
    factories.community("海安社区", under=factories.street("八大湖街道"))

    assert sorted(page.title for page in named(CommunityPage.objects.all(), words)) == sorted(found)


@pytest.mark.django_db
def test_a_search_for_a_community_keeps_where_one_came_from(client: Client) -> None:
    factories.community("花苑社区")

    page = soup_of(client.get("/my-community/?q=hy&next=/guides/"))

    assert [each.get_text() for each in page.select("section .choose__list button")] == ["花苑社区"]
    assert {each["value"] for each in page.main.find_all("input", attrs={"name": "next"})} == {"/guides/"}


@pytest.mark.django_db
def test_browsers_get_positions_of_what_is_public_and_nothing_else(client: Client) -> None:
    street = factories.street("东区街道")
    shown = factories.community("花苑社区", under=street)
    gone = factories.community("旧社区", under=street, dissolved_on=GONE)
    nowhere = factories.community("没有坐标的社区", under=street)
    degrees: dict[str, Any] = {"latitude": "22.519000", "longitude": "113.388000"}
    terminal = OfficePage.Kind.TERMINAL
    factories.office("自助机", under=shown, office_kind=terminal, latitude="22.6", longitude="113.4")
    office = factories.office("花苑中心", under=shown, **degrees)
    factories.office("旧中心", under=gone, **degrees)
    factories.office("草稿中心", under=shown, live=False, **degrees)
    factories.office("没有坐标的中心", under=nowhere)

    communities = client.get("/my-community/communities.json")
    offices = client.get("/my-community/offices.json").json()["places"]

    assert communities.json()["places"] == [[shown.pk, "花苑社区", "东区街道", 22.519, 113.388]]
    assert communities.json()["walking"] == {"detour": 1.3, "metres_a_minute": 70, "longest": 60}
    assert communities.headers["Cache-Control"] == "public, max-age=300"
    assert [place[1] for place in offices] == ["自助机", "花苑中心", "旧中心"]
    assert [office.pk, "花苑中心", office.address, 22.519, 113.388, office.url] in offices
    assert client.post("/my-community/offices.json").status_code == 405


@pytest.mark.django_db
def test_whose_community_has_a_place_reads_the_nearest_offices_first(client: Client) -> None:
    community = factories.community("花苑社区")
    factories.office("花苑中心", under=community, latitude="22.519", longitude="113.388")
    elsewhere = factories.community("桃苑社区")
    factories.office("桃苑中心", under=elsewhere, latitude="22.522", longitude="113.388")
    factories.office("远方中心", under=elsewhere, latitude="36.1", longitude="120.4")
    channel = factories.channel(OfficeChannel)
    stranger = client.get(channel.url).content.decode()
    client.cookies["community"] = str(community.pk)

    page = soup_of(client.get(channel.url))

    assert 'id="nearest"' not in stranger
    near = [each.get_text(" ", strip=True) for each in page.select("#nearest li")]
    assert near == ["花苑中心 就在旁边", "桃苑中心 直线约 330 米，步行约 7 分钟（估算）"]
    assert page.select_one("[data-near]").has_attr("hidden")


@pytest.mark.django_db
def test_an_office_links_to_a_map_where_its_place_is_known(client: Client) -> None:
    known = factories.office("甲中心", latitude="22.519", longitude="113.388")
    unknown = factories.office("乙中心")

    assert "coordinate=wgs84" in client.get(known.url).content.decode()
    assert "uri.amap.com" not in client.get(unknown.url).content.decode()


@pytest.mark.django_db
def test_the_centre_of_a_community_is_where_it_is() -> None:
    community = factories.community()
    assert position_of(community) is None

    factories.office("自助机", under=community, office_kind="terminal", latitude="1", longitude="1")
    factories.office("中心", under=community, latitude="2", longitude="2")

    assert position_of(factories.fresh(community)).latitude == 2


# A community that merged into another, or was split


def merged(old: Any, *successors: Any, kind: str = "") -> Any:
    for new in successors:
        told = kind or ("split_into" if len(successors) > 1 else "merged_into")
        HistoryEvent.objects.create(page=old, event_kind=told, other=new, on=GONE)
    CommunityPage.objects.filter(pk=old.pk).update(dissolved_on=GONE)
    return factories.fresh(old)


def note_on(client: Client, address: str) -> str:
    note = soup_of(client.get(address)).select_one(".notice-line")
    return note.get_text(" ", strip=True) if note else ""


@pytest.mark.django_db
def test_who_lived_in_a_merged_community_is_led_to_its_successor_and_told(client: Client) -> None:
    old, new = factories.community("城南社区"), factories.community("环城社区")
    merged(old, new)
    own = factories.office("环城中心", under=new)
    guide = publish(factories.guide(offices=[factories.office("别处的中心")]))
    edition = factories.provision_edition(new)
    factories.provision(edition, guide, office=own)
    publish(edition)
    url = factories.fresh(guide).url
    client.cookies["community"] = str(old.pk)

    page, sheet = client.get(url), client.get(f"{url}sheet/")

    for answer in (page, sheet):
        assert "环城中心" in answer.content.decode()
        assert f'data-community="{new.pk}"' in answer.content.decode()
    assert "“城南社区”已经撤销，现在归 环城社区" in note_on(client, url)
    agreed = client.get(f"/my-community/?follow=1&next={url}")
    assert agreed.headers["Location"] == url
    assert client.cookies["community"].value == str(new.pk)
    assert note_on(client, url) == ""


@pytest.mark.django_db
def test_who_lived_in_a_split_community_is_asked(client: Client) -> None:
    old = factories.community("城南社区")
    parts = [factories.community("环城社区"), factories.community("新城南社区")]
    merged(old, *parts)
    client.cookies["community"] = str(old.pk)

    assert "分成了 环城社区 、 新城南社区" in note_on(client, "/")
    page = soup_of(client.get("/my-community/"))

    offered = page.find(id="successors").parent.find_all("button")
    assert [each["value"] for each in offered] == [str(part.pk) for part in parts]
    client.get("/my-community/?follow=1")
    assert client.cookies["community"].value == str(old.pk)
    client.post("/my-community/", {"community": str(parts[1].pk)})
    assert client.cookies["community"].value == str(parts[1].pk)
    assert note_on(client, "/") == ""


@pytest.mark.django_db
def test_successors_are_followed_on_and_told_by_either_side() -> None:
    first, second, last = (factories.community(title) for title in ("甲社区", "乙社区", "丙社区"))
    merged(first, second)
    HistoryEvent.objects.create(page=last, event_kind="merged_from", other=second)
    CommunityPage.objects.filter(pk=second.pk).update(dissolved_on=GONE)

    assert reader.successors_of(first) == [last]

    HistoryEvent.objects.create(page=second, event_kind="merged_into", other=first)  # round in a circle
    CommunityPage.objects.filter(pk=last.pk).update(live=False)
    assert reader.successors_of(first) == []


@pytest.mark.django_db
def test_a_community_that_left_nobody_behind_is_said_by_its_name(client: Client) -> None:
    old = factories.community("城南社区")
    CommunityPage.objects.filter(pk=old.pk).update(dissolved_on=GONE)
    client.cookies["community"] = str(old.pk)

    assert "“城南社区”已经撤销，请重新选择" in note_on(client, "/")


@committed
def test_pages_for_a_merged_community_are_kept_and_follow_its_history() -> None:
    home = factories.home()
    old, new, other = (factories.community(title) for title in ("城南社区", "环城社区", "海安社区"))
    for page in (old, new, other):
        publish(page)
    merged(old, new)
    with readers() as some:
        first = some.get(home.url, cookie=f"community={old.pk}")
        again = some.get(home.url, cookie=f"community={old.pk}")
        assert some.rendered == [home.url]
        page = factories.fresh(old)
        page.history = [HistoryEvent(event_kind="merged_into", other=other)]
        page.save_revision()
        publish(page)
        some.look()
        some.get(home.url, cookie=f"community={old.pk}")
        some.settle()
        later = some.get(home.url, cookie=f"community={old.pk}")

    assert "现在归<strong>环城社区" in first.text == again.text
    assert "现在归<strong>海安社区" in later.text
