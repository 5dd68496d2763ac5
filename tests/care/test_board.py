"""街道看板: channels, readings and all the figures that an inspection looks at."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from care import board, readings
from care.freshness import channels_within
from care.models import Link, LinkUse, Reading, Snapshot
from content_models.guides.models import GuideChannel
from content_models.notices.models import NoticeChannel
from delivery import readers
from feedback.models import DemandReport, Rating
from quality import guide_rules
from quality.models import Checked, Checkup
from tests import factories

pytestmark = pytest.mark.django_db


def ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def figures(place: Any) -> board.Figures:
    [page] = [page for page in board.places_within([""]) if page.pk == place.pk]
    return board.Board([""]).figures(page)


def test_channels_are_stale_by_their_class_or_empty() -> None:
    street = factories.street()
    news = factories.channel(NoticeChannel, street)
    NoticeChannel.objects.update(freshness="2w")
    factories.channel(GuideChannel, street)
    notice = factories.notice(under=news)

    def standing(days: int) -> list[tuple[str, bool, bool]]:
        type(notice).objects.update(first_published_at=ago(days))
        found = channels_within([street.path])
        today = timezone.localdate()
        return sorted((each.model.__name__, each.is_empty, each.is_stale(today)) for each in found)

    assert standing(14) == [("GuideChannel", True, False), ("NoticeChannel", False, False)]
    assert standing(15) == [("GuideChannel", True, False), ("NoticeChannel", False, True)]
    NoticeChannel.objects.update(freshness="6m")
    assert standing(15)[1] == ("NoticeChannel", False, False)
    assert standing(184)[1] == ("NoticeChannel", False, True)
    NoticeChannel.objects.update(freshness="none")
    assert standing(184)[1] == ("NoticeChannel", False, False)


def test_a_home_page_without_news_for_two_weeks_fails() -> None:
    street = factories.street()
    notice = factories.notice(under=factories.channel(NoticeChannel, street))
    type(notice).objects.update(first_published_at=ago(15))

    lines = board.told(figures(street), street)

    assert (lines[0].line.key, lines[0].text, lines[0].is_failing) == ("home_days", "15 天", True)
    type(notice).objects.update(first_published_at=ago(14))
    assert not any(line.is_failing for line in board.told(figures(street), street))


def test_what_fails_comes_before_what_is_bad_and_before_what_is_well() -> None:
    place = factories.street()
    told = board.told({"home_days": 3, "stale": 4, "empty": 5, "dead": 1, "overdue": 2}, place)

    assert [line.line.key for line in told][:5] == ["empty", "stale", "dead", "overdue", "home_days"]


def test_only_what_was_looked_at_is_well(admin_client: Client) -> None:
    street = factories.street()

    shown = admin_client.get(reverse("care:board", args=[street.pk])).context

    assert {"dead", "unread", "errors"} <= {line.line.key for line in shown["unknown"]}
    assert all(line.value == 0 for line in shown["good"])


def test_a_guide_without_a_form_to_download_is_not_one_that_fails_the_site() -> None:
    street = factories.street()
    Checkup.objects.create(finished_at=timezone.now())
    guide = factories.guide(under=factories.guide_channel(street))
    missing: Any = ["表格下载"]
    checked: Any = Checked.objects.create(
        content_type=guide.content_type, object_id=guide.pk, title="证", path=guide.path, missing=missing
    )

    assert figures(street)["incomplete"] == 0
    checked.missing = ["表格下载", "咨询电话"]
    checked.save()
    assert figures(street)["incomplete"] == 1


def test_the_explanation_names_what_the_rule_asks_for() -> None:
    meaning = str(board.BY_KEY["incomplete"].meaning)

    assert all(str(name) in meaning for name in guide_rules.INSPECTED)
    assert f"至少有 {board.ENOUGH} 次评价" in str(board.BY_KEY["unhelpful"].meaning)


def test_messages_and_answers_of_residents_count() -> None:
    street = factories.street()
    office = factories.office(under=factories.community(under=street))
    factories.guide(under=factories.guide_channel(street), offices=[office])
    certificate = factories.certificate("亲属关系证明")
    DemandReport.objects.create(certificate=certificate, office=office, reported_at=ago(93))
    Rating.objects.create(page=office.page_ptr, day=timezone.localdate(), yes=2, no=3)

    assert figures(street)["messages"] == 1
    assert figures(street)["unhelpful"] == 1
    DemandReport.objects.update(reported_at=ago(91))
    Rating.objects.update(yes=3)
    assert figures(street)["messages"] == figures(street)["unhelpful"] == 0


def test_dead_links_are_a_share() -> None:
    street = factories.street()
    kind = factories.guide(under=factories.guide_channel(street)).content_type
    for number in range(8):
        state = "dead" if number == 0 else "good"
        link = Link.objects.create(address=str(number), digest=str(number), target="outside", state=state)
        LinkUse.objects.create(link=link, page_id=street.pk, content_type=kind, object_id=street.pk)

    assert (figures(street)["dead"], figures(street)["dead_share"]) == (1, 12.5)
    assert figures(factories.street("没有链接的街道"))["dead_share"] is None


# Readings


def test_readings_are_counted_by_page_and_day() -> None:
    guide = factories.guide("低保申报")
    list_page = factories.published_list()

    readings.write({guide.url: 2, f"{list_page.url}entries/a/": 1, "/no-such-page/": 5})
    readings.write({guide.url: 3, "/": 4})

    counted = dict(Reading.objects.values_list("page", "times"))
    assert counted == {guide.pk: 5, list_page.pk: 1, factories.home().pk: 4}
    assert set(Reading.objects.values_list("day", flat=True)) == {timezone.localdate()}


def test_robots_and_questions_for_the_head_alone_do_not_read() -> None:
    def note(agent: bytes, method: str = "GET") -> None:
        readers.note({"method": method, "path": "/a/", "headers": [(b"user-agent", agent)]})

    readers._counts.clear()
    note(b"Mozilla/5.0 (Windows NT 10.0) Chrome/140")
    note(b"Mozilla/5.0 (compatible; Baiduspider/2.0)")
    note(b"curl/8.1")
    note(b"")
    note(b"Mozilla/5.0 (Windows NT 10.0) Chrome/140", "HEAD")

    assert readers._counts == {"/a/": 1}
    readers._counts.clear()


def test_what_could_not_be_written_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[readers.Counts] = []

    def fail(_counts: readers.Counts) -> None:
        raise OSError

    readers._counts.clear()
    readers._counts["/a/"] = 2
    monkeypatch.setattr(readers, "_writers", [fail])
    readers.write()
    readers._counts["/a/"] += 1
    monkeypatch.setattr(readers, "_writers", [written.append])
    readers.write()

    assert written == [{"/a/": 3}]
    assert not readers._counts


def test_pages_nobody_reads_are_named_once_it_was_counted_long_enough() -> None:
    street = factories.street()
    channel = factories.guide_channel(street)
    old, read, new = (factories.guide(name, under=channel) for name in ("没人读", "有人读", "新的"))
    type(old).objects.filter(pk__in=[old.pk, read.pk]).update(first_published_at=ago(120))
    Reading.objects.create(page_id=read.pk, day=timezone.localdate(ago(5)), times=1)
    client = client_of(factories.user("street_editor", street))

    before = client.get(reverse("care:unread"))
    assert before.context["rows"] == []
    assert "统计还不满 90 天" in before.content.decode()

    Reading.objects.create(page_id=old.pk, day=timezone.localdate(ago(91)), times=1)
    after = client.get(reverse("care:unread"))
    assert [row["title"] for row in after.context["rows"]] == ["没人读"]
    assert new.live


def test_readings_and_figures_are_forgotten_after_400_days() -> None:
    guide = factories.guide()
    for days in (400, 401):
        Reading.objects.create(page_id=guide.pk, day=timezone.localdate(ago(days)), times=1)
        Snapshot.objects.create(place_id=guide.pk, day=timezone.localdate(ago(days)))

    assert (readings.forget_readings(), board.forget_snapshots()) == (1, 1)


# Screens


def test_the_district_sees_all_streets_side_by_side_and_a_street_its_own() -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")

    district = client_of(factories.user("district_editor", factories.home())).get(reverse("care:boards"))
    street = client_of(factories.user("street_editor", own)).get(reverse("care:boards"), follow=True)

    assert {place.title for place, _figures in district.context["rows"]} >= {
        "中华街道",
        "八大湖街道",
        "思明区",
    }
    assert street.redirect_chain == [(reverse("care:board", args=[own.pk]), 302)]
    assert "八大湖街道" not in street.content.decode()
    client = client_of(factories.user("street_editor", own))
    assert client.get(reverse("care:board", args=[other.pk])).status_code == 404


def test_a_new_place_says_that_nothing_is_there_yet() -> None:
    street = factories.street()

    page = client_of(factories.user("administrator")).get(reverse("care:board", args=[street.pk]))

    assert "这里还没有公开的内容" in page.content.decode()
    assert "每天记一次" in page.content.decode()


def test_the_course_is_drawn_with_the_numbers_under_it() -> None:
    street = factories.street()
    for days, overdue in ((2, 4), (1, 2), (0, 1)):
        day = timezone.localdate() - datetime.timedelta(days=days)
        Snapshot.objects.create(place_id=street.pk, day=day, figures={"overdue": overdue})

    page = client_of(factories.user("administrator")).get(reverse("care:board", args=[street.pk]))

    text = page.content.decode()
    assert 'points="4,4 120,32 236,46"' in text
    assert [values for _day, values in page.context["trend"].rows] == [[1], [2], [4]]
    assert '<th scope="col">过期没有核对的内容</th>' in text


def test_figures_are_kept_once_a_day_for_district_and_streets() -> None:
    factories.street()
    factories.community()

    assert board.take_snapshots() == 2
    assert board.take_snapshots() == 0
    assert Snapshot.objects.get(place__content_type__model="streetpage").figures["overdue"] == 0


def test_boards_ask_as_much_for_many_streets_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        street = factories.street(f"街道{number}")
        factories.channel(NoticeChannel, street)
    client = client_of(factories.user("district_editor", factories.home()))
    client.get(reverse("care:boards"))

    with django_assert_max_num_queries(90):
        client.get(reverse("care:boards"))


@pytest.mark.parametrize("name", ["boards", "due", "channels", "links", "unread"])
def test_every_screen_is_in_the_menu(name: str) -> None:
    client = client_of(factories.user("district_editor", factories.home()))

    assert reverse(f"care:{name}") in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get(reverse(f"care:{name}"), follow=True).status_code == 200
