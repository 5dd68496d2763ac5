"""What every answer tells the browser, from whichever part of the site it comes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from config.serve import _parser, configure
from publishing import headers
from publishing.publish import publish
from tests import factories

ROOT = Path(__file__).parents[1]
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def pages() -> list[Any]:
    return [publish(factories.guide()), publish(factories.notice()), factories.home()]


def headers_at(client: Client, address: str) -> Any:
    answer: Any = client.get(address)
    for close in answer._resource_closers:  # and not the request with it, which closes the database
        close()
    return answer.headers


@pytest.mark.django_db
def test_public_answers_all_carry_the_same_strict_policy(client: Client, pages: list[Any]) -> None:
    addresses = [page.url for page in pages]
    addresses += ["/search/?q=养老", "/api/v1/guides/", "/api/v1/docs/", "/feeds/", "/open-data/"]
    addresses += ["/robots.txt", "/sitemap.xml", "/nowhere/", "/my-community/", "/static/civic/suggest.js"]

    said = {address: headers_at(client, address) for address in addresses}

    policies = {each["Content-Security-Policy"] for each in said.values()}
    assert policies == {headers.policy(headers.SOURCES)}
    assert not any(word in policies.copy().pop() for word in ("unsafe", "nonce", "sha256", "*", "http"))
    for address, each in said.items():
        assert EVERYWHERE.items() <= dict(each).items(), address
        assert each["X-Frame-Options"] == "SAMEORIGIN"
        assert "geolocation=(self), " in each["Permissions-Policy"]
        assert "Server" not in each


@pytest.mark.django_db
def test_the_policy_of_a_page_is_the_same_for_every_reader(client: Client, pages: list[Any]) -> None:
    reader = client.get(pages[0].url).headers
    client.force_login(factories.user("administrator"))
    editor = client.get(pages[0].url).headers

    told = set(headers.headers_of("/"))
    assert {name: reader[name] for name in told} == {name: editor[name] for name in told}


@pytest.mark.django_db
def test_the_admin_runs_no_script_that_stands_in_a_page(client: Client, pages: list[Any]) -> None:
    client.force_login(factories.user("administrator"))

    answer = client.get(f"/admin/pages/{pages[0].pk}/edit/")

    sources = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert sources["script-src"] == sources["style-src"] == "'self'"
    assert sources["frame-src"] == sources["frame-ancestors"] == "'self'"
    content = answer.content.decode()
    assert "<script>" not in content
    assert 'name="initDateChooser"' in content
    assert 'name="InlinePanel"' in content


@pytest.mark.django_db
def test_only_a_channel_may_be_framed_by_other_sites(client: Client, settings: Any) -> None:
    settings.EMBED_ANCESTORS = ["https://portal.example"]
    channel = factories.notice().get_parent()

    framed, page = client.get(f"/embed/{channel.pk}/"), client.get(channel.url)

    assert "frame-ancestors 'self' https://portal.example" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"].split("; ")


async def asked(path: str, *, application: Any, scheme: str = "http") -> dict[str, list[str]]:
    """The headers that the server would send."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
        "root_path": "", "scheme": scheme, "query_string": b"", "headers": [(b"host", b"testserver")],
        "server": ("testserver", 80), "client": ("127.0.0.1", 5000),
    }  # fmt: skip
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    start = await communicator.receive_output(20)
    while (await communicator.receive_output(20)).get("more_body"):
        pass
    await communicator.wait(20)
    found: dict[str, list[str]] = {}
    for name, value in start["headers"]:
        found.setdefault(name.decode().lower(), []).append(value.decode())
    return found


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An answer without any header of its own, but one."""
    own = [(b"Content-Security-Policy", b"default-src 'none'")]
    await send({"type": "http.response.start", "status": 200, "headers": own})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.asyncio
async def test_an_answer_keeps_its_own_policy_and_lacks_no_other_header(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    safe = headers.SafeAnswers(bare)

    plain = await asked("/", application=safe)
    secure = await asked("/", application=safe, scheme="https")

    assert plain["content-security-policy"] == ["default-src 'none'"]
    assert plain["x-content-type-options"] == ["nosniff"]
    assert "strict-transport-security" not in plain
    assert secure["strict-transport-security"] == ["max-age=60; includeSubDomains"]


def test_a_proxy_may_say_that_the_reader_came_by_https(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def complete(*said: tuple[bytes, bytes]) -> set[bytes]:
        scope = {"path": "/", "scheme": "http", "headers": list(said)}
        return {name for name, _value in headers.complete([], scope)}

    assert b"strict-transport-security" in complete((b"x-forwarded-proto", b"https"))
    assert b"strict-transport-security" not in complete((b"x-forwarded-proto", b"http"))
    assert b"strict-transport-security" not in complete()


def test_the_server_does_not_say_what_it_is() -> None:
    assert configure(_parser().parse_args([])).server_header is False


def test_the_settings_for_production_pass_djangos_own_check(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "BASE_URL": "https://www.example.gov.cn",
        "SECRET_KEY": "a-random-text-Of-at-least-50-characters-0123456789-abcdefghij",
        "ALLOWED_HOSTS": "www.example.gov.cn",
        "HSTS_SUBDOMAINS": "1",
    }
    command = [
        sys.executable,
        "manage.py",
        "check",
        "--deploy",
        "--tag",
        "security",
        "--fail-level",
        "WARNING",
    ]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
