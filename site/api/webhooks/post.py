"""One request to an endpoint: to an address that was checked, soon over, and without following anywhere."""

import contextlib
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException

import certifi
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse
from urllib3.util.ssl_match_hostname import CertificateError

from api.webhooks.addresses import Refused, Target, places_of, target_of
from api.webhooks.models import EXCERPT

CONNECT_WITHIN = 3.0  # seconds
OVER_WITHIN = 10.0  # seconds, all in all
MOST_PLACES = 3  # addresses of one name that are tried
USUAL = {"Content-Type": "application/json", "User-Agent": "Doorstep-Webhooks/1"}


@dataclass(frozen=True)
class Outcome:
    """What came of it: the status of the answer and its beginning, or why there is none."""

    status: int | None = None
    error: str = ""
    duration_ms: int = 0
    response: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send ``body``; whatever goes wrong is in the outcome."""
    began = time.monotonic()
    status, error, excerpt = None, "", ""
    try:
        status, excerpt = _exchange(url, body, headers, began)
        error = _what_is_wrong(status)
    except Refused as refusal:
        error = str(refusal)
    except (ssl.SSLError, CertificateError):
        error = _("对方的证书有问题，没有发送。")
    except (HTTPError, HTTPException, OSError, ValueError) as failure:
        is_late = time.monotonic() - began >= OVER_WITHIN or isinstance(failure, TimeoutError)
        error = _("对方没有及时回答。") if is_late else _("连接不上，或者连接中断。")
    return Outcome(status, error, round((time.monotonic() - began) * 1000), excerpt)


def _what_is_wrong(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("对方要转到别的地址（%(status)d），这里不跟随。请填最终的地址。") % {"status": status}
    return _("对方回答 %(status)d。") % {"status": status}


def _exchange(url: str, body: bytes, headers: dict[str, str], began: float) -> tuple[int, str]:
    target = target_of(url)
    with contextlib.closing(_connect(target, began)) as connection:
        left = OVER_WITHIN - (time.monotonic() - began)
        # Timeouts of sockets count from the last byte, of which there may be one every second.
        alarm = threading.Timer(max(left, 0), _cut, [connection])
        alarm.start()
        try:
            if connection.sock is not None:
                connection.sock.settimeout(max(left, 0.1))
            all_headers = {"Host": target.host_header} | USUAL | headers
            connection.request("POST", target.path, body=body, headers=all_headers, preload_content=False)
            response = connection.getresponse()
            if time.monotonic() - began >= OVER_WITHIN:  # cut in the middle, it may look like an answer
                raise TimeoutError
            return response.status, _beginning(response)
        finally:
            alarm.cancel()


def _connect(target: Target, began: float) -> HTTPConnection:
    """A connection to the first of the target's addresses that answers."""
    failure: Exception = Refused(_("找不到对方的主机。"))
    for place in places_of(target)[:MOST_PLACES]:
        connection = _connection(target, place)
        alarm = threading.Timer(max(OVER_WITHIN - (time.monotonic() - began), 0), _cut, [connection])
        alarm.start()
        try:
            connection.connect()
        except (NewConnectionError, ConnectTimeoutError) as error:
            failure = error
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            return connection
        finally:
            alarm.cancel()
    raise failure


def _connection(target: Target, place: str) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(place, target.port, timeout=CONNECT_WITHIN)
    return HTTPSConnection(
        place, target.port, timeout=CONNECT_WITHIN, ssl_context=_trust(), server_hostname=target.host
    )


@lru_cache(1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _beginning(response: BaseHTTPResponse) -> str:
    """As much of the answer as is there, for people to read; nobody waits for more."""
    try:
        text = response.read1(EXCERPT, decode_content=False).decode("utf-8", "replace")
    except (HTTPError, HTTPException, OSError, ValueError):
        return ""
    return "".join(char if char.isprintable() or char in "\n\t" else "·" for char in text)[:EXCERPT]
