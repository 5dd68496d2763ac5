"""Readers of the site through the page store, with Django behind it and an event loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.test import Client

from delivery.http import PageStore
from operations.threads import LoopThreads

WITHIN = 300  # seconds, of which a busy machine may need some


class Readers:
    """Gets pages as browsers do; ``rendered`` lists the addresses that Django was asked for."""

    def __init__(self, *, follow: bool = True) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(LoopThreads())
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.rendered: list[str] = []
        self.follow = follow
        self.django: Any = get_asgi_application()
        self.fails = False

    def __enter__(self) -> "Readers":
        self.thread.start()
        self.pages = self.run(self._start())
        return self

    async def _start(self) -> PageStore:
        pages = PageStore(self._note)
        if self.follow:
            await pages.start()
        await pages.watch.look()
        return pages

    async def _note(self, scope: Any, receive: Any, send: Any) -> None:
        self.rendered.append(scope["path"])
        if self.fails:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"broken"})
            return
        await self.django(scope, receive, send)

    def __exit__(self, *error: object) -> None:
        if self.follow:
            self.run(self.pages.stop())
        else:
            self.run(self.pages.shelf.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(WITHIN)

    def look(self) -> None:
        """Let the store see what has been committed."""
        self.run(self.pages.watch.look())

    def settle(self) -> None:
        """Wait until nothing is being rendered for later readers."""
        self.run(self._settled())

    async def _settled(self) -> None:
        while waiting := list(self.pages.rendering.values()):
            await asyncio.wait(waiting)

    def get(self, path: str, **headers: str) -> "Got":
        return self.run(self.ask(path, **headers))

    async def ask(self, path: str, *, method: str = "GET", **headers: str) -> "Got":
        address, _mark, query = path.partition("?")
        named = {"host": "testserver"} | {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": address,
            "raw_path": address.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        communicator = ApplicationCommunicator(self.pages, scope)
        await communicator.send_input({"type": "http.request", "body": b""})
        start = await communicator.receive_output(WITHIN)
        parts = []
        while True:
            message = await communicator.receive_output(WITHIN)
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        await communicator.wait(WITHIN)
        return Got(start["status"], dict(start["headers"]), b"".join(parts))


class Got:
    """An answer."""

    def __init__(self, status: int, headers: dict[bytes, bytes], content: bytes) -> None:
        self.status, self.content = status, content
        self.headers = {name.decode().lower(): value.decode() for name, value in headers.items()}

    @property
    def text(self) -> str:
        return self.content.decode()


def as_django_says(path: str, community: Any = None) -> str:
    """The page as it is made without any store."""
    client = Client()
    if community is not None:
        client.cookies["community"] = str(community.pk)
    return client.get(path).content.decode()


@contextlib.contextmanager
def readers(*, follow: bool = False) -> Iterator[Readers]:
    with Readers(follow=follow) as some:
        yield some
