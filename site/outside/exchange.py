"""One request to another server: to an address that was checked, soon over, following nowhere."""

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from http.client import HTTPException
from typing import TypeVar

import certifi
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse
from urllib3.util.ssl_match_hostname import CertificateError

from outside.addresses import Target, Unknown

CONNECT_WITHIN = 3.0  # seconds
MOST_PLACES = 3  # addresses of one name that are tried
UNTRUSTED = (ssl.SSLError, CertificateError)
FAILED = (HTTPError, HTTPException, OSError, ValueError)
Read = TypeVar("Read")


def exchange(
    method: str,
    target: Target,
    places: Sequence[str],
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    within: float,
    read: Callable[[BaseHTTPResponse], Read],
) -> Read:
    """Ask ``target`` at the first of ``places`` that answers, and ``read`` that; all ``within`` seconds.

    Raises what UNTRUSTED and FAILED name.
    """
    began = time.monotonic()
    with contextlib.closing(_connect(target, places, began + within)) as connection:
        left = began + within - time.monotonic()
        # Timeouts of sockets count from the last byte, of which there may be one every second.
        alarm = threading.Timer(max(left, 0), _cut, [connection])
        alarm.start()
        try:
            if connection.sock is not None:
                connection.sock.settimeout(max(left, 0.1))
            all_headers = {"Host": target.host_header} | dict(headers)
            connection.request(method, target.path, body=body, headers=all_headers, preload_content=False)
            response = connection.getresponse()
            if time.monotonic() - began >= within:  # cut in the middle, it may look like an answer
                raise TimeoutError
            return read(response)
        finally:
            alarm.cancel()


def _connect(target: Target, places: Sequence[str], until: float) -> HTTPConnection:
    """A connection to the first of the target's addresses that answers."""
    failure: Exception = Unknown(_("找不到对方的主机。"))
    for place in places[:MOST_PLACES]:
        connection = _connection(target, place)
        alarm = threading.Timer(max(until - time.monotonic(), 0), _cut, [connection])
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
        place, target.port, timeout=CONNECT_WITHIN, ssl_context=trust(), server_hostname=target.host
    )


@lru_cache(1)
def trust() -> ssl.SSLContext:
    """The authorities that are believed."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
