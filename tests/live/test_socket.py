"""The socket of open pages: told at once, in order, once; polite to many and short with the rude."""

import asyncio
import contextlib
import itertools
import json
from typing import Any

import pytest
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from live import consumer, hub
from live.hub import Hub
from live.versions import stored
from publishing import outbox
from publishing.models import OutboxEntry
from publishing.publish import publish, take_back
from tests import factories
from tests.factories import committed
from tests.live.visitors import OURS, Visitor, in_thread, run, visitor


def version(topic: str, number: int) -> dict[str, Any]:
    return {"type": "version", "topic": topic, "version": number, "epoch": stored([topic])[topic].epoch}


@committed
def test_a_publish_reaches_the_page_that_watches() -> None:
    guide = factories.guide()
    topic = guide.topic

    async def open_page() -> list[dict[str, Any]]:
        async with visitor() as page:
            await page.watches(**{topic.replace(":", "_"): 0})
            assert await page.hears_nothing()
            await in_thread(publish)(guide)
            first = await page.hears()
            await in_thread(publish)(guide)
            return [first, await page.hears()]

    first, second = run(open_page)

    assert first == version(topic, 1) | {"seen": True}
    assert second == version(topic, 2) | {"seen": True}


@committed
def test_who_comes_late_is_told_at_once_what_was_missed() -> None:
    guide = publish(publish(factories.guide()))
    topic = guide.topic

    async def open_page() -> Any:
        async with visitor() as page:
            await page.watches(**{topic.replace(":", "_"): 1})
            late = await page.hears()
            async with visitor() as other:
                await other.watches(**{topic.replace(":", "_"): 2})
                return late, await other.hears_nothing()

    late, is_quiet = run(open_page)

    assert late == version(topic, 2)
    assert is_quiet


@committed
def test_another_database_is_told_by_its_epoch() -> None:
    topic = publish(factories.guide()).topic

    async def open_page() -> Any:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {topic: 1}, "epochs": {topic: "0ther0ne"}})
            return await page.hears()

    assert run(open_page) == version(topic, 1)


@committed
def test_what_is_not_public_answers_as_if_it_did_not_exist() -> None:
    draft = factories.guide(live=False)
    restricted = factories.guide("只给内部看")
    PageViewRestriction.objects.create(page=restricted, restriction_type="login")
    internal = factories.policy_list(is_internal=True)
    nothing = f"guides:{restricted.pk + 1000}"
    names = [draft.topic, restricted.topic, internal.topic, nothing]

    async def open_page() -> list[Any]:
        heard = []
        async with visitor() as page:
            for name in names:
                await page.says({"type": "watch", "topics": {name: 0}})
                heard.append(await page.hears())
            await in_thread(outbox.announce)(restricted.topic, "published")
            assert await page.hears_nothing()
        return heard

    assert run(open_page) == [{"type": "gone", "topic": name} for name in names]


@committed
def test_a_page_that_is_taken_back_is_told_as_changed_and_then_as_gone() -> None:
    guide = publish(factories.guide())

    async def open_page() -> list[Any]:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 1}})
            assert await page.hears_nothing()
            await in_thread(take_back)(guide)
            changed = await page.hears()
            await Hub.here().look()
            return [changed, await page.hears()]

    changed, gone = run(open_page)

    assert changed["version"] == 2
    assert gone == {"type": "gone", "topic": guide.topic}


@committed
@pytest.mark.parametrize("comes_anew", [False, True], ids=["the same socket", "a new socket"])
def test_a_page_that_was_taken_back_is_told_when_it_is_public_again(comes_anew: bool) -> None:
    guide = publish(factories.guide())
    epoch = stored([guide.topic])[guide.topic].epoch
    had = {"type": "watch", "topics": {guide.topic: 1}, "epochs": {guide.topic: epoch}}

    async def open_page() -> Any:
        async with visitor() as page, visitor() as other:
            one = other if comes_anew else page
            await page.says(had)
            assert await page.hears_nothing()
            await in_thread(take_back)(guide)
            await page.hears()
            await Hub.here().look()
            assert await page.hears() == {"type": "gone", "topic": guide.topic}
            if comes_anew:
                await other.says(had)
                assert await other.hears() == {"type": "gone", "topic": guide.topic}
            await in_thread(publish)(guide)
            return await one.hears()

    assert run(open_page)["version"] == 3


