"""Waiting for changes, before Django: a reader who waits holds no thread and no database connection."""

import asyncio
import logging
from typing import Any

from django.http import QueryDict

from api.changes.doorbell import name_of
from api.changes.views import TOO_MANY, WAITED, WAITING, Asked
from api.problems import Problem
from live.hub import Hub, Topic, Watcher
from live.versions import Version

logger = logging.getLogger("api")
ADDRESS = "/api/v1/changes/"
MOST_WAITING = 500  # readers in one process


class ChangesHttp:
    """An ASGI application that hands requests to ``django`` once there is something to answer."""

    def __init__(self, django: Any) -> None:
        self.django = django
        self.waiting = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = _asked(scope)
        if asked is None:
            await self.django(scope, receive, send)
        elif self.waiting >= MOST_WAITING:
            await self.django(scope | {WAITING: TOO_MANY}, receive, send)
        else:
            reader = _Reader(receive)
            try:
                await self._hold(asked, reader)
                if not reader.has_left:
                    await self.django(scope | {WAITING: WAITED}, reader.receive, send)
            finally:
                reader.stop()

    async def _hold(self, asked: Asked, reader: "_Reader") -> None:
        self.waiting += 1
        try:
            await _wait(asked, reader)
        finally:
            self.waiting -= 1


def _asked(scope: Any) -> Asked | None:
    """What a reader who wants to wait asks for; what is wrong with it is for Django to say."""
    if scope["path"] != ADDRESS or scope["method"] != "GET":
        return None
    try:
        asked = Asked.of(QueryDict(scope["query_string"]))
    except (Problem, ValueError):
        return None
    except Exception:  # too many parameters, and whatever else there may be
        logger.debug("A query could not be read", exc_info=True)
        return None
    return asked if asked.wait else None


async def _wait(asked: Asked, reader: "_Reader") -> None:
    """Until there is something newer, the time is over or the reader has left."""
    is_there = asyncio.Event()

    async def note(_topic: Topic, _asks: bool) -> None:
        is_there.set()

    hub, watcher = Hub.here(), Watcher(note)
    names = [name_of(kind) for kind in asked.kinds] or [name_of()]
    try:
        await hub.follow(watcher, dict.fromkeys(names, Version("", asked.after)))
    except Exception as error:  # the database is away, as Django will find too
        logger.warning("Could not wait for changes: %r", error)
        return
    rings, leaves = asyncio.ensure_future(is_there.wait()), reader.leaving()
    try:
        await asyncio.wait({rings, leaves}, timeout=asked.wait, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(watcher)
        rings.cancel()


class _Reader:
    """What the client sends: read ahead, to notice when it leaves, and handed on afterwards."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._messages: asyncio.Queue[Any] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self.has_left = False

    def leaving(self) -> "asyncio.Task[None]":
        self._reading = asyncio.ensure_future(self._read())
        return self._reading

    async def _read(self) -> None:
        while not self.has_left:
            message = await self._receive()
            self.has_left = message["type"] == "http.disconnect"
            self._messages.put_nowait(message)

    async def receive(self) -> Any:
        return await (self._receive() if self._reading is None else self._messages.get())

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
