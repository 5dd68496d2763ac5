"""Every address of the site, asked by everybody, for everything: who may not is refused and reads nothing."""

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django import Settings

from api import access, tokens
from tests.conftest import IS_LONG, StandingContent
from tests.imports import walk
from tests.roles import world as worlds
from tests.roles.addresses import Address, all_addresses
from tests.roles.declared import RULES, SNIPPETS, Rule, rule_of
from tests.roles.world import EVERYBODY, Thing, World

# Wagtail leaves the file to the collector from which it makes a smaller picture.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")

REFUSED = (401, 403, 404, 405)
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) \W?(\w+)", re.IGNORECASE)
# Kept of whoever comes, whatever they ask for.
OF_ANY_VISIT = {"django_session", "api_stafftoken"}
HERE = "tests/roles/declared.py"


class Call(NamedTuple):
    """One question: an address with its arguments, and what was declared of it."""

    address: Address
    rule: Rule
    thing: Thing | None
    path: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of the world are."""
    return tmp_path_factory.mktemp("roles")


@pytest.fixture(scope="module")
def world(standing_content: StandingContent, folder: Path) -> Iterator[World]:
    """One world for all questions; no answer changes it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(MEDIA_ROOT=str(folder / "media")),
        standing_content(),
    ):
        walk.keep_uploads_in(folder, patch)
        yield worlds.make()


@pytest.fixture(autouse=True)
def _media_of_its_own(folder: Path, tmp_path: Path, settings: Settings) -> None:
    """The world's files stand for all tests."""
    settings.MEDIA_ROOT = str(folder / "media")
    settings.OPEN_DATA_ROOT = str(tmp_path / "open-data")


@pytest.fixture(autouse=True)
def _undone(world: World, db: None) -> None:
    """What a question leaves behind goes with its test."""


class Visitor:
    """A role at its browser, and with its token; signed in anew for each question."""

    def __init__(self, world: World, role: str) -> None:
        self.role = role
        self.client = world.client(role)
        self.cookies = copy.deepcopy(self.client.cookies)
        self.token = ""
        person = world.people.get(role)
        if person is not None and (scopes := access.scopes_of(person)):
            named = [str(scope) for scope in scopes]
            self.token = tokens.make(person, name="矩阵", scopes=named, lifetime=timedelta(days=1))[1]

    def ask(self, call: Call, method: str = "get") -> Any:
        client: Client = self.client
        client.cookies.clear()
        headers = {}
        if call.rule.by_token:
            headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        else:
            client.cookies.update(copy.deepcopy(self.cookies))
        with transaction.atomic():
            answer = getattr(client, method)(call.path, headers=headers)
            answer.text_read = read(answer)
            transaction.set_rollback(True)
        return answer


