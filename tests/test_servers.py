"""The servers that the tests start themselves do start, answer and end."""

import os
import socket
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection
from playwright.sync_api import Page

from tests import servers
from tests.conftest import need


def test_postgres_answers_and_is_gone_afterwards() -> None:
    need(servers.find_postgres)

    with servers.postgres() as url, psycopg.connect(url) as direct:
        row = direct.execute(
            "SELECT version(), datcollate FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
        port = direct.info.port

    assert row is not None
    assert row[0].startswith("PostgreSQL")
    assert row[1] == "C.UTF-8"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_sqlite_database_is_a_file_in_wal_mode() -> None:
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()

    assert Path(connection.settings_dict["NAME"]).is_file()
    assert mode == ("wal",)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_postgres_database_sorts_by_code_point() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        collation = cursor.fetchone()

    assert collation == ("C.UTF-8",)


def test_redis_answers_and_starts_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.dbsize() == 0


def test_a_missing_program_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "Redis is not installed: apt install redis-server" in servers.missing_programs()


def test_a_missing_program_skips_or_fails_as_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    monkeypatch.setenv("REQUIRE_ALL", "0")
    with pytest.raises(pytest.skip.Exception, match="apt install chromium"):
        need(servers.find_chromium)
    monkeypatch.setenv("REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="apt install chromium"):
        need(servers.find_chromium)


def test_the_network_is_closed() -> None:
    with socket.socket() as outside, pytest.raises(RuntimeError, match="no network"):
        outside.connect(("192.0.2.1", 80))


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    def command(port: int) -> list[str]:
        return ["/bin/sh", "-c", "echo no room; exit 3"]

    def answers(port: int) -> None:
        raise ConnectionRefusedError

    with pytest.raises(RuntimeError, match="no room"), servers.running(command, answers, cwd=tmp_path):
        pass

    assert os.path.exists(tmp_path / "server.log")


def test_the_browser_shows_chinese(page: Page) -> None:
    page.goto(
        "data:text/html;charset=utf-8,<h1>家门口</h1><script>document.title=navigator.language</script>"
    )

    assert page.inner_text("h1") == "家门口"
    assert page.title() == "zh-CN"


def test_the_browser_reaches_nothing_outside(page: Page) -> None:
    page.goto("data:text/html,<p>")

    reached = page.evaluate("fetch('http://example.com', {mode: 'no-cors'}).then(() => true, () => false)")

    assert reached is False


def test_a_browser_without_script_runs_none(noscript_page: Page) -> None:
    noscript_page.goto(
        "data:text/html,<p>before</p><script>document.querySelector('p').innerText='after'</script>"
    )

    assert noscript_page.inner_text("p") == "before"


def test_a_phone_is_narrow(phone_page: Page) -> None:
    phone_page.goto("data:text/html,<meta name=viewport content='width=device-width'>")

    assert phone_page.evaluate("innerWidth") == 375
