"""窗口状态: an office pauses or closes early, residents read it at once, and it ends by itself."""

import datetime
import threading
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from content_models.guides.provisions import local_offer
from content_models.places import pauses
from content_models.places.calendar import Calendar
from content_models.places.hours import (
    Hours,
    Pause,
    Span,
    SpecialDay,
    moment_text,
    open_state,
    rest_of_the_day,
)
from content_models.places.models import OfficeChannel, OfficePage, OfficePause
from content_models.places.pause_forms import ClosedEarlyForm, PauseForm
from content_models.places.pauses import PausedMeanwhile, pause_office, resume_office
from publishing import clock, schedule
from publishing.models import OutboxEntry
from publishing.publish import publish
from staff.models import AuditEntry, User
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOBODY_KNOWS = Calendar([], {})
PAUSED, CLOSED_EARLY = OfficePause.Kind.PAUSED, OfficePause.Kind.CLOSED_EARLY
# A Wednesday that is worked.
MORNING = "2026-11-18 10:00"


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Clock:
    """What the site takes for now."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now

    def set(self, text: str) -> None:
        self.now = at(text)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It is ten in the morning of a working Wednesday, until the test says otherwise."""
    stopped = Clock(at(MORNING))
    monkeypatch.setattr("django.utils.timezone.now", lambda: stopped.now)
    return stopped


def span(days: Any, opens: str, closes: str) -> Span:
    return Span(frozenset(days), datetime.time.fromisoformat(opens), datetime.time.fromisoformat(closes))


OFFICE = (span(range(5), "09:00", "12:00"), span(range(5), "13:30", "17:00"))


def text_at(moment: str, pause: Pause, spans: Any = OFFICE) -> str:
    return open_state(Hours(spans=spans, pause=pause), at=at(moment), calendar=NOBODY_KNOWS).text


# What residents read


@pytest.mark.parametrize(
    ("now", "until", "says"),
    [
        (MORNING, "2026-11-18 11:00", "暂停办理，预计 11:00 恢复（系统维护）"),
        (MORNING, "2026-11-18 15:00", "暂停办理，预计 15:00 恢复（系统维护）"),
        # Who comes at noon finds the doors closed.
        (MORNING, "2026-11-18 12:30", "暂停办理（系统维护），今天 13:30 开门"),
        (MORNING, "2026-11-18 17:00", "暂停办理（系统维护），明天 09:00 开门"),
        (MORNING, "2026-11-19 10:00", "暂停办理，预计 明天 10:00 恢复（系统维护）"),
        (MORNING, "2026-11-20 17:00", "暂停办理（系统维护），周一 09:00 开门"),
        (MORNING, "2026-12-01 10:00", "暂停办理，预计 12月1日（周二）10:00 恢复（系统维护）"),
        ("2026-11-18 12:30", "2026-11-18 15:00", "暂停办理，预计 15:00 恢复（系统维护）"),
        ("2026-11-18 11:00", "2026-11-18 11:00", "正在办公，12:00 结束"),
        ("2026-11-18 17:30", "2026-11-18 17:00", "现在不办公，明天 09:00 开门"),
    ],
)
def test_a_pause_says_when_somebody_serves_again(now: str, until: str, says: str) -> None:
    assert text_at(now, Pause(at(until), "系统维护")) == says


def test_an_office_that_closed_early_says_when_it_opens_next() -> None:
    pause = Pause(at("2026-11-18 17:00"), "停电", for_the_day=True)

    assert text_at("2026-11-18 15:00", pause) == "今天提前下班（停电），明天 09:00 开门"
    assert text_at("2026-11-18 17:00", pause) == "现在不办公，明天 09:00 开门"


def test_an_office_without_hours_pauses_and_closes_early_too() -> None:
    paused, closed = (Pause(at("2026-11-18 15:00"), "停电", for_the_day=early) for early in (False, True))

    assert text_at(MORNING, paused, spans=()) == "暂停办理，预计 15:00 恢复（停电）"
    assert text_at(MORNING, closed, spans=()) == "今天提前下班（停电）"
    assert text_at("2026-11-18 15:00", paused, spans=()) == "开放时间请电话咨询"


def test_a_moment_of_another_time_zone_is_said_in_the_sites_own() -> None:
    pause = Pause(at("2026-11-18 15:00").astimezone(datetime.UTC), "停电")

    assert text_at(MORNING, pause) == "暂停办理，预计 15:00 恢复（停电）"


times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
spans_of_a_week = st.lists(
    st.builds(Span, st.sets(st.integers(0, 6), min_size=1).map(frozenset), times, times), max_size=4
).map(tuple)
moments = st.timedeltas(datetime.timedelta(0), datetime.timedelta(days=290)).map(
    lambda after: at("2026-01-10 00:00") + after
)


