"""Every address that the configuration lists: no change without a token, no way to other sites."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

from tests import factories

pytestmark = pytest.mark.sqlite  # what is refused is the same on any database

# Views that need no token, each with the reason why it may.
WITHOUT_TOKEN = {
    "api.content.reference.read_only.<locals>.answer": "refuses everything but GET and HEAD",
    "api.views.nothing_here": "answers 404, whatever comes",
    "search.insight_views.clicked": "adds to a count and nothing else",
}
# And those whose callers show a token of their own in a header, which no other site's page can send.
WITH_A_TOKEN_OF_THEIR_OWN = ("api.import_views.", "api.draft_views.", "api.content.", "api.changes.")
EVIL = "https://evil.example/"


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every pattern there is, as one regular expression from the root, and its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = before + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, whole)
        elif isinstance(pattern, URLPattern):
            yield whole, pattern.callback


GIVEN = {"media/": "/media/images/a.png", "((?:[": "/"}  # which normalize cannot follow


def address_for(pattern: str) -> str:
    """An address that the pattern matches."""
    for beginning, address in GIVEN.items():
        if pattern.startswith(beginning):
            return address
    form, names = normalize(pattern)[0]
    for value in ("1", "00000000-0000-0000-0000-000000000000", "x", "2026-01-01", "guides", "a.png", "csv"):
        address = "/" + form % dict.fromkeys(names, value)
        try:
            resolve(address)
        except Exception:
            continue
        return address
    return ""


def addresses() -> dict[str, Any]:
    """One address for each pattern, with the view that answers there."""
    found = {address_for(pattern): view for pattern, view in patterns()}
    found.pop("", None)
    return {address: resolve(address).func for address in found}


def name_of(view: Callable[..., Any]) -> str:
    view = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return f"{view.__module__}.{view.__qualname__}"


def test_every_pattern_has_an_address_here() -> None:
    left = [pattern for pattern, _view in patterns() if not address_for(pattern)]

    assert left == []
    assert len(addresses()) > 300


@pytest.mark.sqlite  # the same on any database
@pytest.mark.django_db
def test_no_address_takes_a_change_without_a_token() -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(factories.user("administrator"))
    let_through = {}

    for address, view in addresses().items():
        for send in (client.post, client.put, client.delete):
            status = send(address).status_code
            if status not in (403, 405):
                let_through[f"{address} {status}"] = name_of(view)

    unknown = {
        address: name
        for address, name in let_through.items()
        if name not in WITHOUT_TOKEN and not name.startswith(WITH_A_TOKEN_OF_THEIR_OWN)
    }
    assert unknown == {}


@pytest.mark.django_db
def test_a_session_counts_for_nothing_where_no_token_is_asked() -> None:
    """The views excepted above change nothing for whoever is signed in and shows no token of theirs."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user("administrator"))

    for address, view in addresses().items():
        if name_of(view).startswith(WITH_A_TOKEN_OF_THEIR_OWN):
            assert client.post(address).status_code in (401, 403, 404, 405), address


@pytest.mark.sqlite  # the same on any database
@pytest.mark.django_db
@pytest.mark.parametrize("evil", [EVIL, "//evil.example/", "https:///evil.example", "\\\\evil.example"])
def test_no_address_leads_to_another_site(evil: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(factories.user("administrator"))
    asked = dict.fromkeys(("next", "return_url", "redirect", "url", "to", "back"), evil)
    led_away = []

    for address in addresses():
        if "/logout" in address or "/oembed" in address:
            continue
        for answer in (client.get(address, asked), client.post(address, asked)):
            if leads_away(answer.get("Location", "")):
                led_away.append(f"{address} → {answer['Location']}")

    assert led_away == []


@pytest.mark.django_db
@pytest.mark.parametrize("evil", [EVIL, "//evil.example/"])
def test_signing_in_and_out_leads_nowhere_else(evil: str) -> None:
    user = factories.user("administrator")
    client = Client()
    data = {"username": user.username, "password": factories.PASSWORD, "next": evil}

    came_in = client.post("/admin/login/?next=" + evil, data)
    went_out = client.post("/admin/logout/?next=" + evil, {"next": evil})

    assert came_in.status_code == went_out.status_code == 302
    assert not leads_away(came_in["Location"])
    assert not leads_away(went_out["Location"])


def leads_away(location: str) -> bool:
    """Whether a browser would leave this site for there."""
    return urlsplit(location.replace("\\", "/")).netloc not in ("", "testserver") or location.startswith("//")


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "a b"]
)
@pytest.mark.django_db
def test_another_hosts_name_is_refused(host: str, client: Client) -> None:
    for address in ("/", "/admin/login/", "/api/v1/guides/", "/search/"):
        answer = client.get(address, headers={"host": host})

        assert answer.status_code == 400, address
        assert "evil" not in answer.content.decode()


@pytest.mark.django_db
def test_who_is_refused_reads_what_to_do() -> None:
    factories.home()

    answer = Client(enforce_csrf_checks=True).post("/my-community/")

    assert answer.status_code == 403
    assert "回到上一页，刷新以后再做一次" in answer.content.decode()
    assert "<style" not in answer.content.decode()
