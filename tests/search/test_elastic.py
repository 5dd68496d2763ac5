"""What is sent to OpenSearch and Elasticsearch means what the database does; on the bodies alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from hypothesis import given
from hypothesis import strategies as st
from modelsearch.backends.base import get_model_root
from modelsearch.backends.elasticsearchbase import ElasticsearchBaseSearchBackend
from modelsearch.index import get_indexed_models
from modelsearch.query import MATCH_ALL, And, Not, Or, Phrase, PlainText, SearchQuery
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from content_models.guides.models import GuidePage
from publishing.publish import publish
from search.backends.elastic import with_words
from search.models import Document
from search.query import LONGEST, All, Begun, Condition, Without, Words
from search.query import Any as AnyOf
from tests import factories
from tests.costly import COSTLY
from tests.search.elastic_server import Index, clauses

OURS = with_words(ElasticsearchBaseSearchBackend)
pytestmark = pytest.mark.django_db


# What is sent


def inner(query: Any, **options: Any) -> Any:
    return OURS.query_compiler_class(GuidePage.objects.all(), query, **options).get_inner_query()


def sent(thing: Any) -> Any:
    """The document of an object as it arrives."""
    document = OURS.mapping_class(type(thing)).get_document(thing)
    return json.loads(json.dumps(document, cls=DjangoJSONEncoder))


def either(make: Any) -> dict[str, Any]:
    """The body for words that are in names or in texts, of which those in names count for more."""
    found = {"bool": {"should": [make("_names"), make("_words")], "minimum_should_match": 1}}
    return {"bool": {"filter": found, "should": {"constant_score": {"filter": make("_names")}}}}


OLD = {"query": "老年 年证", "operator": "and"}


@pytest.mark.parametrize(
    ("query", "options", "body"),
    [
        ("老", {}, either(lambda column: {"term": {column: "老"}})),
        ("老年证", {}, either(lambda column: {"match": {column: OLD}})),
        (Phrase("老年證"), {}, either(lambda column: {"match": {column: OLD}})),
        ("老年 低保", {"operator": "or"}, either(lambda column: {"terms": {column: ["老年", "低保"]}})),
        ("老年证", {"fields": ["title"]}, {"bool": {"filter": {"match": {"_names": OLD}}}}),
        (Words("老年", of_names=True), {}, {"bool": {"filter": {"term": {"_names": "老年"}}}}),
        (Words("老年", of_names=False), {}, {"bool": {"filter": {"term": {"_words": "老年"}}}}),
        (Words(Begun("1l"), of_names=True), {}, {"bool": {"filter": {"prefix": {"_names": "1l"}}}}),
        (
            Words(AnyOf((All(("老年", "年证")), Begun("1lnz"))), of_names=True),
            {},
            {
                "bool": {
                    "filter": {
                        "bool": {
                            "should": [{"match": {"_names": OLD}}, {"prefix": {"_names": "1lnz"}}],
                            "minimum_should_match": 1,
                        }
                    }
                }
            },
        ),
        (
            Words(All(("老年", Without("低保"))), of_names=True),
            {},
            {
                "bool": {
                    "filter": {
                        "bool": {
                            "filter": [
                                {"term": {"_names": "老年"}},
                                {"bool": {"must_not": {"term": {"_names": "低保"}}}},
                            ]
                        }
                    }
                }
            },
        ),
        (MATCH_ALL, {}, {"match_all": {}}),
        (Not(MATCH_ALL), {}, {"match_none": {}}),
        ("，，", {}, {"match_none": {}}),
    ],
)
def test_a_query_becomes_a_body(query, options, body):
    assert inner(query, **options) == body


def test_the_asked_fields_are_looked_through_together():
    body = inner("老年", fields=["title", "everyday_names"])["bool"]["filter"]

    assert body[1] == {
        "bool": {
            "should": [{"term": {"_names": "老年"}}, {"term": {"guides_guidepage__everyday_names": "老年"}}],
            "minimum_should_match": 1,
        }
    }


def test_what_is_best_comes_first_unless_an_order_is_asked_for():
    def sort(queryset: Any, query: Any = "老年", **options: Any) -> Any:
        return OURS.query_compiler_class(queryset, query, **options).get_sort()

    pages = GuidePage.objects.all()
    assert sort(pages) == [{"_score": "desc"}, {"_weight": "desc"}, {"_newest": "desc"}]
    assert sort(pages.order_by("-title"), order_by_relevance=False) == [{"title_filter": "desc"}]
    assert sort(pages.order_by("title"), MATCH_ALL) == [{"title_filter": "asc"}]
    assert sort(pages.order_by(), order_by_relevance=False) == [{"_newest": "desc"}]


def test_the_mapping_keeps_words_as_they_are():
    words = {"type": "text", "analyzer": "words", "norms": False, "index_options": "docs"}

    assert OURS.mapping_class(Document).get_mapping() == {
        "properties": {
            "_django_content_type": {"type": "keyword"},
            "_names": words,
            "_words": words,
            "_begun": words,
            "_weight": {"type": "double"},
            "_newest": {"type": "long"},
            "summary": words,
            "body": words,
            "kind_filter": {"type": "keyword"},
            "page_id_filter": {"type": "integer"},
            "region_id_filter": {"type": "integer"},
        }
    }
    assert OURS.settings["settings"]["analysis"]["analyzer"] == {
        "words": {"type": "custom", "tokenizer": "whitespace"}
    }


def test_a_document_is_sent_as_words():
    document: Any = Document(pk=7, kind="guides", page_id=5, title="老年证办理", summary="领卡", body="EMS")
    document.names = ["敬老卡"]

    body = sent(document)

    assert body["_names"].split() == sorted(
        [
            *("老年", "年证", "证办", "办理", "老", "年", "证", "办", "理", "敬老", "老卡", "敬", "卡"),
            *("0laonian", "0nianzen", "0zenban", "0banli", "0jinlao", "0laoka"),
            *("1lnzbl", "1nzbl", "1zbl", "1bl", "1jlk", "1lk", "2ln", "2nz", "2zb", "2bl", "2jl", "2lk"),
        ]
    )
    assert body["_words"].split() == sorted(["老年", "年证", "证办", "办理", "敬老", "老卡", "领卡", "ems"])
    assert (body["summary"], body["body"], body["_begun"]) == ("领卡", "ems", "")
    assert (body["kind_filter"], body["page_id_filter"], body["region_id_filter"]) == ("guides", 5, None)
    assert body["_weight"] == pytest.approx(8 / 1.25)
    assert (body["_newest"], body["_django_content_type"]) == (7, ["search.Document"])


def test_models_of_one_index_agree_on_its_mapping_and_their_documents_fit():
    indexes: dict[Any, Index] = {}
    for model in get_indexed_models():
        index = indexes.setdefault(get_model_root(model), Index())
        index.put_mapping(OURS.mapping_class(model).get_mapping()["properties"])
    things = [publish(factories.guide()), publish(factories.notice()), factories.community()]
    picture = Image.objects.create(title="老年食堂", width=1, height=1, file="x.png")
    picture.tags.add("敬老")

    for thing in [*things, picture]:
        index = indexes[get_model_root(type(thing))]
        index.put(str(thing.pk), sent(thing))

    assert set(indexes[Page].documents) == {str(thing.pk) for thing in things}
    pictures = OURS.query_compiler_class(Image.objects.all(), "敬老")
    assert list(indexes[Image].found(pictures.get_query())) == [str(picture.pk)]


# What it means


TEXTS = [
    "老年",
    "年证",
    "老",
    "低保",
    "申请",
    "laonian",
    "lao nian",
    "lnr",
    "津贴 老年",
    "ems",
    "80岁",
    "，",
    "六十",
]
words = st.sampled_from(["老年", "年证", "低保", "申请", "老", "0laonian", "1ln", "ems", "津贴"])
conditions: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(words, words.map(lambda word: Begun(word[:2]))),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda some: All(tuple(some))),
        st.lists(parts, max_size=3).map(lambda some: AnyOf(tuple(some))),
        parts.map(Without),
    ),
    max_leaves=8,
)
texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(" ".join)
queries: st.SearchStrategy[SearchQuery] = st.one_of(
    st.builds(Words, conditions, of_names=st.booleans()),
    st.recursive(
        st.one_of(
            st.builds(PlainText, texts, operator=st.sampled_from(["and", "or"])),
            st.builds(Phrase, texts),
            st.just(MATCH_ALL),
        ),
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(And),
            st.lists(parts, min_size=1, max_size=3).map(Or),
            parts.map(Not),
        ),
        max_leaves=4,
    ),
)
FIELDS = [
    None,
    ["title"],
    ["summary"],
    ["everyday_names"],
    ["title", "summary"],
    ["summary", "everyday_names"],
]


@pytest.fixture(scope="module")
def in_both(standing_content) -> Iterator[Index]:
    """Guides in the database's index, and the same in one of a server."""
    index = Index()
    index.put_mapping(OURS.mapping_class(GuidePage).get_mapping()["properties"])
    with standing_content():
        guides = [
            factories.guide(
                "老年人优待证办理", everyday_names=["老年证", "敬老卡"], summary="满六十周岁就能领"
            ),
            factories.guide(
                "最低生活保障申请", everyday_names=["低保", "低保证"], summary="收入低的家庭申请"
            ),
            factories.guide("高龄津贴申请", everyday_names=[], summary="80岁以上老年人按月领津贴，可寄EMS"),
            factories.guide(
                "高龄津贴停发", everyday_names=["老年津贴"], summary="低保家庭老年人去世以后办理"
            ),
            factories.guide("EMS老年证邮寄", everyday_names=[], summary=""),
        ]
        get_search_backend().add_bulk(GuidePage, guides)
        for guide in guides:
            index.put(str(guide.pk), sent(guide))
        yield index


