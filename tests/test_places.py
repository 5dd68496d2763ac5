"""Places: opening hours, the holiday calendar, offices, region codes and credit codes."""

import contextlib
import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup, Tag
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from wagtail.test.utils.form_data import rich_text

from content_models.base.checks import NotPublishable
from content_models.places import codes
from content_models.places.calendar import Calendar, YearNotMaintained
from content_models.places.hours import (
    Hours,
    OpenState,
    Span,
    SpecialDay,
    UnreadableHours,
    open_state,
    parse_hours,
    span_text,
    weekdays_text,
)
from content_models.places.models import (
    CalendarDay,
    CalendarYear,
    Department,
    OfficeHours,
    OfficePage,
    OfficeSpecialDay,
)
from publishing.publish import publish
from tests import factories
from tests.admin_forms import fields_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAYS, EVERY_DAY = frozenset(range(5)), frozenset(range(7))


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def span(days: Any, opens: str, closes: str, season: Any = None) -> Span:
    return Span(
        frozenset(days), datetime.time.fromisoformat(opens), datetime.time.fromisoformat(closes), season
    )


# A year with two days off and one worked Saturday: 2026-05-01 (Friday), 05-04 (Monday), 05-09 (Saturday).
CALENDAR = Calendar(
    [2026],
    {
        datetime.date(2026, 5, 1): CalendarDay(kind="holiday", name="劳动节"),
        datetime.date(2026, 5, 4): CalendarDay(kind="holiday"),
        datetime.date(2026, 5, 9): CalendarDay(kind="workday", name="劳动节调休"),
    },
)
OFFICE = Hours(spans=(span(WORKDAYS, "09:00", "12:00"), span(WORKDAYS, "13:30", "17:00")))


def state(hours: Hours, moment: str, calendar: Calendar = CALENDAR) -> OpenState:
    return open_state(hours, at=at(moment), calendar=calendar)


# Hours as people write them


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("   ", []),
        ("周一至周五 09:00-12:00", [(WORKDAYS, "09:00", "12:00")]),
        (
            "周一至周五 9:00—12:00,13:30~17:00",
            [(WORKDAYS, "09:00", "12:00"), (WORKDAYS, "13:30", "17:00")],
        ),
        ("星期一到星期五 09:00至12:00", [(WORKDAYS, "09:00", "12:00")]),
        ("周一-五 09:00–17:00", [(WORKDAYS, "09:00", "17:00")]),
        ("周一–周五 09:00-17:00", [(WORKDAYS, "09:00", "17:00")]),
        ("工作日 09:00-17:00", [(WORKDAYS, "09:00", "17:00")]),
        ("工作日和周六 09:00-11:30", [(range(6), "09:00", "11:30")]),
        ("周六、周日 09:00-11:30", [({5, 6}, "09:00", "11:30")]),
        ("周六至周一 09:00-11:30", [({5, 6, 0}, "09:00", "11:30")]),
        ("周天 09:00-11:30", [({6}, "09:00", "11:30")]),
        ("每天 24小时", [(EVERY_DAY, "00:00", "00:00")]),
        ("24 小时", [(EVERY_DAY, "00:00", "00:00")]),
        ("周一至周五全天", [(WORKDAYS, "00:00", "00:00")]),
        ("每日 08:00-24:00", [(EVERY_DAY, "08:00", "00:00")]),
        ("每天 22:00-02:00", [(EVERY_DAY, "22:00", "02:00")]),
        (
            "周一至周五 09:00-12:00;周六 09:00-11:30。",
            [(WORKDAYS, "09:00", "12:00"), ({5}, "09:00", "11:30")],
        ),
        (
            "周一至周五 09:00-12:00，13:30-17:00，周六 09:00-11:30",
            [(WORKDAYS, "09:00", "12:00"), (WORKDAYS, "13:30", "17:00"), ({5}, "09:00", "11:30")],
        ),
        ("09:00-12:00 周一至周五", [(WORKDAYS, "09:00", "12:00")]),
        ("09:00-12:00 周一，13:00-15:00 周二", None),
        ("周一至周五\n", None),
        (
            "周一至周五 上午9:00-12:00 下午1:30-5:00",
            [(WORKDAYS, "09:00", "12:00"), (WORKDAYS, "13:30", "17:00")],
        ),
        ("周一至周五 上午9:00-下午5:00", [(WORKDAYS, "09:00", "17:00")]),
        ("周一至周五 下午14:30-18:00", [(WORKDAYS, "14:30", "18:00")]),
        ("全天休息", None),
        ("周日全天休息", None),
        ("非24小时", None),
        ("周一至周五 09:00-12:00，周三除外", None),
        ("夏季 08:30-12:00", None),
        ("09:00", None),
        ("25:00-26:00", None),
        ("09:00-24:30", None),
        ("09:60-10:00", None),
        ("请电话咨询", None),
    ],
)
def test_written_hours_are_understood_or_refused(text: str, spans: Any) -> None:
    if spans is None:
        with pytest.raises(UnreadableHours):
            parse_hours(text)
    else:
        assert list(parse_hours(text)) == [span(*parts) for parts in spans]


