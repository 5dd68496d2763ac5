"""What open pages ask for over HTTP, answered before Django: what they missed, and how far topics are.

``GET /live/guides:12/?since=5&epoch=…&on=/path/&community=45`` gives the regions of the page ``on`` that
change with the topic; ``GET /live/?topics=guides:12,banner:0`` gives versions, where no socket can be opened.
"""

import asyncio
import gzip
import hashlib
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.core.exceptions import DisallowedHost
from django.utils import timezone

from appearance.choices import PATTERN
from live import fragments, topics
from live.fragments import Fragments, Gone, Variant
from live.hub import Hub, Topic, told_afterwards
from live.versions import Version
from publishing.middleware import UNSAFE

logger = logging.getLogger("live")
PREFIX = "/live/"
FRESH_FOR = 60.0  # seconds; what a page says of opening hours changes by the clock
MOST_KEPT = 2_000  # answers
MOST_BYTES = 32 * 1024 * 1024
LONGEST_ADDRESS = 1_000  # characters
WORTH_ZIPPING = 500  # bytes
TRIES = 3  # renderings for one request, where the page changes meanwhile
_renderers = ThreadPoolExecutor(2, "live.fragments")

MOST_BODIES = 32  # of one kept page: it is asked for since different versions


class BadRequest(ValueError):
    """A request that no page of ours would send."""


