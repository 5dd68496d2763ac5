"""What is searched for is counted, by nobody's name, whatever happens to the database meanwhile."""

import contextlib
import datetime
import json
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection, connections
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from publishing import schedule
from search import insight, insight_views
from search.models import Asked, Clicked, Document, Missing
from tests import factories
from tests.factories import committed
from tests.imports.mortal import ROOT, environment

PATIENCE = 20  # seconds
TODAY = datetime.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[insight.Counts]:
    """Nothing is counted yet, and no other test's counts come in between."""
    mine = insight.Counts()
    monkeypatch.setattr(insight, "counts", mine)
    monkeypatch.setattr(insight_views, "_clicks", insight_views.Tap(rate=50, most=200))
    yield mine
    mine.stop()


@pytest.fixture
def document() -> Document:
    return document_of("高龄津贴")


def document_of(title: str) -> Document:
    guide = factories.guide(title)
    return Document.objects.get_or_create(
        page=guide.page_ptr, key="", defaults={"kind": "guides", "title": title}
    )[0]


def rows() -> dict[str, tuple[int, int, int]]:
    """``{text: (times, found, clicked)}``."""
    return {row.text: (row.times, row.found, row.clicked) for row in Asked.objects.all()}


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


# What is counted


@pytest.mark.django_db
def test_what_is_asked_adds_up_with_the_last_number_of_results(counts: insight.Counts) -> None:
    insight.note("老年卡", 0)
    insight.note("老年卡", 3)
    insight.note("低保", 7)
    counts.write()
    insight.note("老年卡", 4)
    counts.write()

    assert rows() == {"老年卡": (3, 4, 0), "低保": (1, 7, 0)}
    assert Asked.objects.get(text="低保").day == timezone.localdate()


@pytest.mark.django_db
def test_ways_of_writing_the_same_count_together(counts: insight.Counts) -> None:
    for text in ("etc居住证", "ＥＴＣ居住證", "  ETC居住证 ", "\u200betc居住证\x00", "etc居住证\ud800"):
        insight.note(text, 1)
    counts.write()

    assert rows() == {"etc居住证": (5, 1, 0)}


@pytest.mark.parametrize(
    "text",
    [
        "350203198001011234",
        "身份证350203",
        "３５０２０３１９８０",
        "138 0013 8000",
        "138-0013-8000",
        "1.3.8.0.0.1",
        "1 3_8 0，0 1",
        "一三八零零一三八零零零",
        "wang@example.com",
        "wang＠example",
        "我妈妈今年八十岁了腿脚不好住在二楼没有电梯想问问能不能申请上门帮助洗澡和做饭多少钱",
        "",
        " \u200b\n",
        "\x00",
        '"',
        "，。！？",
        "😀",
    ],
)
def test_what_may_name_a_person_or_says_nothing_is_not_counted(text: str, counts: insight.Counts) -> None:
    insight.note(text, 1)
    insight.note_click(text, 1)

    assert counts.asked == {}
    assert counts.opened == {}


@pytest.mark.parametrize(
    "text", ["80岁", "2026年11月18日", "国办发〔2023〕12号", "12345", "二〇二六年", "a" * 40, "一老一小"]
)
def test_ordinary_questions_are_counted(text: str) -> None:
    assert insight.keepable(text) == text.casefold()


@pytest.mark.parametrize("wrong", [None, b"bytes", ["list"]])
def test_counting_never_raises(wrong: Any, counts: insight.Counts, caplog: pytest.LogCaptureFixture) -> None:
    insight.note(wrong, 1)
    insight.note_click(wrong, 1)
    insight.note_click("低保", wrong)

    assert counts.asked == counts.opened == {}
    assert "not counted" in caplog.text


@pytest.mark.django_db
def test_only_what_is_public_counts_as_opened(counts: insight.Counts, document: Document) -> None:
    insight.note("高龄", 2)
    for pk in (document.pk, document.pk, document.pk + 1000, 0, -1, 2**63):
        insight.note_click("高龄", pk)
    insight.note_click("高龄津贴", document.pk)
    counts.write()

    assert rows() == {"高龄": (1, 2, 2), "高龄津贴": (0, 0, 1)}
    assert {(row.text, row.document, row.times) for row in Clicked.objects.all()} == {
        ("高龄", document, 2),
        ("高龄津贴", document, 1),
    }


@pytest.mark.django_db
def test_a_document_that_went_meanwhile_takes_its_clicks_along_and_nothing_else(
    counts: insight.Counts, document: Document
) -> None:
    insight.note("高龄", 2)
    insight.note_click("高龄", document.pk)
    document.delete()
    counts.write()

    assert rows() == {"高龄": (1, 2, 0)}


