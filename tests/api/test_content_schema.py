"""The description of the API, and whether the API keeps to it whatever it is asked."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.changes import views as changes
from config.wsgi import application
from tests.api import site
from tests.api.site import Content
from tests.conftest import StandingContent
from tests.costly import COSTLY

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[Content]:
    with standing_content():
        yield site.make()


@pytest.fixture
def described(standing: Content, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The API as its own description has it; a request ends without closing the test's database.

    Nobody waits for changes here: they would not come.
    """
    monkeypatch.setattr(changes, "LONGEST_WAIT", 0)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_answer_is_as_described(described: Any) -> None:
    """Whatever the description allows, and much that it does not, is asked of every address."""
    for found in described.get_all_operations():
        keep_to_it(found.ok())


def keep_to_it(operation: Any) -> None:
    @hypothesis.given(case=strategy_of(operation))
    @hypothesis.settings(
        COSTLY, max_examples=COSTLY.max_examples // 2, suppress_health_check=list(hypothesis.HealthCheck)
    )
    def ask(case: Any) -> None:
        try:
            case.call_and_validate(checks=CHECKS)
        except BaseExceptionGroup as found:
            raise AssertionError(f"{operation.label}: {found.exceptions}") from found

    ask()


def strategy_of(operation: Any) -> Any:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))


def test_the_reference_shows_each_address_with_an_example(standing: Content, db: None) -> None:
    document = Client().get("/api/v1/schema/").json()
    page = Client().get("/api/v1/docs/").content.decode()

    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        answer = operations["get"]["responses"]["200"]["content"]["application/json"]
        assert answer["example"], path
        assert f"</span> {path}</code>" in page


def test_the_reference_needs_no_other_host(standing: Content, db: None) -> None:
    page = Client().get("/api/v1/docs/").content.decode()
    head = page.partition("<main")[0]

    assert 'src="http' not in page
    assert 'href="http' not in head.replace("http://testserver", "")


def test_the_description_follows_what_editors_keep(standing: Content, db: None) -> None:
    site.factories.topic("助餐", slug="zhucan-new")
    site.publish(standing.guide)

    assert "zhucan-new 助餐" in Client().get("/api/v1/schema/").content.decode()


def test_filters_offer_only_what_there_is(standing: Content, db: None) -> None:
    parameters: dict[str, Any] = {
        each["name"]: each
        for each in Client().get("/api/v1/schema/").json()["paths"]["/api/v1/guides/"]["get"]["parameters"]
    }

    assert parameters["form"]["schema"]["items"]["enum"] == ["1", "2", "3", "4"]
    assert "laonianren 老年人" in parameters["audience"]["description"]
