"""Starts the site with `make run` in an empty data folder, reads one page of each kind, and ends it.

The pages are found as a visitor finds them: the home page's main navigation links to each kind's
channel (`<a data-kind="guides" …>`), and each channel links to its items (`<a data-item …>`).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).parents[1]
KINDS = ["guides", "notices", "certificates", "lists", "communities", "offices"]
READY_WITHIN = 600  # seconds, of which most go into loading the demo content
END_WITHIN = 30


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="doorstep-smoke-") as folder:
        port = free_port()
        home = f"http://127.0.0.1:{port}/"
        first = Path(folder) / "first.log"
        with running(port, Path(folder), first) as server:
            wait(server, home, first)
            read_every_kind(home)
            refuse_second_server(port, Path(folder))
        check_end(server, port, first)

        again = Path(folder) / "again.log"
        with running(port, Path(folder), again) as server:
            seconds = wait(server, home, again)
            fetch(home)
        check_end(server, port, again)
        print(f"started again in {seconds:.0f} s")


class running:
    """`make run` as a process; TERM to make ends make and the server."""

    def __init__(self, port: int, folder: Path, log: Path) -> None:
        environment = os.environ | {"DATA_DIR": str(folder / "data")}
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MAKELEVEL"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [shutil.which("make") or "make", "run", f"PORT={port}"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise


def wait(server: subprocess.Popen[bytes], home: str, log: Path) -> float:
    """Wait until the home page answers; give the seconds it took."""
    started = time.monotonic()
    while time.monotonic() < started + READY_WITHIN:
        if server.poll() is not None:
            sys.exit(f"make run ended with {server.returncode}:\n{log.read_text()}")
        try:
            urllib.request.urlopen(home, timeout=60).close()
            return time.monotonic() - started
        except urllib.error.HTTPError as error:
            sys.exit(f"{home} answered {error.code}:\n{log.read_text()[-5000:]}")
        except OSError:
            time.sleep(0.5)
    sys.exit(f"{home} did not answer within {READY_WITHIN} s:\n{log.read_text()}")


def read_every_kind(home: str) -> None:
    start = Links(fetch(home))
    for kind in KINDS:
        channel = start.first("data-kind", kind)
        if channel is None:
            sys.exit(f"The home page has no link with data-kind={kind!r}.")
        channel = urljoin(home, channel)
        item = Links(fetch(channel)).first("data-item")
        if item is None:
            sys.exit(f"{channel} has no link with data-item.")
        fetch(urljoin(channel, item))
    fetch(urljoin(home, "/admin/login/"))


def fetch(address: str) -> str:
    """Read a page, which must answer 200 and have a heading."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            page = answer.read().decode()
            status = answer.status
    except urllib.error.HTTPError as error:
        sys.exit(f"{address} answered {error.code}.")
    if status != 200 or "<h1" not in page:
        sys.exit(f"{address} answered {status}, {'with' if '<h1' in page else 'without'} a heading.")
    print(f"200 {address}")
    return page


class Links(HTMLParser):
    """The links of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))

    def first(self, attribute: str, value: str | None = None) -> str | None:
        for link in self.links:
            if attribute in link and (value is None or link[attribute] == value):
                return link.get("href")
        return None


def refuse_second_server(port: int, folder: Path) -> None:
    """A port in use is said in plain words, before anything is touched."""
    second = folder / "second.log"
    with running(port, folder, second) as server:
        code = server.wait(120)
    if code == 0 or "PORT=" not in second.read_text() or "Traceback" in second.read_text():
        sys.exit(f"A second server on port {port} was not refused plainly:\n{second.read_text()}")
    print("a port in use is refused plainly")


def check_end(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """After TERM the server has shut down in order, make has died of it or ended with 0, the port is free."""
    written = log.read_text()
    if server.returncode not in (0, -signal.SIGTERM):
        sys.exit(f"make run ended with {server.returncode}:\n{written}")
    for needed in ("Application shutdown complete", "Finished server process"):
        if needed not in written:
            sys.exit(f"The server did not shut down in order ({needed!r} is missing):\n{written}")
    if "Traceback" in written:
        sys.exit(f"The server wrote a traceback:\n{written}")
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        print("ended cleanly")
    else:
        sys.exit(f"Something still listens on port {port}.")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


if __name__ == "__main__":
    main()
