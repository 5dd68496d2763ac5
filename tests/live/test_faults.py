"""Whatever fails between an editor and an open page, the page ends up with the last version."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from config import redis_settings
from live import announce
from publishing import outbox
from publishing.models import OutboxEntry, TopicVersion
from publishing.publish import publish
from tests import factories, servers
from tests.conftest import need
from tests.factories import committed
from tests.live.outages import (
    SOON,
    Line,
    OpenPage,
    open_pages,
    site_process,
    stoppable_redis,
    until,
)
from tests.live.visitors import in_thread

pytestmark = pytest.mark.redis


@pytest.fixture
def guide() -> Any:
    need(servers.find_redis)
    return publish(factories.guide())


@pytest.fixture
def use_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let this process, in which the tests publish, ring the doorbell of a Redis."""

    bell = announce._Bell()

    def use(url: str) -> None:
        settings.CHANNEL_LAYERS = redis_settings.channel_layers(url)
        monkeypatch.setattr(announce, "_bell", bell)

    yield use
    bell.close()


async def publish_again(guide: Any) -> float:
    """Publish once more; how many seconds the publish took."""
    began = time.monotonic()
    await in_thread(publish)(guide)
    return time.monotonic() - began


@committed
def test_redis_is_stopped_and_comes_back(guide: Any, tmp_path: Path, use_redis: Any) -> None:
    page = guide.topic

    async def story(redis: Any, ports: list[int]) -> list[float]:
        one, other = OpenPage(ports[:1], {page: 1}), OpenPage(ports[1:], {page: 1})
        took = []

        async def all_at(version: int) -> None:
            took.append(await until(lambda: {one.known[page], other.known[page]} == {version}))

        async with open_pages(one, other):
            await publish_again(guide)
            await all_at(2)
            await asyncio.to_thread(redis.stop)
            assert await publish_again(guide) < 5
            assert not await in_thread(is_all_sent)()
            await all_at(3)
            await asyncio.to_thread(redis.start)
            await until_async(lambda: in_thread(sweep)())
            await publish_again(guide)
            await all_at(4)
            await until_async(lambda: in_thread(sweep)())
            assert one.sockets == other.sockets == 1
        return took

    with (
        stoppable_redis(tmp_path) as redis,
        site_process(tmp_path / "a", redis_url=redis.url) as a,
        site_process(tmp_path / "b", redis_url=redis.url) as b,
    ):
        use_redis(redis.url)
        took = asyncio.run(story(redis, [a.port, b.port]))

        assert took[0] < 4


@committed
def test_redis_is_emptied_or_goes_deaf(guide: Any, tmp_path: Path, use_redis: Any) -> None:
    page = guide.topic

    async def story(redis: Any, line: Line, port: int) -> None:
        reader = OpenPage([port], {page: 1})
        async with open_pages(reader):
            redis.flush()
            await publish_again(guide)
            await until(lambda: reader.known[page] == 2)
            line.is_dead = True
            assert await publish_again(guide) < 5
            await until(lambda: reader.known[page] == 3)
            line.is_dead = False
            await publish_again(guide)
            await until(lambda: reader.known[page] == 4)

    with stoppable_redis(tmp_path) as redis, Line(redis.port) as line:
        through = f"redis://127.0.0.1:{line.port}/0"
        with site_process(tmp_path / "a", redis_url=through) as site:
            use_redis(through)
            asyncio.run(story(redis, line, site.port))


@committed
def test_two_processes_without_redis_find_out_by_themselves(guide: Any, tmp_path: Path) -> None:
    page = guide.topic

    async def story(ports: list[int]) -> None:
        readers = [OpenPage([port], {page: 1}) for port in ports]
        async with open_pages(*readers):
            await publish_again(guide)
            await until(lambda: all(reader.known[page] == 2 for reader in readers))

    with site_process(tmp_path / "a") as a, site_process(tmp_path / "b") as b:
        asyncio.run(story([a.port, b.port]))


@committed
def test_a_server_is_killed_and_its_readers_miss_nothing(guide: Any, tmp_path: Path) -> None:
    page = guide.topic

    async def story(a: Any, b: Any) -> None:
        reader = OpenPage([a.port, b.port], {page: 1})
        async with open_pages(reader):
            a.kill()
            await publish_again(guide)
            await until(lambda: reader.known[page] == 2)
            assert reader.sockets > 1

    with contextlib.ExitStack() as processes:
        b = processes.enter_context(site_process(tmp_path / "b"))
        a = processes.enter_context(site_process(tmp_path / "a"))
        asyncio.run(story(a, b))


@committed
@pytest.mark.parametrize("publishes", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_many_publishes_while_readers_come_and_go_and_redis_too(
    guide: Any, tmp_path: Path, use_redis: Any, publishes: int
) -> None:
    topics = [
        f"guides:{guide.pk}",
        "banner:0",
        *(publish(factories.guide(f"事项{n}")).topic for n in range(3)),
    ]
    chance = random.Random(4)

    def publish_all(redis: Any) -> None:
        for number in range(publishes):
            outbox.announce(chance.choice(topics), "published")
            if number == publishes // 3:
                redis.stop()
            if number == publishes // 2:
                redis.start()

    async def come_and_go(readers: list[OpenPage], is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            chance.choice(readers).lose()
            await asyncio.sleep(0.02)

    async def story(redis: Any, ports: list[int]) -> list[OpenPage]:
        start = dict.fromkeys(topics, 0)
        readers = [OpenPage(ports if number % 2 else ports[::-1], start) for number in range(30)]
        is_over = asyncio.Event()
        async with open_pages(*readers):
            going = asyncio.ensure_future(come_and_go(readers, is_over))
            await in_thread(publish_all)(redis)
            is_over.set()
            await going
            last = await in_thread(versions)()
            await until(
                lambda: all(reader.known == {topic: last[topic] for topic in topics} for reader in readers)
            )
        return readers

    with (
        stoppable_redis(tmp_path) as redis,
        site_process(tmp_path / "a", redis_url=redis.url) as a,
        site_process(tmp_path / "b", redis_url=redis.url) as b,
    ):
        use_redis(redis.url)
        readers = asyncio.run(story(redis, [a.port, b.port]))

    assert sum(reader.sockets for reader in readers) > len(readers)
    last = versions()
    for reader in readers:
        assert all(version <= last[topic] for topic, version, _at in reader.heard)


def versions() -> dict[str, int]:
    return dict(TopicVersion.objects.values_list("topic", "version"))


def is_all_sent() -> bool:
    return not OutboxEntry.objects.filter(sent_at=None).exists()


def sweep() -> bool:
    outbox.sweep()
    return is_all_sent()


async def until_async(condition: Any) -> None:
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < SOON
        await asyncio.sleep(0.2)
