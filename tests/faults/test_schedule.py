"""The schedule after a long silence, late, and run by two at once."""

import datetime
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from publishing import schedule
from publishing.models import OutboxEntry
from publishing.publish import publish
from tests import factories
from tests.test_publishing import due


def late_by() -> datetime.timedelta:
    """How long the oldest item has been waiting whose time has come."""
    since = schedule.overdue_since()
    return timezone.now() - since if since is not None else datetime.timedelta()


def expired(*, minutes_ago: float) -> Any:
    page = publish(factories.notice(f"到期{minutes_ago}", live=False))
    past = timezone.now() - datetime.timedelta(minutes=minutes_ago)
    type(page).objects.filter(pk=page.pk).update(expire_at=past)
    return page


@pytest.mark.django_db
def test_what_was_missed_for_an_hour_happens_on_return_oldest_first() -> None:
    notices = {minutes: factories.notice(f"通知{minutes}", live=False) for minutes in (5, 60, 30)}
    for minutes, notice in notices.items():
        due(notice, minutes_ago=minutes)
    gone = expired(minutes_ago=45)
    told = OutboxEntry.objects.latest("sequence").sequence

    counts = schedule.run_due()

    assert (counts["published"], counts["expired"]) == (3, 1)
    later = OutboxEntry.objects.filter(sequence__gt=told).order_by("sequence")
    assert [entry.detail["title"] for entry in later] == ["通知60", "通知30", "通知5", gone.title]
    assert late_by() == datetime.timedelta()


@pytest.mark.django_db
def test_it_tells_how_late_it_is() -> None:
    assert late_by() == datetime.timedelta()
    factories.notice("以后", live=False, go_live_at=timezone.now() + datetime.timedelta(days=1))
    assert late_by() == datetime.timedelta()

    expired(minutes_ago=7)
    assert 7 <= late_by().total_seconds() / 60 < 8

    due(factories.notice("早该发布", live=False), minutes_ago=50)
    assert 50 <= late_by().total_seconds() / 60 < 51


@pytest.mark.django_db
def test_a_poisoned_item_is_what_is_late_and_the_rest_is_not_held_up() -> None:
    poisoned, sound = factories.notice("坏", live=False), factories.notice("好", live=False)
    revision = due(poisoned, minutes_ago=20)
    revision.content["body"] = 7  # nothing can be made of it
    revision.save()
    due(sound, minutes_ago=10)

    assert schedule.publish_due() == 1
    assert schedule.publish_due() == 0

    assert factories.fresh(sound).live
    assert not factories.fresh(poisoned).live
    assert late_by() >= datetime.timedelta(minutes=20)


@factories.committed
def test_two_schedulers_do_each_thing_once() -> None:
    for number in range(4):
        due(factories.notice(f"通知{number}", live=False))
        expired(minutes_ago=number + 1)
    told, done = OutboxEntry.objects.count(), []

    def run() -> None:
        done.append(schedule.publish_due() + schedule.expire_due())
        connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    left = schedule.publish_due() + schedule.expire_due()  # what the other held a moment ago

    assert sum(done) + left == 8
    assert OutboxEntry.objects.count() == told + 8