@given(
    spans_of_a_week,
    moments,
    st.timedeltas(datetime.timedelta(microseconds=1), datetime.timedelta(days=30)),
    st.booleans(),
)
def test_a_pause_holds_until_its_moment_and_promises_no_closed_door(
    spans: Any, now: datetime.datetime, lasts: datetime.timedelta, for_the_day: bool
) -> None:
    until = now + lasts
    regular = Hours(spans=spans)
    hours = Hours(spans=spans, pause=Pause(until, "停电", for_the_day=for_the_day))

    state = open_state(hours, at=now, calendar=NOBODY_KNOWS)
    last = open_state(hours, at=until - datetime.timedelta(microseconds=1), calendar=NOBODY_KNOWS)

    assert state.is_paused
    assert last.is_paused
    assert not state.is_open
    assert state.changes_at == until
    assert "停电" in state.text
    assert open_state(hours, at=until, calendar=NOBODY_KNOWS) == open_state(
        regular, at=until, calendar=NOBODY_KNOWS
    )
    if state.opens_at is not None:
        assert state.opens_at >= until
        if spans:
            assert open_state(regular, at=state.opens_at, calendar=NOBODY_KNOWS).is_open


@pytest.mark.parametrize(
    ("spans", "now", "rest"),
    [
        (OFFICE, "2026-11-18 08:00", ["09:00-12:00", "13:30-17:00"]),
        (OFFICE, "2026-11-18 11:59", ["09:00-12:00", "13:30-17:00"]),
        (OFFICE, "2026-11-18 12:00", ["13:30-17:00"]),
        (OFFICE, "2026-11-18 17:00", []),
        (OFFICE, "2026-11-21 10:00", []),
        ((span(range(7), "22:00", "02:00"),), "2026-11-18 01:00", ["22:00-02:00"]),
        ((span(range(7), "22:00", "02:00"),), "2026-11-18 03:00", ["22:00-02:00"]),
        ((span(range(7), "00:00", "00:00"),), "2026-11-18 10:00", ["00:00-00:00"]),
        ((), MORNING, []),
    ],
)
def test_what_is_left_of_the_day(spans: Any, now: str, rest: list[str]) -> None:
    left = rest_of_the_day(Hours(spans=spans), at=at(now), calendar=NOBODY_KNOWS)

    assert [f"{start:%H:%M}-{end:%H:%M}" for start, end in left] == rest


def test_a_day_off_has_nothing_left() -> None:
    hours = Hours(spans=OFFICE, special={datetime.date(2026, 11, 18): SpecialDay((), "搬家")})

    assert rest_of_the_day(hours, at=at(MORNING), calendar=NOBODY_KNOWS) == []


# What staff may fill in


def filled(form: Any, now: str = MORNING, *, spans: Any = OFFICE, **data: str) -> Any:
    hours = Hours(spans=spans)
    rest = rest_of_the_day(hours, at=at(now), calendar=NOBODY_KNOWS)
    return form(data, rest=rest, now=at(now), knows_hours=bool(spans))


@pytest.mark.parametrize(
    ("data", "until"),
    [
        ({"until": "30"}, "2026-11-18 10:30"),
        ({"until": "60"}, "2026-11-18 11:00"),
        ({"until": "2026-11-18T13:30"}, "2026-11-18 13:30"),
        ({"until": "own", "time": "15:20"}, "2026-11-18 15:20"),
        ({"until": "own", "time": "15：20", "on": ""}, "2026-11-18 15:20"),
        ({"until": "own", "time": "15点", "on": "2026年11月19日"}, "2026-11-19 15:00"),
    ],
)
def test_a_pause_lasts_as_long_as_was_chosen(data: dict[str, str], until: str) -> None:
    form = filled(PauseForm, chosen="系统维护", **data)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["until"] == at(until)


