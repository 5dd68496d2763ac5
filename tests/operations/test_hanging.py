"""A database or a Redis that hangs or dies is told in time, and the process goes on when it is back."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests import servers
from tests.conftest import need
from tests.deploy.installation import ROOT, production, until
from tests.live.outages import Line, stoppable_redis

MOST = 2.5  # seconds for an answer: two, and a busy machine


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """A web process, and its lines to the database and to Redis."""
    need(servers.find_postgres)
    need(servers.find_redis)
    folder = tmp_path_factory.mktemp("site")
    with servers.postgres() as database, stoppable_redis(folder) as redis:
        port = urlsplit(database).port
        assert port
        with Line(port) as to_database, Line(redis.port) as to_redis:
            url = database.replace(f":{port}/", f":{to_database.port}/")
            env = production(folder / "data", url, f"redis://127.0.0.1:{to_redis.port}/0")

            def answers(port: int) -> None:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()

            with servers.running(servers.site, answers, cwd=ROOT, env=env, log=folder / "server.log") as port:
                yield f"http://127.0.0.1:{port}", {"database": to_database, "channel_layer": to_redis}
        print((folder / "server.log").read_text()[-5_000:])


@pytest.mark.parametrize("part", ["database", "channel_layer"])
def test_a_service_that_hangs_is_told_in_time(lines: tuple[str, dict[str, Line]], part: str) -> None:
    address, line_to = lines
    asked = f"{address}/readyz?parts=database,channel_layer"
    until(lambda: requests.get(asked, timeout=10).status_code == 200)

    line_to[part].is_dead = True
    try:
        said = until(lambda: (answer := timed(asked)).status_code == 503 and answer.json())
        assert said["parts"] == {"database": True, "channel_layer": True} | {part: False}
        assert timed(f"{address}/healthz").status_code == 200
        assert timed(f"{address}/metrics").status_code == 200
    finally:
        line_to[part].is_dead = False

    until(lambda: requests.get(asked, timeout=10).status_code == 200, within=90)


def timed(address: str) -> requests.Response:
    began = time.monotonic()
    answer = requests.get(address, timeout=10)
    assert time.monotonic() - began < MOST
    return answer
