"""Wagtail's own search, as it answers on Chinese text; the same on both databases."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.backends.base import FilterFieldError
from wagtail.search.query import MATCH_ALL, And, Boost, Fuzzy, Not, Or, Phrase, PlainText

from content_models.guides.models import GuidePage
from search.backends.database import IndexEntry, as_filter
from search.query import All, Any, Begun, Condition, Without, condition_of, holds, settled
from search.words import words_of_names, words_of_text
from tests import factories
from tests.costly import COSTLY

pytestmark = pytest.mark.django_db


@pytest.fixture
def guides() -> list[GuidePage]:
    made = [
        factories.guide(
            "老年人优待证办理", everyday_names=["老年证", "敬老卡"], summary="满六十周岁就能领。"
        ),
        factories.guide("最低生活保障申请", everyday_names=["低保"], summary="收入低的家庭申请。"),
        factories.guide("高龄津贴申请", summary="老年人按月领。"),
    ]
    index(GuidePage, made)
    return made


def index(model: type, things: list) -> None:
    get_search_backend().add_bulk(model, things)


def titles(results) -> list[str]:
    return [page.title for page in results]


@pytest.mark.parametrize(
    "words",
    [
        "老年", "优待证", "老年人优待证办理", "老年證", "ＬＡＯＮＩＡＮ", "laonian", "laonianr", "lnryd",
        "敬老卡", "敬老 老年证", "优待 六十周岁",
    ],
)  # fmt: skip
def test_a_page_is_found_by_part_script_sound_and_initials(guides, words):
    assert "老年人优待证办理" in titles(GuidePage.objects.search(words))


def test_names_come_before_texts(guides):
    assert titles(GuidePage.objects.search("老年")) == ["老年人优待证办理", "高龄津贴申请"]


def test_all_words_are_wanted_unless_any_is_asked_for(guides):
    assert titles(GuidePage.objects.search("老年证 低保")) == []
    assert set(titles(GuidePage.objects.search("老年证 低保", operator="or"))) == {
        "老年人优待证办理",
        "最低生活保障申请",
    }


def test_queries_of_wagtail_are_understood(guides):
    asked = {
        "and": And([PlainText("老年"), PlainText("敬老")]),
        "or": Or([PlainText("低保"), PlainText("敬老")]),
        "not": And([PlainText("申请"), Not(PlainText("低保"))]),
        "only not": Not(PlainText("申请")),
        "phrase": Phrase("生活保障"),
        "fuzzy": Fuzzy("低保"),
        "boost": Boost(PlainText("低保"), 2),
        "all": MATCH_ALL,
        "none": Not(MATCH_ALL),
    }

    found = {name: set(titles(GuidePage.objects.search(query))) for name, query in asked.items()}

    old, poor, aged = "老年人优待证办理", "最低生活保障申请", "高龄津贴申请"
    assert found == {
        "and": {old},
        "or": {old, poor},
        "not": {aged},
        "only not": {old},
        "phrase": {poor},
        "fuzzy": {poor},
        "boost": {poor},
        "all": {old, poor, aged},
        "none": set(),
    }


def test_only_the_asked_fields_are_searched(guides):
    assert titles(GuidePage.objects.search("老年", fields=["title"])) == ["老年人优待证办理"]
    assert titles(GuidePage.objects.search("老年", fields=["summary"])) == ["高龄津贴申请"]
    assert titles(GuidePage.objects.search("低保", fields=["everyday_names"])) == ["最低生活保障申请"]
    assert set(titles(GuidePage.objects.search("老年", fields=["title", "summary"]))) == {
        "老年人优待证办理",
        "高龄津贴申请",
    }


def test_results_are_sliced_counted_and_scored(guides):
    found = GuidePage.objects.search("申请").annotate_score("relevance")

    assert found.count() == 2
    assert titles(found[:1]) + titles(found[1:]) == titles(found)
    assert found[0].relevance >= found[1].relevance > 0
    assert len(found[5:10]) == 0


def test_a_queryset_keeps_its_filters_and_its_order(guides):
    GuidePage.objects.filter(title="高龄津贴申请").update(live=False)

    assert titles(GuidePage.objects.live().search("申请")) == ["最低生活保障申请"]
    assert GuidePage.objects.live().search("申请").count() == 1
    ordered = GuidePage.objects.order_by("-title").search("申请", order_by_relevance=False)
    assert titles(ordered) == ["高龄津贴申请", "最低生活保障申请"]


def test_facets_are_counted_by_filter_fields(guides):
    facets = Page.objects.search("申请").facet("content_type_id")

    assert facets == {guides[0].content_type_id: 2}
    with pytest.raises(FilterFieldError):
        Page.objects.search("申请").facet("seo_title")


@pytest.mark.parametrize("typed", ["老", "老年人优", "敬", "laoni", "lnr", "ldj"])
def test_a_word_is_found_while_it_is_typed(guides, typed):
    found = titles(GuidePage.objects.autocomplete(typed))

    assert (found == ["老年人优待证办理"]) == (typed != "ldj")


def test_saving_a_page_writes_over_its_entry_and_deleting_drops_it(guides, django_assert_max_num_queries):
    guides[1].title = "特困供养申请"
    with django_assert_max_num_queries(5):
        index(GuidePage, [guides[1]])

    assert titles(GuidePage.objects.search("生活保障")) == []
    assert GuidePage.objects.search("特困").count() == 1
    GuidePage.objects.get(pk=guides[1].pk).delete()
    assert IndexEntry.objects.filter(object_id=str(guides[1].pk)).count() == 0


def test_the_whole_index_is_written_anew_by_wagtails_command(guides):
    get_search_backend().reset_indexes()
    assert titles(GuidePage.objects.search("老年证")) == []

    call_command("wagtail_update_index", verbosity=0)

    assert titles(GuidePage.objects.search("老年证")) == ["老年人优待证办理"]


ODD = [
    "", " ", "'", '"', "';DROP TABLE x;--", "a OR b", "NEAR(a b)", "*", "老*", "-老", "(", "title:老", "\x00",
    "老\x00年", "😀", "𠮷野", "!&|<->", "\\", "{title}:", "᠎", "\ud800", "x" * 10_000, "老" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_text_is_only_text(guides, text):
    list(GuidePage.objects.search(text))
    list(GuidePage.objects.autocomplete(text))


@COSTLY
@given(text=st.text(max_size=60))
def test_any_text_is_only_text(text):
    list(Page.objects.search(text)[:3])
    list(Page.objects.autocomplete(text)[:3])


words = st.sampled_from(["老年", "年证", "低保", "保障", "老", "0laonian", "ems", "80"])
conditions: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(words, words.map(lambda word: Begun(word[:1]))),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda some: All(tuple(some))),
        st.lists(parts, max_size=3).map(lambda some: Any(tuple(some))),
        parts.map(Without),
    ),
    max_leaves=6,
)


@given(condition=conditions)
def test_the_database_agrees_with_the_rule(condition):
    entries = IndexEntry.objects
    entries.all().delete()
    kept = {"1": ["老年证", "ems80"], "2": ["低保", "保障"], "3": ["年证低保"]}
    kind = ContentType.objects.get_for_model(GuidePage).pk
    for key, names in kept.items():
        entries.create(
            content_type_id=kind,
            object_id=key,
            title=" ".join(words_of_names(names)),
            body="",
            autocomplete="",
        )
    simple = settled(condition)

    expected = {key for key, names in kept.items() if holds(condition, words_of_names(names))}

    if simple == All(()):
        assert expected == set(kept)
    elif simple == Any(()):
        assert expected == set()
    else:
        found = entries.filter(as_filter(simple, ["title"])).values_list("object_id", flat=True)
        assert set(found) == expected


@COSTLY
@given(text=st.text(max_size=40))
def test_what_is_written_is_found_by_itself(text):
    condition = condition_of(Phrase(text))

    assert condition == Any(()) or holds(condition, words_of_text(text))
