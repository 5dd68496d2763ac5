"""Finished pages for the other processes, in Redis; whether one is still right is for its finder to judge.

Nothing is ever dropped there: every page says what it was made from and when, and each process knows what has
changed since. So a Redis that is away, slow or emptied costs a rendering and nothing else.
"""

import asyncio
import hashlib
import logging
import time
from functools import cache
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.sentinel import Sentinel
from redis.exceptions import RedisError

from delivery.pages import StoredPage

logger = logging.getLogger("delivery")
WITHIN = 0.05  # seconds; a rendering takes about as long
LET_BE = 5.0  # seconds for which a Redis that did not answer is not asked
KEPT_FOR = 3600  # seconds
MOST = 4 * 1024 * 1024  # bytes of one page


class Shelf:
    """Pages that several processes share; without Redis every question is answered with None."""

    def __init__(self, server: dict[str, Any] | None) -> None:
        self.server = server
        self.client: Any = None
        self.quiet_until = 0.0

    async def get(self, key: tuple[bytes, ...]) -> StoredPage | None:
        packed = await self._ask("get", key)
        try:
            return StoredPage.unpack(packed) if packed else None
        except (ValueError, TypeError, OSError):
            return None

    async def put(self, key: tuple[bytes, ...], page: StoredPage) -> None:
        if self.server is None:
            return
        packed = page.pack()
        if len(packed) < MOST:
            await self._ask("set", key, packed, ex=KEPT_FOR)

    async def close(self) -> None:
        if self.client is not None:
            await self.client.aclose()

    async def _ask(self, verb: str, key: tuple[bytes, ...], *arguments: Any, **options: Any) -> Any:
        if self.server is None or time.monotonic() < self.quiet_until:
            return None
        if self.client is None:
            self.client = _client(**self.server)
        try:
            async with asyncio.timeout(WITHIN * 4 if verb == "set" else WITHIN):
                return await getattr(self.client, verb)(_name(key), *arguments, **options)
        except (RedisError, OSError, TimeoutError) as error:
            self.quiet_until = time.monotonic() + LET_BE
            logger.info("Pages are not shared for a moment: %r", error)
            return None


def _client(
    *, url: str = "", sentinels: Any = (), name: str = "", db: int = 0, password: str | None = None
) -> Any:
    if sentinels:
        return Sentinel(sentinels, socket_connect_timeout=1).master_for(name, db=db, password=password)
    return Redis.from_url(url, socket_connect_timeout=1)


def _name(key: tuple[bytes, ...]) -> bytes:
    digest = hashlib.blake2b(b"\0".join(key), digest_size=16, person=b"page").hexdigest()
    return f"page:{release()}:{digest}".encode()


@cache
def release() -> str:
    """Names the code and templates that run here: pages of others are not taken."""
    made = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=8)
    for folder in ("content_models", "site", "themes"):
        for path in sorted((settings.ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".css", ".js", ".svg", ".mo"):
                found = path.stat()
                made.update(f"{path}{found.st_size}{found.st_mtime_ns}".encode())
    return made.hexdigest()
