"""A channel in another site's page: what may be framed, by whom, and what it shows."""

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from content_models.guides.models import GuideChannel
from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.policy_lists.models import ListChannel
from tests import factories, unseen

pytestmark = pytest.mark.django_db


def shown(client: Client, channel: Any, **asked: Any) -> list[str]:
    response = client.get(f"/embed/{channel.pk}/", asked)
    assert response.status_code == 200
    return [link.get_text() for link in BeautifulSoup(response.content, "html.parser").select("li a")]


def test_it_shows_the_newest_with_their_dates_and_leads_out_of_the_frame(client: Client) -> None:
    now = timezone.now()
    for number in range(8):
        notice = factories.notice(f"通知{number}")
        at = now - datetime.timedelta(days=number)
        NoticePage.objects.filter(pk=notice.pk).update(first_published_at=at)
    channel = factories.channel(NoticeChannel)

    page = BeautifulSoup(client.get(f"/embed/{channel.pk}/").content, "html.parser")

    assert [link.get_text() for link in page.select("li a")] == [f"通知{number}" for number in range(5)]
    assert {link["target"] for link in page.select("a")} == {"_top"}
    today = page.select("time")[0]
    assert today["datetime"] == today.get_text() == f"{timezone.localdate(now)}"
    more = page.select(".more a")[0]
    assert more["href"] == channel.get_url()
    assert not page.select("header, footer, nav")


@pytest.mark.parametrize(
    ("asked", "number"), [("3", 3), ("0", 1), ("99", 20), ("many", 5), ("٣", 5), ("", 5), ("-1", 5)]
)
def test_the_number_asked_for_is_shown_within_reason(client: Client, asked: str, number: int) -> None:
    for count in range(22):
        factories.notice(f"通知{count}")

    assert len(shown(client, factories.channel(NoticeChannel), count=asked)) == number


def test_an_empty_channel_says_so(client: Client) -> None:
    channel = factories.channel(NoticeChannel)

    assert "还没有内容。" in client.get(f"/embed/{channel.pk}/").content.decode()


def test_a_community_sees_what_is_for_its_residents(client: Client) -> None:
    community, other = factories.community("江苏路社区"), factories.community("中山路社区")
    office = factories.office(under=community)
    factories.notice("区里的通知")
    factories.notice("江苏路的通知", under=factories.channel(NoticeChannel, under=community))
    factories.notice("中山路的通知", under=factories.channel(NoticeChannel, under=other))
    local, elsewhere = (
        factories.guide("本地可办", offices=[office]),
        factories.guide("别处可办", offices=[office]),
    )
    for place, guide in ((community, local), (other, elsewhere)):
        edition = factories.provision_edition(place)
        factories.provision(edition, guide, office=office)
        factories.publish(edition)

    assert shown(client, factories.channel(NoticeChannel), community=community.pk) == ["江苏路的通知"]
    assert shown(client, factories.channel(GuideChannel), community=community.pk) == ["本地可办"]
    assert len(shown(client, factories.channel(NoticeChannel))) == 3


@pytest.mark.parametrize("asked", ["999999", "abc", "1" * 40])
def test_an_unknown_community_is_not_found(client: Client, asked: str) -> None:
    channel = factories.channel(NoticeChannel)

    assert client.get(f"/embed/{channel.pk}/?community={asked}").status_code == 404


def test_only_this_page_may_stand_in_foreign_frames(client: Client, settings: Settings) -> None:
    channel = factories.channel(NoticeChannel)
    framed, page = client.get(f"/embed/{channel.pk}/"), client.get(channel.get_url())

    assert "X-Frame-Options" not in framed
    assert framed["Content-Security-Policy"].endswith("; frame-ancestors 'self' *")
    assert page["X-Frame-Options"] == "SAMEORIGIN"

    settings.EMBED_ANCESTORS = ["https://www.example.gov.cn", "https://m.example.gov.cn"]
    policy = client.get(f"/embed/{channel.pk}/")["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.example.gov.cn https://m.example.gov.cn")
    assert "script-src 'self'" in policy


def test_what_is_gone_leaves_a_few_words_in_the_frame(client: Client) -> None:
    gone = client.get("/embed/0/")

    assert gone.status_code == 404
    assert "暂时没有内容" in gone.content.decode()
    assert "X-Frame-Options" not in gone
    assert "frame-ancestors 'self' *" in gone["Content-Security-Policy"]


def test_it_is_the_same_for_everybody(client: Client) -> None:
    channel, community = factories.channel(NoticeChannel), factories.community()
    stranger = client.get(f"/embed/{channel.pk}/")
    client.force_login(factories.user("administrator"))
    client.cookies["community"] = str(community.pk)

    known = client.get(f"/embed/{channel.pk}/")

    assert known.content == stranger.content
    assert known["Cache-Control"] == "public, max-age=60"
    assert not known.cookies
    assert "Vary" not in known


