"""待核对: whose it is, in which order, and who is told by mail."""

import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from care import reminders
from care.confirm import confirm
from care.models import Digest, Reminded
from care.people import People
from care.things import things_within
from tests import factories

pytestmark = pytest.mark.django_db


def days(number: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=number)


@pytest.fixture(autouse=True)
def _in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "MORNING", 0)


def listed(user: Any, **query: Any) -> list[str]:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("care:due"), query)
    return [row["thing"].title for row in answer.context["rows"]]


def test_overdue_comes_first_and_ones_own_before_others() -> None:
    editor = factories.user("district_editor", factories.home())
    other = factories.user("street_editor", factories.street())
    factories.guide("快到期", review_due=days(5), content_owner=editor)
    factories.guide("别人的", review_due=days(-9), content_owner=other)
    factories.guide("我的", review_due=days(-1), content_owner=editor)
    factories.guide("还早", review_due=days(60))

    assert listed(editor) == ["我的", "别人的", "快到期"]
    assert listed(editor, who="me") == ["我的", "快到期"]
    assert listed(editor, show="overdue") == ["我的", "别人的"]
    assert listed(editor, who=str(other.pk)) == ["别人的"]


def test_only_ones_own_part_of_the_site_is_listed() -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    factories.guide("自己的", under=factories.guide_channel(own), review_due=days(-1))
    factories.guide("别处的", under=factories.guide_channel(other), review_due=days(-1))
    editor = factories.user("street_editor", own)

    assert listed(editor) == ["自己的"]
    assert listed(editor, place=str(other.pk)) == ["自己的"]
    assert listed(factories.user("administrator"), place=str(other.pk)) == ["别处的"]
    assert listed(editor, kind="places.officepage") == []


def test_without_an_owner_it_is_the_nearest_editors() -> None:
    street = factories.street()
    community = factories.community(under=street)
    of_street = factories.user("street_editor", street)
    office = factories.office(under=community, review_due=days(-1))

    [thing] = things_within([""], due_until=days(0))

    assert People().in_charge(thing) == [of_street.pk]
    of_community = factories.user("community_editor", community)
    assert People().in_charge(thing) == [of_community.pk]
    assert thing.pk == office.pk


def test_an_edition_without_an_owner_is_in_the_hands_of_its_list() -> None:
    owner = factories.user("district_editor", factories.home())
    page = factories.certificate_list(content_owner=owner)
    factories.certificate_edition(page, published=True, review_due=days(-1))

    [thing] = things_within([""], due_until=days(0))

    assert People().in_charge(thing) == [owner.pk]


def test_for_a_disabled_owner_the_substitute_steps_in() -> None:
    owner = factories.user(username="gone", is_active=False)
    substitute = factories.user("street_editor", factories.street())
    factories.guide(content_owner=owner, substitute=substitute, review_due=days(0))

    [thing] = things_within([""], due_until=days(0))

    assert People().to_remind(thing, days(0)) == [substitute.pk]


def test_the_list_asks_as_much_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    editor = factories.user("district_editor", factories.home())
    for number in range(30):
        factories.guide(f"指南{number}", review_due=days(-number), content_owner=editor)
    client = Client()
    client.force_login(editor)
    client.get(reverse("care:due"))

    with django_assert_max_num_queries(60):
        answer = client.get(reverse("care:due"))

    assert len(answer.context["rows"]) == 30


def test_the_dashboard_says_what_is_due() -> None:
    editor = factories.user("district_editor", factories.home())
    factories.guide(review_due=days(-1), content_owner=editor)
    factories.guide("另一份", review_due=days(-1), content_owner=factories.user("administrator"))
    client = Client()
    client.force_login(editor)

    page = client.get(reverse("wagtailadmin_home")).content.decode()

    assert "您负责的内容有 1 项要核对" in page
    assert "您的范围里还有 1 项" in page


# By mail


@pytest.fixture
def owner() -> Any:
    return factories.user("district_editor", factories.home(), email="owner@example.cn")


def test_the_owner_is_told_once_for_each_date(owner: Any) -> None:
    guide = factories.guide("低保申报", content_owner=owner, review_due=days(0))

    assert reminders.remind() == 1
    assert reminders.remind() == 0
    Digest.objects.all().delete()  # the next day
    assert reminders.remind() == 0

    [letter] = mail.outbox
    assert letter.to == ["owner@example.cn"]
    assert "低保申报" in letter.body
    assert f"/admin/pages/{guide.pk}/edit/" in letter.body
    type(guide).objects.filter(pk=guide.pk).update(review_due=days(-1))
    assert reminders.remind() == 1


def test_there_is_one_message_a_day_for_all_that_is_due(owner: Any) -> None:
    for number in range(3):
        factories.guide(f"指南{number}", content_owner=owner, review_due=days(-number))

    reminders.remind()
    factories.guide("后来的", content_owner=owner, review_due=days(0))
    reminders.remind()

    [letter] = mail.outbox
    assert "有 3 项内容要核对，2 项已过期" in letter.subject
    Digest.objects.all().delete()  # the next day
    reminders.remind()
    assert "后来的" in mail.outbox[1].body
    assert "指南0" not in mail.outbox[1].body


def test_the_substitute_is_told_a_week_later(owner: Any) -> None:
    substitute = factories.user("street_editor", factories.street(), email="substitute@example.cn")
    guide = factories.guide(content_owner=owner, substitute=substitute, review_due=days(-6))
    reminders.remind()
    assert [letter.to for letter in mail.outbox] == [["owner@example.cn"]]

    type(guide).objects.filter(pk=guide.pk).update(review_due=days(-7))
    Reminded.objects.all().update(due=days(-7))
    Digest.objects.all().delete()
    reminders.remind()

    assert [letter.to for letter in mail.outbox[1:]] == [["substitute@example.cn"]]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """A mail server that can be away."""
    state = {"is_away": True}
    send = EmailBackend.send_messages

    def send_or_fail(self: Any, messages: Any) -> int:
        if state["is_away"]:
            raise OSError("away")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_or_fail)
    return state


def test_a_mail_server_that_is_away_loses_nothing(owner: Any, broken: dict[str, bool]) -> None:
    factories.guide("低保申报", content_owner=owner, review_due=days(0))

    assert reminders.remind() == 0
    assert not Reminded.objects.exists()
    broken["is_away"] = False

    assert reminders.remind() == 1
    assert "低保申报" in mail.outbox[0].body


def test_a_second_scheduler_sends_nothing_while_the_first_is_sending(
    owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.guide(content_owner=owner, review_due=days(0))
    send = EmailBackend.send_messages

    def meanwhile(self: Any, messages: Any) -> int:
        monkeypatch.setattr(EmailBackend, "send_messages", send)
        assert reminders.remind() == 0
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", meanwhile)

    assert reminders.remind() == 1
    assert len(mail.outbox) == 1


def test_nobody_is_written_to_at_night(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.guide(content_owner=owner, review_due=days(0))
    monkeypatch.setattr(reminders, "MORNING", 24)

    assert reminders.remind() == 0


def test_what_was_confirmed_is_not_reminded_of(owner: Any) -> None:
    guide = factories.guide(content_owner=owner, review_due=days(0))

    confirm(guide, by=owner)

    assert reminders.remind() == 0
