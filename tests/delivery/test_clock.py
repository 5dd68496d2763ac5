"""Open pages hear of what only the clock has changed, each thing once; outsiders do not."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from api.changes import feed
from publishing import clock
from publishing.models import OutboxEntry
from publishing.publish import publish
from tests import factories

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime.datetime(2026, 11, 18, 8, 30, tzinfo=timezone.get_default_timezone())


class Clock:
    def __init__(self) -> None:
        self.now = WEDNESDAY

    def at(self, hour: int, minute: int = 0, *, day: int = 18) -> None:
        self.now = self.now.replace(day=day, hour=hour, minute=minute)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: stopped.now)
    return stopped


def told() -> list[str]:
    """The topics that this round tells of."""
    before = OutboxEntry.objects.count()
    number = clock.turn_pages()
    rows = OutboxEntry.objects.order_by("pk")[before:]
    assert number == len(rows)
    assert all(row.detail == {"action": "clock"} for row in rows)
    return [row.topic for row in rows]


@pytest.fixture
def office(time: Clock) -> Any:
    page = factories.fresh(factories.office(hours=[("01234", "09:00", "17:00")]))
    assert told() == []  # the first round knows of nothing before it
    return page


def test_an_office_is_told_of_when_it_opens_and_closes(office: Any, time: Clock) -> None:
    time.at(8, 59)
    assert told() == []
    time.at(9, 1)
    assert told() == [office.topic]
    time.at(12)
    assert told() == []
    time.at(17, 0)
    assert told() == [office.topic]


def test_what_was_missed_while_nothing_ran_is_told_once(office: Any, time: Clock) -> None:
    time.at(10)

    assert told() == [office.topic]
    assert told() == []


def test_notices_guides_and_communities_are_told_of_on_their_days(time: Clock) -> None:
    today = time.now.date()
    tomorrow = today + datetime.timedelta(days=1)
    ending = factories.notice("到今天", expires_on=today)
    pinned = factories.notice("置顶", pinned_until=time.now + datetime.timedelta(hours=1))
    guide = factories.guide(offices=[], cancel_on=tomorrow)
    community = factories.community(dissolved_on=tomorrow)
    told()

    time.at(9, 45)
    assert told() == [pinned.topic]
    time.at(0, 1, day=19)

    later = told()
    assert {ending.topic, guide.topic, community.topic} <= set(later)
    assert len(later) == len(set(later))


def test_outsiders_are_not_told_since_nothing_that_is_stored_has_changed(office: Any, time: Clock) -> None:
    publish(office)
    before = feed.read(0, absolute=str).last
    time.at(9, 1)

    assert told() == [office.topic]

    assert feed.read(before, absolute=str).changes == []