def read(answer: Any) -> str:
    """Everything an answer says, with what JSON writes in escapes spelled out."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace")
    if text[:1] in ("{", "["):
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return f"{text}{dict(answer.headers)}"


def is_refused(answer: Any) -> bool:
    """Whether one is sent away: to sign in, to the start of the admin, or with a plain no."""
    to = answer.headers.get("Location", "")
    return answer.status_code in REFUSED or (answer.status_code == 302 and ("login" in to or to == "/admin/"))


def calls(world: World, *, is_long: bool = IS_LONG) -> list[Call]:
    """What is asked: all of it, or of each kind of thing one's own draft and another's."""
    found = []
    for address in all_addresses():
        rule = rule_of(address.name)
        if rule is None or (not is_long and is_repeated(address.name)):
            continue
        things = chosen(world, rule, is_long=is_long) if needs_thing(address, rule) else [None]
        for thing in things:
            given = {**(thing.arguments if thing else {}), **rule.given}
            path = address.with_arguments(given)
            found += [Call(address, rule, thing, path + query.format(**given)) for query in rule.queries]
    return found


def needs_thing(address: Address, rule: Rule) -> bool:
    in_query = any("{" in query for query in rule.queries)
    return bool(rule.of) and (in_query or not set(address.takes) <= rule.given.keys())


def is_repeated(name: str) -> bool:
    """One of several vocabularies that are kept on the very same screens."""
    return bool(re.match(f"wagtailsnippets_{SNIPPETS}:", name)) and "base_topic" not in name


def chosen(world: World, rule: Rule, *, is_long: bool) -> list[Thing]:
    things = world.things[rule.of]
    if is_long or not rule.in_place:
        return things if is_long else things[:1]
    places = {thing.place: thing for thing in sorted(things, key=lambda thing: thing.is_draft)}
    return [
        thing for place, thing in places.items() if place in ("other street", "own street", "own community")
    ]


def test_every_address_is_declared() -> None:
    unknown = [f"{each.name}  ({each.route})" for each in all_addresses() if rule_of(each.name) is None]

    assert unknown == [], f"Say in {HERE} who may open these, and read there how: {unknown}"


def test_every_declaration_is_needed() -> None:
    used = {id(rule_of(address.name)) for address in all_addresses()}

    assert [rule.names for rule in RULES if id(rule) not in used] == []


def test_every_address_gets_its_arguments(world: World) -> None:
    without = []
    for address in all_addresses():
        rule = rule_of(address.name)
        if rule is not None and address.takes:
            given = {*rule.given, *(world.things[rule.of][0].arguments if rule.of else {})}
            if missing := set(address.takes) - given:
                without.append(f"{address.name}: {sorted(missing)}")

    assert without == [], f"Name in {HERE} a thing (of=…) that has these, or give them: {without}"


ROLES_IN_SHORT = ["visitor", "community_editor", "street_editor", "auditor"]
BY_ROLE = [
    pytest.param(role, marks=[] if role in ROLES_IN_SHORT else [pytest.mark.long, pytest.mark.sqlite])
    for role in EVERYBODY
]


@pytest.mark.parametrize("role", BY_ROLE)
def test_nobody_is_let_in_or_told_more_than_is_declared(role: str, world: World) -> None:
    visitor, wrong = Visitor(world, role), []
    answered: Counter[str] = Counter()
    for call in calls(world):
        answer = visitor.ask(call)
        said = f"{call.address.name} {call.path}: {answer.status_code}"
        is_open = call.rule.is_open_to(role, call.thing)
        if told := world.told_wrongly(role, answer.text_read):
            wrong.append(f"{said} tells {told}")
        if answer.status_code >= 500 and not call.rule.fails:
            wrong.append(f"{said} breaks")
        if not is_open and not is_refused(answer) and not call.rule.is_refused_inside:
            wrong.append(f"{said} is open")
        if is_open:
            answered[call.rule.names] += answer.status_code == 405 or not is_refused(answer)

    shut = [names for names, number in answered.items() if not number]
    assert wrong == [], f"{role}:\n" + "\n".join(wrong)
    assert shut == [], f"{role} is declared to have these, and gets nothing there: {shut}"


@pytest.mark.parametrize("role", BY_ROLE)
def test_nobody_does_what_they_may_not(role: str, world: World) -> None:
    visitor, wrong = Visitor(world, role), []
    for call in calls(world):
        if call.rule.is_open_to(role, call.thing):
            continue
        written: set[str] = set()

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if (found := WRITES.match(sql)) and context["cursor"].rowcount:
                written.add(found[1])  # noqa: B023  used before the next round
            return result

        with connection.execute_wrapper(watch):
            answer = visitor.ask(call, "post")
        said = f"{call.address.name} {call.path}: {answer.status_code}"
        if not is_refused(answer) and not call.rule.is_refused_inside:
            wrong.append(f"{said} is open")
        if written - OF_ANY_VISIT:
            wrong.append(f"{said} writes {sorted(written - OF_ANY_VISIT)}")
        if told := world.told_wrongly(role, answer.text_read):
            wrong.append(f"{said} tells {told}")

    assert wrong == [], f"{role}:\n" + "\n".join(wrong)
