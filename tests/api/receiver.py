"""Another system's end of a webhook: a real HTTP server on this machine that keeps what it is sent."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with ``status`` and ``said``; ``on_request`` may do something before."""

    url: str = ""
    status: int = 200
    said: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    on_request: Callable[[Any], None] | None = None
    received: list[Received] = field(default_factory=list)


class QuietServer(ThreadingHTTPServer):
    """Says nothing about clients that break off."""

    def handle_error(self, *_args: Any) -> None:
        pass


@contextlib.contextmanager
def receiver(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver at work, over https with a certificate; its address is its ``url``."""
    it = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            it.received.append(Received(self.path, headers, body))
            if it.on_request is not None:
                it.on_request(self)
            with contextlib.suppress(OSError):
                self.send_response(it.status)
                for name, value in it.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(it.said)))
                self.end_headers()
                self.wfile.write(it.said)

        def log_message(self, *_args: Any) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    it.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/in/?from=doorstep"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
