"""Rings the doorbell for what was published: in this process directly, in the others by the channel layer."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

from live.hub import GROUP, PROCESS, ring_here
from live.versions import Version, stored
from publishing.models import OutboxEntry
from publishing.registry import NotNow

WITHIN = 0.5  # seconds that a publish waits for the doorbell at most
LET_BE = 5.0  # seconds for which a layer that did not answer is not asked again
AT_ONCE = 1000  # topics in one message


class Unreachable(NotNow):
    """The other processes could not be told; they look for themselves."""


class _Bell:
    """A thread with an event loop of its own, for publishers that have none to keep a connection on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.quiet_until = 0.0

    def ring(self, call: Coroutine[Any, Any, Any]) -> None:
        if time.monotonic() < self.quiet_until:
            call.close()
            raise Unreachable("no answer a moment ago")
        future: Future[Any] = asyncio.run_coroutine_threadsafe(call, self._running_loop())
        try:
            future.result(WITHIN)
        except Exception as error:
            future.cancel()
            self.quiet_until = time.monotonic() + LET_BE
            raise Unreachable(repr(error)) from error

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self.lock:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                self.thread = threading.Thread(target=self._run, name="live.announce", daemon=True)
                self.thread.start()
            return self.loop

    def _run(self) -> None:
        assert self.loop is not None
        self.loop.run_forever()
        self.loop.close()

    def close(self) -> None:
        """End the thread and its connections."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(5)


_bell = _Bell()


def ring(entries: list[OutboxEntry]) -> None:
    """Tell every process where the topics of ``entries`` now stand; raises Unreachable, and loses nothing."""
    _ring(stored({entry.topic for entry in entries}), min(entry.at for entry in entries).timestamp())


def hint(versions: dict[str, Version]) -> None:
    """Tell of topics that are not published; where it fails, the others see it when they look."""
    with suppress(Unreachable):
        _ring(versions, time.time())


def _ring(versions: dict[str, Version], published_at: float) -> None:
    ring_here(versions, published_at)
    layer = get_channel_layer()
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return  # nobody else can be told: this process is all there is
    told = [(name, list(version)) for name, version in versions.items()]
    for start in range(0, len(told), AT_ONCE):
        versions_told = dict(told[start : start + AT_ONCE])
        message = {"type": "live.doorbell", "from": PROCESS, "at": published_at, "versions": versions_told}
        _bell.ring(layer.group_send(GROUP, message))
