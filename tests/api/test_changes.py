"""The feed of changes: everything that outsiders may know, in commit order, and nothing else."""

import asyncio
import datetime
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from api.changes import feed, http, standing, views
from api.webhooks import signing
from content_models.notices.models import NoticeChannel
from live.hub import Hub
from publishing import outbox, registry
from publishing.models import OutboxEntry
from publishing.publish import publish, take_back
from tests import factories
from tests.factories import committed
from tests.live.visitors import in_thread

FEED = "/api/v1/changes/"
HIDDEN = "不可外传"
Standing = OutboxEntry.Standing


def ask(after: int = 0, **parameters: Any) -> dict[str, Any]:
    response = Client().get(FEED, {"after": after} | parameters)
    assert response.status_code == 200, response.content
    return response.json()


def told(after: int = 0, **parameters: Any) -> list[tuple[str, str]]:
    return [(row["topic"], row["what"]) for row in ask(after, **parameters)["changes"]]


def restrict(page: Any) -> PageViewRestriction:
    return PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type=PageViewRestriction.LOGIN
    )


# What is told


@pytest.mark.django_db
def test_a_publish_is_told_with_the_address_of_the_page() -> None:
    before = outbox.newest()
    guide = publish(factories.guide())

    answer = ask(before)

    entry = OutboxEntry.objects.get(topic=guide.topic)
    assert answer == {
        "changes": [
            {
                "sequence": entry.sequence,
                "topic": f"guides:{guide.pk}",
                "kind": "guides",
                "id": guide.pk,
                "version": 1,
                "what": "published",
                "at": timezone.localtime(entry.at).isoformat(),
                "url": f"http://testserver{guide.url}",
                "api_url": f"http://testserver/api/v1/guides/{guide.pk}/",
            }
        ],
        "last": entry.sequence,
        "newest": entry.sequence,
        "next": None,
    }


@pytest.mark.django_db
def test_every_kind_says_where_the_api_has_it() -> None:
    guide = publish(factories.guide())
    community = publish(factories.fresh(factories.community("湖滨社区")))
    office = publish(factories.office("湖滨服务中心", under=community))
    edition = factories.provision_edition(community)
    factories.provision(edition, guide)
    publish(edition)
    notice = publish(factories.notice())
    certificates = factories.certificate_list()
    factories.certificate_edition(certificates, published=True)
    policy_list = factories.policy_list()
    factories.list_edition(policy_list, published=True)
    factories.banner()
    plain = publish(factories.plain_page())

    rows = {row["topic"]: row for row in ask()["changes"]}

    channel = notice.channel_id
    where = {topic: urlsplit(row["api_url"] or "")[2:4] for topic, row in rows.items()}
    assert where == {
        f"guides:{guide.pk}": (f"/api/v1/guides/{guide.pk}/", ""),
        f"communities:{community.pk}": (f"/api/v1/communities/{community.pk}/", ""),
        f"offices:{office.pk}": (f"/api/v1/offices/{office.pk}/", ""),
        f"provisions:{community.pk}": ("/api/v1/provisions/", f"place={community.pk}"),
        f"notices:{channel}": ("/api/v1/notices/", f"channel={channel}"),
        f"certificates:{certificates.pk}": ("/api/v1/certificates/", f"list={certificates.pk}"),
        f"lists:{policy_list.pk}": (f"/api/v1/lists/{policy_list.pk}/", ""),
        "banner:0": ("/api/v1/banners/", ""),
        f"pages:{plain.pk}": ("", ""),
    }
    assert rows[f"provisions:{community.pk}"]["guides"] == [guide.pk]
    assert {topic for topic, row in rows.items() if row["url"] is None} == {"banner:0"}
    assert "guides" not in rows[f"guides:{guide.pk}"]


@pytest.mark.django_db
def test_editions_are_told_with_each_swap() -> None:
    page = factories.certificate_list()
    first = factories.certificate_edition(page, ["健在证明"], published=True)
    second = publish(first.new_draft())
    take_back(second)

    answer = ask(kind="certificates")["changes"]

    assert [(row["version"], row["what"]) for row in answer] == [
        (1, "published"),
        (2, "published"),
        (3, "taken_back"),
    ]
    assert all(row["url"] for row in answer)


