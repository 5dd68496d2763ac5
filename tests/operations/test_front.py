"""Each request is named, known by who sent it, counted and written down as one line."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import set_script_prefix
from prometheus_client import REGISTRY
from pytest_django import Settings

from live import fragments
from live.fragments import Variant
from operations import metrics
from operations.asked import Asked
from operations.front import Front
from operations.handler import Handler
from operations.logs import JsonLines
from publishing.publish import publish
from tests import factories
from tests.operations.caller import PROXY, STRANGER, answer_to, telling

SANE = "a1b2c3d4-request.0001"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written into the log, as in production."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    access = logging.getLogger("access")
    level = access.level
    access.setLevel(logging.INFO)
    yield text
    access.setLevel(level)
    logging.getLogger().removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def site(settings: Settings) -> Front:
    settings.ROOT_URLCONF = "tests.operations.addresses"
    return Front(Handler())


@pytest.mark.parametrize(
    ("peer", "sent", "is_kept"),
    [
        (PROXY, SANE, True),
        (STRANGER, SANE, False),
        (PROXY, "short", False),
        (PROXY, "x" * 65, False),
        (PROXY, 'a"} {"level":"ERROR', False),
        (PROXY, "a\nb\nc\nd\ne\nf", False),
    ],
)
def test_a_request_keeps_a_sane_name_from_a_proxy_of_ours(peer: str, sent: str, is_kept: bool) -> None:
    front = Front(telling(lambda scope: scope["request_id"]))

    answer = answer_to(front, peer=peer, headers={"X-Request-ID": sent})

    assert answer.json() == answer.headers["x-request-id"]
    assert (answer.json() == sent) is is_kept
    assert re.fullmatch(r"[\w.-]{8,64}", answer.json())


@pytest.mark.parametrize(
    ("peer", "client", "scheme"), [(PROXY, "198.51.100.7", "https"), (STRANGER, STRANGER, "http")]
)
def test_only_a_proxy_of_ours_says_who_asks_and_how(peer: str, client: str, scheme: str) -> None:
    front = Front(telling(lambda scope: [scope["client"][0], scope["scheme"], len(scope["headers"])]))
    forwarded = {"X-Forwarded-For": "127.0.0.1, 198.51.100.7", "X-Forwarded-Proto": "https"}

    assert answer_to(front, peer=peer, headers=forwarded).json() == [client, scheme, 1]


def test_everything_written_for_a_request_carries_its_name(site: Front, written: io.StringIO) -> None:
    answer = answer_to(site, "/works/?q=13800138000", headers={"X-Request-ID": SANE})

    assert answer.headers["x-request-id"] == SANE
    thread, access = lines(written)
    assert (thread["message"], thread["request_id"], thread["path"]) == ("in a thread", SANE, "/works/")
    assert (access["logger"], access["message"], access["status"]) == ("access", "GET works", 200)
    assert access["duration_ms"] > 0
    assert "13800138000" not in written.getvalue()


def test_a_page_that_breaks_names_the_error_by_which_it_is_found(site: Front, written: io.StringIO) -> None:
    answer = answer_to(site, "/breaks/")

    number = answer.headers["x-request-id"]
    assert answer.status == 500
    assert re.search(rf"错误编号：<code>{number}</code>", answer.text)
    error = next(line for line in lines(written) if line["level"] == "ERROR")
    assert error["request_id"] == number
    assert "RuntimeError: 居民 138****8000 的申请" in error["exception"]
    assert "13800138000" not in written.getvalue()


def test_what_opens_a_door_is_not_written_down(site: Front, written: io.StringIO) -> None:
    answer_to(site, "/opens/a-secret-of-somebody/")

    assert [line["path"] for line in lines(written)] == ["/opens/…/"] * 2
    assert "a-secret-of-somebody" not in written.getvalue()


@factories.committed
def test_requests_are_counted_by_view_and_never_by_address(site: Front) -> None:
    def counted(view: str, status: str, method: str = "GET") -> float:
        labels = {"view": view, "method": method, "status": status}
        return REGISTRY.get_sample_value("doorstep_requests_total", labels) or 0

    before = counted("works", "200"), counted("none", "404"), counted("works", "403", "other")

    for path in ("/works/", "/nothing.here", "/nor.here"):
        answer_to(site, path)
    answer_to(site, "/works/", method="BREW")

    after = counted("works", "200"), counted("none", "404"), counted("works", "403", "other")
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1]


def test_times_are_counted_within_the_bounds_that_they_did_not_exceed() -> None:
    bounds = ("0.005", "0.01", "0.5", "10.0", "+Inf")

    def within(bound: str) -> float:
        labels = {"view": "slow-and-fast", "le": bound}
        return REGISTRY.get_sample_value("doorstep_request_seconds_bucket", labels) or 0

    for seconds in (0.001, 0.005, 0.3, 20):
        metrics.count(Asked(id="a", method="GET", view="slow-and-fast", status=200), seconds)

    assert [within(bound) for bound in bounds] == [2, 2, 3, 3, 4]
    labels = {"view": "slow-and-fast"}
    assert REGISTRY.get_sample_value("doorstep_request_seconds_count", labels) == 4
    assert REGISTRY.get_sample_value("doorstep_request_seconds_sum", labels) == pytest.approx(20.306)


def test_below_a_path_of_a_portal_everything_before_django_sees_plain_addresses(settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME = "/jiamenkou"
    settings.ROOT_URLCONF = "tests.operations.addresses"

    before = Front(telling(lambda scope: scope["path"]))
    assert answer_to(before, "/jiamenkou/live/").json() == "/live/"
    assert answer_to(before, "/live/").json() == "/live/", "where the portal takes the path away itself"
    assert answer_to(before, "/jiamenkoudian/").json() == "/jiamenkoudian/"
    for path in ("/jiamenkou/works/", "/works/"):
        assert answer_to(Front(Handler()), path).text == "/jiamenkou/works/"


def test_over_plain_http_a_stranger_is_sent_to_https_whatever_he_claims(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ROOT_URLCONF = "tests.operations.addresses"
    front = Front(Handler())
    forged = {"X-Forwarded-Proto": "https"}

    assert answer_to(front, "/works/", peer=STRANGER, headers=forged).status == 301
    assert answer_to(front, "/works/", peer=PROXY, headers=forged).status == 200


@pytest.fixture
def _no_prefix_afterwards() -> Iterator[None]:
    yield
    set_script_prefix("/")


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_prefix_afterwards")
def test_what_open_pages_fetch_leads_below_the_path_of_a_portal() -> None:
    guide = publish(factories.guide())
    scope = {"headers": [(b"host", b"localhost")], "scheme": "http", "root_path": "/jiamenkou"}
    address = f"/jiamenkou{guide.get_url()}"

    found = fragments.make(Variant(scope, b"localhost", address, ""), guide.topic)

    assert found.page == guide.pk
    links = re.findall(r'href="(/[^"]*)"', "".join(found.regions.values()))
    assert links
    assert all(link.startswith("/jiamenkou/") for link in links)