class Body:
    """An answer, ready to be sent to any number of readers."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        self.status = status
        self.plain = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        self.zipped = gzip.compress(self.plain, 6) if len(self.plain) > WORTH_ZIPPING else b""
        self.etag = b'W/"%s"' % hashlib.blake2b(self.plain, digest_size=12).hexdigest().encode()


@dataclass
class Kept:
    """A rendered page, or that there is none, as long as nothing it shows has changed."""

    found: Fragments | Gone
    versions: dict[str, Version]  # of what it shows
    until: float
    size: int
    bodies: dict[tuple[Any, ...], Body] = field(default_factory=dict)


class LiveHttp:
    """An ASGI application for ``/live/`` that hands every other request to ``django``."""

    def __init__(self, django: Any) -> None:
        self.django = django
        self.kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
        self.bytes = 0
        self.rendering: dict[tuple[Any, ...], asyncio.Future[Kept]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(PREFIX):
            await _send(scope, send, await self._answer(scope))
        elif scope["method"] in UNSAFE:
            # Whoever publishes is answered first; telling thousands of readers would slow that down.
            with told_afterwards():
                await self.django(scope, receive, send)
        else:
            await self.django(scope, receive, send)

    async def _answer(self, scope: Any) -> Body:
        if scope["method"] not in ("GET", "HEAD"):
            return Body(405, {"detail": "GET"})
        try:
            query = _query(scope)
            name = scope["path"].removeprefix(PREFIX).rstrip("/")
            return await (self._fragments(scope, name, query) if name else self._versions(query))
        except (BadRequest, DisallowedHost) as error:
            return Body(400, {"detail": str(error)})
        except Exception:
            logger.exception("Could not answer %s", scope["path"])
            return Body(503, {"detail": "try again"})

    # Versions

    async def _versions(self, query: dict[str, str]) -> Body:
        names = query.get("topics", "").split(",")
        if len(names) > topics.MOST or not all(map(topics.is_topic, names)):
            raise BadRequest("topics: kind:number, at most 20")
        found = await Hub.here().load(names)
        told = {
            name: {"version": topic.version.number, "epoch": topic.version.epoch} if topic.is_public else None
            for name, topic in found.items()
        }
        return Body(200, {"topics": told})

    # Fragments

    async def _fragments(self, scope: Any, name: str, query: dict[str, str]) -> Body:
        if not topics.is_topic(name):
            raise BadRequest("no such topic")
        since = Version(query.get("epoch", ""), _number(query.get("since", "0")))
        topic = (await Hub.here().load([name]))[name]
        on = query.get("on") or await database_sync_to_async(fragments.own_address)(name)
        if on is None:
            return Body(404, {"gone": True})
        variant = _variant(scope, on, query.get("community", ""), query.get("reading", ""))
        kept = await self._page(variant if name != topics.BANNER else variant.of_any_page(), name)
        if isinstance(kept.found, Gone):
            return Body(404, {"gone": True, "url": kept.found.url, "title": kept.found.title})
        # A page that no longer shows the topic has nothing to change with it.
        now = kept.found.versions.get(name, topic.version)
        key = (name, since, now, topic.is_public)
        if key not in kept.bodies:
            if len(kept.bodies) >= MOST_BODIES:
                kept.bodies.clear()
            kept.bodies[key] = await self._body(kept.found, topic, since, now)
        return kept.bodies[key]

    async def _body(self, page: Fragments, topic: Topic, since: Version, now: Version) -> Body:
        """What ``page`` has to tell of ``topic`` to who has it as of ``since``."""
        if not topic.is_public:
            gone = {"topic": topic.name, "gone": True, "title": page.title, "regions": page.regions}
            return Body(200, gone)
        missed = await database_sync_to_async(fragments.missed)(topic.name, since, now)
        if missed is None:
            return Body(200, {"reload": True})
        is_shown = topic.name in page.versions
        at = timezone.localtime(missed.at) if missed.at else None
        told = {"topic": topic.name, "version": now.number, "epoch": now.epoch, "title": page.title}
        told |= {"at": at.isoformat(timespec="seconds") if at else None, "time": f"{at:%H:%M}" if at else ""}
        return Body(200, told | {"regions": page.regions if is_shown and missed.touches(page) else {}})

    async def _page(self, variant: Variant, topic: str) -> Kept:
        """The page as it now is: rendered once, however many ask, until something it shows changes."""
        kind, _number = topics.split(topic)
        key = (*variant.key, kind)
        kept = self.kept.get(key) or await self._rendered(key, variant, topic)
        for _try in range(TRIES):
            if await self._is_fresh(kept):
                break
            kept = await self._rendered(key, variant, topic)
        return kept

    async def _is_fresh(self, kept: Kept) -> bool:
        hub = Hub.here()
        if hub.loop.time() > kept.until:
            return False
        now = await hub.load(kept.versions)
        return not any(now[name].version.is_after(version) for name, version in kept.versions.items())

    async def _rendered(self, key: tuple[Any, ...], variant: Variant, topic: str) -> Kept:
        if key not in self.rendering:
            self.rendering[key] = asyncio.ensure_future(self._render(key, variant, topic))
            self.rendering[key].add_done_callback(lambda _done: self.rendering.pop(key))
        return await asyncio.shield(self.rendering[key])

    async def _render(self, key: tuple[Any, ...], variant: Variant, topic: str) -> Kept:
        make = database_sync_to_async(fragments.make, thread_sensitive=False, executor=_renderers)
        before = (await Hub.here().load([topic]))[topic].version
        found: Fragments | Gone
        try:
            found = await make(variant, topic)
        except Gone as gone:
            found = gone
        # As text, and then encoded and zipped.
        size = 200 + (sum(map(len, found.regions.values())) * 6 if isinstance(found, Fragments) else 0)
        fresh_for = FRESH_FOR if isinstance(found, Fragments) else 2.0
        versions = found.versions if isinstance(found, Fragments) else {topic: before}
        kept = Kept(found, versions, asyncio.get_running_loop().time() + fresh_for, size)
        self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[Any, ...], kept: Kept) -> None:
        old = self.kept.pop(key, None)
        self.bytes += kept.size - (old.size if old else 0)
        self.kept[key] = kept
        while len(self.kept) > MOST_KEPT or self.bytes > MOST_BYTES:
            _key, dropped = self.kept.popitem(last=False)
            self.bytes -= dropped.size


def _query(scope: Any) -> dict[str, str]:
    try:
        found = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=10, keep_blank_values=True)
    except ValueError as error:
        raise BadRequest("query") from error
    return {name: values[-1] for name, values in found.items()}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadRequest("since: a number")
    return int(text)


def _variant(scope: Any, on: str, community: str, reading: str) -> Variant:
    if len(on) > LONGEST_ADDRESS or not on.startswith("/") or on.startswith("//"):
        raise BadRequest("on: an address of this site")
    if community:
        _number(community)
    if reading and not re.fullmatch(PATTERN, reading):
        raise BadRequest("reading: as the page says it")
    host = dict(scope["headers"]).get(b"host", b"")
    return Variant(scope, host, on, community, reading)


async def _send(scope: Any, send: Callable[..., Any], body: Body) -> None:
    asked = dict(scope["headers"])
    known = (tag.strip().removeprefix(b"W/") for tag in asked.get(b"if-none-match", b"").split(b","))
    status, content = body.status, body.plain
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"etag", body.etag),
        (b"vary", b"accept-encoding"),
    ]
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    if status == 200 and body.etag.removeprefix(b"W/") in known:
        status, content = 304, b""
    elif body.zipped and b"gzip" in asked.get(b"accept-encoding", b""):
        content = body.zipped
        headers.append((b"content-encoding", b"gzip"))
    if status != 304:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})
