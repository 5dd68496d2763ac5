"""What the live room is measured beside: a bare broadcast of the library, and Channels as its handbook has it.

    python -m benchmarks.broadcasts PORT     a bare ``websockets`` server; sends each line it reads to everyone
    config.serve --app benchmarks.broadcasts:application     plain Channels groups
"""

import asyncio
import resource
import sys
import time

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from websockets.asyncio.server import broadcast, serve

GROUP = "plain"


class Everyone(AsyncJsonWebsocketConsumer):
    """A stock consumer: one group, one message for each member."""

    groups = [GROUP]

    async def doorbell(self, event):
        await self.send_json(event["message"])


async def _lifespan(scope, receive, send):
    for moment in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{moment}.complete"})


async def _answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ready"})


django.setup(set_prefix=False)
application = ProtocolTypeRouter({"websocket": Everyone.as_asgi(), "lifespan": _lifespan, "http": _answer})


async def bare(port):
    """Send each line of the standard input to all who are there, and print when that began."""
    there = set()

    async def stay(connection):
        there.add(connection)
        try:
            await connection.wait_closed()
        finally:
            there.discard(connection)

    async with serve(stay, "127.0.0.1", port, compression=None, backlog=4096):
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            begun = time.monotonic()
            broadcast(there, line.strip())
            print(begun, flush=True)


if __name__ == "__main__":
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(bare(int(sys.argv[1])))
