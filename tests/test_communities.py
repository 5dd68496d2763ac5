"""Communities: figures and what follows from them, ratings, history, and the reader's own community."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from content_models.base import codes
from content_models.communities import derived, over_time, reader
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


# Over time


def on(metric: str, value: Any, unit: str, day: str, **fields: Any) -> Figure:
    as_of = datetime.date.fromisoformat(day) if day else None
    return Figure(metric=metric, value=Decimal(value), unit=unit, as_of=as_of, **fields)


@pytest.mark.django_db
def test_a_metric_of_several_days_is_told_over_time() -> None:
    figures = [
        on("fund", 50, "万元", "2011-12-31"),
        on("staff", 9, "人", "2011-12-31"),
        on("fund", 30, "万元", "2008-12-31", as_of_text="2008年"),
    ]

    [fund] = over_time.series(figures)

    assert [(point.figure.date_text, point.change_text) for point in fund.points] == [
        ("2008年", "—"),
        ("2011-12-31", "+20（+66.7%）"),
    ]
    assert [(bar.text, bar.length) for bar in fund.pictures[0][1]] == [
        ("30 万元", "60.00"),
        ("50 万元", "100.00"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("figures", "changes", "lengths"),
    [
        ([("2020-01-01", 5, "人"), ("2021-01-01", 5, "户")], ["—", "—"], None),
        ([("2020-01-01", 0, "人"), ("2021-01-01", 5, "人")], ["—", "+5"], ["0", "100.00"]),
        ([("2020-01-01", 5, "人"), ("", 4, "人")], ["—", "+1（+25.0%）"], ["80.00", "100.00"]),
        ([("2020-01-01", -5, "人"), ("2021-01-01", 5, "人")], ["—", "+10"], ["0", "100.00"]),
        ([("2020-01-01", 0, "人"), ("2021-01-01", 0, "人")], ["—", "没有变化"], ["0", "0"]),
        (
            [("2020-01-01", "0.01", "人"), ("2021-01-01", "999999999999.99", "人")],
            ["—", "+999,999,999,999.98（+9,999,999,999,999,800.0%）"],
            ["0.00", "100.00"],
        ),
    ],
    ids=["other unit", "from nothing", "no date", "below nothing", "never anything", "huge"],
)
def test_odd_figures_break_nothing(figures: Any, changes: list[str], lengths: Any) -> None:
    [one] = over_time.series([on("staff", value, unit, day) for day, value, unit in figures])

    assert [point.change_text for point in one.points] == changes
    assert ([bar.length for bar in one.pictures[0][1]] if one.pictures else None) == lengths


@pytest.mark.django_db
def test_nothing_is_computed_from_a_number_that_is_not_told() -> None:
    small = on("elderly", 4, "人", "2020-01-01", is_sensitive=True)

    [one] = over_time.series([small, on("elderly", 14, "人", "2021-01-01")])

    assert [point.change_text for point in one.points] == ["—", "—"]
    assert [(bar.text, bar.length) for bar in one.pictures[0][1]] == [
        ("少于 10 人", "0"),
        ("14 人", "100.00"),
    ]


@pytest.mark.django_db
def test_a_page_shows_figures_over_time_with_their_sources(client: Client) -> None:
    community = factories.community()
    for year, value in ((2020, 100), (2024, 80)):
        factories.figure(
            community, "households", value, as_of=datetime.date(year, 1, 1), source=f"{year}年普查"
        )

    said = BeautifulSoup(client.get(community.get_url()).content, "html.parser").select_one(".series")

    assert said is not None
    assert [cell.get_text() for cell in said.select("tbody tr > *")] == [
        *("2020-01-01", "100 户", "—", "2020年普查"),
        *("2024-01-01", "80 户", "−20（−20.0%）", "2024年普查"),
    ]
    assert len(said.select("rect")) == 2


# At a split

TOWN, PARTS = "城南社区（2021年拆分前）", ("环城社区", "城南社区")


@pytest.fixture
def split(db: None) -> dict[str, Any]:
    """城南, 34 of staff, split in 2021 into 环城 and 城南; the street's source states 440 for both."""
    street = factories.street("城区街道")
    day = datetime.date(2021, 12, 31)
    old = factories.community(TOWN, under=street, dissolved_on=day)
    before: dict[str, Any] = {"as_of": datetime.date(2020, 12, 31), "source": "公开报道，2022-06-20"}
    factories.figure(old, "staff", 34, "人", **before)
    factories.figure(old, "households", 23600, **before)
    factories.figure(old, "households_per_staff", 680, **before)
    after: dict[str, Any] = {"as_of": datetime.date(2022, 6, 20), "source": "公开报道，2022-06-20"}
    found: dict[str, Any] = {"street": street, "old": old, "after": after}
    for name, households, staff in zip(PARTS, (13200, 10400), (29, 25), strict=True):
        found[name] = new = factories.community(name, under=street)
        factories.figure(new, "households", households, note="出处的文字写“居民”，单位却是“户”。", **after)
        factories.figure(new, "staff", staff, "人", **after)
        told = {"on": day, "on_text": "2021年", "source": "公开报道"}
        HistoryEvent.objects.create(page=old, event_kind="split_into", other=new, **told)
        HistoryEvent.objects.create(page=new, event_kind="split_from", other=old, **told)
    factories.figure(street, "households_per_staff", 440, **after)
    return found


