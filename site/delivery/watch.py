"""Follows the outbox for the page store: at once where this process publishes, else 4 times a second.

Nobody needs to be told for a page to be right: every process looks for itself, so no message can be lost.
"""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from delivery.changes import Change, changes_after
from delivery.store import REMEMBERED, Store
from publishing import outbox
from publishing.models import OutboxEntry

logger = logging.getLogger("delivery")
LOOK_EVERY = 0.25  # seconds
AT_ONCE = 1_000  # rows; what is more than that at a time drops everything
_looker = ThreadPoolExecutor(1, "delivery.watch")


class Watch:
    """Keeps one store in step with the database."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.is_away = False
        self.loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Look until cancelled; the first look has to be done before a page is kept."""
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), LOOK_EVERY)
            self.woken.clear()

    def wake(self, entries: list[OutboxEntry]) -> None:
        """Look now: this process has published. May be called on any thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.woken.set)

    async def look(self) -> None:
        """Hear of what was committed since the last look."""
        ask: Any = database_sync_to_async(_look, thread_sensitive=False, executor=_looker)
        try:
            newest, changes = await ask(self.store.seen if self.store.is_begun else None)
        except (DatabaseError, OSError) as error:
            if not self.is_away:
                logger.warning("The page store cannot see what is published: %s", error)
            self.is_away = True
            return
        self.is_away = False
        if not self.store.is_begun or newest < self.store.seen or len(changes) >= AT_ONCE:
            # Just started, or the database was put back, or too much has happened to tell one by one.
            self.store.begin(changes[0].sequence - 1 if changes else newest, changes)
            return
        for change in changes:
            self.store.hear(change)


def _look(seen: int | None) -> tuple[int, list[Change]]:
    newest = outbox.newest()
    if seen is None or newest < seen:
        return newest, changes_after(max(newest - AT_ONCE, 0), limit=REMEMBERED)
    return newest, changes_after(seen, limit=AT_ONCE) if newest > seen else []
