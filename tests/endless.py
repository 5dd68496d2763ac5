"""An application whose sockets are sent to without end, for tests of the server beneath it.

``GET /`` answers ``{"pid": …, "came": sockets opened so far, "open": sockets open now}``.
"""

import json
import os
from typing import Any

MESSAGE = "门口" * 3_000  # of a length that takes a longer header
counts = {"came": 0, "open": 0}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})
    elif scope["type"] == "websocket":
        await _send_without_end(receive, send)
    else:
        body = json.dumps({"pid": os.getpid(), **counts}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


async def _send_without_end(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    counts["came"] += 1
    counts["open"] += 1
    try:
        while True:
            await send({"type": "websocket.send", "text": MESSAGE})
    finally:
        counts["open"] -= 1