times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
weekday_sets = st.sets(st.integers(0, 6), min_size=1).map(frozenset)


@given(st.lists(st.tuples(weekday_sets, times, times), min_size=1, max_size=5))
def test_any_hours_read_back_as_they_were_written(rows: list[Any]) -> None:
    spans = [Span(days, opens, closes) for days, opens, closes in rows]
    written = ";".join(f"{weekdays_text(row.weekdays)} {span_text(row.opens, row.closes)}" for row in spans)

    assert list(parse_hours(written)) == spans


@given(st.text() | st.text(alphabet="周星期一二三四五六日天至到-—~:;,。0123456789 小时全每工作上下午①²٣\n"))
def test_garbage_is_called_unreadable_and_nothing_else(text: str) -> None:
    with contextlib.suppress(UnreadableHours):
        parse_hours(text)


# Open now, and when next


def test_an_office_closes_for_lunch() -> None:
    morning, lunch = state(OFFICE, "2026-05-06 11:59"), state(OFFICE, "2026-05-06 12:00")

    assert (morning.is_open, morning.closes_at) == (True, at("2026-05-06 12:00"))
    assert (lunch.is_open, lunch.opens_at) == (False, at("2026-05-06 13:30"))
    assert lunch.text == "现在不办公，今天 13:30 开门"


def test_spans_without_a_gap_are_one() -> None:
    hours = Hours(spans=(span(WORKDAYS, "09:00", "12:00"), span(WORKDAYS, "12:00", "17:00")))

    assert state(hours, "2026-05-06 10:00").closes_at == at("2026-05-06 17:00")


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-07-01", "18:00"), ("2026-12-31", "17:00"), ("2026-01-01", "17:00"), ("2026-05-03", "17:00")],
)
def test_a_winter_runs_over_new_year(day: str, closes: str) -> None:
    hours = Hours(
        spans=(
            span(EVERY_DAY, "09:00", "18:00", ((5, 4), (9, 30))),
            span(EVERY_DAY, "09:00", "17:00", ((10, 1), (5, 3))),
        )
    )

    assert f"{state(hours, f'{day} 10:00').closes_at:%H:%M}" == closes


def test_a_holiday_is_closed_and_says_why() -> None:
    holiday = state(OFFICE, "2026-05-01 10:00")

    assert not holiday.is_open
    assert holiday.text.startswith("今天休息（劳动节）")
    assert holiday.opens_at == at("2026-05-05 09:00")


def test_a_holiday_without_a_name_is_a_holiday_all_the_same() -> None:
    assert not state(OFFICE, "2026-05-04 10:00").is_open


def test_an_office_may_stay_open_on_holidays() -> None:
    hours = Hours(spans=OFFICE.spans, closed_on_holidays=False)

    assert state(hours, "2026-05-01 10:00").is_open


def test_a_worked_saturday_keeps_weekday_hours() -> None:
    assert state(OFFICE, "2026-05-09 10:00").is_open
    assert not state(OFFICE, "2026-05-16 10:00").is_open


def test_a_special_day_goes_before_everything_else() -> None:
    hours = Hours(
        spans=OFFICE.spans,
        special={
            datetime.date(2026, 5, 1): SpecialDay(((datetime.time(10), datetime.time(11)),), "值班"),
            datetime.date(2026, 5, 6): SpecialDay((), "搬家"),
        },
    )

    assert state(hours, "2026-05-01 10:30").closes_at == at("2026-05-01 11:00")
    assert state(hours, "2026-05-06 10:30").text == "今天休息（搬家），明天 09:00 开门"