@pytest.mark.parametrize(
    ("headers", "is_new"),
    [
        ({}, True),
        ({"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) MicroMessenger/8.0"}, True),
        ({"User-Agent": "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 30)"}, True),
        ({"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; YisouSpider)"}, False),
        ({"User-Agent": "python-requests/2.32"}, False),
        ({"Sec-Purpose": "prefetch;prerender"}, False),
        ({"Cache-Control": "max-age=0"}, False),
        ({"Cache-Control": "no-cache"}, False),
    ],
)
def test_robots_and_repeats_ask_nothing_new(headers: dict[str, str], is_new: bool) -> None:
    request = RequestFactory().get("/search/?q=低保", headers=headers)

    assert insight.is_new_question(request) is is_new


# How much


@pytest.mark.django_db
def test_memory_holds_only_so_many_texts(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(insight, "MOST_WAITING", 3)
    for text in ("甲", "乙", "丙", "丁", "戊", "甲"):
        insight.note(text, 1)
    counts.write()

    assert rows() == {"甲": (2, 1, 0), "乙": (1, 1, 0), "丙": (1, 1, 0)}
    assert "2 were left out" in caplog.text
    caplog.clear()
    insight.note("丁", 1)
    counts.write()
    assert rows()["丁"] == (1, 1, 0)
    assert caplog.text == ""


@pytest.mark.django_db
def test_a_day_holds_only_so_many_texts(
    counts: insight.Counts,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    document: Document,
) -> None:
    monkeypatch.setattr(insight, "MOST_A_DAY", 2)
    insight.note("甲", 1)
    counts.write()
    for text in ("甲", "丙", "丁"):
        insight.note(text, 1)
        insight.note_click(text, document.pk)
    counts.write()

    assert rows() == {"甲": (2, 1, 1), "丁": (1, 1, 1)}
    assert Clicked.objects.count() == 2
    assert "left out" in caplog.text


@pytest.mark.django_db
def test_many_texts_are_written_in_several_transactions(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight, "AT_ONCE", 10)
    for number in range(25):
        insight.note(f"第{number}个", number)
    counts.write()

    assert len(rows()) == 25
    assert counts.asked == {}


@pytest.mark.django_db
def test_what_is_older_than_ninety_days_is_forgotten(document: Document) -> None:
    today, now = timezone.localdate(), timezone.now()
    for days in (0, 90, 91):
        day = today - datetime.timedelta(days=days)
        Asked.objects.create(day=day, text="低保", times=1)
        Clicked.objects.create(day=day, text="低保", document=document, times=1)
        told = Missing.objects.create(message=f"{days}天前")
        moment = now - datetime.timedelta(days=days, minutes=-1)
        Missing.objects.filter(pk=told.pk).update(at=moment)

    assert insight.forget_searches() == 3
    assert sorted((today - row.day).days for row in Asked.objects.all()) == [0, 90]
    assert sorted((today - row.day).days for row in Clicked.objects.all()) == [0, 90]
    assert {row.message for row in Missing.objects.all()} == {"0天前", "90天前"}


def test_forgetting_is_a_job_of_the_schedule() -> None:
    assert schedule._further[insight.forget_searches] == schedule.HOURLY


# When the database does not answer


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Somebody else holds what the counts are written to."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        other: Any = sqlite3.connect(database["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(
            host=database["HOST"], port=database["PORT"], dbname=database["NAME"], user=database["USER"],
            password=database["PASSWORD"],
        )  # fmt: skip
        other.execute("LOCK TABLE search_asked IN ACCESS EXCLUSIVE MODE")
    try:
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def in_a_thread(write: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            write()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@committed
def test_a_locked_database_delays_no_reader_and_loses_nothing(counts: insight.Counts) -> None:
    with locked():
        insight.note("低保", 7)
        writing = in_a_thread(counts.write)
        until(lambda: not counts.asked)  # taken, and waiting for the lock
        insight.note("低保", 8)
        assert counts.asked
        assert writing.is_alive()
    writing.join(PATIENCE)
    counts.write()

    assert rows() == {"低保": (2, 8, 0)}


@committed
@pytest.mark.sqlite
def test_a_database_that_stays_locked_is_tried_again(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 0.05)
    insight.note("低保", 7)
    with locked():
        for _time in range(2):
            in_a_thread(counts.write).join(PATIENCE)
        insight.note("低保", 8)
    assert rows() == {}
    assert caplog.text.count("wait for the database: OperationalError") == 1

    counts.write()

    assert rows() == {"低保": (2, 8, 0)}


@committed
def test_a_database_that_fails_half_way_counts_nothing_twice(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch, document: Document
) -> None:
    for text in ("甲", "乙"):
        insight.note(text, 1)
        insight.note_click(text, document.pk)
    with monkeypatch.context() as patch:
        patch.setattr(Clicked.objects, "bulk_create", fail)
        counts.write()
    assert rows() == {}

    insight.note("甲", 2)
    counts.write()

    assert rows() == {"甲": (2, 2, 1), "乙": (1, 1, 1)}
    assert Clicked.objects.count() == 2


def fail(*_args: Any, **_options: Any) -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.django_db
def test_what_no_database_takes_does_not_hold_up_the_rest(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(insight, "AT_ONCE", 1)
    counts.asked[timezone.localdate(), "坏\ud800"] = (1, 0)
    insight.note("低保", 7)
    counts.write()

    assert rows() == {"低保": (1, 7, 0)}
    assert "cannot be written: UnicodeEncodeError" in caplog.text


# By itself


@committed
def test_a_thread_writes_within_seconds(counts: insight.Counts, settings: Settings) -> None:
    settings.SEARCHES_WRITTEN_EVERY = 0.02
    insight.note("低保", 7)
    until(lambda: "低保" in rows())
    insight.note("低保", 8)
    until(lambda: rows()["低保"] == (2, 8, 0))
    thread = counts.thread
    assert thread is not None
    counts.stop()

    assert not thread.is_alive()


@committed
def test_what_is_left_is_written_at_the_end(counts: insight.Counts, settings: Settings) -> None:
    settings.SEARCHES_WRITTEN_EVERY = 3600
    insight.note("低保", 7)
    counts.stop()

    assert rows() == {"低保": (1, 7, 0)}
    insight.note("低保", 8)
    counts.stop()
    assert rows() == {"低保": (2, 8, 0)}


TWENTY_FIVE = """
import django
django.setup()
from django.conf import settings
from search import insight
settings.SEARCHES_WRITTEN_EVERY = 3600  # only the end writes
for number in range(25):
    insight.note("低保", number)
    insight.note(f"第{number % 5}个", 1)
    insight.note_click("低保", PK)
input()  # together
"""


@committed
def test_processes_that_end_together_add_up(tmp_path: Path, document: Document) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", TWENTY_FIVE.replace("PK", str(document.pk))],
            cwd=ROOT, env=environment(tmp_path), stdin=subprocess.PIPE,
        )
        for _number in range(2)
    ]  # fmt: skip
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()

    assert [process.wait(PATIENCE * 3) for process in processes] == [0, 0]
    assert rows() == {"低保": (50, 24, 50)} | {f"第{number}个": (10, 1, 0) for number in range(5)}
    assert Clicked.objects.get().times == 50


# The beacon


def tell(client: Client, body: Any, **options: Any) -> Any:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(reverse("search_clicked"), data, **({"content_type": "application/json"} | options))


@pytest.mark.django_db
def test_a_beacon_counts_and_leaves_no_trace_of_the_reader(
    counts: insight.Counts, document: Document, django_assert_num_queries: Any
) -> None:
    strict = Client(enforce_csrf_checks=True)

    with django_assert_num_queries(0):
        answer = tell(strict, {"text": "高龄", "document": document.pk})

    assert (answer.status_code, answer.content, answer.cookies) == (204, b"", {})
    counts.write()
    assert rows() == {"高龄": (0, 0, 1)}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[1]",
        "5",
        b"\xff\xfe",
        "[" * 1000,
        {"text": "低保"},
        {"document": 1},
        {"text": "低保", "document": "1"},
        {"text": "低保", "document": True},
        {"text": "低保", "document": 1.0},
        {"text": ["低保"], "document": 1},
        {"text": "低" * 2000, "document": 1},
    ],
)
def test_a_beacon_that_says_nothing_sensible_is_refused_quietly(body: Any, counts: insight.Counts) -> None:
    answer = tell(Client(), body)

    assert (answer.status_code, answer.content) == (400, b"")
    assert counts.opened == {}


