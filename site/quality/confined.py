"""A process of its own for reading files that may be crafted: it gives up what it does not need.

``confine`` is what the process does to itself before it looks at the file; ``Conversation`` starts it, hands
it the file and hears what it found. Whatever happens to it (a crash, no memory left, no end), nothing else is
harmed. Knows no Django.
"""

import fcntl
import io
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgpack  # type: ignore[import-untyped]  # carries no types

SITE = Path(__file__).parents[1]
PYTHON = [sys.executable, "-P", "-s", "-B", "-m"]
READ_AHEAD = 1 << 20
MEMORY = 256 << 20
OPEN_FILES = 16


def confine(*, seconds: int, memory: int = MEMORY) -> None:
    """Take from this process what reading a file does not need: memory, time, writing, further processes."""
    for what, most in [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ]:
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


class Failed(Exception):
    """The process ended without a word: ``why`` is too_slow, too_much_memory or crashed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Conversation:
    """One run of such a process. Only time spent waiting for it counts against its time."""

    def __init__(
        self,
        command: Sequence[str],
        file: BinaryIO,
        *,
        seconds: float,
        unpack: Callable[[int, bytes], Any] = msgpack.ExtType,
        most: int = 0,
    ) -> None:
        self.left, self.unpack, self.most = float(seconds), unpack, most
        in_memory = isinstance(file, io.BytesIO)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if in_memory else file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(SITE), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
        assert self.process.stdout is not None
        with suppress(OSError):  # room for the process to read ahead
            fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, READ_AHEAD)
        self.feeder = threading.Thread(target=self._feed, args=(file,), daemon=True) if in_memory else None

    def messages(self) -> Iterator[list[Any]]:
        """What the process says, up to its ``end`` or while the caller listens; Failed if it fails."""
        unpacker = msgpack.Unpacker(ext_hook=self.unpack, max_buffer_size=self.most, strict_map_key=True)
        if self.feeder:
            self.feeder.start()
        try:
            while True:
                began = time.monotonic()
                piece = self._wait(self.left)
                self.left -= time.monotonic() - began
                if not piece:
                    raise Failed(self._failure())
                unpacker.feed(piece)
                for message in unpacker:
                    yield message
                    if message[0] == "end":
                        return
        finally:
            self.stop()

    def _wait(self, seconds: float) -> bytes:
        pipe = self.process.stdout
        assert pipe is not None
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN | select.POLLHUP)
        if seconds <= 0 or not waiting.poll(seconds * 1000):
            raise Failed("too_slow")
        return os.read(pipe.fileno(), 1 << 18)

    def _failure(self) -> str:
        """Why the process ended without a word: no time left, no memory left, or a crash."""
        match -self.process.wait():
            case signal.SIGXCPU | signal.SIGKILL:
                return "too_slow"
            case signal.SIGABRT:
                return "too_much_memory"
        return "crashed"

    def _feed(self, file: io.BytesIO) -> None:
        with suppress(BrokenPipeError), self.process.stdin as pipe:  # type: ignore[union-attr]  # a pipe in this case
            pipe.write(file.getbuffer())

    def stop(self) -> None:
        """End the process and whatever it started, and leave nothing open."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.feeder:
            self.feeder.join()
        if self.process.stdout:
            self.process.stdout.close()