def rows_of(turn: Any) -> dict[str, tuple[list[str], list[str], str, str]]:
    return {
        row.label: (
            [text for _name, text, _day in row.before_cells],
            [text for _name, text, _day in row.after_cells],
            row.after_sum,
            row.change.both_text,
        )
        for row in turn.rows
    }


@pytest.mark.parametrize("name", ["old", *PARTS])
def test_a_split_shows_both_sides_added_and_ratios_anew(split: dict[str, Any], name: str) -> None:
    [turn] = factories.fresh(split[name]).turns

    assert rows_of(turn) == {
        "社区工作者": (["34 人"], ["29 人", "25 人"], "54 人", "+20（+58.8%）"),
        "户数": (["23,600 户"], ["13,200 户", "10,400 户"], "23,600 户", "没有变化"),
        "每名社区工作者服务的户数": (["694 户"], ["455 户", "416 户"], "437 户", "−257（−37.0%）"),
    }
    assert turn.notes[0] == (
        "每名社区工作者服务的户数：来源写 680 → 440 户，按来源的数字计算是 694 → 437 户，相差 −14、+3。"
    )
    assert "环城社区，户数：出处的文字写“居民”，单位却是“户”。" in turn.notes
    assert turn.sources == ["公开报道，2022-06-20"]
    assert [label for label, _bars in turn.pictures] == ["社区工作者", "户数"]


def test_the_page_of_each_side_shows_the_split(split: dict[str, Any], client: Client) -> None:
    for name in ("old", *PARTS):
        response = client.get(split[name].get_url())
        said: Any = BeautifulSoup(response.content, "html.parser").find(id="turns")
        assert said.h2.get_text() == "2021年拆分前后的数据"
        assert "680 → 440 户" in said.get_text()
        assert "694 → 437 户" in said.get_text()
        assert not said.find_all(style=True)


def test_a_page_follows_the_figures_of_the_other_side(split: dict[str, Any]) -> None:
    page = factories.fresh(split["环城社区"])

    topics = page.shown_topics({})

    assert {split["old"].topic, split["城南社区"].topic, split["street"].topic} <= set(topics)
    assert topics.count(page.topic) == 1


def test_other_units_are_said_and_nothing_is_added(split: dict[str, Any]) -> None:
    Figure.objects.filter(page=split["环城社区"].pk, metric="households").update(unit="人")

    [turn] = factories.fresh(split["old"]).turns

    assert rows_of(turn)["户数"] == (["23,600 户"], ["13,200 人", "10,400 户"], "—", "—")
    assert "“户数”的单位不一样（户、人），没有相加，也没有比较。" in turn.notes
    assert [label for label, _bars in turn.pictures] == ["社区工作者"]


def test_a_figure_missing_on_one_side_is_a_dash(split: dict[str, Any]) -> None:
    Figure.objects.filter(page=split["环城社区"].pk, metric="staff").delete()
    factories.figure(split["城南社区"], "buildings", 40, "个", **split["after"])

    [turn] = factories.fresh(split["old"]).turns

    rows = rows_of(turn)
    assert rows["社区工作者"] == (["34 人"], ["—", "25 人"], "—", "—")
    assert rows["楼栋"] == (["—"], ["—", "40 个"], "—", "—")
    assert "“社区工作者”：环城社区没有这一项，没有相加。" in turn.notes
    assert rows["每名社区工作者服务的户数"][2:] == ("—", "—")


