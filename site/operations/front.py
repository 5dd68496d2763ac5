"""What meets each request first and sees its answer last, before and around everything else."""

import ipaddress
import logging
import random
import re
import time
from collections.abc import Awaitable
from functools import lru_cache
from typing import Any

from django.conf import settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from operations import endpoints, metrics
from operations.asked import Asked, current

logger = logging.getLogger("access")
KNOWN = 4096  # addresses
SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
HEADER = b"x-request-id"
JUDGED = {b"x-forwarded-for", b"x-forwarded-proto", HEADER}
FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"}


class Front:
    """Knows who really asks, names the request, answers for this process's health, counts and logs."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.behind_proxies = ProxyHeadersMiddleware(self._meet, settings.TRUSTED_PROXIES)
        # Few addresses ask this process itself, and reading one takes as long as sending a page.
        self.is_trusted = lru_cache(KNOWN)(self.behind_proxies.trusted_hosts.__contains__)
        self.prefix = settings.FORCE_SCRIPT_NAME or ""
        # Names only have to differ: asking the system for each one's bits takes as long as finding the page.
        self.bits = random.Random().getrandbits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        peer = (scope.get("client") or ("",))[0]
        is_from_proxy = self.is_trusted(peer)
        given = dict(scope["headers"])
        sent = given.get(HEADER)
        if sent is not None and is_from_proxy and SANE_ID.fullmatch(sent):
            name = sent.decode()
        else:
            name = f"{self.bits(64):016x}"
        asked = Asked(id=name, method=scope.get("method", ""))
        # From this machine itself, by nobody's leave: a proxy on it says for whom it asks.
        scope["is_local"] = _is_loopback(peer) and not FORWARDED & given.keys()
        scope["request_id"] = asked.id
        scope["is_judged"] = is_judged = not JUDGED.isdisjoint(given)
        if self.prefix and (scope["path"] + "/").startswith(self.prefix + "/"):
            scope["path"] = scope["path"].removeprefix(self.prefix) or "/"
        scope["root_path"] = self.prefix
        asked.path = scope["path"]
        if scope["type"] == "websocket":  # whose router takes it away itself
            scope["path"] = self.prefix + scope["path"]
        token = current.set(asked)
        try:
            await (self.behind_proxies if is_judged and is_from_proxy else self._meet)(scope, receive, send)
        finally:
            current.reset(token)

    def _meet(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        # What they said is known by now, and believed or not: nobody further in has to judge again.
        if scope.pop("is_judged"):
            scope["headers"] = [each for each in scope["headers"] if each[0] not in JUDGED]
        if scope["type"] == "websocket":
            return self.application(scope, receive, send)
        if (answer := endpoints.AT.get(scope["path"])) is not None:
            return answer(scope, send)
        return self._answer(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        asked = current.get()
        assert asked is not None
        began, name = time.perf_counter(), (HEADER, asked.id.encode())

        def send_named(message: Any) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                asked.status = message["status"]
                message = message | {"headers": [*message.get("headers", ()), name]}
            return send(message)

        try:
            await self.application(scope, receive, send_named)
        except Exception:
            asked.status = asked.status or 500
            raise
        finally:
            took = time.perf_counter() - began
            metrics.count(asked, took)
            if asked.view:  # what is answered before Django is counted, not written down
                further = {"status": asked.status, "duration_ms": round(took * 1000, 1)}
                logger.info("%s %s", asked.method, asked.view, extra=further)


@lru_cache(KNOWN)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
