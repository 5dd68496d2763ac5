"""The schedule after a long silence, late, and run by two at once."""

import datetime
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from publishing import schedule, troubles
from publishing.models import OutboxEntry, Trouble
from publishing.publish import publish
from staff.models import AuditEntry
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


def poisoned(title: str = "坏", *, minutes_ago: float = 20) -> Any:
    """A notice whose revision nothing can be made of."""
    notice = factories.notice(title, live=False)
    revision = due(notice, minutes_ago=minutes_ago)
    revision.content["body"] = 7
    revision.save()
    return notice


@pytest.mark.django_db
def test_what_breaks_is_tried_ever_more_seldom_and_not_forever() -> None:
    notice, waited = poisoned(), []
    while True:
        schedule.publish_due()
        trouble = Trouble.objects.get()
        if trouble.next_try_at is None:
            break
        waited.append(round((trouble.next_try_at - trouble.last_at).total_seconds() / 60))
        tried = trouble.tries
        if waited[-1]:
            schedule.publish_due()
            assert Trouble.objects.get().tries == tried, "tried before its pause was over"
        Trouble.objects.update(next_try_at=timezone.now())

    assert waited == [0, 1, 2, 4, 8, 16, 32, 64, 128]
    assert trouble.tries == troubles.MOST_TRIES
    assert schedule.overdue_since() is None
    assert AuditEntry.objects.filter(action="schedule_failed").count() == 1
    assert not notice.revisions.filter(approved_go_live_at__isnull=False).exists()


@pytest.mark.django_db
def test_what_cannot_be_taken_down_is_given_up_and_stays_on_the_list() -> None:
    page = expired(minutes_ago=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(troubles, "MOST_TRIES", 1)
        patch.setattr(schedule, "_expire_one", break_down)
        assert schedule.expire_due() == 0
        assert schedule.expire_due() == 0

    [trouble] = Trouble.objects.all()
    assert (trouble.label, trouble.tries) == (page.title, 1)
    assert schedule.overdue_since() is None
    assert "手工撤下" in trouble.what_to_do


def break_down(model: Any, pk: int) -> bool:
    raise RuntimeError("broken")


@pytest.mark.django_db
def test_a_database_that_fails_is_no_fault_of_the_item() -> None:
    due(factories.notice("好", live=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "_publish_one", lose_the_database)
        assert schedule.publish_due() == 0

    assert not Trouble.objects.exists()
    assert schedule.publish_due() == 1


def lose_the_database(pk: int) -> bool:
    raise OperationalError("the database went away")


def refused(owner: Any = None) -> Any:
    """A notice that could not be published at its time, since it breaks its own rules."""
    notice = factories.notice("错", live=False, content_owner=owner)
    revision = due(notice, minutes_ago=2)
    revision.content["notice_kind"] = "publicity"
    revision.save()
    assert schedule.publish_due() == 0
    return notice


@pytest.mark.django_db
def test_who_looks_after_it_gets_one_mail_with_the_reason(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ADMINS = [("值班", "duty@example.org")]
    owner = factories.user("district_editor", factories.home(), email="owner@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        refused(owner)
        schedule.publish_due()
        troubles.forget_settled()

    assert [message.to for message in mail.outbox] == [["duty@example.org"], ["owner@example.org"]]
    body = mail.outbox[0].body
    assert "“错”的定时发布定在" in body
    assert "公示要写“意见反馈方式”" in body
    assert "已退出定时" in body
    assert "/admin/schedule/" in body


@pytest.mark.django_db
def test_a_mail_server_that_is_away_stops_nothing(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ADMINS = [("值班", "duty@example.org")]
    settings.EMAIL_BACKEND = "tests.faults.no_such_backend"

    with django_capture_on_commit_callbacks(execute=True):
        refused()
        due(factories.notice("好", live=False))
        assert schedule.publish_due() == 1

    assert Trouble.objects.count() == 1


def first_screen(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return str(client.get("/admin/").content.decode())


@pytest.mark.django_db
def test_the_first_screen_tells_those_responsible_what_failed_and_why() -> None:
    notice = refused()
    editor = factories.user("district_editor", factories.home())
    elsewhere = factories.user("street_editor", factories.street("别处街道"))

    for person in (editor, factories.user("administrator")):
        text = first_screen(person)
        assert f"/admin/pages/{notice.pk}/edit/" in text
        assert "公示要写“意见反馈方式”" in text
        assert "再发布或重新定时" in text
    assert "意见反馈方式" not in first_screen(elsewhere)


@pytest.mark.django_db
def test_the_first_screen_tells_what_is_late_though_no_scheduler_runs() -> None:
    due(factories.notice("迟了的通知", live=False), minutes_ago=6)
    due(factories.notice("刚到时间的", live=False), minutes_ago=1)

    text = first_screen(factories.user("district_editor", factories.home()))

    assert "迟了的通知" in text
    assert "定时程序可能没有运行" in text
    assert "刚到时间的" not in text


@pytest.mark.django_db
def test_a_failure_is_forgotten_once_it_is_settled() -> None:
    notice = refused()
    assert troubles.forget_settled() == 0

    notice = factories.fresh(notice)
    notice.title = "改好了"
    notice.save_revision()
    publish(notice)

    assert troubles.still_open(Trouble.objects.all()) == []
    assert troubles.forget_settled() == 1


@pytest.mark.django_db
def test_what_was_given_another_time_is_tried_then() -> None:
    notice = refused()

    due(factories.fresh(notice), minutes_ago=1)

    assert schedule.publish_due() == 1
    assert factories.fresh(notice).live


@pytest.mark.django_db
def test_who_knows_of_a_failure_takes_it_off_the_list() -> None:
    refused()
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))

    shown = client.get("/admin/schedule/").content.decode()
    client.post("/admin/schedule/", {"trouble": str(Trouble.objects.get().pk)})

    assert "知道了，不再显示" in shown
    assert not Trouble.objects.exists()


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
