"""What the admin offers it also does: no link of a screen leads to where its reader is refused."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.conftest import StandingContent
from tests.imports import walk
from tests.roles import world as worlds
from tests.roles.world import World

# Where people work: the listings, and the things they may change.
SCREENS = [
    "wagtailadmin_home", "guides:index", "notices:index", "offices:index", "policy-lists:index",
    "certificate-lists:index", "communities:index", "streets:index", "plain-pages:index", "imports:start",
    "tokens:index", "searches:index", "search-messages:index", "window_status:index",
    "wagtailsnippets_policy_lists_listedition:list", "wagtailsnippets_guides_provisionedition:list",
    "wagtailsnippets_certificates_certificateedition:list", "wagtailsnippets_certificates_certificate:list",
    "bundles:index", "publishing_schedule",
]  # fmt: skip
OF_PAGES = ["wagtailadmin_pages:edit", "wagtailadmin_explore"]
LINK = re.compile(r"""<a\b[^>]*?\bhref=["'](/admin/[^"'#?]*)""")
# The last one is asked with the pages that were ticked.
LEFT_OUT = {"wagtailadmin_logout", "wagtailadmin_login", "wagtail_bulk_action"}


@pytest.fixture(scope="module")
def world(standing_content: StandingContent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("buttons")
    with pytest.MonkeyPatch.context() as patch, standing_content():
        walk.keep_uploads_in(folder, patch)
        yield worlds.make()


def screens(world: World, role: str) -> list[str]:
    places = {thing.place: thing for thing in world.things["pages"] if thing.is_open_to(role)}
    return [reverse(name) for name in SCREENS] + [
        reverse(name, args=[thing.arguments["pk"]]) for thing in places.values() for name in OF_PAGES
    ]


@pytest.mark.parametrize("role", [role for role in worlds.ROLES if role != worlds.ADMINISTRATOR])
def test_no_button_leads_to_a_refusal(role: str, world: World, db: None) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[role])
    offered: dict[tuple[str, str], tuple[str, str]] = {}
    for screen in screens(world, role):
        answer = client.get(screen)
        for link in LINK.findall(answer.content.decode()) if answer.status_code == 200 else []:
            offered.setdefault((name_of(link), resolve(screen).view_name), (link, screen))
    first = {name: found for (name, _screen), found in reversed(offered.items()) if name not in LEFT_OUT}

    dead = [
        f"{screen} offers {link} ({name})" for name, (link, screen) in first.items() if is_dead(client, link)
    ]

    assert len(first) >= 3
    assert dead == [], f"{role}:\n" + "\n".join(dead)


def name_of(link: str) -> str:
    try:
        return resolve(link).view_name
    except Resolver404:
        return link


def is_dead(client: Client, link: str) -> bool:
    answer: Any = client.get(link)
    to = answer.headers.get("Location", "")
    return answer.status_code in (403, 404) or (answer.status_code == 302 and to == "/admin/")