def test_a_place_that_never_closes_says_so() -> None:
    hours = Hours(spans=(span(EVERY_DAY, "00:00", "00:00"),), closed_on_holidays=False)

    never = state(hours, "2026-05-01 03:00")

    assert (never.is_open, never.closes_at, never.changes_at) == (True, None, None)
    assert never.text == "24 小时开放"


def test_two_halves_of_a_day_are_not_taken_for_a_place_that_never_closes() -> None:
    hours = Hours(spans=(span(WORKDAYS, "00:00", "12:00"), span(WORKDAYS, "12:00", "00:00")))

    assert state(hours, "2026-05-11 03:00").closes_at == at("2026-05-16 00:00")


def test_a_night_runs_past_midnight() -> None:
    hours = Hours(spans=(span({0}, "22:00", "02:00"),))

    assert state(hours, "2026-05-12 01:59").closes_at == at("2026-05-12 02:00")
    assert not state(hours, "2026-05-12 02:00").is_open
    assert not state(hours, "2026-05-11 21:59").is_open


def test_the_next_opening_is_found_after_a_week_of_closing() -> None:
    special = {datetime.date(2026, 5, day): SpecialDay() for day in range(11, 19)}

    closed = state(Hours(spans=OFFICE.spans, special=special), "2026-05-11 08:00")

    assert closed.opens_at == at("2026-05-19 09:00")
    assert closed.text == "现在不办公，5月19日（周二）09:00 开门"


def test_a_place_that_opens_within_the_week_names_the_day() -> None:
    assert state(OFFICE, "2026-05-15 18:00").text == "现在不办公，周一 09:00 开门"


def test_an_unmaintained_year_goes_by_the_weekday() -> None:
    assert state(OFFICE, "2027-01-01 10:00").is_open
    assert not state(OFFICE, "2027-01-02 10:00").is_open


def test_a_place_without_hours_asks_to_be_telephoned() -> None:
    unknown = state(Hours(), "2026-05-06 10:00")

    assert not unknown.is_known
    assert unknown.text == "开放时间请电话咨询"


@given(
    st.lists(st.tuples(weekday_sets, times, times), min_size=1, max_size=4),
    st.timedeltas(datetime.timedelta(0), datetime.timedelta(days=290)),
)
def test_the_answer_holds_until_the_moment_it_names(rows: list[Any], after: datetime.timedelta) -> None:
    hours = Hours(spans=tuple(Span(days, opens, closes) for days, opens, closes in rows))
    now = at("2026-01-10 00:00") + after

    answer = open_state(hours, at=now, calendar=CALENDAR)

    if answer.changes_at is not None:
        assert answer.changes_at > now
        just_before = answer.changes_at - datetime.timedelta(microseconds=1)
        assert open_state(hours, at=just_before, calendar=CALENDAR).is_open == answer.is_open
        assert open_state(hours, at=answer.changes_at, calendar=CALENDAR).is_open != answer.is_open


# The calendar


@pytest.mark.django_db
def test_five_working_days_over_two_holidays_end_on_the_ninth_of_october() -> None:
    assert Calendar.load().add_workdays(datetime.date(2026, 9, 24), 5) == datetime.date(2026, 10, 9)


@pytest.mark.django_db
def test_working_days_into_an_unmaintained_year_are_not_guessed() -> None:
    with pytest.raises(YearNotMaintained, match="2027年日历未维护"):
        Calendar.load().add_workdays(datetime.date(2026, 12, 29), 5)

    CalendarYear.objects.create(year=2027)

    assert Calendar.load().add_workdays(datetime.date(2026, 12, 29), 5) == datetime.date(2027, 1, 5)


@pytest.mark.django_db
def test_a_day_belongs_to_its_year() -> None:
    day = CalendarDay(calendar_year=CalendarYear(year=2027), on=datetime.date(2026, 5, 1))

    with pytest.raises(ValidationError, match="这一天不在 2027 年"):
        day.clean()


# Codes