def test_half_an_hour_is_counted_in_whole_minutes() -> None:
    form = PauseForm({"until": "30", "chosen": "系统维护"}, rest=[], now=at("2026-11-18 10:00:59"))

    assert form.is_valid()
    assert form.cleaned_data["until"] == at("2026-11-18 10:30")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"until": ""}, "请选择到什么时候。"),
        ({"until": "soon"}, "请选择到什么时候。"),
        ({"until": "own"}, "请填写到几点。"),
        ({"until": "own", "time": "下午"}, "“下午”不是时间。请写成 09:00。"),
        ({"until": "own", "time": "25:00"}, "没有“25:00”这个时间。"),
        ({"until": "own", "time": "15:00", "on": "11-19"}, "“11-19”不是完整日期"),
        ({"until": "own", "time": "10:00"}, "11-18 10:00 已经过去了"),
        ({"until": "own", "time": "15:00", "on": "2026-11-17"}, "11-17 15:00 已经过去了"),
        ({"until": "2026-11-18T09:00"}, "11-18 09:00 已经过去了"),
        ({"until": "own", "time": "15:00", "on": "2026-12-31"}, "最长 30 天"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(data: dict[str, str], says: str) -> None:
    form = filled(PauseForm, chosen="系统维护", **data)

    assert not form.is_valid()
    assert says in form.errors["until"][0]


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_whatever_is_sent_gives_a_coming_moment_and_a_readable_reason_or_an_error(
    until: str, on: str, time: str, chosen: str, words: str
) -> None:
    sent = {"on": on, "time": time, "chosen": chosen, "words": words, "instead_of": words}
    for choice in (until, "own", "30"):
        form = filled(PauseForm, until=choice, **sent)
        if form.is_valid():
            assert at(MORNING) < form.cleaned_data["until"] <= at(MORNING) + datetime.timedelta(days=30)
            assert 1 <= len(form.cleaned_data["reason"]) <= 60
            assert form.cleaned_data["reason"].isprintable()
        else:
            assert set(form.errors) <= {"until", "on", "time", "chosen", "words", "instead_of"}


@pytest.mark.parametrize(
    ("chosen", "words", "reason"),
    [
        ("系统维护", "", "系统维护"),
        ("设备故障", " 打印机\n", "设备故障：打印机"),
        ("", "停电", "停电"),
        ("", "停\u202e电\u200b", "停 电"),
    ],
)
def test_a_reason_is_a_buttons_or_own_words_or_both(chosen: str, words: str, reason: str) -> None:
    form = filled(PauseForm, until="30", chosen=chosen, words=words)

    assert form.is_valid()
    assert form.cleaned_data["reason"] == reason


@pytest.mark.parametrize("words", ["", " \u200b", "字" * 61])
def test_no_reason_and_too_long_a_one_are_refused(words: str) -> None:
    form = filled(PauseForm, until="30", words=words)

    assert list(form.errors) == ["words"]


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (MORNING, ["30 分钟", "1 小时", "到下午上班（13:30）", "到今天下班（17:00）", "到别的时间"]),
        ("2026-11-18 14:00", ["30 分钟", "1 小时", "到今天下班（17:00）", "到别的时间"]),
        ("2026-11-18 18:00", ["30 分钟", "1 小时", "到别的时间"]),
    ],
)
def test_the_moments_offered_follow_from_the_hours(now: str, offered: list[str]) -> None:
    moments = filled(PauseForm, now).moments

    assert [label for _value, label, _is_chosen in moments] == offered


def test_closing_early_lasts_until_the_hours_of_the_day_are_over() -> None:
    form = filled(ClosedEarlyForm, chosen="停电")
    too_late = filled(ClosedEarlyForm, "2026-11-18 17:00", chosen="停电")
    unknown = filled(ClosedEarlyForm, chosen="停电", spans=())

    assert form.is_valid()
    assert form.cleaned_data["until"] == at("2026-11-18 17:00")
    assert too_late.errors["__all__"] == ["今天的办公时间已经结束，不用再设提前下班。"]
    assert unknown.is_valid()
    assert unknown.cleaned_data["until"] == at("2026-11-19 00:00")


# Set and ended: one transaction each


def pause(office: OfficePage, until: str = "2026-11-18 15:00", **fields: Any) -> OfficePause:
    return pause_office(office, **{"kind": PAUSED, "until": at(until), "reason": "系统维护"} | fields)


def told(office: OfficePage) -> list[tuple[Any, Any]]:
    """What the outbox says of an office: (version, action), oldest first."""
    rows = OutboxEntry.objects.filter(topic=f"offices:{office.pk}").order_by("sequence")
    return list(rows.values_list("version", "detail__action"))


def recorded(office: OfficePage) -> list[tuple[Any, Any]]:
    """What the audit says of an office: (action, who)."""
    rows = AuditEntry.objects.filter(object_id=str(office.pk)).order_by("pk")
    return list(rows.values_list("action", "by__username"))


@pytest.mark.django_db
def test_a_pause_is_recorded_and_told_and_so_is_its_end(time: Clock) -> None:
    office, clerk = factories.office(), factories.user(username="clerk")

    made = pause(office, by=clerk)
    time.set("2026-11-18 10:30")
    ended = resume_office(made, by=clerk)

    assert ended
    made.refresh_from_db()
    assert (made.set_at, made.set_by, made.ended_at) == (at(MORNING), clerk, at("2026-11-18 10:30"))
    assert made.ended_by == clerk
    assert told(office) == [(1, "pause_office"), (2, "resume_office")]
    assert recorded(office) == [("pause_office", "clerk"), ("resume_office", "clerk")]
    assert AuditEntry.objects.first().detail["reason"] == "系统维护"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_pause_that_is_over_is_not_ended_again(time: Clock) -> None:
    office = factories.office()
    made = pause(office)
    resume_office(made)

    assert not resume_office(made)
    assert [action for _version, action in told(office)] == ["pause_office", "resume_office"]


