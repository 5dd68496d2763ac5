"""Browsers as the server meets them: a socket on ``/live/`` and what a page asks for over HTTP."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from config.origins import OwnOriginOnly
from live.consumer import LiveConsumer
from live.http import LiveHttp
from live.hub import Hub

HOST = "localhost"
OURS = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]
PATIENCE = 10  # seconds


class Visitor(ApplicationCommunicator):
    """An open page's end of a socket."""

    def __init__(self, *, address: str = "203.0.113.1", headers: Any = OURS) -> None:
        scope = {"type": "websocket", "scheme": "ws", "path": "/live/", "headers": list(headers)}
        application = OwnOriginOnly(LiveConsumer.as_asgi())
        super().__init__(application, scope | {"client": (address, 5000)})

    async def opens(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(PATIENCE))["type"] == "websocket.accept"

    async def says(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.send_input({"type": "websocket.receive", "text": text})

    async def watches(self, **topics: int) -> None:
        """Topics by keyword, ``guides_12=5``."""
        await self.says(
            {"type": "watch", "topics": {name.replace("_", ":"): n for name, n in topics.items()}}
        )

    async def hears(self) -> dict[str, Any]:
        """The next message; ``{"close": code}`` when the server ends it."""
        message = await self.receive_output(PATIENCE)
        if message["type"] == "websocket.close":
            return {"close": message["code"]}
        return json.loads(message["text"])

    async def hears_nothing(self) -> bool:
        """Whether everything said so far is answered: a ping's answer is the next thing to come."""
        await self.says({"type": "ping"})
        return await self.hears() == {"type": "pong"}

    async def goes(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self.send_input({"type": "websocket.disconnect", "code": 1005})
            await self.wait(PATIENCE)


@contextlib.asynccontextmanager
async def visitor(**kwargs: Any) -> AsyncIterator[Visitor]:
    one = Visitor(**kwargs)
    assert await one.opens()
    try:
        yield one
    finally:
        await one.goes()


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers = status, headers
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.json: Any = json.loads(body) if body else None


class Site:
    """The HTTP side of the live room in one server process."""

    def __init__(self) -> None:
        self.application = LiveHttp(None)

    async def get(self, path: str, *, method: str = "GET", headers: Any = (), **query: Any) -> Answer:
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "http_version": "1.1",
            "path": path,
            "query_string": urlencode(query).encode(),
            "headers": [*OURS, *headers],
            "client": ("203.0.113.1", 5000),
            "server": (HOST, 80),
        }
        call = ApplicationCommunicator(self.application, scope)
        await call.send_input({"type": "http.request"})
        start = await call.receive_output(PATIENCE)
        body = await call.receive_output(PATIENCE)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, body["body"])


def run(test: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run ``test`` in an event loop of its own, with a hub that ends with it."""

    async def with_hub() -> Any:
        try:
            async with asyncio.timeout(60):
                return await test()
        finally:
            await Hub.here().stop()

    return asyncio.run(with_hub())


# Closes its connection, which would else keep the test database in use.
in_thread = database_sync_to_async