@pytest.mark.parametrize("code", ["91350100M000100Y43", "11320000MB151840XJ"])
def test_a_right_credit_code_passes(code: str) -> None:
    codes.check_uscc(code)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y4Z",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100m000100y43",
        "I1350100M000100Y43",
        "",
    ],
)
def test_a_wrong_credit_code_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        codes.check_uscc(code)


@given(st.text(alphabet=codes.USCC_ALPHABET, min_size=17, max_size=17))
def test_exactly_one_check_character_fits_a_credit_code(body: str) -> None:
    def passes(char: str) -> bool:
        try:
            codes.check_uscc(body + char)
        except ValidationError:
            return False
        return True

    assert sum(map(passes, codes.USCC_ALPHABET)) == 1


@pytest.mark.parametrize(
    "code", ["35020300000", "3502030000000", "35020300000X", "350203000000\n", "３５０２０３００００００"]
)
def test_a_region_code_is_twelve_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        codes.check_region_code(code)


@pytest.mark.parametrize(
    ("code", "level", "prefix"),
    [
        ("350203000000", "district", "350203"),
        ("350203001000", "street", "350203001"),
        ("350203001002", "community", "350203001"),
    ],
)
def test_a_region_code_tells_its_level_and_what_lies_below(code: str, level: str, prefix: str) -> None:
    assert codes.region_level(code) == level
    assert codes.shared_prefix(code) == prefix


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "problem"),
    [("350203002001", "以 350203001 开头"), ("350203001000", "级别不对"), ("3502030010", "12 位数字")],
)
def test_a_community_keeps_to_the_code_of_its_street(code: str, problem: str) -> None:
    place = factories.community(under=factories.street())
    place.region_code = code

    with pytest.raises(ValidationError, match=problem):
        place.full_clean()


