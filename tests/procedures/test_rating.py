"""The rating of a community: five steps, stars by theme, notice and period, re-check, and the public page."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from content_models.communities.models import CommunityPage, Rating
from content_models.notices.models import NoticePage
from procedures import deciding
from procedures.due import months_after
from procedures.models import Case, Recheck, Theme
from procedures.rating import recheck, redraft_notice
from procedures.upkeep import show_stars_due
from publishing.models import OutboxEntry
from publishing.publish import publish
from staff.models import AuditEntry, User
from tests import factories
from tests.procedures import world
from tests.procedures.conftest import Clock
from tests.procedures.world import Cast, decide, fresh

NOTICE_ENDS = datetime.date(2026, 10, 9)  # five working days from 2026-09-24 (FACTS H7)
AFTER_NOTICE = datetime.date(2026, 10, 10)
State = Case.State


def to_notice(cast: Cast, case: Case) -> Case:
    for person in cast.deciders[:4]:
        decide(fresh(case), person)
    return fresh(case)


def shown(cast: Cast, clock: Clock, **fields: Any) -> Case:
    """A rating whose stars are public."""
    case = to_notice(cast, world.rating(cast, **fields))
    assert case.notice is not None
    publish(case.notice.specific, by=cast.district_editor)
    clock.set(AFTER_NOTICE)
    assert show_stars_due() == 1
    return fresh(case)


def page_of(cast: Cast) -> str:
    return Client().get(factories.fresh(cast.community).url).content.decode()


# Steps


def test_the_steps_are_those_of_the_source_and_each_waits_for_its_own_post(cast: Cast) -> None:
    case = world.rating(cast)
    names = []

    for person in cast.deciders[:4]:
        state = fresh(case).current_workflow_task_state
        assert state is not None
        names.append(state.task.name)
        others = {*cast.deciders, cast.writer, cast.stranger} - {person}
        for other in others:
            with pytest.raises(PermissionDenied):
                decide(fresh(case), other)
        decide(fresh(case), person)

    assert names == ["群众测评", "乡镇考评", "市属部门复核验收", "市委审定授星"]
    assert fresh(case).current_workflow_task.name == "公示亮星"


def test_nobody_decides_on_what_they_wrote(cast: Cast) -> None:
    case = world.rating(cast, submitted=False)
    case.save_revision(user=cast.street_editor)
    deciding.submit(case, by=cast.writer)

    with pytest.raises(PermissionDenied):
        decide(fresh(case), cast.street_editor)


def test_an_administrator_may_decide_but_not_on_their_own(cast: Cast) -> None:
    administrator = factories.user("administrator")
    theirs = world.rating(cast, submitted=False)
    deciding.submit(theirs, by=administrator)
    with pytest.raises(PermissionDenied):
        decide(fresh(theirs), administrator)

    others = world.rating(cast, year=2025)
    decide(fresh(others), administrator)

    assert fresh(others).current_workflow_task.name == "乡镇考评"


def test_a_case_that_is_returned_comes_back_to_the_same_step(cast: Cast) -> None:
    case = world.rating(cast)
    decide(case, cast.street_editor)

    decide(fresh(case), cast.street_reviewer, "reject", "请补充依据")
    assert fresh(case).state == State.RETURNED
    deciding.submit(fresh(case), by=cast.writer)

    assert fresh(case).state == State.RUNNING
    assert fresh(case).current_workflow_task.name == "乡镇考评"


@pytest.mark.parametrize("action", ["reject", "refuse"])
def test_a_no_needs_a_reason(cast: Cast, action: str) -> None:
    case = world.rating(cast)

    with pytest.raises(ValidationError, match="请写明原因"):
        decide(case, cast.street_editor, action, "  ")

    assert fresh(case).state == State.RUNNING


def test_a_refused_rating_makes_room_for_another_of_the_year(cast: Cast) -> None:
    case = world.rating(cast)
    decide(case, cast.street_editor, "refuse", "未达到条件")

    assert fresh(case).state == State.REFUSED
    assert fresh(case).reason == "未达到条件"
    assert world.rating(cast).state == State.RUNNING


def test_a_second_click_changes_nothing(cast: Cast) -> None:
    case = world.rating(cast)
    step = case.current_workflow_task_state.pk
    deciding.decide(case, step=step, action="approve", by=cast.street_editor)
    records = AuditEntry.objects.count()

    deciding.decide(fresh(case), step=step, action="approve", by=cast.street_editor)
    deciding.submit(fresh(case), by=cast.writer)

    assert fresh(case).current_workflow_task.name == "乡镇考评"
    assert AuditEntry.objects.count() == records


def test_whoever_comes_late_is_told_that_it_was_decided(cast: Cast) -> None:
    colleague = factories.user("street_editor", cast.street)
    case = world.rating(cast)
    step = case.current_workflow_task_state.pk
    deciding.decide(case, step=step, action="approve", by=cast.street_editor)

    with pytest.raises(ValidationError, match="已经有人办理"):
        deciding.decide(fresh(case), step=step, action="refuse", by=colleague, comment="不行")


def test_the_step_that_may_set_stars_does_and_another_does_not(cast: Cast) -> None:
    case = world.rating(cast, stars=8)
    last = case.theme_results[7].theme_id
    fewer = {last: (False, None, "复核未通过")}
    step = case.current_workflow_task_state.pk
    deciding.decide(case, step=step, action="approve", by=cast.street_editor, stars=fewer)
    assert fresh(case).stars == 8

    step = fresh(case).current_workflow_task_state.pk
    deciding.decide(fresh(case), step=step, action="approve", by=cast.street_reviewer, stars=fewer)

    assert fresh(case).stars == 7
    assert fresh(case).level == "较好"


# Stars


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
def test_stars_level_and_honours_follow_from_the_themes(
    cast: Cast, clock: Clock, stars: int, level: str, may: list[str]
) -> None:
    case = shown(cast, clock, stars=stars)
    rating = Rating.objects.get(page=cast.community)

    for each in (case, rating):
        assert (each.stars, each.level, each.eligibility["may"]) == (stars, level, may)


def test_missing_theme_stars_exclude_as_the_themes_say(cast: Cast) -> None:
    themes = {theme.name: theme for theme in Theme.objects.filter(procedure=cast.rating)}
    case = world.rating(cast, stars=10)
    for name, honours in {
        "民族团结": ["双五好"],
        "宗教和谐": ["双五好"],
        "精神文明": ["文明社区"],
        "平安建设": ["平安社区"],
    }.items():
        case.results.update(has_star=True)
        case.results.filter(theme=themes[name]).update(has_star=False)
        assert fresh(case).eligibility["excluded"] == honours


def test_themes_and_what_they_exclude_are_data(cast: Cast, clock: Clock) -> None:
    theme = Theme.objects.get(procedure=cast.rating, name="平安建设")
    theme.name, theme.excludes = "平安和谐", "平安家园"
    theme.save()
    case = world.rating(cast, stars=0)

    assert "平安家园" in case.eligibility["excluded"]


# Notice and period


def test_the_fourth_step_drafts_the_notice_with_its_period_and_contact(cast: Cast) -> None:
    case = to_notice(cast, world.rating(cast))

    notice = NoticePage.objects.get(pk=case.notice_id)
    assert not notice.live
    assert notice.notice_kind == "publicity"
    assert (notice.notice_from, notice.notice_to) == (world.TODAY, NOTICE_ENDS)
    assert notice.stated_working_days == 5
    assert "12345" in notice.feedback_contact
    assert "获得 8 星" in str(notice.body)


def test_stars_are_not_shown_before_the_notice_is_over(cast: Cast, clock: Clock) -> None:
    case = to_notice(cast, world.rating(cast))
    with pytest.raises(ValidationError, match="公示还没有发布"):
        decide(case, cast.district_editor)
    assert case.notice is not None
    publish(case.notice.specific, by=cast.district_editor)

    for day in (world.TODAY, NOTICE_ENDS):
        clock.set(day)
        assert show_stars_due() == 0
        with pytest.raises(ValidationError, match="2026-10-09 才期满"):
            decide(fresh(case), cast.district_editor)

    assert not Rating.objects.exists()
    clock.set(AFTER_NOTICE)
    decide(fresh(case), cast.district_editor)
    assert fresh(case).state == State.AGREED


def test_a_notice_that_went_out_late_hangs_for_its_whole_time(cast: Cast, clock: Clock) -> None:
    case = to_notice(cast, world.rating(cast))
    clock.set(datetime.date(2026, 10, 9))
    assert case.notice is not None
    publish(case.notice.specific, by=cast.district_editor)

    clock.set(datetime.date(2026, 10, 15))
    assert show_stars_due() == 0
    clock.set(datetime.date(2026, 10, 17))
    assert show_stars_due() == 1


def test_a_year_without_calendar_is_said(cast: Cast, clock: Clock) -> None:
    clock.set(datetime.date(2026, 12, 29))
    case = to_notice(cast, world.rating(cast))
    assert case.notice is not None
    notice = publish(case.notice.specific, by=cast.district_editor)

    assert notice.notice_to is None
    with pytest.raises(ValidationError, match="2027年日历未维护"):
        decide(case, cast.district_editor)


def test_a_deleted_notice_can_be_drafted_anew(cast: Cast) -> None:
    case = to_notice(cast, world.rating(cast))
    NoticePage.objects.get(pk=case.notice_id).delete()

    redraft_notice(fresh(case), by=cast.district_editor)
    redraft_notice(fresh(case), by=cast.district_editor)

    assert fresh(case).notice_id is not None
    assert NoticePage.objects.count() == 1


def test_the_public_page_tells_stars_themes_steps_and_where_to_object(cast: Cast, clock: Clock) -> None:
    before = OutboxEntry.objects.count()
    shown(cast, clock)

    text = page_of(cast)
    for words in ("8 星", "民族团结", "群众测评", "市委审定授星", "公示亮星", "12345", "2026-09-24"):
        assert words in text
    told = [entry.topic for entry in OutboxEntry.objects.order_by("pk")[before:]]
    assert factories.fresh(cast.community).topic in told
    assert AuditEntry.objects.filter(action="publish", object_id=str(cast.community.pk)).exists()


def test_an_editors_unfinished_changes_stay_unfinished(cast: Cast, clock: Clock) -> None:
    page = factories.fresh(cast.community)
    page.boundary = "改到一半的四至"
    page.save_revision(user=cast.writer)

    shown(cast, clock)

    assert "改到一半的四至" not in page_of(cast)
    page = CommunityPage.objects.get(pk=cast.community.pk)
    draft = page.get_latest_revision_as_object()
    assert page.has_unpublished_changes
    assert draft.boundary == "改到一半的四至"
    publish(page, by=cast.writer)
    assert CommunityPage.objects.get(pk=page.pk).latest_rating.stars == 8


def test_a_rating_typed_in_for_the_year_gives_way(cast: Cast, clock: Clock) -> None:
    Rating.objects.create(page=cast.community, year=world.YEAR, stars=3)
    Rating.objects.create(page=cast.community, year=2022, stars=5)

    shown(cast, clock)

    found = Rating.objects.filter(page=cast.community).values_list("year", "stars")
    assert sorted(found) == [(2022, 5), (world.YEAR, 8)]


def test_an_unpublished_community_is_not_published_by_its_stars(cast: Cast, clock: Clock) -> None:
    case = to_notice(cast, world.rating(cast))
    assert case.notice is not None
    publish(case.notice.specific, by=cast.district_editor)
    CommunityPage.objects.get(pk=cast.community.pk).unpublish()
    clock.set(AFTER_NOTICE)

    with pytest.raises(ValidationError, match="还没有发布"):
        decide(fresh(case), cast.district_editor)
    assert show_stars_due() == 0

    assert fresh(case).state == State.RUNNING
    assert not CommunityPage.objects.get(pk=cast.community.pk).live


def test_an_internal_rating_leaves_no_trace_in_public(cast: Cast) -> None:
    cast.rating.is_public = False
    cast.rating.save()
    case = to_notice(cast, world.rating(cast))

    decide(case, cast.district_editor)

    assert fresh(case).state == State.AGREED
    assert not NoticePage.objects.exists()
    assert not Rating.objects.exists()


# Re-check


@pytest.mark.parametrize(
    ("day", "after"),
    [((2026, 10, 10), (2027, 1, 10)), ((2026, 11, 30), (2027, 2, 28)), ((2026, 12, 1), (2027, 3, 1))],
)
def test_a_quarter_is_three_months(day: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    assert months_after(datetime.date(*day), 3) == datetime.date(*after)


def test_the_due_recheck_is_listed_and_a_look_moves_it_on(cast: Cast, clock: Clock) -> None:
    case = shown(cast, clock)
    address = reverse("procedures:index") + "?show=recheck"
    assert lines(cast, cast.district_editor, address) == set()
    Case.objects.filter(pk=case.pk).update(decided_on=datetime.date(2026, 7, 10))
    assert lines(cast, cast.district_editor, address) == {str(case.pk)}

    recheck(case, by=cast.district_editor)
    recheck(case, by=cast.district_editor)

    assert Recheck.objects.count() == 1
    assert lines(cast, cast.district_editor, address) == set()
    assert AuditEntry.objects.filter(action="recheck_stars").count() == 1


def lines(cast: Cast, user: User, address: str) -> set[str]:
    listed = cast.client(user).get(address).context["listed"]
    return {str(line["case"].pk) for line in listed}


def test_a_star_is_taken_away_with_its_reason_and_the_history_stays(cast: Cast, clock: Clock) -> None:
    case = shown(cast, clock)
    theme = Theme.objects.get(procedure=cast.rating, name="平安建设")
    clock.set(datetime.date(2027, 1, 11))

    recheck(case, by=cast.district_editor, theme=theme, reason="发生安全事故")
    recheck(case, by=cast.district_editor, theme=theme, reason="发生安全事故")

    rating = Rating.objects.get(page=cast.community)
    assert (rating.stars, rating.level, rating.eligibility["excluded"]) == (7, "较好", ["平安社区"])
    text = page_of(cast)
    assert "2027-01-11 复核，摘掉“平安建设”：发生安全事故" in text
    assert "7 星" in text
    assert fresh(case).results.get(theme=theme).has_star
    assert AuditEntry.objects.filter(action="take_star").count() == 1


def test_a_star_is_not_taken_without_reason_or_by_anybody(cast: Cast, clock: Clock) -> None:
    case = shown(cast, clock)
    theme, absent = (Theme.objects.get(procedure=cast.rating, sort_order=place) for place in (0, 9))

    with pytest.raises(ValidationError):
        recheck(case, by=cast.district_editor, theme=theme)
    with pytest.raises(ValidationError, match="没有"):
        recheck(case, by=cast.district_editor, theme=absent, reason="原因")
    for person in (cast.street_editor, cast.writer, cast.stranger):
        with pytest.raises(ValidationError, match="不能复核"):
            recheck(case, by=person, theme=theme, reason="原因")

    assert Rating.objects.get(page=cast.community).stars == 8


# The list of all


def test_all_communities_are_listed_by_stars_with_the_newest_of_each(cast: Cast) -> None:
    rated = {"甲社区": [(2021, 10), (2022, 5)], "乙社区": [(2022, 8)], "丙社区": [(2021, 7)]}
    for name, ratings in rated.items():
        page = factories.community(name, under=cast.street)
        for year, stars in ratings:
            Rating.objects.create(page=page, year=year, stars=stars)

    def listed(query: str = "") -> list[tuple[str, int]]:
        page = Client().get(f"/procedures/ratings/{query}").context["listing"].page
        return [(rating.page.title, rating.stars) for rating in page]

    assert listed() == [("乙社区", 8), ("丙社区", 7), ("甲社区", 5)]
    assert listed("?year=2021") == [("甲社区", 10), ("丙社区", 7)]
    assert listed("?level=good&level=fair") == [("乙社区", 8), ("甲社区", 5)]
    assert listed(f"?street={cast.street.pk}") == listed()
    other = factories.street("北区街道")
    assert listed(f"?street={other.pk}") == []
    assert listed("?street=x&year=9999&level=best&page=7") == listed()


def test_the_list_asks_the_database_the_same_for_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        page = factories.community(f"{number}号社区", under=cast.street)
        Rating.objects.create(page=page, year=2022, stars=8)
    Client().get("/procedures/ratings/")

    with django_assert_max_num_queries(40):
        Client().get("/procedures/ratings/")
