"""Answers anonymous readers of published pages from memory, before Django; everything else passes through.

A page is rendered once however many ask for it at the same time. While it is rendered anew, readers get the
one before, for ``GRACE`` seconds after the commit that changed it and no longer; after that they wait. Where
Django cannot make it (the database is away), they go on getting the one before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import timezone

from appearance.languages import language_of
from delivery import readers
from delivery.pages import Answer, Headers, Slip, StoredPage
from delivery.shelf import Shelf
from delivery.store import Key, Store
from delivery.variants import key_of, plain_headers
from delivery.watch import Watch
from publishing import registry

logger = logging.getLogger("delivery")
GRACE = 0.7  # seconds; what is left of the second is for noticing
TRY_AGAIN = 1.0  # seconds after which Django is asked again where it could not make a page
MOST_BEFORE = 24 * 3600.0  # seconds for which a page is better than an error
NOTHING = {"type": "http.response.body", "body": b""}
Send = Callable[[dict[str, Any]], Awaitable[None]]


class PageStore:
    """An ASGI application that stands in front of ``django``; ``here`` is the one that this process runs."""

    here: ClassVar["PageStore | None"] = None

    def __init__(self, django: Any) -> None:
        self.django = django
        self.store = Store()
        self.watch = Watch(self.store)
        self.shelf = Shelf(settings.PAGE_SHELF)
        self.rendering: dict[Key, asyncio.Future[None]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    # Its life

    async def start(self) -> None:
        """Begin to follow the outbox."""
        if settings.PAGE_STORE:
            PageStore.here = self
            registry.follow(self.watch.wake)
            self._keep(asyncio.create_task(self.watch.run(), name="delivery.watch"))
            self._keep(asyncio.create_task(readers.write_again_and_again(), name="delivery.readers"))

    async def stop(self) -> None:
        if settings.PAGE_STORE:
            PageStore.here = None
            registry.unfollow(self.watch.wake)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if settings.PAGE_STORE and settings.READINGS_WRITTEN_EVERY:
            await asyncio.to_thread(readers.write_and_let_go)
        await self.shelf.close()

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # Answers

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        asked = key_of(scope) if self.store.is_begun else None
        if asked is None:
            await self.django(scope, receive, send)
            return
        page = self.store.get(asked.key)
        if page is None or not self._may_send(page, asked.key, scope):
            await self._make(asked, scope, receive, send)
            return
        self.store.hits += 1
        readers.note(scope)
        await _send(scope, send, page.answer(asked.accepted, asked.known))

    def _may_send(self, page: StoredPage, key: Key, scope: Any) -> bool:
        """Whether a reader may get the page as it is; one that is out of date is then made anew meanwhile."""
        now = timezone.now().timestamp()
        if page.is_fresh(now):
            return True
        if now < page.excused_until:
            return True
        if now >= page.wrong_since + GRACE:
            return False
        self._refresh(key, scope)
        return True

    def _refresh(self, key: Key, scope: Any) -> None:
        """Make the page anew, with nobody waiting for it."""
        if key not in self.rendering:
            self._begin(key)
            self._keep(asyncio.create_task(self._render_and_end(key, scope), name="delivery.refresh"))

    async def _make(self, asked: Any, scope: Any, receive: Any, send: Send) -> None:
        if not _is_address_of_page(scope):
            await self.django(scope, receive, send)
            return
        key = asked.key
        while True:
            page = self.store.get(key)
            if page is not None and self._may_send(page, key, scope):
                readers.note(scope)
                await _send(scope, send, page.answer(asked.accepted, asked.known))
                return
            if key not in self.rendering:
                break
            await asyncio.wait([self.rendering[key]])
            if (page := self.store.get(key)) is None:
                break  # it is nothing to keep: everybody asks Django
        self.store.misses += 1
        before = self.store.get(key)
        is_first = key not in self.rendering
        if is_first:
            self._begin(key)
        try:
            page = await self._render(key, scope, receive, send, before)
        finally:
            if is_first:
                self._end(key)
        if page is not None:
            readers.note(scope)
            await _send(scope, send, page.answer(asked.accepted, asked.known))

    def _begin(self, key: Key) -> None:
        self.rendering[key] = asyncio.get_running_loop().create_future()

    def _end(self, key: Key) -> None:
        self.rendering.pop(key).set_result(None)

    async def _render_and_end(self, key: Key, scope: Any) -> None:
        try:
            await self._render(key, scope, None, None, self.store.get(key))
        except Exception:
            logger.exception("A page could not be made anew")
        finally:
            self._end(key)

    async def _render(
        self, key: Key, scope: Any, receive: Any, send: Send | None, before: StoredPage | None
    ) -> StoredPage | None:
        """The page for everybody, kept from now on; None where Django's own answer was sent instead."""
        if (page := await self._from_shelf(key)) is not None:
            self.store.shared += 1
            self.store.put(key, page)
            return page
        slip = Slip()
        own = dict(scope, headers=plain_headers(scope, key), method="GET")
        own["delivery.slip"] = slip
        answer = _Collected(slip, send if scope["method"] == "GET" or send is None else _without_body(send))
        await self.django(own, _nothing_more(), answer)
        if answer.is_passed_on:
            self.store.remove(key)
            return None
        now = timezone.now().timestamp()
        if answer.status >= 500 and before is not None and now < before.wrong_since + MOST_BEFORE:
            before.excused_until = now + TRY_AGAIN
            return before
        if not slip.keys:
            self.store.remove(key)
            if answer.is_own and send is not None:  # a form, made for nobody yet
                await self.django(scope, receive, send)
            else:
                await answer.pass_on()
            return None
        page = await asyncio.to_thread(StoredPage.make, slip, answer.headers, answer.content)
        self.store.put(key, page)
        self._keep(asyncio.create_task(self.shelf.put(key, page), name="delivery.shelf"))
        return page

    async def _from_shelf(self, key: Key) -> StoredPage | None:
        page = await self.shelf.get(key)
        if page is None or not page.is_fresh(timezone.now().timestamp()) or not self.store.knows(page):
            return None
        return None if self.store.overtaken_by(page) else page


