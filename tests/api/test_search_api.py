"""The search as programs ask it."""

from typing import Any

import pytest
from django.test import Client

from content_models.notices.models import NoticeChannel
from publishing.publish import publish
from search import documents
from tests import factories

pytestmark = pytest.mark.django_db
SEARCH = "/api/v1/search/"


@pytest.fixture
def guide() -> Any:
    audience = factories.audience("老年人", slug="laonianren")
    return publish(factories.guide("老年人优待证办理", everyday_names=["老年证"], audiences=[audience]))


def ask(**asked: Any) -> Any:
    response = Client().get(SEARCH, asked)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_program_gets_what_the_page_shows(guide):
    answer = ask(q="老年证")

    (result,) = [result for result in answer["results"] if result["kind"] == "guides"]
    assert (result["title"], result["id"], result["is_in_force"]) == ("老年人优待证办理", guide.pk, True)
    assert result["url"] == f"http://testserver{guide.url}"
    assert result["why"] | {"words": None} == {"kind": "name", "words": None, "name": "老年证", "synonym": ""}
    assert {"value": "guides", "label": "办事指南", "count": 1} in answer["facets"]["kind"]


def test_anybody_may_ask_from_anywhere_and_keep_the_answer_a_minute(guide):
    response = Client().get(SEARCH, {"q": "老年证"}, headers={"Origin": "https://portal.example.gov.cn"})

    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in response


def test_a_certificate_question_gets_its_verdict():
    factories.certificate_edition(
        factories.certificate_list(), [{"name": "健在证明", "instead": ["联网核对"]}], published=True
    )

    (verdict,) = ask(q="健在证明")["verdicts"]

    assert verdict["verdict"] == "must_not"
    assert [way["text"] for way in verdict["instead"]] == ["联网核对"]


def test_filters_narrow_and_unknown_values_are_said(guide):
    assert ask(q="老年证", kind="guides", audience="laonianren")["count"] == 1
    assert ask(q="老年证", kind="notices")["count"] == 0
    assert ask(q="老年证", kind="nonsense")["notes"] != []


def test_pages_follow_one_another(guide):
    for number in range(5):
        publish(factories.guide(f"老年人服务{number}办理"))

    first = ask(q="老年人", page_size=2)
    second = Client().get(first["next"]).json()

    assert (first["page"], first["previous"], len(first["results"])) == (1, None, 2)
    assert {result["id"] for result in first["results"]} & {
        result["id"] for result in second["results"]
    } == set()


def test_a_community_has_its_own_first():
    street = factories.street()
    mine, other = (factories.community(name, under=street) for name in ("花苑社区", "桃苑社区"))
    for community in (other, mine):
        publish(factories.notice("关于停水的通知", under=factories.channel(NoticeChannel, community)))

    results = ask(q="停水", near=mine.pk)["results"]

    assert [result["region"]["id"] for result in results] == [mine.pk, other.pk]


@pytest.mark.parametrize(
    "asked", [{"near": "0"}, {"near": "x"}, {"page_size": "0"}, {"page_size": "101"}, {"page_size": "x"}]
)
def test_what_cannot_be_read_is_refused_with_a_sentence(asked):
    response = Client().get(SEARCH, {"q": "老年证"} | asked)

    assert response.status_code == 422
    assert response.json()["detail"]


@pytest.mark.parametrize("text", ["", "。", "'", "x" * 10_000, "\x00", "老\x00年", "😀", "%", "';--"])
def test_any_text_gets_an_answer(text):
    answer = ask(q=text)

    assert answer["count"] == len(answer["results"]) == 0
    assert len(answer["query"]) <= 100


def test_only_reading_is_allowed():
    assert Client().post(SEARCH, {"q": "x"}).status_code == 405


def test_drafts_are_not_found(guide):
    factories.guide("老年人秘密事项", live=False)
    documents.rebuild()

    assert "秘密" not in str(ask(q="老年人秘密事项")["results"])
