"""What the live room is measured beside: the library's bare broadcast, and Channels as its handbook has it.

python -m benchmarks.broadcasts     a bare server that sends each line of its standard input to everyone
python -m config.serve --app benchmarks.broadcasts:application     plain Channels groups
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
    """A stock consumer: one group, one message to each member."""

    groups = [GROUP]

    async def doorbell(self, event):
        await self.send_json(event["message"])


async def _lifespan(scope, receive, send):
    for moment in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{moment}.complete"})


django.setup(set_prefix=False)
application = ProtocolTypeRouter({"websocket": Everyone.as_asgi(), "lifespan": _lifespan})


async def bare():
    """Print the port; then send each line to all who are there, and print when that began."""
    there = set()

    async def stay(connection):
        there.add(connection)
        try:
            await connection.wait_closed()
        finally:
            there.discard(connection)

    async with serve(stay, "127.0.0.1", 0, compression=None, backlog=4096) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            begun = time.monotonic()
            broadcast(there, line.strip())
            print(begun, flush=True)


if __name__ == "__main__":
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(bare())
