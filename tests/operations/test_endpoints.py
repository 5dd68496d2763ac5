"""What watches the site is told the truth, in time, and only what it may know."""

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from delivery.http import PageStore
from imports.models import ImportRun
from live.consumer import doors
from operations import endpoints, readiness
from operations.front import Front
from operations.heartbeat import Work, beat
from operations.watched import NoAnswer, Watched
from publishing import schedule
from publishing.models import OutboxEntry
from tests import factories
from tests.operations.caller import PROXY, STRANGER, answer_to, telling
from tests.test_publishing import due

PARTS = ["database", "channel_layer", "outbox", "schedule"]
PROXIED = {"X-Forwarded-For": "127.0.0.1"}
FRONT = Front(telling(lambda scope: "the site"))


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier test was told holds no longer."""
    monkeypatch.setattr(endpoints, "FIGURES", Watched(endpoints.FIGURES.ask, holds=0))
    for name, part in readiness.PARTS.items():
        monkeypatch.setitem(readiness.PARTS, name, Watched(part.ask, holds=0))


@pytest.mark.parametrize("host", ["localhost", "anything.example", ""])
def test_the_process_says_that_it_lives_without_asking_the_database(host: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = answer_to(FRONT, "/healthz", peer=STRANGER, headers={"Host": host})

    assert (answer.status, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"


@factories.committed
def test_a_site_that_does_its_work_is_ready() -> None:
    answer = answer_to(FRONT, "/readyz")

    assert answer.status == 200
    assert answer.json() == {"ready": True, "parts": dict.fromkeys(PARTS, True), "reasons": {}}


@factories.committed
def test_a_late_outbox_and_a_late_schedule_are_told() -> None:
    due(factories.notice(live=False), minutes_ago=6)
    long_ago = timezone.now() - timedelta(minutes=2)
    OutboxEntry.objects.create(topic="guides:1", what="published", sequence=10**6, at=long_ago)

    answer = answer_to(FRONT, "/readyz")

    assert answer.status == 503
    assert answer.json()["parts"] == dict.fromkeys(PARTS, True) | {"outbox": False, "schedule": False}
    assert re.fullmatch(r"waiting for 36\d s", answer.json()["reasons"]["schedule"])
    assert re.fullmatch(r"waiting for 12\d s", answer.json()["reasons"]["outbox"])
    assert answer_to(FRONT, "/readyz?parts=database,channel_layer").status == 200


@factories.committed
def test_what_expires_late_is_told_too() -> None:
    notice = factories.notice()
    type(notice).objects.filter(pk=notice.pk).update(expire_at=timezone.now() - timedelta(minutes=10))

    waits = schedule.overdue_since()

    assert waits is not None
    assert timezone.now() - waits > timedelta(minutes=9)
    assert answer_to(FRONT, "/readyz?parts=schedule").status == 503


@factories.committed
@pytest.mark.parametrize(("peer", "headers"), [(STRANGER, {}), (PROXY, PROXIED)])
def test_reasons_are_for_this_machine_alone(peer: str, headers: Any) -> None:
    assert "reasons" not in answer_to(FRONT, "/readyz", peer=peer, headers=headers).json()


def test_a_part_that_hangs_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()
    for name in PARTS:
        monkeypatch.setitem(readiness.PARTS, name, Watched(end.wait, holds=0))
    monkeypatch.setattr(readiness, "WITHIN", 0.05)
    try:
        answer = answer_to(FRONT, "/readyz")
    finally:
        end.set()

    assert answer.status == 503
    assert answer.json()["reasons"] == dict.fromkeys(PARTS, "no answer within 0.05 s")


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        (PROXY, {}, 200),
        (PROXY, PROXIED, 403),
        (PROXY, {"Via": "1.1 portal"}, 403),
        (STRANGER, {}, 403),
        (STRANGER, {"Authorization": "Bearer wrong"}, 403),
        (STRANGER, {"Authorization": "Bearer the-token-of-this-test"}, 200),
    ],
)
@factories.committed
def test_figures_are_for_this_machine_and_for_the_token(
    peer: str, headers: Any, status: int, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "the-token-of-this-test"

    assert answer_to(FRONT, "/metrics", peer=peer, headers=headers).status == status


def test_without_a_token_an_empty_one_opens_nothing(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    for sent in ("Bearer ", "Bearer", ""):
        answer = answer_to(FRONT, "/metrics", peer=STRANGER, headers={"Authorization": sent})
        assert answer.status == 403


@pytest.fixture
def open_pages() -> Iterator[None]:
    doors.all, doors.told = 3, 40
    yield
    doors.all, doors.told = 0, 0


@factories.committed
def test_figures_tell_of_the_site_and_of_this_process(open_pages: None) -> None:
    user = factories.user("importer", factories.home())
    for state, rows in (("done", 40), ("done", 2), ("failed", 7)):
        ImportRun.objects.create(
            kind="guides", by=user, state=state, rows_read=rows, file_name="x.csv", file_size=9
        )
    OutboxEntry.objects.filter(sent_at=None).update(sent_at=timezone.now())
    beat(Work.WORKER)

    text = answer_to(FRONT, "/metrics").text

    for told in (
        "doorstep_database_up 1.0",
        "doorstep_live_sockets 3.0",
        "doorstep_live_messages_total 40.0",
        'doorstep_imports{state="done"} 2.0',
        'doorstep_import_rows{state="done"} 42.0',
        'doorstep_import_rows{state="failed"} 7.0',
        "doorstep_outbox_delay_seconds 0.0",
        "doorstep_schedule_overdue_seconds 0.0",
        'doorstep_processes{work="worker"} 1.0',
        "doorstep_tasks_waiting",
        "process_resident_memory_bytes",
    ):
        assert f"\n{told}" in text, told


def test_figures_tell_of_the_pages_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = PageStore(None)
    pages.store.hits, pages.store.misses = 70, 4
    monkeypatch.setattr(PageStore, "here", pages)

    text = answer_to(FRONT, "/metrics").text

    assert "\ndoorstep_pages_hits_total 70.0" in text
    assert "\ndoorstep_pages_misses_total 4.0" in text
    assert "\ndoorstep_pages_kept 0.0" in text


def test_figures_of_the_process_come_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise ConnectionError

    monkeypatch.setattr(endpoints, "FIGURES", Watched(away, holds=0))

    text = answer_to(FRONT, "/metrics").text

    assert "\ndoorstep_database_up 0.0" in text
    assert "doorstep_outbox" not in text
    assert "\nprocess_resident_memory_bytes" in text


# Questions that may hang


def test_an_answer_holds_for_everybody_who_asks_meanwhile() -> None:
    numbers = count(1)
    watched = Watched(lambda: next(numbers), holds=60)

    async def ask_often() -> list[int]:
        return await asyncio.gather(*(watched.within(5) for _time in range(20)))

    assert asyncio.run(ask_often()) == [1] * 20
    assert asyncio.run(watched.within(5)) == 1


def test_a_question_that_hangs_is_asked_by_one_thread_only() -> None:
    end, asked = threading.Event(), []

    def hang() -> str:
        asked.append(threading.get_ident())
        end.wait()
        return "late"

    watched = Watched(hang, holds=60)
    for _time in range(5):
        with pytest.raises(NoAnswer):
            asyncio.run(watched.within(0.02))
    end.set()

    assert asyncio.run(watched.within(5)) == "late"
    assert len(asked) == 1
