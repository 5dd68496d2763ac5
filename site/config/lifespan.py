"""What starts and stops with the server process (the ASGI lifespan)."""

import asyncio
import contextlib
import gc
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.urls import get_resolver

from delivery.http import PageStore
from live.hub import Hub
from operations.heartbeat import Beating, Work
from operations.threads import LoopThreads
from publishing.background import Background
from search import insight
from search.question import prepare


def load() -> None:
    """Load what the first reader would wait for, and keep it out of the collector's rounds (200 ms each)."""
    get_resolver().url_patterns  # noqa: B018  imports all views
    with contextlib.suppress(DatabaseError):  # which may come later
        prepare()
    gc.collect()
    gc.freeze()


class Lifespan:
    """Starts page store and background threads when the server is up, and stops them before it ends."""

    def __init__(self, pages: PageStore) -> None:
        self.pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        background = Background() if settings.RUN_BACKGROUND_THREADS else None
        beating = Beating(Work.WEB)
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                asyncio.get_running_loop().set_default_executor(LoopThreads())
                await asyncio.to_thread(load)
                await self.pages.start()
                beating.begin()
                if background is not None:
                    background.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await Hub.here().stop()
                await self.pages.stop()
                if background is not None:
                    await asyncio.to_thread(background.stop)
                await asyncio.to_thread(insight.counts.stop)
                await asyncio.to_thread(beating.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return
