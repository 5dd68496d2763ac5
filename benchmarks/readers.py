"""Thousands of open pages in one light process, each with a WebSocket of its own.

One loop over epoll and no event loop library: taking in a message costs some microseconds, so that what is
measured is the server. Readers come from many loopback addresses, as they would from many homes.
"""

import collections
import contextlib
import errno
import heapq
import json
import multiprocessing
import os
import random
import resource
import select
import socket
import time
import traceback
from dataclasses import dataclass

AT_ONCE = 256  # connections being made at one time
MOVED, FIRST, LONGEST, AGAIN = 10.0, 1.0, 20.0, 8.0  # seconds, as in site/live/static/live/times.js
FROM_ONE_ADDRESS = 5  # readers
TEXT, CLOSE, PING = 1, 8, 9
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
FETCH = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"


@dataclass
class Plan:
    """What each reader does: open ``path`` and, if there is a topic, watch it from ``version`` on.

    ``fetch`` is the address of what changed, with ``{since}`` in it. Whoever ``comes_back`` does so as the
    module of the pages does: within ``MOVED`` seconds when told to, else later with each failure.
    """

    port: int
    path: str = "/"
    topic: str = ""
    version: int = 0
    epoch: str = ""
    ping_every: float = 0
    fetch: str = ""
    comes_back: bool = False


class Readers:
    """The process of readers, as seen from the one that measures."""

    def __enter__(self):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_run, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        return self

    def __exit__(self, *_):
        self.pipe.close()
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()

    def open(self, number, plan, *, within=120):
        """Connect ``number`` more; returns how many are open within so many seconds."""
        return self._ask("open", number, plan, within=within)

    def reach(self, version, *, within=60, fetched=False):
        """Wait until all have heard of (or fetched) ``version``.

        Returns ``{"last": moment, "behind": readers}``; moments are those of ``time.monotonic()``.
        """
        return self._ask("reach", version, fetched, within=within)

    def look(self):
        """``{"open", "lost", "refused", "messages", "fetched", "errors", "cpu"}`` so far."""
        return self._ask("look", within=10)

    def close(self):
        """Close all connections."""
        return self._ask("close", within=30)

    def _ask(self, *command, within):
        self.pipe.send((*command, within))
        if not self.pipe.poll(within + 30):
            raise RuntimeError(f"The readers do not answer to {command[0]}.")
        answer = self.pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer


def _run(pipe):
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        Crowd(pipe).run()
    except (EOFError, KeyboardInterrupt):
        pass
    except Exception:
        pipe.send(traceback.format_exc())
        raise


class Reader:
    __slots__ = (
        "buffer",
        "failures",
        "fetching",
        "heard",
        "number",
        "plan",
        "shown",
        "socket",
        "state",
        "tries",
    )

    def __init__(self, number, plan):
        self.number, self.plan = number, plan
        self.socket, self.state, self.buffer = None, "away", b""
        self.heard = self.shown = plan.version  # told by the server; on the page
        self.fetching = None
        self.failures = self.tries = 0  # in a row: of the connection, of fetching


class Fetch:
    __slots__ = ("answer", "reader", "socket")

    def __init__(self, reader):
        self.reader, self.socket, self.answer = reader, None, b""