@pytest.mark.django_db
def test_a_withdrawn_page_is_told_without_its_address() -> None:
    guide = publish(factories.guide())
    before = outbox.newest()

    take_back(guide)

    [row] = ask(before)["changes"]
    assert (row["topic"], row["what"], row["url"]) == (guide.topic, "taken_back", None)
    assert row["api_url"].endswith(f"/guides/{guide.pk}/")
    assert told(0, kind="guides") == [(guide.topic, "taken_back")]


@pytest.mark.django_db
@pytest.mark.parametrize("goes", ["alone", "with what is above", "in a request"])
def test_a_deleted_page_is_told_once(goes: str) -> None:
    guide = publish(factories.guide())
    before = outbox.newest()

    if goes == "alone":
        guide.delete()
    elif goes == "with what is above":
        guide.get_parent().specific.delete()
    else:
        with outbox.publication():
            guide.delete()

    assert (guide.topic, "taken_back") in told(before)
    assert told(before, kind="guides") == [(guide.topic, "taken_back")]


@pytest.mark.django_db
def test_a_page_that_is_restricted_has_to_be_dropped_and_may_come_back() -> None:
    guide = publish(factories.guide())
    numbers = [outbox.newest()]

    restriction = restrict(guide)
    numbers.append(outbox.newest())
    publish(guide)  # nobody outside is told
    numbers.append(outbox.newest())
    restriction.delete()
    publish(guide)

    gone = (guide.topic, "taken_back")
    assert told(numbers[1])[:1] == [(guide.topic, "published")]
    assert told(numbers[0])[:2] == [gone, (guide.topic, "published")]
    hidden = OutboxEntry.objects.get(sequence=numbers[2])
    assert hidden.standing == Standing.HIDDEN


@pytest.mark.django_db
def test_a_whole_branch_that_is_restricted_is_dropped() -> None:
    guide = publish(factories.guide())
    before = outbox.newest()

    restrict(guide.get_parent())

    assert told(before, kind="guides") == [(guide.topic, "taken_back")]


@pytest.mark.django_db
def test_a_page_that_is_moved_below_a_restricted_one_is_dropped() -> None:
    guide = publish(factories.guide())
    street = factories.street("筼筜街道")
    restricted = factories.guide_channel(street)
    restrict(restricted)
    before = outbox.newest()

    guide.move(factories.fresh(restricted), pos="last-child")

    assert told(before) == [(guide.topic, "taken_back")]


@pytest.mark.django_db
def test_a_list_that_becomes_internal_is_dropped_once() -> None:
    page = factories.published_list()
    before = outbox.newest()

    page.is_internal = True
    page.save_revision()
    page = publish(page)
    publish(page)

    assert told(before) == [(page.topic, "taken_back")]
    assert told(0, kind="lists") == [(page.topic, "taken_back")]


# What is not told


@pytest.mark.django_db
def test_what_was_never_public_is_never_told() -> None:
    before = outbox.newest()
    internal = factories.policy_list(HIDDEN, is_internal=True)
    factories.list_edition(internal, title=HIDDEN, published=True)
    internal = publish(factories.fresh(internal))
    draft = factories.guide(HIDDEN, live=False)
    draft.save_revision()
    draft_list = factories.policy_list(HIDDEN, live=False)
    factories.list_edition(draft_list, title=HIDDEN, published=True)
    street = factories.street(HIDDEN)
    restrict(street)
    hidden_guide = publish(factories.guide(HIDDEN, under=factories.guide_channel(street)))
    take_back(hidden_guide)
    hidden_guide.delete()
    internal.delete()

    answer = Client().get(FEED, {"after": before}).content.decode()

    assert json.loads(answer)["changes"] == []
    assert json.loads(answer)["last"] == outbox.newest() > before
    assert HIDDEN not in answer