def test_averages_and_small_numbers_are_never_added(split: dict[str, Any]) -> None:
    for name in PARTS:
        factories.figure(split[name], "fund_each", 50, "万元", **split["after"])
        factories.figure(split[name], "elderly", 3, "人", is_sensitive=True, **split["after"])

    [turn] = factories.fresh(split["old"]).turns

    rows = rows_of(turn)
    label = codes.label("metric", "fund_each")
    assert rows[label] == (["—"], ["50 万元", "50 万元"], "—", "—")
    assert rows["60岁以上人口"] == (["—"], ["少于 10 人", "少于 10 人"], "—", "—")


def test_a_ratio_that_one_source_states_otherwise_is_told_of_that_community(split: dict[str, Any]) -> None:
    factories.figure(split["环城社区"], "households_per_staff", 460, **split["after"])

    [turn] = factories.fresh(split["old"]).turns

    assert "环城社区，每名社区工作者服务的户数：来源写 460 户，按其数字计算为 455 户。" in turn.notes


def test_a_ratio_that_is_only_stated_stands_beside_the_others(split: dict[str, Any]) -> None:
    Figure.objects.filter(metric="staff").delete()

    [turn] = factories.fresh(split["old"]).turns

    assert rows_of(turn)["每名社区工作者服务的户数"] == (["680 户"], ["—", "—"], "—", "—")


def test_a_side_that_is_not_public_is_not_added_to(split: dict[str, Any]) -> None:
    CommunityPage.objects.filter(pk=split["环城社区"].pk).update(live=False)

    [turn] = factories.fresh(split["old"]).turns

    assert rows_of(turn)["户数"] == (["23,600 户"], ["10,400 户"], "—", "—")
    assert "13,200" not in str(turn.rows)


def test_the_figures_nearest_to_the_split_are_compared(split: dict[str, Any]) -> None:
    factories.figure(split["old"], "staff", 99, "人", as_of=datetime.date(2010, 1, 1))
    factories.figure(split["环城社区"], "staff", 77, "人", as_of=datetime.date(2025, 1, 1))

    [turn] = factories.fresh(split["old"]).turns

    assert rows_of(turn)["社区工作者"][:2] == (["34 人"], ["29 人", "25 人"])


def test_different_days_are_added_with_a_word_of_caution(split: dict[str, Any]) -> None:
    Figure.objects.filter(page=split["环城社区"].pk, metric="staff").update(as_of=datetime.date(2023, 1, 1))

    [turn] = factories.fresh(split["old"]).turns

    assert rows_of(turn)["社区工作者"][2] == "54 人"
    assert "“社区工作者”的截至日期不一样，相加的数只供参考。" in turn.notes


@pytest.mark.django_db
def test_a_merger_is_told_from_both_sides() -> None:
    one, other, whole = (factories.community(name) for name in ("甲社区", "乙社区", "丙社区"))
    day = datetime.date(2022, 1, 1)
    for page, number in ((one, 1000), (other, 500)):
        factories.figure(page, "households", number, as_of=datetime.date(2021, 1, 1))
        HistoryEvent.objects.create(page=page, event_kind="merged_into", other=whole, on=day)
        HistoryEvent.objects.create(page=whole, event_kind="merged_from", other=page, on=day)
    factories.figure(whole, "households", 1600, as_of=datetime.date(2022, 6, 1))

    for page in (one, other, whole):
        [turn] = factories.fresh(page).turns
        [row] = turn.rows
        assert (row.before_sum, row.after_sum, row.change.both_text) == (
            "1,500 户",
            "1,600 户",
            "+100（+6.7%）",
        )


@pytest.mark.django_db
def test_a_split_told_from_one_side_only_is_shown(client: Client) -> None:
    old, new = factories.community("旧社区"), factories.community("新社区")
    HistoryEvent.objects.create(page=new, event_kind="split_from", other=old)
    HistoryEvent.objects.create(page=new, event_kind="split_from", other_name="没有登记的社区")
    factories.figure(old, "households", 10, as_of=datetime.date(2020, 1, 1))

    [turn] = factories.fresh(new).turns

    assert rows_of(turn)["户数"] == (["10 户"], ["—"], "—", "—")
    assert client.get(new.get_url()).status_code == 200


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
def test_a_community_that_is_gone_is_stale() -> None:
    community = factories.community()
    request = asked_with(str(community.pk))
    CommunityPage.objects.filter(pk=community.pk).update(live=False)

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