class Crowd:
    """All readers of a process: one loop, one thing at a time."""

    def __init__(self, pipe):
        self.pipe, self.epoll = pipe, select.epoll()
        self.epoll.register(pipe.fileno(), select.EPOLLIN)
        self.readers, self.by_fd = [], {}
        self.due, self.tie = [], 0  # (moment, tie, action, thing)
        self.waiting_to_connect, self.connecting = collections.deque(), 0
        self.heard, self.shown = collections.Counter(), collections.Counter()  # readers at each version
        self.last_heard = self.last_shown = 0.0
        self.versions = {}  # payload: version
        self.counts = collections.Counter()
        self.errors = collections.Counter()
        self.question = None  # what the measuring process waits for: (answered, deadline)

    def run(self):
        while True:
            for fd, event in self.epoll.poll(self._pause(), 1024):
                thing = self.by_fd.get(fd)
                if thing is None:
                    if fd == self.pipe.fileno():
                        self._take_command()
                elif type(thing) is Fetch:
                    self._on_fetch(thing, event)
                elif thing.state == "open":
                    self._receive(thing, fd)
                else:
                    self._on_connecting(thing, event)
            self._do_what_is_due()
            self._connect_more()
            self._answer()

    def _pause(self):
        pause = self.due[0][0] - time.monotonic() if self.due else 1.0
        return min(max(pause, 0.0), 0.05 if self.question else 1.0)

    # Commands

    def _take_command(self):
        name, *arguments, within = self.pipe.recv()
        answered = getattr(self, f"_command_{name}")(*arguments)
        self.question = (answered, time.monotonic() + within)

    def _answer(self):
        if self.question:
            answered, deadline = self.question
            is_late = time.monotonic() > deadline
            answer = answered(is_late)
            if answer is not None:
                self.question = None
                self.pipe.send(answer)

    def _command_open(self, number, plan):
        for _number in range(number):
            reader = Reader(len(self.readers), plan)
            self.readers.append(reader)
            self.waiting_to_connect.append(reader)
            self.heard[reader.heard] += 1
            self.shown[reader.shown] += 1
        refused = self.counts["refused"]

        def answered(is_late):
            is_done = not self.waiting_to_connect and not self.connecting
            if is_done or is_late or self.counts["refused"] > refused + 1000:
                return self.counts["open"]
            return None

        return answered

    def _command_reach(self, version, fetched):
        def answered(is_late):
            at = self.shown if fetched else self.heard
            behind = sum(number for heard, number in at.items() if heard < version)
            if behind and not is_late:
                return None
            return {"last": self.last_shown if fetched else self.last_heard, "behind": behind}

        return answered

    def _command_look(self):
        def answered(is_late):
            return {**self.counts, "errors": dict(self.errors), "cpu": time.process_time()}

        return answered

    def _command_close(self):
        for thing in list(self.by_fd.values()):
            self._drop(thing)
        self.readers, self.due = [], []
        self.waiting_to_connect.clear()
        for counter in (self.heard, self.shown, self.counts, self.errors):
            counter.clear()
        self.connecting = 0
        return lambda is_late: True

    # Connections

    def _connect_more(self):
        while self.waiting_to_connect and self.connecting < AT_ONCE:
            self._connect(self.waiting_to_connect.popleft())

    def _connect(self, reader):
        reader.socket, reader.state, reader.buffer = self._dial(reader), "dialling", b""
        self.connecting += 1
        self.by_fd[reader.socket.fileno()] = reader

    def _dial(self, reader):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        home = reader.number // FROM_ONE_ADDRESS
        made.bind((f"127.{1 + home // 62_500}.{home // 250 % 250}.{home % 250 + 1}", 0))
        failed = made.connect_ex(("127.0.0.1", reader.plan.port))
        if failed not in (0, errno.EINPROGRESS):
            raise OSError(failed, os.strerror(failed))
        self.epoll.register(made.fileno(), select.EPOLLOUT)
        return made

    def _drop(self, thing):
        if thing.socket is None:
            return
        fd = thing.socket.fileno()
        with contextlib.suppress(OSError):
            self.epoll.unregister(fd)
        self.by_fd.pop(fd, None)
        thing.socket.close()
        thing.socket = None

    def _lose(self, reader, why, *, has_moved=False):
        if reader.state == "open":
            self.counts["open"] -= 1
            self.counts["lost"] += 1
        else:
            self.connecting -= 1
            self.counts["refused"] += 1
        self.errors[why] += 1
        self._drop(reader)
        reader.state = "away"
        if reader.plan.comes_back:
            wait = random.uniform(0, MOVED) if has_moved else _back_off(reader.failures)
            reader.failures += not has_moved
            self._later(wait, self.waiting_to_connect.append, reader)

    def _on_connecting(self, reader, event):
        made = reader.socket
        try:
            if reader.state == "dialling":
                failed = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failed:
                    raise OSError(failed, os.strerror(failed))
                made.send(HANDSHAKE.format(path=reader.plan.path, port=reader.plan.port).encode())
                self.epoll.modify(made.fileno(), select.EPOLLIN)
                reader.state = "greeting"
                return
            reader.buffer += made.recv(65_536) or b""
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(reader, str(error))
            return
        head, found, rest = reader.buffer.partition(b"\r\n\r\n")
        if found and head.startswith(b"HTTP/1.1 101"):
            self._begin(reader, rest)
        elif found or event & (select.EPOLLHUP | select.EPOLLERR) or not reader.buffer:
            self._lose(reader, head.partition(b"\r\n")[0].decode() or "closed before it answered")

    def _begin(self, reader, rest):
        self.connecting -= 1
        self.counts["open"] += 1
        reader.state, reader.buffer = "open", rest
        plan = reader.plan
        if plan.topic:
            watch = {"type": "watch", "topics": {plan.topic: reader.heard}}
            if plan.epoch:
                watch["epochs"] = {plan.topic: plan.epoch}
            self._say(reader, watch)
        if plan.ping_every:
            self._later(random.uniform(0, plan.ping_every), self._ping, reader)
        if rest:
            reader.buffer = b""
            self._frames(reader, rest)

    # Messages

    def _receive(self, reader, fd):
        try:
            data = os.read(fd, 65_536)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(reader, str(error))
            return
        if not data:
            self._lose(reader, "closed")
            return
        size = data[1] if len(data) > 1 else 127
        if data[0] == 0x81 and size < 126 and len(data) == 2 + size and not reader.buffer:
            self._hear(reader, data[2:])
        else:
            self._frames(reader, reader.buffer + data)

    def _frames(self, reader, data):
        """Everything else than one whole short text, which is nearly all there is."""
        while len(data) >= 2:
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4]), 4
            elif size == 127:
                size, start = int.from_bytes(data[2:10]), 10
            if len(data) < start + size:
                break
            kind, payload, data = data[0] & 15, data[start : start + size], data[start + size :]
            if kind == TEXT:
                self._hear(reader, payload)
            elif kind == PING:
                reader.socket.send(b"\x8a" + bytes([0x80 | size]) + bytes(4) + payload)
            elif kind == CLOSE:
                code = int.from_bytes(payload[:2])
                self._lose(reader, f"closed with {code}", has_moved=code in (1001, 1012))
                return
        reader.buffer = data

    def _hear(self, reader, payload):
        self.counts["messages"] += 1
        version = self.versions.get(payload)
        if version is None:
            message = json.loads(payload)
            version = message["version"] if message["type"] == "version" else 0
            self.versions[payload] = version
        if version > reader.heard:
            self.heard[reader.heard] -= 1
            self.heard[version] += 1
            reader.heard = version
            self.last_heard = time.monotonic()
            if reader.plan.fetch and reader.fetching is None:
                reader.fetching = Fetch(reader)
                self._fetch(reader.fetching)

    def _say(self, reader, message):
        text = json.dumps(message).encode()
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        reader.socket.send(b"\x81" + size + bytes(4) + text)  # masked with zeros

    def _ping(self, reader):
        if reader.state == "open":
            self._say(reader, {"type": "ping"})
            self._later(reader.plan.ping_every, self._ping, reader)

    # What changed, fetched as a page does

    def _fetch(self, fetch):
        fetch.socket, fetch.answer = self._dial(fetch.reader), b""
        self.by_fd[fetch.socket.fileno()] = fetch

    def _on_fetch(self, fetch, event):
        made, reader = fetch.socket, fetch.reader
        try:
            if event & select.EPOLLOUT and not fetch.answer:
                path = reader.plan.fetch.format(since=reader.shown)
                made.send(FETCH.format(path=path, port=reader.plan.port).encode())
                self.epoll.modify(made.fileno(), select.EPOLLIN)
                return
            data = made.recv(65_536)
        except BlockingIOError:
            return
        except OSError as error:
            self._end_fetch(fetch, str(error))
            return
        fetch.answer += data
        if data:
            return
        head, _gap, body = fetch.answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            self._end_fetch(fetch, head.partition(b"\r\n")[0].decode() or "closed without an answer")
            return
        version = self.versions.get(body)
        if version is None:
            version = self.versions[body] = json.loads(body).get("version", 0)
        self.counts["fetched"] += 1
        self.shown[reader.shown] -= 1
        reader.shown = max(reader.shown, version)
        self.shown[reader.shown] += 1
        self.last_shown = time.monotonic()
        self._end_fetch(fetch, "" if version else "an answer without a version")

    def _end_fetch(self, fetch, error):
        self._drop(fetch)
        reader = fetch.reader
        reader.fetching = None
        if error:
            self.errors[f"fetch: {error}"] += 1
        if reader.shown >= reader.heard:
            reader.tries = 0
            return
        reader.fetching = Fetch(reader)
        self._later(_back_off(reader.tries, LONGEST if error else AGAIN), self._fetch, reader.fetching)
        reader.tries += 1

    # Time

    def _later(self, seconds, action, thing):
        self.tie += 1
        heapq.heappush(self.due, (time.monotonic() + seconds, self.tie, action, thing))

    def _do_what_is_due(self):
        now = time.monotonic()
        while self.due and self.due[0][0] <= now:
            _moment, _tie, action, thing = heapq.heappop(self.due)
            action(thing)


def _back_off(failures, longest=LONGEST):
    return random.uniform(0, min(longest, FIRST * 2 ** min(failures, 10)))