@pytest.mark.django_db
def test_no_title_and_no_detail_comes_out() -> None:
    guide = publish(factories.guide(HIDDEN, slug="mingcheng"))
    community = factories.community()
    shown, draft = factories.guide("低保"), factories.guide(HIDDEN, live=False)
    edition = factories.provision_edition(community, title=HIDDEN)
    factories.provision(edition, shown)
    factories.provision(edition, draft)
    publish(edition)
    take_back(guide)

    answer = Client().get(FEED).content.decode()

    assert HIDDEN not in answer
    [row] = [row for row in json.loads(answer)["changes"] if row["kind"] == "provisions"]
    assert row["guides"] == [shown.pk]


@pytest.mark.django_db
def test_rows_of_before_the_upgrade_are_judged_as_they_are_read_and_then_for_good() -> None:
    guide = publish(factories.guide())
    internal = factories.policy_list(is_internal=True)
    factories.list_edition(internal, published=True)
    OutboxEntry.objects.update(standing="")

    assert told(kind="lists") == []
    assert told(kind="guides") == [(guide.topic, "published")]

    assert standing.settle() == OutboxEntry.objects.count()
    assert standing.settle() == 0
    assert set(OutboxEntry.objects.values_list("standing", flat=True)) == {"public", "hidden"}


@pytest.mark.django_db
def test_a_judge_that_fails_stops_no_publish_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    guide = publish(factories.guide())
    before = outbox.newest()

    def fail(_entries: Any) -> None:
        raise LookupError("broken")

    monkeypatch.setattr(registry, "_in_turn", [fail])
    take_back(guide)
    monkeypatch.undo()

    assert told(before) == [(guide.topic, "taken_back")]
    standing.settle()
    assert told(before) == [(guide.topic, "taken_back")]


# Numbers