@pytest.mark.django_db
def test_a_new_pause_takes_the_place_of_the_one_that_was_seen_and_of_no_other(time: Clock) -> None:
    office = factories.office()
    first = pause(office)

    with pytest.raises(PausedMeanwhile) as found:
        pause(office, "2026-11-18 16:00")
    second = pause(office, "2026-11-18 16:00", instead_of=first.pk)

    assert found.value.pause == first
    first.refresh_from_db()
    assert first.ended_at == at(MORNING)
    assert list(office.pauses.standing()) == [second]
    assert [action for _version, action in told(office)] == ["pause_office", "pause_office"]


@pytest.mark.django_db
def test_a_pause_whose_time_has_passed_makes_way_and_its_end_is_told(time: Clock) -> None:
    office = factories.office()
    first = pause(office, "2026-11-18 11:00")
    time.set("2026-11-18 14:00")

    pause(office, by=factories.user(username="clerk"))

    first.refresh_from_db()
    assert first.ended_at == at("2026-11-18 11:00")
    assert recorded(office)[1:] == [("resume_office", None), ("pause_office", "clerk")]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"until": "2026-11-18 09:00"}, {"reason": ""}])
def test_the_database_refuses_what_makes_no_sense(time: Clock, fields: dict[str, Any]) -> None:
    office = factories.office()

    with pytest.raises(IntegrityError), transaction.atomic():
        pause(office, **fields)

    assert told(office) == []
    assert not OfficePause.objects.exists()


@pytest.mark.django_db
def test_the_database_holds_one_pause_at_a_time(time: Clock) -> None:
    office = factories.office()
    made = pause(office)

    with pytest.raises(IntegrityError), transaction.atomic():
        OfficePause.objects.create(
            office=office, kind=PAUSED, until=made.until, set_at=made.set_at, reason="设备故障"
        )


