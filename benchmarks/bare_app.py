"""The least that ASGI can do: the one answer in the file ``BARE_ANSWER``, whatever is asked."""

import json
import os
from pathlib import Path

_told = json.loads(Path(os.environ["BARE_ANSWER"]).read_text())
BODY = bytes.fromhex(_told["body"])
HEADERS = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _told["headers"]]
START = {"type": "http.response.start", "status": 200, "headers": HEADERS}
CONTENT = {"type": "http.response.body", "body": BODY}


async def application(scope, receive, send):
    if scope["type"] == "http":
        await send(START)
        await send(CONTENT)
    elif scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