def follow(after: int = 0, **parameters: Any) -> tuple[list[dict[str, Any]], int]:
    """Everything from ``after`` on as a reader gets it who keeps ``last``."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = ask(after, **parameters)
        rows += answer["changes"]
        after = answer["last"]
        if answer["next"] is None:
            return rows, after


@pytest.mark.django_db
def test_pages_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SCANNED", 3)
    guide = publish(factories.guide())
    internal = factories.policy_list(is_internal=True)
    for _ in range(5):
        outbox.announce(guide.topic, "published")
        outbox.announce(internal.topic, "taken_back")
        factories.banner()

    whole = ask()["changes"]

    for limit in (1, 2, 3, 200):
        rows, last = follow(limit=limit)
        assert rows == whole
        assert last == outbox.newest()
        assert [r["kind"] for r in follow(limit=limit, kind="banner")[0]] == ["banner"] * 5
    first = ask(after=whole[0]["sequence"] - 1, limit=1)
    assert Client().get(first["next"]).json()["changes"] == [whole[1]]
    assert follow(kind=["banner", "guides"])[0] == whole


@committed
def test_nothing_is_missed_or_told_twice_while_many_publish() -> None:
    guides = [publish(factories.guide(f"事项{number}")) for number in range(4)]
    start, done = outbox.newest(), threading.Event()
    seen: list[int] = []

    def publish_often(guide: Any) -> None:
        try:
            for _ in range(10):
                outbox.announce(guide.topic, "published")
        finally:
            connection.close()

    def read_along() -> None:
        after = start
        try:
            while True:
                is_last = done.is_set()
                part = feed.read(after, limit=3, absolute=str)
                seen.extend(row["sequence"] for row in part.changes)
                after = part.last
                if is_last and part.is_all:
                    return
        finally:
            connection.close()

    reader = threading.Thread(target=read_along)
    publishers = [threading.Thread(target=publish_often, args=(guide,)) for guide in guides]
    reader.start()
    for thread in publishers:
        thread.start()
    for thread in publishers:
        thread.join(timeout=120)
    done.set()
    reader.join(timeout=120)

    assert seen == list(range(start + 1, start + 41))


@pytest.mark.postgres
@committed
def test_a_publish_that_races_with_a_restriction_is_dropped_in_the_end() -> None:
    guide = publish(factories.guide())
    start = outbox.newest()
    is_restricted, may_commit = threading.Event(), threading.Event()

    def restrict_slowly() -> None:
        try:
            with outbox.publication():
                restrict(guide)
                is_restricted.set()
                may_commit.wait(60)
        finally:
            connection.close()

    slow = threading.Thread(target=restrict_slowly)
    slow.start()
    assert is_restricted.wait(60)
    outbox.announce(guide.topic, "published")  # commits first, and sees no restriction
    may_commit.set()
    slow.join(timeout=60)

    standings = OutboxEntry.objects.filter(sequence__gt=start).values_list("standing", flat=True)
    assert list(standings.order_by("sequence")) == ["public", "gone"]


@pytest.mark.django_db
def test_a_reader_with_an_old_number_still_ends_up_right(settings: Any) -> None:
    kept, dropped = publish(factories.guide("甲")), publish(factories.guide("乙"))
    start = outbox.newest()
    for _ in range(3):
        publish(kept)
    restrict(dropped)
    publish(dropped)  # hidden: the last row of its topic, of which nobody is told
    outbox.sweep()
    month_ago = timezone.now() - datetime.timedelta(days=settings.OUTBOX_KEPT_DAYS + 1)
    OutboxEntry.objects.update(at=month_ago)

    assert outbox.compact()

    assert told(start) == [(kept.topic, "published"), (dropped.topic, "taken_back")]


# Asking


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=1.5", "after"),
        ("after=１", "after"),
        ("after=99999999999999999", "after"),
        ("after=999999", "after"),
        ("after=", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("wait=31", "wait"),
        ("wait=-1", "wait"),
        ("kind=nonsense", "kind"),
        ("kind=guides&kind=", "kind"),
    ],
)
def test_what_cannot_be_meant_is_refused(query: str, field: str) -> None:
    response = Client().get(f"{FEED}?{query}")

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.django_db
def test_a_page_costs_the_same_however_many_rows_it_has(django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        publish(factories.guide(f"事项{number}"))

    with django_assert_max_num_queries(6):
        assert len(ask(kind="guides")["changes"]) == 12


@pytest.mark.django_db
def test_an_answer_that_is_known_is_not_sent_again() -> None:
    publish(factories.guide())
    first = Client().get(FEED)

    again = Client().get(FEED, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == again["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    publish(factories.guide("乙"))
    assert Client().get(FEED, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_only_reading_is_possible() -> None:
    assert Client().post(FEED).status_code == 405


# Waiting


@pytest.mark.django_db
def test_without_a_server_that_can_be_told_one_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    guide = publish(factories.guide())
    looks: list[float] = []

    def publish_instead_of_sleeping(seconds: float) -> None:
        looks.append(seconds)
        publish(guide)

    monkeypatch.setattr(views.time, "sleep", publish_instead_of_sleeping)

    assert told(outbox.newest(), wait=30) == [(guide.topic, "published")]
    assert looks == [1.0]


async def request(application: Any, query: str) -> ApplicationCommunicator:
    scope = {
        "type": "http", "method": "GET", "path": FEED, "query_string": query.encode(),
        "headers": [(b"host", b"localhost")], "client": ("203.0.113.1", 5000), "scheme": "http",
    }  # fmt: skip
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    return communicator


async def response(communicator: ApplicationCommunicator, timeout: float = 20) -> tuple[int, dict[str, Any]]:
    start = await communicator.receive_output(timeout)
    body = await communicator.receive_output(timeout)
    await communicator.wait(timeout)
    return start["status"], json.loads(body["body"])


@pytest.fixture
def application() -> Iterator[Any]:
    from config.asgi import changes as site  # noqa: PLC0415  begins the application

    yield site
    site.waiting = 0


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@committed
def test_who_waits_is_answered_as_soon_as_something_is_published(application: Any) -> None:
    guide = publish(factories.guide())
    start = outbox.newest()

    async def story() -> None:
        everything = await request(application, f"after={start}&wait=30")
        banners = await request(application, f"after={start}&wait=30&kind=banner")
        await until(lambda: application.waiting == 2)
        await in_thread(publish)(guide)

        status, answer = await response(everything)
        assert (status, [row["topic"] for row in answer["changes"]]) == (200, [guide.topic])
        assert application.waiting == 1

        await in_thread(factories.banner)()
        assert [row["kind"] for row in (await response(banners))[1]["changes"]] == ["banner"]
        assert application.waiting == 0
        await Hub.here().stop()

    asyncio.run(story())


@committed
def test_what_is_there_is_answered_at_once(application: Any) -> None:
    publish(factories.guide())

    async def story() -> None:
        answer = (await response(await request(application, "after=0&wait=30")))[1]
        assert len(answer["changes"]) == 1
        await Hub.here().stop()

    asyncio.run(story())


@committed
def test_a_wait_ends_with_nothing_when_its_time_is_over(application: Any) -> None:
    start = outbox.newest()

    async def story() -> None:
        status, answer = await response(await request(application, f"after={start}&wait=1"))
        assert (status, answer["changes"], answer["last"]) == (200, [], start)
        await Hub.here().stop()

    asyncio.run(story())


@committed
def test_who_waits_holds_no_connection_and_is_let_go_when_leaving(
    application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, asked = outbox.newest(), []
    inner = application.django

    async def note(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await inner(scope, receive, send)

    monkeypatch.setattr(application, "django", note)

    async def story() -> None:
        waiting = [await request(application, f"after={start}&wait=30") for _ in range(100)]
        await until(lambda: application.waiting == 100)
        assert threading.active_count() < 50
        for each in waiting:
            await each.send_input({"type": "http.disconnect"})
        await until(lambda: application.waiting == 0)
        for each in waiting:
            await each.wait(20)
        assert asked == []  # no thread and no connection was taken
        await Hub.here().stop()

    asyncio.run(story())


@committed
def test_too_many_waiting_readers_are_told_to_come_again(
    application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_WAITING", 0)

    async def story() -> None:
        communicator = await request(application, "wait=30")
        start = await communicator.receive_output(20)
        body = await communicator.receive_output(20)
        assert start["status"] == 503
        assert dict(start["headers"])[b"Retry-After"] == b"5"
        assert json.loads(body["body"])["type"] == "urn:doorstep:problem:away"
        await communicator.wait(20)
        assert (await response(await request(application, "")))[0] == 200

    asyncio.run(story())


# The examples in the documentation


DOCS = Path(__file__).parents[2] / "docs"


def example(name: str) -> Any:
    """A function as it stands in the documentation for developers."""
    papers = "\n".join(path.read_text() for path in sorted(DOCS.glob("api*.md")))
    [code] = [
        block for block in re.findall(r"```python\n(.*?)```", papers, re.DOTALL) if f"def {name}(" in block
    ]
    known: dict[str, Any] = {}
    exec(code, known)
    return known[name]


class Enough(Exception):
    pass


@committed
def test_the_follower_of_the_documentation_gets_everything_once(live_server: Any, tmp_path: Path) -> None:
    guide = publish(factories.guide())
    place, rows = tmp_path / "last", []

    def handle(row: dict[str, Any]) -> None:
        rows.append(row["sequence"])
        if len(rows) == 1:
            in_thread_of_its_own(lambda: publish(guide))
        elif int(place.read_text()) < rows[-1]:
            raise Enough

    with pytest.raises(Enough):
        example("follow")(live_server.url, place, handle, wait=5)

    assert rows == [outbox.newest() - 1, outbox.newest()]


def in_thread_of_its_own(work: Any) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)


def test_the_documentation_knows_a_genuine_message_from_others() -> None:
    is_genuine, secret = example("is_genuine"), signing.new_secret()
    headers = signing.headers("msg_1", 1_795_248_000, b"{}", [signing.new_secret(), secret])

    assert is_genuine(headers, b"{}", secret, now=1_795_248_100)
    assert not is_genuine(headers, b"{ }", secret, now=1_795_248_100)
    assert not is_genuine(headers, b"{}", signing.new_secret(), now=1_795_248_100)
    assert not is_genuine(headers, b"{}", secret, now=1_795_249_000)


@pytest.mark.django_db
def test_a_notice_that_goes_leaves_its_channel() -> None:
    notice = publish(factories.notice())
    before = outbox.newest()

    take_back(notice)

    [row] = ask(before)["changes"]
    channel = NoticeChannel.objects.get()
    assert (row["id"], row["what"]) == (channel.pk, "taken_back")
    assert row["url"].endswith(channel.url)