def on_server(index: Index, compiler: Any) -> list[int]:
    return [int(hit["_id"]) for hit in index.search(compiler.get_query(), compiler.get_sort())]


@COSTLY
@given(query=queries, fields=st.sampled_from(FIELDS))
def test_a_server_finds_what_the_database_finds_in_the_same_order(in_both, query, fields):
    pages = GuidePage.objects.all()

    expected = [page.pk for page in pages.search(query, fields=fields)]

    assert on_server(in_both, OURS.query_compiler_class(pages, query, fields=fields)) == expected


BEGUN = ["e", "EM", "老年 em", "em 老年", "la", "laoni", "ln", "高"]
SIGNS = "老年高龄津贴申请低保emsEMS180 ，*\"'\\-:(😀\x00"


@COSTLY
@given(text=st.one_of(st.sampled_from(BEGUN), texts, st.text(SIGNS, max_size=12)))
def test_a_server_completes_what_the_database_completes(in_both, text):
    pages = GuidePage.objects.all()

    expected = [page.pk for page in pages.autocomplete(text)] if text else []

    compiler = OURS.autocomplete_query_compiler_class(pages, text)
    assert (on_server(in_both, compiler) if text else []) == expected


@given(text=st.text(alphabet="老年lnr8 ", min_size=400, max_size=2000))
def test_a_text_of_any_length_is_no_more_than_a_server_takes(text):
    body = inner(f"老{text}")

    assert clauses(body) <= 1000
    assert inner("证" * LONGEST) == inner("证" * 10_000)
