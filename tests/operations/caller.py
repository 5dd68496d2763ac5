"""Requests as they come to the first thing that meets them."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator

from operations.front import Front

PROXY, STRANGER = "127.0.0.1", "203.0.113.9"
Headers = dict[str, str]


@dataclass
class Answer:
    status: int
    headers: Headers
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


async def ask(
    front: Front, path: str = "/", *, peer: str = PROXY, headers: Headers | None = None, method: str = "GET"
) -> Answer:
    address, _question, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": address,
        "query_string": query.encode(),
        "headers": [
            (n.lower().encode(), v.encode()) for n, v in ({"Host": "localhost"} | (headers or {})).items()
        ],
        "client": (peer, 5000),
        "server": ("127.0.0.1", 8001),
    }
    called = ApplicationCommunicator(front, scope)
    await called.send_input({"type": "http.request", "body": b""})
    start = await called.receive_output(20)
    body = b""
    while True:
        part = await called.receive_output(20)
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    await called.wait(5)
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], named, body.decode())


def answer_to(front: Front, path: str = "/", **options: Any) -> Answer:
    return asyncio.run(ask(front, path, **options))


def telling(seen: Callable[[Any], Any]) -> Any:
    """An application that answers with what ``seen`` makes of the scope."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body = json.dumps(seen(scope)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return application
