"""Communities: figures and what follows from them, ratings, history, and the reader's own community."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from content_models.communities import derived, reader
from content_models.communities.models import CommunityPage, Figure, Grid, HistoryEvent, Rating
from content_models.communities.ratings import eligibility, level_of
from tests import factories


def counted(metric: str, value: Any, year: int = 2021) -> Any:
    return Figure(metric=metric, value=Decimal(value), as_of=datetime.date(year, 1, 1))


def values(*figures: Any) -> dict[str, str]:
    return {str(row.label): row.value_text for row in derived.compute(figures)}


# Figures


def test_ratios_follow_from_the_figures_that_are_there() -> None:
    city = [counted("grids", 3262), counted("grid_workers", 5716), counted("communities", 362)]
    community = [counted("staff", 18), counted("grids", 8), counted("residents", 17723)]

    assert values(*city) == {"每个网格的网格员": "1.75 人", "每个社区的网格": "9 个"}
    assert values(*community) == {"每个网格的居民": "2,215 人", "每名社区工作者服务的居民": "985 人"}
    assert values(counted("staff", 0), counted("residents", 10)) == {}


def test_the_newest_figure_counts() -> None:
    assert values(counted("staff", 10, 2020), counted("staff", 20, 2021), counted("residents", 100)) == {
        "每名社区工作者服务的居民": "5 人"
    }


@pytest.mark.parametrize(
    ("households", "staff", "computed", "stated"), [(23600, 34, "694 户", 680), (23600, 54, "437 户", 440)]
)
def test_a_source_that_states_another_ratio_is_shown_beside_the_computed_one(
    households: int, staff: int, computed: str, stated: int
) -> None:
    figures = [counted("households", households), counted("staff", staff)]

    [row] = derived.compute([*figures, counted("households_per_staff", stated)])

    assert row.value_text == computed
    assert row.differs
    assert row.stated.value == stated
    assert [figure.value for figure in row.inputs] == [households, staff]


def test_a_source_that_states_the_same_ratio_does_not_differ() -> None:
    figures = [counted("households", 100), counted("staff", 10), counted("households_per_staff", 10)]

    assert not derived.compute(figures)[0].differs


@pytest.mark.parametrize(
    ("figures", "notes"),
    [
        (
            [("households", 5000), ("office_area", 300)],
            [
                ("社区一般为 1,000–3,000 户，本社区 5,000 户。", False),
                ("办公用房一般不少于 300㎡，本社区 300㎡。", True),
                ("每百户办公用房一般为 30㎡，本社区 6㎡。", False),
            ],
        ),
        ([("households", 15000)], [("社区一般为 1,000–3,000 户，本社区 15,000 户。", False)]),
        ([("households", 1000)], [("社区一般为 1,000–3,000 户，本社区 1,000 户。", True)]),
        ([("office_area", 299), ("households", 0)], None),
        ([("residents", 5000)], []),
    ],
)
def test_norms_are_information(figures: Any, notes: Any) -> None:
    found = [(note.text, note.is_met) for note in derived.norms([counted(*row) for row in figures])]

    if notes is None:
        assert [is_met for _text, is_met in found] == [False, False]
    else:
        assert found == notes


@pytest.mark.parametrize(
    ("value", "text"), [("13200.00", "13,200"), ("1.75", "1.75"), ("9.0", "9"), ("0", "0"), ("100", "100")]
)
def test_numbers_are_written_as_people_write_them(value: str, text: str) -> None:
    assert derived.number_text(value) == text


@pytest.mark.django_db
def test_a_street_adds_up_its_communities_but_not_those_that_are_gone() -> None:
    street = factories.street()
    first, second = (factories.community(name, under=street) for name in ("甲社区", "乙社区"))
    gone = factories.community("丙社区", under=street, dissolved_on=datetime.date(2021, 1, 1))
    going = factories.community(
        "丁社区", under=street, dissolved_on=timezone.localdate() + datetime.timedelta(1)
    )
    for page in (first, second, gone, going):
        factories.figure(page, "households", 1000)
    factories.figure(first, "households", 9000, as_of=datetime.date(2020, 1, 1))

    [row] = factories.fresh(street).summed_figures

    assert (row["label"], row["number"], row["communities"]) == ("户数", "3,000", 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"value": -1}, {"value": 5, "metric": "residents"}], ids=["below nothing", "twice on one day"]
)
def test_a_figure_is_a_count_and_there_is_one_a_day(fields: dict[str, Any]) -> None:
    community = factories.community()
    factories.figure(community, "residents", 4)

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.figure(community, **({"metric": "households"} | fields))


@pytest.mark.django_db
def test_a_small_number_of_vulnerable_people_is_not_told_exactly() -> None:
    community = factories.community()

    small = factories.figure(community, "residents", 3, "人", is_sensitive=True)
    large = factories.figure(community, "elderly", 13, "人", is_sensitive=True)

    assert small.value_text == "少于 10 人"
    assert large.value_text == "13 人"


# Ratings


@pytest.mark.parametrize(
    ("stars", "level", "may"),
    [
        (4, "差", []),
        (5, "一般", []),
        (6, "一般", []),
        (7, "较好", ["五好党支部"]),
        (8, "好", ["五好党支部", "市级以上先进"]),
        (10, "好", ["五好党支部", "市级以上先进", "自治区级先进"]),
    ],
)
def test_stars_mean_a_level_and_what_one_may_apply_for(stars: int, level: str, may: list[str]) -> None:
    assert level_of(stars) == level
    assert eligibility(stars)["may"] == may


def test_a_missing_star_excludes_its_honour() -> None:
    assert eligibility(10, missing=["民族团结", "平安建设"])["excluded"] == ["双五好", "平安社区"]
    assert Rating(year=2022, stars=9, missing_stars="精神文明、宗教和谐").eligibility["excluded"] == [
        "双五好",
        "文明社区",
    ]


@pytest.mark.django_db
def test_no_community_has_eleven_stars_or_two_ratings_a_year() -> None:
    community = factories.community()
    Rating.objects.create(page=community, year=2022, stars=8)

    for wrong in ({"year": 2023, "stars": 11}, {"year": 2022, "stars": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(page=community, **wrong)
    assert factories.fresh(community).latest_rating.stars == 8


@pytest.mark.django_db
def test_a_grid_number_is_used_once() -> None:
    community = factories.community()
    Grid.objects.create(page=community, number="1")

    with pytest.raises(IntegrityError), transaction.atomic():
        Grid.objects.create(page=community, number="1")


# History


@pytest.mark.django_db
def test_a_split_community_leads_to_its_successors() -> None:
    old = factories.community("城南社区", dissolved_on=datetime.date(2021, 1, 1))
    for name in ("环城社区", "城南新社区"):
        new = factories.community(name)
        HistoryEvent.objects.create(page=old, event_kind="split_into", other=new, on_text="2021年")
    HistoryEvent.objects.create(page=old, event_kind="established", on=datetime.date(1990, 1, 1))

    old = factories.fresh(old)

    assert old.is_dissolved
    assert [event.name_of_other for event in old.successors] == ["环城社区", "城南新社区"]
    assert old.successors[0].date_text == "2021年"


def test_a_change_names_the_other_community() -> None:
    with pytest.raises(ValidationError, match="请选择另一社区"):
        HistoryEvent(event_kind="split_into").clean()
    HistoryEvent(event_kind="renamed").clean()
    HistoryEvent(event_kind="merged_into", other_name="别处").clean()


# The reader's own community


def asked_with(cookie: str | None) -> Any:
    request = RequestFactory().get("/")
    if cookie is not None:
        request.COOKIES[reader.COOKIE] = cookie
    return request


@pytest.mark.django_db
def test_a_choice_is_remembered_in_a_cookie() -> None:
    community = factories.community()
    response = HttpResponse()
    reader.remember(response, community)

    request = asked_with(response.cookies[reader.COOKIE].value)

    assert reader.community_of(request) == community
    assert request.has_stale_community is False


GARBAGE = ["x", "-1", "0", "1.5", "999999999", "9" * 40, "²", "٣", "' OR 1=1", "\0", " "]


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", GARBAGE)
def test_a_choice_nobody_offered_is_stale(cookie: str) -> None:
    request = asked_with(cookie)

    assert reader.community_of(request) is None
    assert request.has_stale_community is True


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"live": False}, {"dissolved_on": datetime.date(2021, 1, 1)}])
def test_a_community_that_is_gone_is_stale(fields: dict[str, Any]) -> None:
    community = factories.community()
    request = asked_with(str(community.pk))
    CommunityPage.objects.filter(pk=community.pk).update(**fields)

    assert reader.community_of(request) is None
    assert request.has_stale_community is True


@pytest.mark.django_db
def test_no_choice_is_not_stale() -> None:
    request = asked_with(None)

    assert reader.community_of(request) is None
    assert request.has_stale_community is False


@pytest.mark.django_db
def test_choosing_sets_the_cookie_and_leads_back(client: Client) -> None:
    community = factories.community()

    response = client.post("/my-community/", {"community": community.pk, "next": "/search/?q=1"})

    assert (response.status_code, response["Location"]) == (302, "/search/?q=1")
    assert client.cookies[reader.COOKIE].value == str(community.pk)

    client.post("/my-community/", {"community": ""})

    assert client.cookies[reader.COOKIE].value == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\\\\evil.example",
        "",
    ],
)
def test_choosing_never_leads_to_another_site(client: Client, address: str) -> None:
    community = factories.community()

    response = client.post("/my-community/", {"community": community.pk, "next": address})

    assert response["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("choice", GARBAGE[:-1])
def test_an_unknown_choice_is_answered_with_the_list(client: Client, choice: str) -> None:
    factories.community()

    response = client.post("/my-community/", {"community": choice})

    assert response.status_code == 200
    assert response.context["unknown"] is True
    assert reader.COOKIE not in client.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"), [("", 2), ("花苑", 1), ("hua yuan", 1), ("没有", 0), ("\0", 2), ("x" * 300, 0)]
)
def test_communities_are_offered_by_street_and_found_by_name(client: Client, words: str, found: int) -> None:
    street = factories.street()
    for name in ("江苏路社区", "花苑社区"):
        factories.community(name, under=street)
    factories.community("旧社区", under=street, dissolved_on=datetime.date(2021, 1, 1))

    response = client.get("/my-community/", {"q": words})

    assert response.status_code == 200
    assert sum(len(pages) for _street, pages in response.context["groups"]) == found
