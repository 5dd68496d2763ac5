"""Questions to services that may hang: whoever asks is answered in time all the same."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

Answer = TypeVar("Answer")
GIVE_UP_AFTER, MOST_GIVEN_UP = 15.0, 5  # seconds, and threads left hanging


class NoAnswer(Exception):
    """It did not come in time."""


class Watched(Generic[Answer]):
    """A question that is asked in a thread, by one at a time, and whose answer holds for a while.

    The thread may hang as long as it likes: nobody waits for it. Another one is started beside it only
    after a while, and only so often, since what it asks may have lost the question for good.
    """

    def __init__(self, ask: Callable[[], Answer], *, holds: float) -> None:
        self.ask, self.holds = ask, holds
        self.lock = threading.Lock()
        self.given_up = 0
        self.asked_at = 0.0
        self.future: Future[Answer] | None = None

    def begin(self) -> "Future[Answer]":
        """The answer that still holds, or one that is on its way."""
        with self.lock:
            now = time.monotonic()
            if self.future is not None and not self.future.done():
                is_old = now - self.asked_at > GIVE_UP_AFTER and self.given_up < MOST_GIVEN_UP
                self.given_up += is_old
            else:
                is_old = now - self.asked_at > self.holds
            if self.future is None or is_old:
                self.asked_at, self.future = now, Future()
                threading.Thread(target=self._work, args=(self.future,), name="watched", daemon=True).start()
            return self.future

    async def within(self, seconds: float) -> Answer:
        """Raises NoAnswer, and whatever the question raised."""
        coming = asyncio.wrap_future(self.begin())
        done, _waiting = await asyncio.wait({coming}, timeout=seconds)
        if not done:
            coming.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody will ask
            raise NoAnswer
        return coming.result()

    def _work(self, future: "Future[Answer]") -> None:
        try:
            found = self.ask()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(found)
            self.given_up = 0
        finally:
            connections.close_all()
