"""The server: uvicorn on a socket that lets go of readers who stopped reading.

    python -m config.serve [--host 127.0.0.1] [--port 8000] [--workers 1]

Ends in order on Ctrl-C and TERM, with 0; with 1 where it cannot listen, with 3 where the site does not start.
Whose X-Forwarded headers are believed says TRUSTED_PROXIES, or the option for it.
"""

import argparse
import contextlib
import copy
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
from functools import lru_cache
from typing import Any

from django.conf import settings
from uvicorn.config import LOGGING_CONFIG, STARTUP_FAILURE, Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import Server
from uvicorn.supervisors import Multiprocess
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from config import log_settings, safety

logger = logging.getLogger("uvicorn.error")

SITE = "config.asgi:application"
BACKLOG = 4096  # who waits to be let in, as after a restart
SEND_BUFFER = 64 * 1024  # bytes that the kernel holds for one reader
DROP_AFTER = 30  # seconds in which a reader takes nothing of what was sent
OPEN_FILES = 65_536  # each socket is one; a shell's usual 1,024 would be too few
M_ARENA_MAX = -8  # in glibc's malloc.h


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; returns the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.app == SITE:
        load_settings(asked)
        if getattr(settings, "SINGLE_PROCESS", False) and not safety.claim(settings.DATA_DIR):
            return safety.CODE
    try:
        listener = listen(asked.host, asked.port, drop_after=asked.drop_after)
    except OSError as error:
        print(f"Cannot listen on {asked.host}:{asked.port}: {error.strerror}.", file=sys.stderr)
        print("Choose another port, for example: --port 8001", file=sys.stderr)
        return 1
    allow_many_sockets()
    share_one_heap()
    with listener:
        config = configure(asked)
        logger.info("Listening on http://%s:%d", asked.host, listener.getsockname()[1])
        return serve(config, listener)


def load_settings(asked: argparse.Namespace) -> None:
    """Let settings that are unsafe end this process, before there are workers that would be started again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    if asked.forwarded_allow_ips:
        os.environ["TRUSTED_PROXIES"] = asked.forwarded_allow_ips
    declared = os.environ.get("WEB_PROCESSES", "")
    if asked.workers > 1 and not (declared.isdecimal() and int(declared) >= asked.workers):
        os.environ["WEB_PROCESSES"] = str(asked.workers)
    settings.DEBUG  # noqa: B018  reads them


def listen(host: str, port: int, *, drop_after: float = DROP_AFTER) -> socket.socket:
    """A listening socket; its connections hold little, and end when ``drop_after`` seconds nothing is taken.

    Pings cannot end those: uvicorn closes a connection only once what it has written is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(drop_after * 1000))
        listener.bind((host, port))
        listener.listen(BACKLOG)  # at once, so that a second server is refused before it starts anything
    except OSError:
        listener.close()
        raise
    return listener


def allow_many_sockets() -> None:
    """Have as many files open as the system lets us, here and in the workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def share_one_heap() -> None:
    """Have all threads take memory from one place, where what one gives back another can use.

    By glibc's own rules each thread that makes pages gets its own, which keeps what its largest page took.
    """
    with contextlib.suppress(AttributeError, OSError):  # other C libraries have no such thing
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def configure(asked: argparse.Namespace) -> Config:
    """uvicorn as this site needs it: small messages, none deflated (which costs ten times the memory)."""
    return Config(
        asked.app,
        workers=asked.workers,
        proxy_headers=False,  # the site looks at them itself, and at who sends them
        ws=Sockets,
        ws_max_size=4096,
        ws_per_message_deflate=False,
        ws_ping_interval=60.0,  # pages give a sign of life every 30 seconds themselves
        ws_ping_timeout=20.0,
        lifespan="on",
        log_config=_log_config(asked.app),
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=10,
    )


@lru_cache(128)
def _frame(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's sockets, which write a text that goes to thousands as one ready-made frame.

    Nothing is deflated or split here, so a frame is the same bytes for everybody.
    """

    async def send(self, message: Any) -> None:
        text = message.get("text")
        is_plain = text and self.conn.state is State.OPEN and self.handshake_complete and not self.close_sent
        if not is_plain or message["type"] != "websocket.send":
            await super().send(message)
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(_frame(text))


def serve(config: Config, listener: socket.socket) -> int:
    """Serve in this process, or in workers that share the socket; returns the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # TERM ends as Ctrl-C does
    if config.workers > 1:
        workers = Multiprocess(config, [listener])
        workers.run()
        failed = any(process.exitcode == STARTUP_FAILURE for process in workers.processes)
        return STARTUP_FAILURE if failed else 0
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        config.load()  # before there is an event loop, in which Django refuses to read the database
        server.run([listener])
    return 0


def _log_config(app: str) -> dict[str, Any]:
    is_json = app == SITE and settings.LOG_FORMAT == log_settings.JSON
    log_config = log_settings.of_server() if is_json else copy.deepcopy(LOGGING_CONFIG)
    log_config["filters"] = {"no_sockets": {"()": SilentSockets}}
    log_config["loggers"]["uvicorn.error"]["filters"] = ["no_sockets"]
    return log_config


class SilentSockets(logging.Filter):
    """Leaves out the lines that each socket would write on coming, with the reader's address."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or "websockets" not in record.pathname


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.serve", description="Serve the site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one and says which")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port")
    parser.add_argument(
        "--forwarded-allow-ips", metavar="ADDRESSES", help="proxies whose X-Forwarded headers are believed"
    )
    parser.add_argument(
        "--drop-after", type=float, default=DROP_AFTER, metavar="SECONDS",
        help="let go of a reader who takes nothing for so long (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--app", default=SITE, help="what to serve")
    return parser


if __name__ == "__main__":
    sys.exit(main())
