"""Servers that go away: a Redis that stops and comes back, a line that goes dead, site processes to kill."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import redis
import websockets
from django.db import connection
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests import migrated, servers

ROOT = Path(__file__).parents[2]
SOON = 30.0  # seconds in which everything is right again, whatever happened


class StoppableRedis:
    """A Redis on one port that can be stopped, started again and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, servers.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(servers.find_redis()), "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()


@contextlib.contextmanager
def stoppable_redis(folder: Path) -> Iterator[StoppableRedis]:
    server = StoppableRedis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Line:
    """A line to a port that can go dead: connections stay open, and nothing passes."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, servers.free_port()
        self.is_dead = False
        self.loop = asyncio.new_event_loop()
        self.is_up = threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self) -> "Line":
        self.thread.start()
        assert self.is_up.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(10)
        self.loop.close()

    async def _run(self) -> None:
        self.end = asyncio.Event()
        server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.is_up.set()
        await self.end.wait()
        server.close()
        carrying = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        ways = [asyncio.ensure_future(self._pass(*way)) for way in ((reader, back), (there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (back, writer):
                end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.is_dead:
                    writer.write(data)


@contextlib.contextmanager
def site_process(folder: Path, *, redis_url: str = "") -> Iterator["SiteProcess"]:
    """A server process on the test's own database, started as operators start it."""
    folder.mkdir(exist_ok=True)
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "DATA_DIR": str(folder),
        "DATABASE_URL": _database_url(),
        "REDIS_URL": redis_url,
    }
    log = folder / "server.log"
    with servers.running(servers.site, _answers, cwd=ROOT, env=os.environ | ours, log=log) as port:
        yield SiteProcess(port, log)
    written = log.read_text(errors="replace")
    print(written[-5_000:])  # shown beside the test where it failed
    assert "Internal Server Error" not in written


class SiteProcess:
    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log

    def kill(self) -> None:
        """As by kill -9, with all its sockets."""
        found = subprocess.run(
            ["pgrep", "-f", f"config.serve.*--port {self.port}"], capture_output=True, text=True
        )
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGKILL)


def _database_url() -> str:
    name = connection.settings_dict["NAME"]
    return (
        f"sqlite:///{name}"
        if connection.vendor == "sqlite"
        else migrated.database_url(os.environ["DATABASE_URL"], str(name))
    )


def _answers(port: int) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/live/?topics=banner:0", timeout=10).close()


class OpenPage:
    """A browser with a page open: it comes again whenever its socket ends, and asks from what it has."""

    def __init__(self, ports: list[int], topics: dict[str, int]) -> None:
        self.ports, self.known = ports, dict(topics)
        self.heard: list[tuple[str, int, float]] = []
        self.sockets = 0
        self.socket: Any = None

    async def stay_open(self) -> None:
        while True:
            port = self.ports[self.sockets % len(self.ports)]
            self.sockets += 1
            try:
                await self._follow(port)
            except (OSError, websockets.WebSocketException, TimeoutError):
                await asyncio.sleep(0.2)

    async def _follow(self, port: int) -> None:
        origin = Origin(f"http://127.0.0.1:{port}")
        async with connect(
            f"ws://127.0.0.1:{port}/live/", origin=origin, open_timeout=5, compression=None
        ) as socket:
            self.socket = socket
            await socket.send(json.dumps({"type": "watch", "topics": self.known}))
            await socket.send(json.dumps({"type": "ping"}))
            async for text in socket:
                self._hear(json.loads(text))

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "version":
            self.heard.append((message["topic"], message["version"], time.monotonic()))
            self.known[message["topic"]] = max(self.known[message["topic"]], message["version"])
        elif message["type"] == "pong":
            self.is_watching = True

    is_watching = False

    def lose(self) -> None:
        """Its connection breaks."""
        if self.socket is not None:
            self.socket.transport.abort()


@contextlib.asynccontextmanager
async def open_pages(*pages: OpenPage) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(page.stay_open()) for page in pages]
    try:
        await until(lambda: all(page.is_watching for page in pages))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], bool], within: float = SOON) -> float:
    """Wait for ``condition``; how many seconds it took. Fails when it does not come true in time."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, "It did not happen in time."
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def wait_for(condition: Callable[[], bool], within: float = SOON) -> None:
    asyncio.run(until(condition, within))
