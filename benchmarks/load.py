"""Readers with keep-alive connections, as a light process of their own: ``python -m benchmarks.load``.

Reads one JSON object from its input: ``port``, ``readers`` (``[path, cookie]`` pairs, asked for in turn),
``connections``, ``most`` (requests) and ``seconds``, after which it ends, whichever comes first, and ``rate``
(requests a second; 0: each connection asks again as soon as it is answered). Writes one with what came.

With a rate, times reach from the moment at which a request was due, so that a server which stops for a while
does not hide who would have asked meanwhile.
"""

import asyncio
import collections
import json
import re
import sys
import time

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ASK = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: br, gzip\r\n{cookie}"
    "Accept: text/html\r\n\r\n"
)
TICK = 0.001  # seconds


class Load:
    """What is to be asked, and what came of it."""

    def __init__(self, wanted):
        self.requests = [
            ASK.format(
                path=path, port=wanted["port"], cookie=f"Cookie: {cookie}\r\n" if cookie else ""
            ).encode()
            for path, cookie in wanted["readers"]
        ]
        self.most, self.rate = wanted["most"], wanted.get("rate", 0)
        self.sent = self.content = 0
        self.statuses, self.sizes = collections.Counter(), collections.Counter()
        self.times, self.late = [], []
        self.idle, self.due = [], collections.deque()
        self.ends_at, self.open, self.error = 0.0, 0, ""
        self.done = asyncio.Event()

    async def run(self, wanted):
        """Ask until enough came or the time is over."""
        loop = asyncio.get_running_loop()
        for _connection in range(wanted["connections"]):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", wanted["port"])
            self.open += 1
        begun = time.perf_counter()
        self.ends_at = begun + wanted["seconds"]
        if self.rate:
            await self._at_rate(begun)
        else:
            for connection in list(self.idle):
                self.next(connection)
            self.idle.clear()
        async with asyncio.timeout(wanted["seconds"] + 60):
            await self.done.wait()
        seconds = self.last - begun
        if self.error:
            raise SystemExit(self.error)
        return {
            "answers": len(self.times),
            "seconds": seconds,
            "content": self.content,
            "statuses": self.statuses,
            "sizes": dict(self.sizes.most_common(3)),
            "p50 ms": quantile(self.times, 0.5),
            "p99 ms": quantile(self.times, 0.99),
            "most ms": quantile(self.times, 1.0),
            "late p99 ms": quantile(self.late, 0.99),
        }

    async def _at_rate(self, begun):
        given = 0
        while (now := time.perf_counter()) < self.ends_at:
            while given < (now - begun) * self.rate:
                at = begun + given / self.rate
                given += 1
                self.due.append(at)
                self.late.append(now - at)  # how much of an answer's time is this program's own
            while self.due and self.idle:
                self.idle.pop().ask(self.due.popleft())
            await asyncio.sleep(TICK)
        if len(self.idle) == self.open and not self.due:
            self.done.set()

    def next(self, connection):
        """What a connection does that has been answered."""
        now = time.perf_counter()
        if self.rate:
            if self.due:
                connection.ask(self.due.popleft())
                return
            self.idle.append(connection)
            if now >= self.ends_at and len(self.idle) == self.open:
                self.done.set()
        elif self.sent < self.most and now < self.ends_at:
            connection.ask(now)
        elif len(self.times) == self.sent:
            self.done.set()

    def fail(self, why):
        self.error = self.error or why
        self.done.set()


class Connection(asyncio.Protocol):
    """One that asks, and counts what it gets by content-length."""

    def __init__(self, load):
        self.load, self.buffer, self.missing, self.asked_at = load, b"", 0, 0.0

    def connection_made(self, transport):
        self.transport = transport
        self.load.idle.append(self)

    def connection_lost(self, error):
        if not self.load.done.is_set():
            self.load.fail(f"A connection was closed: {error}")

    def ask(self, at):
        load = self.load
        self.asked_at = at
        self.transport.write(load.requests[load.sent % len(load.requests)])
        load.sent += 1

    def data_received(self, data):
        if self.missing:
            self.missing -= len(data)
        else:
            self.buffer += data
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[: end + 2]
            found = LENGTH.search(head)
            if found is None:
                self.load.fail(f"An answer does not say its length: {head!r}")
                return
            self.load.statuses[head[9:12].decode()] += 1
            size = int(found[1])
            self.load.sizes[size] += 1
            self.load.content += size
            self.missing = size - (len(self.buffer) - end - 4)
            self.buffer = b""
        if self.missing < 0:
            self.load.fail("More came than was asked for.")
        elif self.missing == 0:
            self.load.last = time.perf_counter()
            self.load.times.append(self.load.last - self.asked_at)
            self.load.next(self)


def quantile(times, part):
    """Milliseconds that so large a part of them did not exceed."""
    if not times:
        return 0.0
    return round(sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000, 2)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps(uvloop.run(Load(asked).run(asked))))
