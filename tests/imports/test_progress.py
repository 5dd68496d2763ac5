"""The socket that tells how far an import is: for its owner, from this very site."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from pytest_django import Settings

from config.asgi import application
from config.origins import OwnOriginOnly
from imports import sockets
from imports.models import ImportRun
from tests import factories
from tests.factories import committed
from tests.live.visitors import in_thread
from tests.live.visitors import run as run_with_hub


class Socket(ApplicationCommunicator):
    """A browser's end of a socket. (Channels' own wants another server installed.)"""

    def __init__(self, application: Any, path: str, headers: Any = ()) -> None:
        scope = {"type": "websocket", "scheme": "ws", "path": path, "headers": list(headers)}
        super().__init__(application, scope)

    async def opens(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(10))["type"] == "websocket.accept"

    async def told(self) -> dict[str, str]:
        return json.loads((await self.receive_output(10))["text"])


class As:
    """The application as a signed-in user meets it."""

    def __init__(self, user: Any) -> None:
        self.user, self.application = user, URLRouter(sockets.urlpatterns)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await self.application(scope | {"user": self.user}, receive, send)


def a_run(by: Any, state: str = "checking") -> ImportRun:
    return ImportRun.objects.create(
        kind="lists", by=by, file_name="清单.csv", file_hash="0", file_size=1, state=state
    )


@committed
def test_progress_is_pushed_until_the_work_is_done() -> None:
    owner = factories.user("importer", factories.home())
    run = a_run(owner)

    async def listen() -> list[dict[str, str]]:
        socket = Socket(As(owner), f"/admin-ws/imports/{run.pk}/")
        assert await socket.opens()
        await socket.send_input({"type": "websocket.receive", "text": "{not json"})
        first = await socket.told()
        await in_thread(run.beat)(rows_read=500, rows_expected=1000)
        second = await socket.told()
        await in_thread(run.beat)(state="checked")
        third, last = [await socket.told() for _ in range(2)]
        assert (await socket.receive_output(10))["type"] == "websocket.close"
        return [first, second, third, last]

    first, second, _third, last = run_with_hub(listen)

    assert "正在排队" in first["html"]
    assert "已读 500 行，共约 1000 行" in second["html"]
    assert last == {"next": f"/admin/imports/{run.pk}/"}


@committed
def test_the_server_hands_its_socket_on_to_whom_it_is_for() -> None:
    owner = factories.user("importer", factories.home())
    run, client = a_run(owner), Client()
    client.force_login(owner)
    ours = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    cookie = (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())

    async def knock() -> list[bool]:
        address = f"/admin-ws/imports/{run.pk}/"
        return [await Socket(application, address, headers).opens() for headers in (ours, [*ours, cookie])]

    assert run_with_hub(knock) == [False, True]


@committed
def test_nobody_else_is_told_of_a_run() -> None:
    home = factories.home()
    run = a_run(factories.user("importer", home))
    others = [factories.user("importer", home), factories.user(), AnonymousUser()]

    async def knock(user: Any) -> bool:
        return await Socket(As(user), f"/admin-ws/imports/{run.pk}/").opens()

    assert [asyncio.run(knock(user)) for user in others] == [False, False, False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "host", "opens"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("http://localhost", "localhost", True),
        ("http://localhost:8001", "localhost:8000", False),
        ("https://localhost:8000", "localhost:8000", False),
        ("http://evil.example", "localhost:8000", False),
        ("http://evil.example", "evil.example", False),
        ("null", "localhost:8000", False),
        ("", "localhost:8000", False),
    ],
)
def test_only_the_exact_origin_opens_a_socket(origin: str, host: str, opens: bool) -> None:
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]

    assert asyncio.run(_opens(headers)) is opens


@pytest.mark.django_db
def test_behind_a_proxy_the_scheme_is_the_visitor_s(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = [(b"host", b"localhost"), (b"x-forwarded-proto", b"https")]

    assert asyncio.run(_opens([*headers, (b"origin", b"https://localhost")]))
    assert not asyncio.run(_opens([*headers, (b"origin", b"http://localhost")]))


async def _opens(headers: list[tuple[bytes, bytes]]) -> bool:
    async def accept(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    return await Socket(OwnOriginOnly(accept), "/x/", headers).opens()