@pytest.mark.django_db
def test_a_new_community_with_a_foreign_code_is_answered_by_the_form(client: Any) -> None:
    street = factories.street()
    client.force_login(factories.user("administrator"))
    address = f"/admin/pages/add/communities/communitypage/{street.pk}/"
    form = client.get(address).context["form"]
    data: dict[str, Any] = dict.fromkeys(form.fields, "") | {"title": "新社区", "region_code": "350299001001"}
    data |= {"community_kind": "urban", "intro": rich_text("")}
    for formset in form.formsets.values():
        data |= {f"{formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}

    answer = client.post(address, data)

    assert answer.status_code == 200
    assert "以 350203001 开头" in answer.context["form"].errors["region_code"][0]


@pytest.mark.django_db
def test_two_regions_never_share_a_code() -> None:
    first, second = factories.community(), factories.community("花苑社区")

    with pytest.raises(IntegrityError), transaction.atomic():
        type(first).objects.filter(pk=second.pk).update(region_code=first.region_code)


@pytest.mark.django_db
def test_two_departments_never_share_a_credit_code() -> None:
    factories.department("甲", uscc="91350100M000100Y43")

    with pytest.raises(ValidationError, match="已有部门使用"):
        Department(name="乙", code="yi", uscc="91350100M000100Y43").full_clean()


# Offices


@pytest.mark.django_db
@pytest.mark.parametrize(
    "position",
    [
        {"latitude": 24},
        {"longitude": 118},
        {"latitude": 91, "longitude": 0},
        {"latitude": 0, "longitude": 181},
    ],
)
def test_half_a_position_or_one_off_the_map_is_refused(position: dict[str, int]) -> None:
    office = factories.office()
    for name, value in position.items():
        setattr(office, name, value)

    with pytest.raises(ValidationError):
        office.full_clean()


@pytest.mark.django_db
def test_complaints_go_to_another_telephone() -> None:
    office = factories.office()
    office.complaint_phone = office.phone
    office.save_revision(clean=False)

    with pytest.raises(NotPublishable, match="不能与“电话”相同"):
        publish(office)


@pytest.mark.parametrize("written", ["13-01", "02-30", "5月1日", "²-01", "0501", "-"])
def test_a_season_begins_on_a_real_day(written: str) -> None:
    row = OfficeHours(season="summer", season_from=written, season_to="09-30")

    with pytest.raises(ValidationError, match="月-日"):
        row.clean()


def test_a_span_ends_after_it_begins() -> None:
    row = OfficeHours(opens=datetime.time(12), closes=datetime.time(9))

    with pytest.raises(ValidationError, match="要晚于"):
        row.clean()


@pytest.mark.django_db
def test_a_season_without_dates_is_no_season() -> None:
    office = factories.office()

    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeHours.objects.create(
            page=office, season="summer", opens=datetime.time(9), closes=datetime.time(12)
        )


@pytest.mark.django_db
def test_an_office_reads_its_rows_as_hours() -> None:
    office = factories.office(hours=[("01234", "09:00", "12:00")])
    OfficeSpecialDay.objects.create(page=office, on=datetime.date(2026, 5, 6), reason="停电")
    OfficeHours.objects.create(
        page=office,
        weekdays="5",
        opens=datetime.time(9),
        closes=datetime.time(11),
        season="summer",
        season_from="05-01",
        season_to="09-30",
        sort_order=9,
    )
    office = factories.fresh(office)

    assert office.open_state(at=at("2026-05-06 10:00")).text == "今天休息（停电），明天 09:00 开门"
    assert office.open_state(at=at("2026-06-06 10:00")).is_open
    assert not office.open_state(at=at("2026-11-07 10:00")).is_open
    assert [row.season_text for row in office.hours.all()] == ["", "夏季（5月1日至9月30日）"]


@pytest.mark.django_db
def test_a_new_office_is_previewed_before_it_is_saved(client: Client) -> None:
    client.force_login(factories.user("administrator"))
    form = f"/admin/pages/add/places/officepage/{factories.community().pk}/"
    filled = {"title": "新中心", "office_kind": "agent_point", "address": "一路 1 号", "phone": "0592-1"}

    taken = client.post(f"{form}preview/", fields_of(client.get(form).content.decode()) | filled).json()
    preview = client.get(f"{form}preview/")

    assert taken["is_valid"]
    assert "新中心" in preview.content.decode()


def texts(row: Tag) -> list[str]:
    """The cells of a table row without the mark of today."""
    return [cell.get_text(" ", strip=True).removesuffix(" （今天）") for cell in row(["th", "td"])]


def hours_on_the_page(client: Client, office: OfficePage) -> list[tuple[str, list[str]]]:
    """``(heading, lines)`` of each table of opening hours as residents read it."""
    page = BeautifulSoup(client.get(factories.fresh(office).url).content, "html.parser")
    return [
        (
            "".join(caption.get_text(strip=True) for caption in table("caption")),
            ["|".join(texts(row)) for row in table("tr")],
        )
        for table in page("table", class_="hours")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        (
            [("5", "09:00", "11:30"), ("01234", "13:30", "17:00"), ("01234", "09:00", "12:00")],
            ["周一至周五|09:00–12:00 13:30–17:00", "周六|09:00–11:30", "周日|不办公"],
        ),
        (
            [("1", "09:00", "11:00"), ("3", "09:00", "11:00")],
            ["周一、周三、周五至周日|不办公", "周二、周四|09:00–11:00"],
        ),
        ([("0123456", "00:00", "00:00")], ["每天|24 小时"]),
    ],
)
def test_opening_hours_name_every_day_of_the_week(client: Client, hours: Any, lines: list[str]) -> None:
    office = factories.office(hours=hours)

    assert [
        [line.replace("（今天）", "") for line in found]
        for _heading, found in hours_on_the_page(client, office)
    ] == [lines]


@pytest.mark.django_db
def test_hours_of_the_whole_year_stand_in_every_season_and_alone_for_the_rest(client: Client) -> None:
    office = factories.office(hours=[("5", "09:00", "11:00")])
    OfficeHours.objects.create(
        page=office, weekdays="01234", opens=datetime.time(9), closes=datetime.time(12),
        season="summer", season_from="05-01", season_to="09-30", sort_order=9,
    )  # fmt: skip

    found = {
        heading.removesuffix("，现在执行"): lines for heading, lines in hours_on_the_page(client, office)
    }

    assert found == {
        "夏季（5月1日至9月30日）": ["周一至周五|09:00–12:00", "周六|09:00–11:00", "周日|不办公"],
        "其他时间": ["周一至周五、周日|不办公", "周六|09:00–11:00"],
    }
