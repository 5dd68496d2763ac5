"""The server starts, serves, refuses a taken port, lets go of readers who do not read, and ends in order."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from config import serve
from tests import endless, servers

ROOT = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}"}
WITHIN = 30  # seconds
SLOW_READERS = 20

needs_user_timeout = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="This system cannot drop who takes nothing."
)


@pytest.mark.parametrize("end_with", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_and_ends_with_zero(tmp_path: Path, workers: int, end_with: signal.Signals) -> None:
    log = tmp_path / "server.log"
    with started(tmp_path, "--workers", str(workers)) as (server, port):
        answer = ask(port)
        wait_for(lambda: log.read_text().count("startup complete") == workers)
        server.send_signal(end_with)
        code = server.wait(WITHIN)

    written = log.read_text()
    assert answer["open"] == 0
    assert code == 0, written
    assert written.count("Application shutdown complete") == workers, written
    assert "Traceback" not in written


def test_an_application_that_cannot_start_is_told_by_the_exit_code() -> None:
    command = servers.site(servers.free_port(), "--app", "tests.endless:nothing")
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=WITHIN)

    assert done.returncode != 0
    assert "nothing" in done.stderr


def test_a_taken_port_is_refused_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        command = servers.site(other.getsockname()[1])
        done = subprocess.run(
            command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=WITHIN
        )

    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_connections_hold_little() -> None:
    with accepted(drop_after=30) as connection:
        held = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

    assert held in (serve.SEND_BUFFER, 2 * serve.SEND_BUFFER)  # Linux counts its own book-keeping as well


@needs_user_timeout
def test_connections_end_when_nothing_is_taken() -> None:
    with accepted(drop_after=1.5) as connection:
        milliseconds = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert milliseconds == 1500


@needs_user_timeout
def test_a_reader_who_never_reads_is_dropped_and_costs_little(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        _server, port = stack.enter_context(started(tmp_path, "--drop-after", "2"))
        reader = stack.enter_context(open_socket(port))
        wait_for(lambda: reader.recv(65_536) and ask(port)["open"] == 1)
        process = ask(port)["pid"]
        before = memory(process, "VmRSS")

        slow = [stack.enter_context(open_socket(port)) for _number in range(SLOW_READERS)]
        wait_for(lambda: reader.recv(65_536) and ask(port)["came"] == 1 + SLOW_READERS)
        wait_for(lambda: reader.recv(65_536) and ask(port)["open"] == 1)

        assert reader.recv(65_536), "Who reads is served on."
        assert (memory(process, "VmHWM") - before) / len(slow) < 1024, "kB for each slow reader"


def test_the_same_text_arrives_whole_at_each_reader(tmp_path: Path) -> None:
    with (
        started(tmp_path) as (_server, port),
        connect(f"ws://127.0.0.1:{port}/") as one,
        connect(f"ws://127.0.0.1:{port}/") as other,
    ):
        texts = [reader.recv(WITHIN) for reader in (one, other, one, other)]

    assert texts == [endless.MESSAGE] * 4


def test_comings_and_goings_of_readers_are_not_written_down(tmp_path: Path) -> None:
    with started(tmp_path) as (_server, port):
        with open_socket(port) as reader:
            wait_for(lambda: reader.recv(65_536) and ask(port)["open"] == 1)
        wait_for(lambda: ask(port)["open"] == 0)

    written = (tmp_path / "server.log").read_text()
    assert "startup complete" in written
    assert "WebSocket" not in written
    assert "connection" not in written


@contextlib.contextmanager
def started(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server with an application that sends without end; gives its process and port."""
    log = folder / "server.log"
    command = servers.site(0, "--app", "tests.endless:application", *options)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        said = wait_for(lambda: re.search(r"Listening on http://127.0.0.1:(\d+)", log.read_text()))
        yield process, int(said[1])
    finally:
        process.terminate()
        try:
            process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def ask(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=WITHIN) as answer:
        return json.load(answer)


def open_socket(port: int) -> socket.socket:
    reader = socket.create_connection(("127.0.0.1", port), timeout=WITHIN)
    reader.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    return reader


@contextlib.contextmanager
def accepted(*, drop_after: float) -> Iterator[socket.socket]:
    with (
        serve.listen("127.0.0.1", 0, drop_after=drop_after) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        yield connection


def wait_for(condition: Callable[[], Any]) -> Any:
    """What ``condition`` gives once it gives something."""
    deadline = time.monotonic() + WITHIN
    while not (found := condition()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)
    return found


def memory(process: int, name: str) -> int:
    """VmRSS (now) or VmHWM (the most so far) of a process, in kB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])
