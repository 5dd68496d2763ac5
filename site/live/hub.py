"""One hub per server process: it hears that topics have changed and lets every local watcher know.

A watcher has no queue: it keeps which topics it is behind in, and is sent their newest versions, one message
at a time. The doorbells that ring here may get lost (a service is down, a process dies); a look into the
database every few seconds makes up for them.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import time
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from contextvars import Context, ContextVar
from functools import partial
from itertools import islice
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import InMemoryChannelLayer, get_channel_layer

from live.versions import NEVER, Version, state

logger = logging.getLogger("live")
GROUP = "live"
PAUSE = 0.25  # seconds between two messages on one topic
LOOK_EVERY = 4.0  # seconds between two looks into the database
CHECK_EVERY = 60.0  # seconds after which it is asked again whether a topic that did not change is public
KEPT = 60.0  # seconds for which a topic is kept that nobody watches
TOGETHER = 0.005  # seconds for which first questions about topics are collected
LOST_AFTER = 3.0  # seconds after which a doorbell that was not heard counts as lost
HEAR_AGAIN = 30.0  # seconds at least between two new subscriptions
SAMPLE = 200  # watchers that are asked to say when they have seen a version
TOLD_AT_ONCE = 200  # watchers
READ_AT_ONCE = 500  # topics in one question to the database

# What works beside each hub: made with it, and ``attend(now)``ed every few seconds.
companions: list[Callable[["Hub"], Any]] = []
PROCESS = secrets.token_hex(8)  # signs what this process tells the others: doorbells and counts
_waiting: ContextVar[list[tuple[Mapping[str, Version], float]] | None] = ContextVar("waiting", default=None)
_hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


class Topic:
    """What this process knows of one topic, and who watches it here."""

    def __init__(self, name: str, *, loading: "asyncio.Future[None]", now: float) -> None:
        self.name, self.version, self.is_public = name, NEVER, False
        self.loading: asyncio.Future[None] | None = loading
        self.watchers: dict[Watcher, None] = {}  # in the order in which they came
        self.used_at = self.checked_at = now
        self.told_at = -PAUSE
        self.timer: asyncio.TimerHandle | None = None
        self.published_at = 0.0  # wall clock
        self.seen, self.seen_within = 0, 0.0
        self.message = self.asking = ""

    def move_to(self, version: Version, published_at: float) -> None:
        self.version, self.published_at = version, published_at
        self.seen, self.seen_within = 0, 0.0
        self.checked_at = -CHECK_EVERY
        said = {"type": "version", "topic": self.name, "version": version.number, "epoch": version.epoch}
        self.message, self.asking = json.dumps(said), json.dumps(said | {"seen": True})


class Watcher:
    """Someone who follows topics: what is due to it is sent by ``send(topic, asks)``, one after the other."""

    def __init__(self, send: Callable[[Topic, bool], Awaitable[None]]) -> None:
        self.send = send
        self.topics: set[Topic] = set()
        self.due: dict[Topic, bool] = {}
        self.asked: set[Topic] = set()  # topics whose newest version it was asked to confirm
        self.sending: asyncio.Task[None] | None = None  # where that has to wait
        self.sending_since: float | None = None  # on the loop's clock

    def notify(self, topic: Topic, asks: bool = False) -> None:
        """Let the newest version of ``topic`` follow what is being sent."""
        self.due[topic] = asks
        if self.sending_since is None:
            self.sending = _begin(self._send_due())

    async def _send_due(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.due:
                topic, asks = self.due.popitem()
                self.sending_since = loop.time()
                await self.send(topic, asks)
        except Exception as error:  # mostly the connection is gone; whoever reads from it ends it
            logger.debug("A watcher could not be told: %r", error)
            self.due.clear()
        finally:
            self.sending = self.sending_since = None


def _begin(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    """Do the work at once as far as it need not wait, in a context of its own; the rest in a task.

    A task for each watcher would cost as much as the sending, which hardly ever waits.
    """
    context = Context()
    try:
        waits_for = context.run(work.send, None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_go_on(work, waits_for), context=context)


async def _go_on(work: Coroutine[Any, Any, None], waits_for: Any) -> None:
    await _Rest(work, waits_for)


class _Rest:
    """What is left of a coroutine that has begun, to be awaited."""

    def __init__(self, work: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self.work, self.waits_for = work, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        while True:
            try:
                yield self.waits_for
            except BaseException as error:
                proceed = partial(self.work.throw, error)
            else:
                proceed = partial(self.work.send, None)
            try:
                self.waits_for = proceed()
            except StopIteration:
                return


class Hub:
    """The topics that are followed in this process, kept up to date while anyone follows them."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.topics: dict[str, Topic] = {}
        self.wanted: set[str] = set()
        self.pages: Counter[int] = Counter()  # sockets that show each page
        self.attended: dict[Any, None] = {make(self): None for make in companions}
        self.heard_at = self.anew_from = 0.0
        self.doubt = asyncio.Event()  # a topic that was not public has changed: it may be public again
        self.listening: asyncio.Task[None] | None = None
        self.looking: asyncio.Task[None] | None = None

    @classmethod
    def here(cls) -> "Hub":
        """The hub of the running event loop, at work."""
        loop = asyncio.get_running_loop()
        hub = _hubs.get(loop)
        if hub is None:
            hub = _hubs[loop] = cls()
            hub.listening = loop.create_task(hub._listen(), context=Context())
            hub.looking = loop.create_task(hub._look_again_and_again(), context=Context())
        return hub

    async def stop(self) -> None:
        _hubs.pop(self.loop, None)
        for task in (self.listening, self.looking):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    # Following

    async def follow(self, watcher: Watcher, known: Mapping[str, Version]) -> set[str]:
        """Tell ``watcher`` of these topics from now on, and at once where it is behind.

        Returns the names behind which there is nothing public. Of those only the ones are followed that the
        watcher has had while they were public, as their epoch shows: they may come back.
        """
        topics = await self.load(known)
        for name, version in known.items():
            topic = topics[name]
            was_shown = bool(version.epoch) and version.epoch == topic.version.epoch
            if topic.is_public or was_shown:
                topic.watchers[watcher] = None
                watcher.topics.add(topic)
            if topic.is_public and topic.version.is_after(version):
                watcher.notify(topic)
        return {name for name in known if not topics[name].is_public}

    def leave(self, watcher: Watcher) -> None:
        for topic in watcher.topics:
            topic.watchers.pop(watcher, None)
            topic.used_at = self.loop.time()
        watcher.topics.clear()
        watcher.due.clear()

    async def load(self, names: Iterable[str]) -> dict[str, Topic]:
        """These topics as they stand; the ones that are new here are read together, however many ask."""
        topics = {}
        for name in names:
            topic = self.topics.get(name)
            if topic is None:
                topic = self._want(name)
            topic.used_at = self.loop.time()
            topics[name] = topic
        for topic in topics.values():
            if topic.loading is not None:
                await asyncio.shield(topic.loading)
        return topics

    def _want(self, name: str) -> Topic:
        if not self.wanted:
            self.next_load: asyncio.Future[None] = self.loop.create_future()
            self.loop.call_later(TOGETHER, lambda: asyncio.ensure_future(self._load_wanted()))
        self.wanted.add(name)
        topic = self.topics[name] = Topic(name, loading=self.next_load, now=self.loop.time())
        return topic

    async def _load_wanted(self) -> None:
        names, loaded, self.wanted = list(self.wanted), self.next_load, set()
        try:
            await self._take_over(names)
        except Exception as error:
            for name in names:
                self.topics.pop(name, None)
            loaded.set_exception(error)
            loaded.exception()  # who waits hears of it; nobody else needs to
        else:
            loaded.set_result(None)

    async def _take_over(self, names: list[str]) -> int:
        """Bring topics to where the database has them; returns how many had moved on unheard."""
        lost = 0
        for start in range(0, len(names), READ_AT_ONCE):
            some = names[start : start + READ_AT_ONCE]
            now = self.loop.time()
            unsure = [name for name in some if now - self.topics[name].checked_at >= CHECK_EVERY]
            unsure += [name for name in some if self.topics[name].loading is not None]
            versions, public = await _read(some, unsure)
            for name in unsure:
                self._settle(self.topics[name], is_public=name in public, now=now)
            for name, version in versions.items():
                topic = self.topics.get(name)
                if topic is not None and self._move(topic, version, time.time()):
                    lost += topic.loading is None
                if topic is not None:
                    topic.loading = None
        return lost

    def _settle(self, topic: Topic, *, is_public: bool, now: float) -> None:
        """Keep whether a topic is public; those who follow it learn that it no longer is, or is again."""
        was_public, topic.is_public, topic.checked_at = topic.is_public, is_public, now
        if was_public != is_public:
            for watcher in topic.watchers:
                watcher.notify(topic)

    # Hearing

    def ring(self, versions: Mapping[str, Version], published_at: float) -> None:
        """Hear that topics now stand at ``versions``, published at this time of the wall clock."""
        self.heard_at = self.loop.time()
        for name, version in versions.items():
            topic = self.topics.get(name)
            if topic is not None:
                self._move(topic, version, published_at)

    def _move(self, topic: Topic, version: Version, published_at: float) -> bool:
        if not version.is_after(topic.version):
            return False
        topic.move_to(version, published_at)
        if not topic.is_public:
            if topic.watchers:
                self.doubt.set()
        elif topic.timer is None:
            wait = topic.told_at + PAUSE - self.loop.time()
            if wait <= 0:
                self._tell(topic)
            else:
                topic.timer = self.loop.call_later(wait, self._tell, topic)
        return True

    def _tell(self, topic: Topic) -> None:
        topic.timer, topic.told_at = None, self.loop.time()
        for watcher in islice(topic.watchers, SAMPLE):
            watcher.asked.add(topic)
            watcher.notify(topic, asks=True)
        self._tell_some(topic, list(islice(topic.watchers, SAMPLE, None)))

    def _tell_some(self, topic: Topic, watchers: list[Watcher]) -> None:
        """Tell them in turn with whatever else there is to do: nobody waits for ten thousand."""
        for watcher in watchers[:TOLD_AT_ONCE]:
            if topic in watcher.topics:
                watcher.notify(topic)
        if rest := watchers[TOLD_AT_ONCE:]:
            self.loop.call_soon(self._tell_some, topic, rest)

    def saw(self, topic: Topic, watcher: Watcher, number: Any) -> None:
        """Count, once, that ``watcher`` has the newest version on its screen, if it was asked to say so."""
        if topic in watcher.asked and number == topic.version.number:
            watcher.asked.discard(topic)
            topic.seen += 1
            topic.seen_within = max(topic.seen_within, time.time() - topic.published_at)

    async def _listen(self) -> None:
        """Hear the doorbells of other processes; whatever breaks, begin again."""
        layer = get_channel_layer()
        if layer is None or isinstance(layer, InMemoryChannelLayer):
            return  # this process is told directly, and there is no other
        wait = 1.0
        while True:
            channel = None
            try:
                async with asyncio.timeout(5):
                    channel = await layer.new_channel()
                    await layer.group_add(GROUP, channel)
                wait = 1.0
                while True:
                    message = await layer.receive(channel)
                    self.heard_at = self.loop.time()
                    if message["from"] == PROCESS:
                        continue
                    heard = {name: Version(*version) for name, version in message["versions"].items()}
                    self.ring(heard, message["at"])
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("Doorbells are not heard, the database is asked instead: %r", error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 30.0)
            finally:
                if channel is not None:
                    with contextlib.suppress(Exception):
                        async with asyncio.timeout(1):
                            await layer.group_discard(GROUP, channel)

    # Looking

    async def _look_again_and_again(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.doubt.wait(), LOOK_EVERY)
            self.doubt.clear()
            try:
                await self.look()
            except Exception as error:
                logger.warning("Could not look for changes, trying again soon: %r", error)

    async def look(self) -> None:
        """Make up for lost doorbells, forget what nobody follows, and let others do their rounds."""
        now = self.loop.time()
        for each in list(self.attended):
            each.attend(now)
        for topic in [topic for topic in self.topics.values() if self._is_left(topic, now)]:
            del self.topics[topic.name]
        names = [name for name, topic in self.topics.items() if topic.loading is None]
        if names and await self._take_over(names):
            self._doubt_hearing(now)

    def _is_left(self, topic: Topic, now: float) -> bool:
        return not topic.watchers and topic.loading is None and now - topic.used_at > KEPT

    def _doubt_hearing(self, now: float) -> None:
        """A subscription that let a doorbell pass may be a dead one: make a new one."""
        if self.listening is None or self.listening.done():
            return
        if now - self.heard_at > LOST_AFTER and now >= self.anew_from:
            self.anew_from = now + HEAR_AGAIN
            self.listening.cancel()
            self.listening = self.loop.create_task(self._listen(), context=Context())


@database_sync_to_async
def _read(names: list[str], unsure: list[str]) -> tuple[dict[str, Version], set[str]]:
    return state(names, unsure)


@contextlib.contextmanager
def told_afterwards() -> Iterator[None]:
    """Within, as in a request and the threads it works in, ``ring_here`` waits until the end."""
    waiting: list[tuple[Mapping[str, Version], float]] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
        for rung in waiting:
            ring_here(*rung)


def ring_here(versions: Mapping[str, Version], published_at: float) -> None:
    """Ring every hub of this process, from whatever thread, which leaves nothing of its context there."""
    if (waiting := _waiting.get()) is not None:
        waiting.append((versions, published_at))
        return
    for loop, hub in list(_hubs.items()):
        with contextlib.suppress(RuntimeError):  # its loop has just ended
            loop.call_soon_threadsafe(hub.ring, versions, published_at, context=Context())
