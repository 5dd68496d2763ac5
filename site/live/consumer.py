"""The socket on ``/live/`` that tells open pages how far their topics have come."""

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from typing import Any

from channels.consumer import AsyncConsumer
from django.conf import settings

from live import topics
from live.hub import Hub, Topic, Watcher
from live.versions import Version

LONGEST = 4096  # bytes of a message from a browser
BURST, PER_SECOND = 30.0, 2.0  # messages from a browser: at once, and in the long run
FIRST_WORD_WITHIN = 15.0  # seconds
SILENT_FOR = 90.0  # seconds; browsers say something every 30
STUCK_FOR = 30.0  # seconds for one message to leave
LASTS = (30 * 60.0, 60 * 60.0)  # seconds after which a socket is asked to come anew
CLOSE_WITHIN = 5.0  # seconds
IDLE, AGAINST_RULES, TOO_BIG, BROKEN, COME_ANEW = 1001, 1008, 1009, 1011, 1012


class Doors:
    """How many sockets are open in this process, in all and from each address, and what was told them."""

    def __init__(self) -> None:
        self.all, self.by_address = 0, Counter[str]()
        self.told = 0  # messages, ever

    def let_in(self, address: str) -> bool:
        is_full = self.all >= settings.LIVE_SOCKETS
        if is_full or self.by_address[address] >= settings.LIVE_SOCKETS_PER_ADDRESS:
            return False
        self.all += 1
        self.by_address[address] += 1
        return True

    def let_out(self, address: str) -> None:
        self.all -= 1
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]


doors = Doors()


class Closed(Exception):
    """The socket ends here, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class LiveConsumer(AsyncConsumer):
    """One open page. Needs no session and no group: the hub tells it what its topics have come to.

    Channels' own loop makes a thread hop for each message and a channel for each socket, which is what makes
    broadcasts slow; this one only reads, and ends when told to.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = (scope.get("client") or [""])[0]
        await receive()
        if not doors.let_in(address):
            await send({"type": "websocket.close"})
            return
        self.base_send, self.hub = send, Hub.here()
        self.watcher, self.page = Watcher(self.tell), 0
        self.allowance, self.heard_at, self.watches = BURST, self.hub.loop.time(), 0
        self.ends_at = self.heard_at + random.uniform(*LASTS)
        self.task, self.drop_with = asyncio.current_task(), 0
        self.hub.attended[self] = None
        try:
            await send({"type": "websocket.accept"})
            await self._read(receive)
        except Closed as end:
            await self._close(end.code)
        except asyncio.CancelledError:
            if not self.drop_with:
                raise
            await self._close(self.drop_with)
        finally:
            del self.hub.attended[self]
            self.hub.leave(self.watcher)
            self._turn_to(0)
            doors.let_out(address)

    async def _close(self, code: int) -> None:
        """Say so and go; the server ends the connection of one that does not even take that."""
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.base_send({"type": "websocket.close", "code": code})

    # What the page says

    async def _read(self, receive: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            self._count_message()
            text = message.get("text")
            if len(text.encode() if text else message.get("bytes") or b"") > LONGEST:
                raise Closed(TOO_BIG)
            said = _understood(text)
            handle = self.handlers.get(str(said.get("type")))
            if handle is not None:
                await handle(self, said)

    def _count_message(self) -> None:
        now = self.hub.loop.time()
        self.allowance = min(BURST, self.allowance + (now - self.heard_at) * PER_SECOND) - 1
        self.heard_at = now
        if self.allowance < 0:
            raise Closed(AGAINST_RULES)

    async def watch(self, said: dict[str, Any]) -> None:
        known = _topics(said.get("topics"), said.get("epochs"))
        self.watches += len(known)
        if len({topic.name for topic in self.watcher.topics} | known.keys()) > topics.MOST:
            raise Closed(AGAINST_RULES)
        if isinstance(page := said.get("page"), int):
            self._turn_to(page)
        try:
            missing = await self.hub.follow(self.watcher, known)
        except Exception:  # the database is away; the page comes again, a little later each time
            raise Closed(BROKEN) from None
        for name in missing:
            await self._say({"type": "gone", "topic": name})

    def _turn_to(self, page: int) -> None:
        """Count this socket among the open copies of ``page``; 0 for none."""
        for number, step in ((self.page, -1), (page, 1)):
            self.hub.pages[number] += step if number else 0
            if not self.hub.pages[number]:
                del self.hub.pages[number]
        self.page = page

    async def ping(self, said: dict[str, Any]) -> None:
        await self._say({"type": "pong"})

    async def seen(self, said: dict[str, Any]) -> None:
        for topic in self.watcher.topics:
            if topic.name == said.get("topic"):
                self.hub.saw(topic, self.watcher, said.get("version"))

    handlers = {"watch": watch, "ping": ping, "seen": seen}

    # What it is told

    async def _say(self, message: dict[str, Any]) -> None:
        await self.base_send({"type": "websocket.send", "text": json.dumps(message)})

    async def tell(self, topic: Topic, asks: bool) -> None:
        doors.told += 1
        if not topic.is_public:
            await self._say({"type": "gone", "topic": topic.name})
            return
        await self.base_send({"type": "websocket.send", "text": topic.asking if asks else topic.message})

    def attend(self, now: float) -> None:
        """Called every few seconds: end what is silent, stuck or old."""
        patience = SILENT_FOR if self.watches else FIRST_WORD_WITHIN
        since = self.watcher.sending_since
        if since is not None and now - since > STUCK_FOR:
            self._drop(BROKEN)
        elif now - self.heard_at > patience:
            self._drop(IDLE)
        elif now > self.ends_at:
            self._drop(COME_ANEW)

    def _drop(self, code: int) -> None:
        if not self.drop_with and self.task is not None:
            self.drop_with = code
            self.task.cancel()


def _understood(text: str | None) -> dict[str, Any]:
    """A message as an object; empty for what is none, or nested too deep to be one of ours."""
    try:
        said = json.loads(text or "null")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _topics(numbers: Any, epochs: Any) -> dict[str, Version]:
    """What a page says it has of each topic; what could not be a topic is passed over."""
    numbers = numbers if isinstance(numbers, dict) else {}
    epochs = epochs if isinstance(epochs, dict) else {}
    return {
        name: Version(str(epochs.get(name, "")), number)
        for name, number in numbers.items()
        if topics.is_topic(name) and type(number) is int
    }