@committed
def test_a_storm_comes_as_one_message_and_the_last_always_arrives() -> None:
    guide = factories.guide()

    def storm() -> None:
        for _number in range(50):
            outbox.announce(guide.topic, "published")

    async def open_page() -> list[int]:
        loop = asyncio.get_running_loop()
        heard: list[int] = []
        times: list[float] = []
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 0}})
            assert await page.hears_nothing()
            storming = asyncio.ensure_future(in_thread(storm)())
            while not heard or heard[-1] < 50:
                heard.append((await page.hears())["version"])
                times.append(loop.time())
            await storming
        assert all(later - before > hub.PAUSE * 0.8 for before, later in itertools.pairwise(times))
        return heard

    heard = run(open_page)

    assert heard == sorted(set(heard))
    assert heard[-1] == 50


@committed
def test_whoever_publishes_is_answered_before_readers_are_told() -> None:
    guide = factories.guide()

    async def open_page() -> Any:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 0}})
            assert await page.hears_nothing()
            with hub.told_afterwards():
                await in_thread(publish)(guide)
                assert await page.hears_nothing()
            return await page.hears()

    assert run(open_page)["version"] == 1


@committed
def test_a_lost_doorbell_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    guide = factories.guide()
    monkeypatch.setattr("live.announce.ring_here", lambda *heard: None)

    async def open_page() -> Any:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 0}})
            assert await page.hears_nothing()
            await in_thread(publish)(guide)
            assert await page.hears_nothing()
            await Hub.here().look()
            return await page.hears()

    assert run(open_page)["version"] == 1


@committed
def test_what_is_undone_is_never_told() -> None:
    guide = factories.guide()

    def undone() -> None:
        with contextlib.suppress(ConnectionError), outbox.publication():
            publish(guide)
            raise ConnectionError

    async def open_page() -> bool:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 0}})
            assert await page.hears_nothing()
            await in_thread(undone)()
            await Hub.here().look()
            return await page.hears_nothing()

    assert run(open_page)
    assert not OutboxEntry.objects.filter(topic=guide.topic).exists()


@committed
def test_a_thousand_first_questions_are_one_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    guides = [publish(factories.guide(f"事项{number}")) for number in range(3)]
    asked = []
    read = hub._read

    async def counted(names: list[str], unsure: list[str]) -> Any:
        asked.append(sorted(names))
        return await read(names, unsure)

    monkeypatch.setattr(hub, "_read", counted)

    async def storm() -> None:
        await asyncio.gather(*(Hub.here().load([guides[number % 3].topic]) for number in range(1000)))

    run(storm)

    assert asked == [sorted(guide.topic for guide in guides)]


@committed
def test_a_page_says_what_it_saw_and_editors_can_read_it() -> None:
    guide = publish(factories.guide())

    async def open_page() -> Any:
        async with visitor() as page:
            await page.says({"type": "watch", "page": guide.pk, "topics": {guide.topic: 1}})
            assert await page.hears_nothing()
            here = Hub.here()
            await in_thread(publish)(guide)
            heard = await page.hears()
            for _twice in range(2):
                await page.says({"type": "seen", "topic": guide.topic, "version": heard["version"]})
            assert await page.hears_nothing()
            topic = here.topics[guide.topic]
            return dict(here.pages), topic.seen, topic.seen_within

    pages, seen, within = run(open_page)

    assert pages == {guide.pk: 1}
    assert seen == 1
    assert 0 <= within < 60


NONSENSE: list[Any] = [
    "{",
    "[1, 2]",
    "[" * 4000,
    {"type": "drop table"},
    {},
    {"type": "watch", "topics": 5},
    {"type": "watch", "topics": {"users:1": 0, "guides:1;": 0, "guides:x": 0}},
    {"type": "watch", "topics": {"guides:1": "5", "guides:2": None, "guides:3": True}},
    {"type": "seen", "topic": ["guides:1"], "version": {}},
    {"type": "watch", "page": ["x"], "topics": {}},
]


@committed
def test_what_makes_no_sense_is_passed_over() -> None:
    async def open_page() -> list[Any]:
        passed_over = []
        async with visitor() as page:
            for nonsense in NONSENSE:
                await page.says(nonsense)
                if await page.hears_nothing():
                    passed_over.append(nonsense)
        return passed_over

    assert run(open_page) == NONSENSE


@committed
def test_too_much_at_once_ends_the_socket() -> None:
    async def open_page() -> list[Any]:
        ends = []
        async with visitor() as page:
            await page.says("x" * 5000)
            ends.append(await page.hears())
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {f"guides:{number}": 0 for number in range(1, 22)}})
            ends.append(await page.hears())
        async with visitor() as page:
            for _number in range(40):
                await page.says({"type": "nothing"})
            ends.append(await page.hears())
        return ends

    assert run(open_page) == [{"close": 1009}, {"close": 1008}, {"close": 1008}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "origin",
    [
        "",
        "http://localhost:8001",
        "https://localhost",
        "http://localhost.example",
        "http://evil.example",
        "null",
    ],
)
def test_only_pages_of_this_very_site_get_in(origin: str) -> None:
    headers = [(b"host", b"localhost"), *([(b"origin", origin.encode())] if origin else [])]

    async def knock() -> bool:
        return await Visitor(headers=headers).opens()

    assert not run(knock)