class _Collected:
    """Gathers an answer that may be kept; passes any other on as it comes."""

    def __init__(self, slip: Slip, send: Send | None) -> None:
        self.slip, self.send = slip, send
        self.is_passed_on = self.is_own = False
        self.start: dict[str, Any] = {}
        self.parts: list[bytes] = []

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            # Only what Django made whole is gathered: a download may be long and never ends up in memory.
            self.is_own = any(name.lower() == b"set-cookie" for name, _value in message["headers"])
            self.is_passed_on = not self.slip.keys and message["status"] < 500 and not self.is_own
            if self.slip.refused:
                logger.warning("A page is not kept: it %s", self.slip.refused)
        elif message["type"] == "http.response.body" and not self.is_passed_on:
            self.parts.append(message.get("body", b""))
        if self.is_passed_on and self.send is not None:
            await self.send(message)

    async def pass_on(self) -> None:
        if self.send is not None:
            await self.send(self.start)
            await self.send({"type": "http.response.body", "body": self.content})

    @property
    def status(self) -> int:
        return int(self.start["status"])

    @property
    def headers(self) -> Headers:
        return [(bytes(name).lower(), bytes(value)) for name, value in self.start["headers"]]

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)


def _is_address_of_page(scope: Any) -> bool:
    """Whether Wagtail answers at this address; the rest has its own ways and may take long."""
    try:
        return resolve(language_of(scope["path"])[1]).url_name == "wagtail_serve"
    except Resolver404:
        return False


def _nothing_more() -> Callable[[], Awaitable[dict[str, Any]]]:
    """A request without content whose sender stays: others may be waiting for the page as well."""
    is_given = False

    async def receive() -> dict[str, Any]:
        nonlocal is_given
        if is_given:
            await asyncio.Event().wait()
        is_given = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _without_body(send: Send) -> Send:
    async def send_head(message: dict[str, Any]) -> None:
        await send(message | {"body": b""} if message["type"] == "http.response.body" else message)

    return send_head


async def _send(scope: Any, send: Send, answer: Answer) -> None:
    await send(answer.start)
    await send(answer.body if scope["method"] == "GET" else NOTHING)
