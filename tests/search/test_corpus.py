"""What the search is measured on is whole: enough of everything, and every answer is there."""

import collections

import pytest

from tests.search.corpus import Text, core, grown
from tests.search.queries import Query, all_queries, half, stories

QUERY_KINDS = {
    "exact",
    "part",
    "synonym",
    "traditional",
    "pinyin",
    "initials",
    "typo",
    "homophone",
    "long",
}
AUDIENCES = {
    "laonianren",
    "canjiren",
    "funv",
    "ertong",
    "teshu-qunti",
    "jiuye",
    "wailai",
    "quanti-jumin",
}


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return core()


@pytest.fixture(scope="module")
def guides(texts: list[Text]) -> dict[str, Text]:
    return {text.slug: text for text in texts if text.kind == "guides"}


@pytest.fixture(scope="module")
def queries() -> list[Query]:
    return all_queries()


def test_the_core_is_as_large_as_a_district_needs(texts: list[Text], guides: dict[str, Text]) -> None:
    assert len(guides) >= 190
    assert len(texts) - len(guides) >= 220
    assert {text.kind for text in texts} == {
        "guides",
        "notices",
        "certificates",
        "entries",
        "communities",
        "offices",
        "lists",
    }


def test_no_two_texts_share_a_slug_or_a_title(texts: list[Text]) -> None:
    assert len({text.slug for text in texts}) == len(texts)
    assert len({text.title for text in texts}) == len(texts)


def test_guides_are_filled_as_an_average_editor_fills_them(guides: dict[str, Text]) -> None:
    bare = sum(not guide.names for guide in guides.values())

    assert 0.3 < bare / len(guides) < 0.4
    for guide in guides.values():
        assert len(guide.names) <= 3, guide.slug
        assert 80 <= len(guide.body) <= 250, guide.slug
        assert guide.summary, guide.slug
        assert guide.department, guide.slug
        assert guide.topics, guide.slug
        assert guide.audiences, guide.slug
        assert set(guide.audiences) <= AUDIENCES, guide.slug


def test_each_way_of_asking_has_enough_queries(queries: list[Query]) -> None:
    counts = collections.Counter(query.kind for query in queries)

    assert set(counts) == QUERY_KINDS
    assert min(counts.values()) >= 24
    assert len(queries) >= 260


def test_no_query_is_asked_twice(queries: list[Query]) -> None:
    assert len({query.text for query in queries}) == len(queries)


def test_each_answer_is_a_guide(queries: list[Query], guides: dict[str, Text]) -> None:
    for query in queries:
        assert 1 <= len(set(query.expected)) == len(query.expected) <= 3, query.text
        assert set(query.expected) <= set(guides), query.text


def test_queries_spread_over_the_guides(queries: list[Query], guides: dict[str, Text]) -> None:
    asked = collections.Counter(slug for query in queries for slug in query.expected)

    assert max(asked.values()) <= 8
    assert len(asked) == len(guides)


def test_exact_queries_are_titles(queries: list[Query], guides: dict[str, Text]) -> None:
    for query in queries:
        if query.kind == "exact":
            assert query.text in {guides[slug].title for slug in query.expected}


def test_synonyms_stand_in_no_title(guides: dict[str, Text]) -> None:
    """In names they may: those are what editors wrote for just that."""
    for query in half("unseen"):
        if query.kind == "synonym":
            assert all(query.text not in guides[slug].title for slug in query.expected), query.text


def test_the_halves_share_nothing(queries: list[Query]) -> None:
    tuned, unseen = half("tuned"), half("unseen")

    assert not {query.text for query in tuned} & {query.text for query in unseen}
    assert len(tuned) + len(unseen) == len(queries)
    for kind in QUERY_KINDS:
        assert sum(query.kind == kind for query in unseen) >= 19, kind
    assert len(unseen) >= 200


def test_each_guide_has_its_stories(guides: dict[str, Text]) -> None:
    told = collections.Counter(slug for story in stories() for slug in story.expected)

    assert set(told) == set(guides)
    assert min(told.values()) >= 3
    assert len({story.text for story in stories()}) == len(stories()) >= 1200


def test_growing_keeps_the_core_and_repeats_no_slug(texts: list[Text]) -> None:
    grown_texts = list(grown(2000))

    assert grown_texts[: len(texts)] == texts
    assert len({text.slug for text in grown_texts}) == 2000


def test_growing_twice_gives_the_same_texts() -> None:
    assert list(grown(2000)) == list(grown(2000))
    assert list(grown(2000)) != list(grown(2000, seed=2))


def test_few_of_what_is_grown_are_guides_and_none_has_the_title_of_the_core(texts: list[Text]) -> None:
    around = list(grown(5000))[len(texts) :]

    assert 0 < sum(text.kind == "guides" for text in around) <= len(around) / 10
    assert not {text.title for text in around} & {text.title for text in texts}