@committed
def test_each_address_gets_so_many_and_all_together_so_many(settings: Settings) -> None:
    settings.LIVE_SOCKETS, settings.LIVE_SOCKETS_PER_ADDRESS = 3, 2

    async def knock() -> list[bool]:
        async with visitor(address="203.0.113.1"), visitor(address="203.0.113.1"):
            third = await Visitor(address="203.0.113.1").opens()
            async with visitor(address="203.0.113.2"):
                fourth = await Visitor(address="203.0.113.3").opens()
        async with visitor(address="203.0.113.1"):
            return [third, fourth]

    assert run(knock) == [False, False]
    assert (consumer.doors.all, consumer.doors.by_address) == (0, {})


@committed
def test_silent_and_old_sockets_are_ended() -> None:
    async def ended(*, watches: bool, silent_for: float, open_for: float) -> int | None:
        async with visitor() as page:
            here = Hub.here()
            if watches:
                await page.watches(banner_0=0)
            assert await page.hears_nothing()
            [one] = [each for each in here.attended if isinstance(each, consumer.LiveConsumer)]
            now = here.loop.time() + open_for
            one.heard_at = now - silent_for
            one.attend(now)
            await page.says({"type": "ping"})
            return (await page.hears()).get("close")

    async def all_kinds() -> list[int | None]:
        return [
            await ended(watches=False, silent_for=16, open_for=16),
            await ended(watches=True, silent_for=60, open_for=60),
            await ended(watches=True, silent_for=91, open_for=91),
            await ended(watches=True, silent_for=1, open_for=3601),
        ]

    assert run(all_kinds) == [1001, None, 1001, 1012]


@committed
def test_a_reader_that_takes_nothing_keeps_one_message_and_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "CLOSE_WITHIN", 0.05)
    guide = factories.guide()
    taken: list[str] = []

    async def stuck() -> Any:
        forever = asyncio.Event()
        said: asyncio.Queue[Any] = asyncio.Queue()
        said.put_nowait({"type": "websocket.connect"})
        watch = {"type": "watch", "topics": {guide.topic: 0}}
        said.put_nowait({"type": "websocket.receive", "text": json.dumps(watch)})

        async def send(message: dict[str, Any]) -> None:
            taken.append(message["type"])
            if message["type"] != "websocket.accept":
                await forever.wait()

        application = LiveApplication(said.get, send)
        socket = asyncio.ensure_future(application())
        here = Hub.here()
        while not (topic := here.topics.get(guide.topic)) or not topic.watchers:
            await asyncio.sleep(0)
        [watcher] = topic.watchers
        for number in range(1, 6):
            here.ring({guide.topic: topic.version._replace(epoch="e", number=number)}, 0)
            here._tell(topic)
            await asyncio.sleep(0)
        kept = len(watcher.due)
        [one] = [each for each in here.attended if isinstance(each, consumer.LiveConsumer)]
        one.heard_at += 31
        one.attend(here.loop.time() + 31)
        await socket
        return kept, topic.watchers

    kept, watchers = run(stuck)

    assert kept == 1
    assert taken == ["websocket.accept", "websocket.send", "websocket.close"]
    assert watchers == {}


class LiveApplication:
    def __init__(self, receive: Any, send: Any) -> None:
        self.receive, self.send = receive, send

    async def __call__(self) -> None:
        scope = {"type": "websocket", "path": "/live/", "headers": OURS, "client": ("203.0.113.9", 1)}
        await consumer.LiveConsumer()(scope, self.receive, self.send)


@committed
def test_a_burst_of_many_topics_is_told_in_one_round() -> None:
    guides = [factories.guide(f"事项{number}") for number in range(5)]

    def burst() -> None:
        outbox.announce_all([(guide.topic, "published", {}) for guide in guides])

    async def open_page() -> set[str]:
        async with visitor() as page:
            await page.says({"type": "watch", "topics": {guide.topic: 0 for guide in guides}})
            assert await page.hears_nothing()
            await in_thread(burst)()
            return {(await page.hears())["topic"] for _guide in guides}

    assert run(open_page) == {guide.topic for guide in guides}