@factories.committed
@pytest.mark.parametrize("step", ["audit", "outbox"])
def test_a_pause_that_cannot_be_told_is_not_set(
    time: Clock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    office = factories.office()

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    place = "staff.audit.record" if step == "audit" else "publishing.receivers.announce"
    monkeypatch.setattr(place, broken)
    with pytest.raises(RuntimeError):
        pause(office)

    assert not OfficePause.objects.exists()
    assert told(office) == []
    assert recorded(office) == []


def at_once(job: Any, number: int) -> list[Any]:
    """What ``job`` gives or raises in as many threads."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(job())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


@factories.committed
def test_of_several_pauses_at_once_one_is_set(time: Clock) -> None:
    office = factories.office()

    found = at_once(lambda: pause(OfficePage.objects.get(pk=office.pk)), 4)

    made = [thing for thing in found if isinstance(thing, OfficePause)]
    refused = [thing for thing in found if isinstance(thing, PausedMeanwhile)]
    assert (len(made), len(refused)) == (1, 3), found
    assert told(office) == [(1, "pause_office")]


# On every page that shows an office


@pytest.fixture
def place(time: Clock) -> dict[str, Any]:
    """A community with an office, and a guide that it offers there at hours of its own."""
    factories.home()
    community = factories.community()
    office = factories.office(under=community)
    guide = factories.guide(offices=[office])
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, office=office, hours="周一至周五 09:30-16:00")
    publish(edition)
    factories.channel(OfficeChannel)
    return {"community": community, "office": office, "guide": guide}


def showing(place: dict[str, Any]) -> list[str]:
    channel = factories.channel(OfficeChannel)
    things = [place["office"], place["guide"], place["community"], channel]
    return ["/", *(factories.fresh(thing).url for thing in things)]


def states(client: Client, address: str) -> list[str]:
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return [state.get_text(strip=True) for state in page.select(".open--paused")]


@pytest.mark.django_db
def test_a_pause_shows_wherever_the_office_does_and_goes_when_its_time_has_passed(
    client: Client, time: Clock, place: dict[str, Any]
) -> None:
    client.cookies["community"] = str(place["community"].pk)
    pause(place["office"])

    paused = {address: states(client, address) for address in showing(place)}
    time.set("2026-11-18 15:00")
    resumed = {address: states(client, address) for address in showing(place)}

    # A guide says it where the community offers it, and once more among its places.
    numbers = [len(found) for found in paused.values()]
    assert numbers == [1, 1, 2, 1, 1]
    assert {text for found in paused.values() for text in found} == {"暂停办理，预计 15:00 恢复（系统维护）"}
    assert not any(resumed.values())


@pytest.mark.django_db
def test_a_street_shows_the_pause_of_its_own_office(client: Client, time: Clock) -> None:
    street = factories.street()
    pause(factories.office(under=street))

    assert states(client, street.url) == ["暂停办理，预计 15:00 恢复（系统维护）"]


@pytest.mark.django_db
def test_a_provision_with_hours_of_its_own_pauses_with_its_office(time: Clock, place: dict[str, Any]) -> None:
    pause(place["office"], "2026-11-18 16:30")

    offer = local_offer(factories.fresh(place["guide"]), place["community"], at=at(MORNING))

    assert offer.state is not None
    assert offer.state.text == "暂停办理（系统维护），明天 09:30 开门"


@pytest.mark.django_db
def test_a_community_that_sends_elsewhere_tells_of_the_pause_there(time: Clock) -> None:
    community = factories.community()
    office, guide = factories.office(under=community), factories.guide()
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, is_offered=False, go_to=office)
    publish(edition)
    pause(office)

    state = local_offer(factories.fresh(guide), community, at=at(MORNING)).state

    assert state is not None
    assert state.is_paused


@pytest.mark.django_db
def test_many_offices_are_read_in_as_many_questions_as_one(client: Client, time: Clock) -> None:
    street = factories.street()
    address = factories.fresh(factories.channel(OfficeChannel)).url

    def questions() -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        return len(asked)

    pause(factories.office("甲", under=street))
    one = questions()
    for number in range(5):
        pause(factories.office(f"乙{number}", under=street))

    assert questions() == one


# The screen


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def screen(office: OfficePage) -> str:
    return reverse("window_status:office", args=[office.pk])


def said(answer: Any) -> list[str]:
    return [str(message).strip() for message in get_messages(answer.wsgi_request)]


def shown(answer: Any) -> str:
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


@pytest.fixture
def clerk(place: dict[str, Any]) -> Client:
    return signed_in(factories.user("community_editor", place["community"], display_name="王芳"))


TAP = {"kind": "paused", "until": "60", "chosen": "系统维护"}


@pytest.mark.django_db
def test_a_tap_on_a_reason_pauses_and_says_what_residents_read(clerk: Client, place: dict[str, Any]) -> None:
    answer = clerk.post(screen(place["office"]), TAP)

    assert (answer.status_code, answer["Location"]) == (302, screen(place["office"]))
    assert said(answer) == [
        "“江苏路社区党群服务中心”：居民现在看到“暂停办理，预计 11:00 恢复（系统维护）”，到 11:00 自动结束。"
    ]
    made = OfficePause.objects.get()
    assert (made.until, made.reason, str(made.set_by)) == (at("2026-11-18 11:00"), "系统维护", "王芳")
    assert recorded(place["office"])[-1] == ("pause_office", getattr(made.set_by, "username", None))


@pytest.mark.django_db
def test_a_reason_is_text_wherever_it_is_read(clerk: Client, place: dict[str, Any]) -> None:
    answer = clerk.post(screen(place["office"]), TAP | {"words": "<b>停电</b>"}, follow=True)

    for page in (answer, clerk.get(place["office"].url), clerk.get(screen(place["office"]))):
        read = BeautifulSoup(page.content, "html.parser")
        assert "系统维护：<b>停电</b>" in read.get_text()
        assert read.find("b", string="停电") is None


@pytest.mark.django_db
def test_closing_early_says_when_the_office_opens_next(clerk: Client, place: dict[str, Any]) -> None:
    answer = clerk.post(screen(place["office"]), {"kind": "closed_early", "words": "停电"})

    assert "“今天提前下班（停电），明天 09:00 开门”，到 17:00 自动结束。" in said(answer)[0]


@pytest.mark.django_db
def test_one_tap_resumes(clerk: Client, place: dict[str, Any]) -> None:
    clerk.post(screen(place["office"]), TAP)
    page = clerk.get(screen(place["office"]))
    assert "王芳 10:00 设置，到 11:00 自动结束。" in shown(page)
    button = BeautifulSoup(page.content, "html.parser").find("button", attrs={"name": "resume"})
    assert button is not None

    answer = clerk.post(screen(place["office"]), {"resume": button["value"]})

    assert said(answer)[-1].endswith("已恢复办理，居民现在看到“正在办公，12:00 结束”。")
    assert not OfficePause.objects.standing().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [1, 61])
def test_a_second_tap_on_the_same_button_makes_no_second_record(
    clerk: Client, place: dict[str, Any], time: Clock, seconds: int
) -> None:
    answers = []
    for _tap in range(2):
        answers.append(clerk.post(screen(place["office"]), TAP))
        time.now += datetime.timedelta(seconds=seconds)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert OfficePause.objects.count() == 1
    assert [action for _version, action in told(place["office"])] == ["pause_office"]


@pytest.mark.django_db
def test_a_second_tap_on_resume_says_that_it_is_open(clerk: Client, place: dict[str, Any]) -> None:
    clerk.post(screen(place["office"]), TAP)
    tap = {"resume": str(OfficePause.objects.get().pk)}

    answers = [clerk.post(screen(place["office"]), tap) for _tap in range(2)]

    assert [said(answer)[-1].endswith("“正在办公，12:00 结束”。") for answer in answers] == [True, True]
    assert [action for _version, action in told(place["office"])] == ["pause_office", "resume_office"]


@pytest.mark.django_db
def test_the_time_or_reason_is_changed_by_who_saw_the_pause(clerk: Client, place: dict[str, Any]) -> None:
    clerk.post(screen(place["office"]), TAP)
    first = OfficePause.objects.get()

    answer = clerk.post(screen(place["office"]), TAP | {"until": "30", "instead_of": str(first.pk)})

    assert "预计 10:30 恢复" in said(answer)[-1]
    assert OfficePause.objects.standing().get() != first


@pytest.mark.django_db
def test_who_did_not_see_a_colleagues_pause_is_told_before_it_is_replaced(
    clerk: Client, place: dict[str, Any]
) -> None:
    colleague = signed_in(factories.user("community_editor", place["community"], display_name="李明"))
    colleague.post(screen(place["office"]), TAP | {"chosen": "会议学习"})

    answer = clerk.post(screen(place["office"]), TAP | {"words": "社保系统"})

    page = BeautifulSoup(answer.content, "html.parser")
    assert "李明刚才设了别的" in shown(answer)
    assert "暂停办理，预计 11:00 恢复（会议学习）" in shown(answer)
    assert OfficePause.objects.get().reason == "会议学习"
    kept = page.select_one("details[open]")
    assert kept is not None
    again = {str(field["name"]): str(field.get("value", "")) for field in kept.select("input[type=hidden]")}
    assert kept.select_one("[name=words]")["value"] == "社保系统"  # type: ignore[index]

    clerk.post(screen(place["office"]), TAP | again)

    assert OfficePause.objects.standing().get().reason == "系统维护"


@pytest.mark.django_db
def test_a_stale_resume_ends_nobody_elses_pause(clerk: Client, place: dict[str, Any]) -> None:
    first = pause(place["office"])
    second = pause(place["office"], "2026-11-18 16:00", instead_of=first.pk)

    answer = clerk.post(screen(place["office"]), {"resume": str(first.pk)})

    assert said(answer) == ["窗口状态刚才已经变了，请看一眼再点。"]
    assert OfficePause.objects.standing().get() == second


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"until": "own", "time": "09:10"}, "11-18 09:10 已经过去了，请选晚一些的时间。"),
        ({"until": "own"}, "请填写到几点。"),
        ({"until": ""}, "请选择到什么时候。"),
        ({"until": "own", "time": "15:10", "chosen": "", "words": ""}, "请点一个原因，或者写几个字再提交。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    clerk: Client, place: dict[str, Any], sent: dict[str, str], says: str
) -> None:
    sent = {"words": "打印机", "on": "2026-11-18", **TAP, **sent}

    answer = clerk.post(screen(place["office"]), sent)

    page = BeautifulSoup(answer.content, "html.parser")
    opened = page.select("details[open]")
    assert answer.status_code == 200
    assert len(opened) == 1
    assert says in [error.get_text() for error in opened[0].select("[role=alert] p")]
    fields = {field["name"]: field.get("value", "") for field in opened[0].select("input")}
    assert (fields["words"], fields["time"], fields["on"]) == (
        sent["words"], sent.get("time", ""), sent["on"],
    )  # fmt: skip
    chosen = [str(field["value"]) for field in opened[0].select("input[type=radio][checked]")]
    assert chosen == [sent["until"]] * bool(sent["until"])
    assert not OfficePause.objects.exists()


@pytest.mark.django_db
def test_closing_early_after_hours_is_refused_and_not_offered(
    clerk: Client, place: dict[str, Any], time: Clock
) -> None:
    time.set("2026-11-18 17:30")

    page = clerk.get(screen(place["office"]))
    answer = clerk.post(screen(place["office"]), {"kind": "closed_early", "chosen": "人员外出"})

    assert "今日提前下班" not in shown(page)
    assert "今天的办公时间已经结束，不用再设提前下班。" in shown(answer)
    assert not OfficePause.objects.exists()


@pytest.mark.django_db
def test_the_screen_needs_no_script(clerk: Client, place: dict[str, Any]) -> None:
    page = BeautifulSoup(clerk.get(reverse("window_status:index")).content, "html.parser")

    choices = page.select("details.window__choice")
    assert [choice.summary.get_text(strip=True) for choice in choices if choice.summary] == [
        "暂停办理",
        "今日提前下班",
    ]
    for choice in choices:
        form = choice.find("form")
        assert form is not None
        assert (form["method"], form["action"]) == ("post", screen(place["office"]))
        assert form.select_one("[name=csrfmiddlewaretoken]") is not None
        assert len(form.select("button[name=chosen]")) == 4
    ids = [element["id"] for element in page.select("main [id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused(place: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user("community_editor", place["community"]))

    assert client.post(screen(place["office"]), TAP).status_code == 403
    assert not OfficePause.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "where", "may"),
    [
        ("administrator", "", True),
        ("district_editor", "home", True),
        ("street_editor", "street", True),
        ("community_editor", "community", True),
        ("community_editor", "other", False),
        ("street_editor", "other street", False),
        ("importer", "community", False),
        ("reviewer", "street", False),
        ("auditor", "", False),
        ("", "", False),
    ],
)
def test_only_who_may_publish_the_office_sets_its_status(
    role: str, where: str, may: bool, time: Clock
) -> None:
    places: dict[str, Any] = {"home": factories.home()}
    places["street"], places["other street"] = factories.street("中华街道"), factories.street("八大湖街道")
    places["community"] = factories.community(under=places["street"])
    places["other"] = factories.community("别的社区", under=places["other street"])
    office = factories.office("自己的中心", under=places["community"])
    client = signed_in(factories.user(role, places.get(where)))

    listed = client.get(reverse("window_status:index"))
    read = client.get(screen(office))
    sent = client.post(screen(office), TAP)

    if role:
        assert ("自己的中心" in listed.content.decode()) is may
        assert ("窗口状态" in shown(client.get("/admin/"))) is may
        assert (read.status_code, sent.status_code) == ((200, 302) if may else (404, 404))
    else:  # no way into the admin at all
        assert [answer.status_code for answer in (listed, read, sent)] == [302, 302, 302]
    assert OfficePause.objects.exists() is may
    if may:
        return
    made = pause(office)
    assert client.post(screen(office), {"resume": str(made.pk)}).status_code in (302, 404)
    assert OfficePause.objects.standing().get() == made


@pytest.mark.django_db
@pytest.mark.parametrize("sent", [{}, {"kind": "closed"}, {"kind": "paused\0"}])
def test_what_no_form_sends_is_not_found(clerk: Client, place: dict[str, Any], sent: dict[str, str]) -> None:
    assert clerk.post(screen(place["office"]), sent).status_code == 404
    assert clerk.post(reverse("window_status:index"), TAP).status_code == 404


@pytest.mark.django_db
def test_an_office_that_is_not_public_has_no_status(clerk: Client, place: dict[str, Any]) -> None:
    draft = factories.office("草稿中心", under=place["community"], live=False)

    assert clerk.get(screen(draft)).status_code == 404
    assert clerk.post(screen(draft), TAP).status_code == 404
    assert "草稿中心" not in shown(clerk.get(reverse("window_status:index")))


@pytest.mark.django_db
def test_the_offices_of_a_district_are_searched_and_leafed_through_at_the_same_cost(time: Clock) -> None:
    home = factories.home()
    client = signed_in(factories.user("district_editor", home))
    index = reverse("window_status:index")

    def questions() -> int:
        client.get(index)
        with CaptureQueriesContext(connection) as asked:
            client.get(index)
        return len(asked)

    pause(factories.office("中心00", under=factories.community()), by=factories.user())
    few = questions()
    for number in range(1, 25):
        pause(factories.office(f"中心{number:02d}"), by=factories.user())

    assert questions() <= few
    assert "中心19" in shown(client.get(index))
    assert "中心20" not in shown(client.get(index))
    assert "中心20" in shown(client.get(index, {"p": 2}))
    found = shown(client.get(index, {"q": "中心21\0"}))
    assert "中心21" in found
    assert "中心19" not in found
    assert "没有找到" in shown(client.get(index, {"q": "没有的"}))


@pytest.mark.django_db
def test_who_has_no_office_yet_is_told_so(time: Clock) -> None:
    community = factories.community()

    page = signed_in(factories.user("community_editor", community)).get(reverse("window_status:index"))

    assert "还没有已发布的办事场所" in shown(page)


# By the clock


@pytest.mark.django_db
def test_a_pause_that_has_ended_by_itself_is_told_once(time: Clock) -> None:
    office, later = factories.office("甲"), factories.office("乙")
    pause(office, "2026-11-18 11:00", by=factories.user())
    pause(later)
    assert schedule.run_due()["end_pauses"] == 0

    time.set("2026-11-18 11:00")

    assert schedule.run_due()["end_pauses"] == 1
    assert schedule.run_due()["end_pauses"] == 0
    assert [action for _version, action in told(office)] == ["pause_office", "resume_office"]
    assert recorded(office)[-1] == ("resume_office", None)
    assert OfficePause.objects.get(office=office).ended_at == at("2026-11-18 11:00")
    assert [action for _version, action in told(later)] == ["pause_office"]


@pytest.mark.django_db
def test_an_end_that_cannot_be_told_is_told_later_and_stops_no_other(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = factories.office("甲"), factories.office("乙")
    for office, until in ((first, "2026-11-18 11:00"), (second, "2026-11-18 11:30")):
        pause(office, until)
    time.set("2026-11-18 12:00")
    end = pauses.end_by_clock

    def breaks(pause: OfficePause) -> None:
        end(pause)
        if pause.office_id == first.pk:
            raise RuntimeError("killed")

    monkeypatch.setattr(clock, "end_by_clock", breaks)
    assert clock.end_pauses() == 1
    assert [action for _version, action in told(first)] == ["pause_office"]
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", lambda: time.now)

    assert clock.end_pauses() == 1
    for office in (first, second):
        assert [action for _version, action in told(office)] == ["pause_office", "resume_office"]


@factories.committed
def test_several_schedulers_tell_each_end_once(time: Clock) -> None:
    offices = [factories.office(f"中心{number}") for number in range(4)]
    for office in offices:
        pause(office, "2026-11-18 11:00")
    banner = factories.banner(ends_at=at("2026-11-18 11:00"))
    time.set("2026-11-18 11:00")

    found = at_once(lambda: clock.end_pauses() + clock.turn_banners(), 3)

    assert sum(found) == 5, found
    for office in offices:
        assert [action for _version, action in told(office)] == ["pause_office", "resume_office"]
    assert banners_told() == [("published", "publish"), ("taken_back", "hide_banner")]
    assert not type(banner).objects.turned().exists()


def banners_told() -> list[tuple[Any, Any]]:
    rows = OutboxEntry.objects.filter(topic="banner:0").order_by("sequence")
    return list(rows.values_list("what", "detail__action"))


@pytest.mark.django_db
def test_a_banner_that_begins_and_ends_by_itself_is_told_each_time_once(client: Client, time: Clock) -> None:
    factories.home()
    factories.banner("台风预警", starts_at=at("2026-11-18 11:00"), ends_at=at("2026-11-18 12:00"))

    rounds = []
    for moment in ("10:30", "11:00", "11:01", "12:00", "12:01"):
        time.set(f"2026-11-18 {moment}")
        rounds.append((schedule.run_due()["turn_banners"], "台风预警" in shown(client.get("/"))))

    assert rounds == [(0, False), (1, True), (0, True), (1, False), (0, False)]
    assert banners_told() == [
        ("published", "publish"),
        ("published", "show_banner"),
        ("taken_back", "hide_banner"),
    ]
    assert AuditEntry.objects.filter(action__in=["show_banner", "hide_banner"], by=None).count() == 2


@pytest.mark.django_db
def test_a_banner_that_came_and_went_between_two_rounds_is_told_as_gone(time: Clock) -> None:
    factories.banner(starts_at=at("2026-11-18 11:00"), ends_at=at("2026-11-18 12:00"))
    time.set("2026-11-18 13:00")

    assert [clock.turn_banners(), clock.turn_banners()] == [1, 0]
    assert banners_told()[1:] == [("taken_back", "hide_banner")]


@pytest.mark.django_db
def test_what_publishing_told_is_not_told_again(time: Clock) -> None:
    factories.banner("已经开始", starts_at=at("2026-11-18 09:00"))
    factories.banner("已经结束", ends_at=at("2026-11-18 09:00"))
    factories.banner("草稿", published=False, starts_at=at("2026-11-18 10:30"))
    time.set("2026-11-18 11:00")

    assert clock.turn_banners() == 0


@pytest.mark.django_db
def test_a_banner_that_is_published_again_with_other_times_is_told_at_these(time: Clock) -> None:
    banner = factories.banner(ends_at=at("2026-11-18 11:00"))
    time.set("2026-11-18 11:00")
    assert clock.turn_banners() == 1

    time.set("2026-11-18 11:30")
    banner = factories.fresh(banner)
    banner.ends_at = at("2026-11-18 12:00")
    banner.save_revision()
    publish(banner)
    assert clock.turn_banners() == 0
    time.set("2026-11-18 12:00")

    assert clock.turn_banners() == 1
    assert clock.turn_banners() == 0


def test_moments_are_said_from_where_one_stands() -> None:
    now = at(MORNING)

    said = [
        moment_text(at(text), at=now)
        for text in ("2026-11-18 15:00", "2026-11-19 09:00", "2026-11-24 09:00", "2026-11-25 09:00")
    ]

    assert said == ["15:00", "明天 09:00", "周二 09:00", "11月25日（周三）09:00"]