def test_what_is_no_public_channel_is_not_found(client: Client) -> None:
    hidden = unseen.plant()
    numbers = [page.pk for page in hidden.values()] + [HomePage.objects.get().pk, 0, 2**31, 9_999_999_999]

    assert [client.get(f"/embed/{number}/").status_code for number in numbers] == [404] * len(numbers)
    assert client.post(f"/embed/{factories.channel(NoticeChannel).pk}/").status_code == 405


def test_nothing_that_is_not_public_is_shown(client: Client) -> None:
    unseen.plant()

    for kind in factories.TITLES:
        html = client.get(f"/embed/{factories.channel(kind).pk}/?count=20").content.decode()
        assert unseen.WORD not in html


def test_it_takes_the_same_queries_for_many(client: Client) -> None:
    channel = factories.channel(ListChannel)

    def count() -> int:
        client.get(f"/embed/{channel.pk}/?count=20")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/embed/{channel.pk}/?count=20")
        return len(captured)

    factories.list_edition(factories.policy_list("一"), published=True)
    few = count()
    for number in range(12):
        factories.list_edition(factories.policy_list(f"清单{number}"), published=True)

    assert count() == few < 12


def test_the_script_is_small_and_known_by_its_tag(client: Client) -> None:
    response = client.get("/embed.js")

    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert len(response.content) < 2000
    assert not response.cookies
    assert client.get("/embed.js", headers={"If-None-Match": response["ETag"]}).status_code == 304


def screen(client: Client, channel: Any, **asked: Any) -> BeautifulSoup:
    response = client.get(reverse("embed_channel", args=[channel.pk]), asked)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_an_editor_finds_code_that_can_be_copied(client: Client) -> None:
    factories.home()
    channel, community = factories.channel(NoticeChannel), factories.community("江苏路社区")
    client.force_login(factories.user("community_editor", community))

    page = screen(client, channel, count=7, community=community.pk)

    script, frame = (BeautifulSoup(area.get_text(), "html.parser") for area in page.select("[data-code]"))
    assert script.script is not None
    assert script.script["src"] == "http://testserver/embed.js"
    assert script.script["data-channel"] == f"{channel.pk}"
    assert (script.script["data-count"], script.script["data-community"]) == ("7", f"{community.pk}")
    assert frame.iframe is not None
    address = str(frame.iframe["src"]).removeprefix("http://testserver")
    assert address == f"/embed/{channel.pk}/?count=7&community={community.pk}"
    assert page.select("[data-preview]")[0]["src"] == address
    assert client.get(address).status_code == 200


def test_a_wrong_number_is_said_and_the_usual_code_shown(client: Client) -> None:
    channel = factories.channel(NoticeChannel)
    client.force_login(factories.user("administrator"))

    page = screen(client, channel, count=50)

    assert "20" in page.select(".import-field")[0].get_text()
    assert 'data-count="5"' in page.select("[data-code]")[0].get_text()


def test_a_title_cannot_break_out_of_the_code(client: Client) -> None:
    channel = factories.channel(NoticeChannel)
    channel.title = '"></textarea><script>alert(1)</script>'
    channel.save()
    client.force_login(factories.user("administrator"))

    area = screen(client, channel).select("[data-code]")[0]

    script = BeautifulSoup(area.get_text(), "html.parser").script
    assert script is not None
    assert script["data-title"] == channel.title


def test_the_code_is_for_staff_and_for_public_channels(client: Client) -> None:
    hidden, channel = unseen.plant(), factories.channel(NoticeChannel)
    address = reverse("embed_channel", args=[channel.pk])
    assert client.get(address).status_code == 302
    client.force_login(factories.user("administrator"))

    for page in (hidden["channel"], hidden["gone"], HomePage.objects.get()):
        assert client.get(reverse("embed_channel", args=[page.pk])).status_code == 404
    beside_closed = client.get(reverse("wagtailadmin_pages:edit", args=[hidden["channel"].pk]))
    assert "嵌入到其他网站" not in beside_closed.content.decode()


def test_the_way_to_the_code_is_beside_a_public_channel(client: Client) -> None:
    channel, guide = factories.channel(NoticeChannel), factories.guide()
    client.force_login(factories.user("administrator"))
    way = reverse("embed_channel", args=[channel.pk])

    assert way in client.get(reverse("wagtailadmin_pages:edit", args=[channel.pk])).content.decode()
    assert way in client.get(reverse("wagtailadmin_explore", args=[channel.get_parent().pk])).content.decode()
    beside_guide = client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()
    assert "嵌入到其他网站" not in beside_guide