def test_a_beacon_comes_as_json_and_by_post_only(counts: insight.Counts) -> None:
    body = {"text": "低保", "document": 1}

    assert tell(Client(), body, content_type="text/plain").status_code == 400
    assert Client().post(reverse("search_clicked"), body).status_code == 400
    assert Client().get(reverse("search_clicked")).status_code == 405
    assert counts.opened == {}


def test_beacons_are_taken_at_a_rate(counts: insight.Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    monkeypatch.setattr(insight_views, "_clicks", insight_views.Tap(rate=2, most=3))
    body = {"text": "低保", "document": 1}

    assert [tell(Client(), body).status_code for _time in range(5)] == [204, 204, 204, 429, 429]
    monkeypatch.setattr(time, "monotonic", lambda: 1001.0)
    assert [tell(Client(), body).status_code for _time in range(3)] == [204, 204, 429]
    assert list(counts.opened.values()) == [5]


# What readers missed


def say(message: str, **further: str) -> Any:
    return Client().post(reverse("search_missing"), {"message": message, "text": "公交卡"} | further)


def errors_on(answer: Any) -> str:
    found = BeautifulSoup(answer.content, "html.parser").find(id="missing-error")
    return found.get_text() if found else ""


@pytest.mark.django_db
def test_what_a_reader_missed_is_kept_and_thanked_for() -> None:
    factories.home()
    answer = say("给老人办\n公交卡\u200b")

    told = Missing.objects.get()
    assert (told.text, told.message) == ("公交卡", "给老人办 公交卡")
    assert answer.status_code == 302
    assert not answer.cookies
    page = BeautifulSoup(Client().get(answer["Location"]).content, "html.parser")
    assert "谢谢，我们收到了" in page.get_text()
    box = page.find("input", id="search-page")
    assert box is not None
    assert box["value"] == "公交卡"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("", "请写几个字"),
        ("。。。", "请写几个字"),
        ("\x00\u200b", "请写几个字"),
        ("好" * 301, "最多写 300 个字"),
        ("我的电话 13800138000", "请去掉电话号码"),
        ("打 202-0001 找我", "请去掉电话号码"),
        ("号码３５０２０３１９８００", "请去掉电话号码"),
        ("写信到 a@example.com", "请去掉电子邮箱"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_the_reason(message: str, says: str) -> None:
    factories.home()
    answer = say(message)

    assert says in errors_on(answer)
    page = BeautifulSoup(answer.content, "html.parser")
    typed, asked = page.find("textarea"), page.find("input", {"name": "text"})
    assert typed is not None
    assert asked is not None
    assert typed.get_text().strip() == message.strip()
    assert asked["value"] == "公交卡"
    assert not Missing.objects.exists()


@pytest.mark.django_db
def test_a_search_that_may_name_a_person_is_not_kept_with_the_message() -> None:
    factories.home()
    say("找不到办事的地方", text="张三 350203198001011234")

    assert Missing.objects.get().text == ""


@pytest.mark.django_db
def test_what_is_sent_twice_is_kept_once() -> None:
    factories.home()
    answers = [say("给老人办公交卡").status_code for _time in range(2)]

    assert answers == [302, 302]
    assert Missing.objects.count() == 1


@pytest.mark.django_db
def test_a_flood_of_messages_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.home()
    monkeypatch.setattr(insight_views, "MESSAGES_A_DAY", 2)
    yesterday = Missing.objects.create(message="昨天的")
    Missing.objects.filter(pk=yesterday.pk).update(at=timezone.now() - datetime.timedelta(days=1))
    answers = [say(f"第{number}件事") for number in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "请明天再写" in errors_on(answers[-1])
    assert "第2件事" in answers[-1].content.decode()
    assert Missing.objects.count() == 3


@pytest.mark.django_db
def test_a_program_that_fills_in_every_field_is_thanked_and_not_kept() -> None:
    factories.home()

    assert say("给老人办公交卡", website="http://example.com").status_code == 302
    assert not Missing.objects.exists()


@pytest.mark.django_db
def test_messages_come_from_our_own_form_only() -> None:
    factories.home()
    strict = Client(enforce_csrf_checks=True)
    address = reverse("search_missing")

    assert strict.post(address, {"message": "给老人办公交卡"}).status_code == 403
    page = BeautifulSoup(strict.get(address).content, "html.parser")
    token = page.find("input", {"name": "csrfmiddlewaretoken"})
    assert token is not None
    sent = {"message": "给老人办公交卡", "csrfmiddlewaretoken": token["value"]}
    assert strict.post(address, sent).status_code == 302
    assert Missing.objects.count() == 1


@pytest.mark.django_db
def test_what_readers_write_is_text_on_the_page() -> None:
    factories.home()
    answer = say("<script>alert(1)</script>13800138000", text='"><img src=x>')
    asked = Client().get(reverse("search_missing"), {"q": '"><img src=x>'})

    assert "<script>alert" not in answer.content.decode()
    for page in (answer, asked):
        assert "<img src=x>" not in page.content.decode()


def test_no_text_stands_in_the_log(
    counts: insight.Counts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def quote(*_arguments: Any) -> None:
        raise OperationalError("Key (text)=(低保) is locked")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(insight.transaction, "atomic", contextlib.nullcontext)
    monkeypatch.setattr(insight, "_add_up", quote)
    insight.note("低保", 1)
    counts.write()

    assert "OperationalError" in caplog.text
    assert "低保" not in caplog.text
