"""Opening hours: read as people write them, asked whether a place is open now and when next.

Times are wall-clock times in Asia/Shanghai. Written form:
``周一至周五 09:00-12:00,13:30-17:00;周六 09:00-11:30``, with ``24小时`` for places that never close.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass, field, replace

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base import moments

WEEKDAYS = "一二三四五六日"
WEEKDAY_NAMES = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)
LOOK_AHEAD_DAYS = 60
MIDNIGHT = datetime.time(0, 0)

_DAYS = re.compile(r"(?:周|星期)([一二三四五六日天])(?:(?:至|到|-|~|—|–)(?:周|星期)?([一二三四五六日天]))?")
_HALF = r"(上午|下午)?\s*"
_CLOCK = r"([01]?\d|2[0-3]|24(?=:00))[::]([0-5]\d)"
_SPAN = re.compile(rf"{_HALF}{_CLOCK}\s*(?:-|~|—|–|至|到)\s*{_HALF}{_CLOCK}")
_ALL_DAY = re.compile(r"24\s*小时|全天")
_DAY_OR_TIME = re.compile(rf"(?P<day>{_DAYS.pattern}|每天|每日|工作日)|{_CLOCK}|{_ALL_DAY.pattern}")
# What may stand between days and times; any other word might change the meaning.
_BETWEEN = re.compile(r"[\s,、,和及]|每天|每日|工作日")


class UnreadableHours(ValueError):
    """Text that is not opening hours."""


@dataclass(frozen=True)
class Span:
    """From–to on the given weekdays (0 = Monday); ``closes`` 00:00 means the end of the day.

    ``season`` bounds it as ((month, day), (month, day)), running over New Year where the end is earlier.
    """

    weekdays: frozenset
    opens: datetime.time
    closes: datetime.time
    season: tuple | None = None

    def holds_on(self, day):
        if self.season is None:
            return True
        start, end = self.season
        at = (day.month, day.day)
        return start <= at <= end if start <= end else at >= start or at <= end


@dataclass(frozen=True)
class SpecialDay:
    """A day with its own hours, or closed when ``spans`` is empty."""

    spans: tuple = ()
    reason: str = ""


@dataclass(frozen=True)
class Pause:
    """A place serves nobody until the aware moment ``until``; ``for_the_day``: it closed early today."""

    until: datetime.datetime
    reason: str = ""
    for_the_day: bool = False


@dataclass(frozen=True)
class Hours:
    """All a place says about when it is open."""

    spans: tuple = ()
    special: dict = field(default_factory=dict)
    closed_on_holidays: bool = True
    pause: Pause | None = None

    def __bool__(self):
        return bool(self.spans or self.special)

    def on(self, day, calendar):
        """``[(opens, closes)]`` on ``day`` in order; empty when closed."""
        special = self.special.get(day)
        if special is not None:
            return sorted(special.spans)
        weekday = day.weekday()
        if self.closed_on_holidays and calendar.knows(day):
            is_workday = calendar.is_workday(day)
            if calendar.is_holiday(day):
                return []
            if is_workday and weekday >= 5:  # a weekend that is worked instead of a weekday
                weekday = 0
        return sorted(
            {
                (span.opens, span.closes)
                for span in self.spans
                if weekday in span.weekdays and span.holds_on(day)
            }
        )

    def why_closed(self, day, calendar):
        special = self.special.get(day)
        return special.reason if special is not None else calendar.holiday_name(day)


@dataclass(frozen=True)
class OpenState:
    """The answer residents read first: open or not, until when, when next."""

    is_open: bool
    closes_at: datetime.datetime | None = None
    opens_at: datetime.datetime | None = None
    reason: str = ""
    is_known: bool = True
    at: datetime.datetime | None = None
    pause: Pause | None = None
    today: tuple = ()  # (opens, closes) of the day, as it is printed

    @property
    def changes_at(self):
        """The next moment at which this answer reads differently, or None."""
        if self.pause is not None:
            return self.pause.until
        return self.closes_at if self.is_open else self.opens_at

    @property
    def is_paused(self):
        return self.pause is not None

    @property
    def look(self):
        """The class of this answer: open--now, open--paused, or none."""
        if self.is_paused:
            return "open--paused"
        return "open--now" if self.is_open else ""

    @property
    def text(self):
        if self.pause is not None:
            return self._pause_text()
        if not self.is_known:
            return _("开放时间请电话咨询")
        if self.is_open:
            if self.closes_at is None:
                return _("24 小时开放")
            return _("正在办公，%(time)s 结束") % {"time": f"{self.closes_at:%H:%M}"}
        closed = _("今天休息（%(reason)s）") % {"reason": self.reason} if self.reason else _("现在不办公")
        return self._until_opening(closed)

    @property
    def today_text(self):
        """The hours of today: 08:30–12:00、14:00–17:30; empty where it is closed, paused or not known."""
        return "" if self.is_paused else _("、").join(span_text(*span) for span in self.today)

    def _pause_text(self):
        reason = {"reason": self.pause.reason}
        if self.pause.for_the_day:
            return self._until_opening(_("今天提前下班（%(reason)s）") % reason)
        if self.opens_at != self.pause.until:
            return self._until_opening(_("暂停办理（%(reason)s）") % reason)
        when = moment_text(self.opens_at, at=self.at)
        return _("暂停办理，预计 %(when)s 恢复（%(reason)s）") % {"when": when, **reason}

    def _until_opening(self, closed):
        if self.opens_at is None:
            return closed
        when = moment_text(self.opens_at, at=self.at)
        if self.opens_at.date() == self.at.date():
            when = _("今天 %(time)s") % {"time": when}
        return _("%(closed)s，%(when)s 开门") % {"closed": closed, "when": when}


def moment_text(moment, *, at):
    """A local moment as said at ``at``: 15:00 (that day), 明天 09:00, 周三 09:00, 5月19日（周二）09:00."""
    days = (moment.date() - at.date()).days
    time = f"{moment:%H:%M}"
    if days == 0:
        return time
    if days == 1:
        return _("明天 %(time)s") % {"time": time}
    if days < 7:
        return _("%(weekday)s %(time)s") % {"weekday": WEEKDAY_NAMES[moment.weekday()], "time": time}
    return _("%(day)s（%(weekday)s）%(time)s") % {
        "day": date_format(moment, _("n月j日")),
        "weekday": WEEKDAY_NAMES[moment.weekday()],
        "time": time,
    }


def open_state(hours, *, at, calendar):
    """Whether a place with ``hours`` is open at the aware local moment ``at``, and when that changes."""
    state = replace(_state(hours, at, calendar), today=tuple(hours.on(at.date(), calendar)))
    moments.note(state.changes_at)
    return state


def _state(hours, at, calendar):
    if hours.pause is not None and at < hours.pause.until:
        return _paused_state(hours, at, calendar)
    if not hours:
        return OpenState(is_open=False, is_known=False, at=at)
    for opens, closes in _spans_around(hours, at, calendar):
        if opens <= at < closes:
            end = _end_of_stretch(hours, closes, calendar)
            return OpenState(is_open=True, closes_at=end, at=at)
    reason = "" if hours.on(at.date(), calendar) else hours.why_closed(at.date(), calendar)
    return OpenState(is_open=False, opens_at=_next_opening(hours, at, calendar), reason=reason, at=at)


def _paused_state(hours, at, calendar):
    """Who comes when the pause is over may still find the doors closed: the answer names when they open."""
    pause = replace(hours.pause, until=hours.pause.until.astimezone(at.tzinfo))
    then = _state(replace(hours, pause=None), pause.until, calendar)
    opens_at = pause.until if then.is_open or not (then.is_known or pause.for_the_day) else then.opens_at
    return OpenState(is_open=False, opens_at=opens_at, at=at, pause=pause)


def rest_of_the_day(hours, *, at, calendar):
    """``[(opens, closes)]`` of today's hours that are not over at ``at``, as moments.

    A place that is open past midnight is still in the day before.
    """
    before, today = (
        [(start, end) for start, end in _moments(hours, day, at.tzinfo, calendar) if at < end]
        for day in (at.date() - datetime.timedelta(days=1), at.date())
    )
    return before or today


def _moments(hours, day, zone, calendar):
    for opens, closes in hours.on(day, calendar):
        start = datetime.datetime.combine(day, opens, zone)
        end_day = day + datetime.timedelta(days=1) if closes == MIDNIGHT or closes <= opens else day
        yield start, datetime.datetime.combine(end_day, closes, zone)


def _spans_around(hours, at, calendar):
    """Spans of yesterday (which may run past midnight) and today."""
    for day in (at.date() - datetime.timedelta(days=1), at.date()):
        yield from _moments(hours, day, at.tzinfo, calendar)


def _end_of_stretch(hours, closes, calendar):
    """When the doors really close: spans without a gap between count as one; None means never."""
    a_week_on = closes + datetime.timedelta(days=8)
    while closes < a_week_on:
        for start, end in _spans_around(hours, closes, calendar):
            if start <= closes < end:
                closes = end
                break
        else:
            return closes
    return None


def _next_opening(hours, at, calendar):
    for offset in range(LOOK_AHEAD_DAYS):
        day = at.date() + datetime.timedelta(days=offset)
        for start, _end in _moments(hours, day, at.tzinfo, calendar):
            if start > at:
                return start
    return None


def parse_hours(text):
    """Spans of hours as people write them; raises UnreadableHours with what was not understood."""
    text = unicodedata.normalize("NFKC", text or "").strip()
    if not text:
        return ()
    spans = []
    for part in re.split(r"[;\n。]", text):
        part = part.strip()
        if part:
            for piece in _by_days(part):
                spans.extend(_parse_part(piece))
    return tuple(spans)


def _by_days(part):
    """``part`` cut where other days follow after a time: 周一至周五 09:00-17:00,周六 09:00-11:30 is two."""
    cuts, kinds = [0], ""
    for found in _DAY_OR_TIME.finditer(part):
        kind = "day" if found["day"] else "time"
        if kinds.endswith("time") and kind == "day":
            cuts.append(found.start())
        kinds = kinds if kinds.endswith(kind) else f"{kinds} {kind}".strip()
    if not kinds.startswith("time"):
        return [part[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True)]
    if kinds.count("time") > 1:  # which times go with which days is anybody's guess
        raise _unreadable(part)
    return [part]


def _unreadable(part):
    return UnreadableHours(_("看不懂“%(text)s”。请写成：周一至周五 09:00-12:00,13:30-17:00") % {"text": part})


def _parse_part(part):
    weekdays = _weekdays(part)
    times = [_span_times(*found) for found in _SPAN.findall(part)]
    rest = _SPAN.sub("", _DAYS.sub("", part))
    if not times and _ALL_DAY.search(rest):
        times, rest = [(MIDNIGHT, MIDNIGHT)], _ALL_DAY.sub("", rest, count=1)
    if not times or _BETWEEN.sub("", rest):
        raise _unreadable(part)
    return [Span(weekdays, opens, closes) for opens, closes in times]


def _weekdays(part):
    found = _DAYS.findall(part)
    days = set(range(5)) if "工作日" in part else set()
    for first, last in found:
        start, end = _weekday(first), _weekday(last or first)
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days or range(7))


def _weekday(char):
    return WEEKDAYS.index("日" if char == "天" else char)


def _span_times(half, hour, minute, second_half, second_hour, second_minute):
    """From and to; 下午 before the first time holds for the second one too."""
    second_half = second_half or half
    return _time(half, hour, minute), _time(second_half, second_hour, second_minute)


def _time(half, hour, minute):
    hour = int(hour)
    if half == "下午" and hour < 12:
        hour += 12
    return datetime.time(hour % 24, int(minute))


def weekdays_text(weekdays):
    """Weekdays in words: 周一至周五, 周六、周日, 每天."""
    days = sorted(weekdays)
    if len(days) == 7:
        return _("每天")
    runs = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    words = []
    for first, last in runs:
        if last - first >= 2:
            ends = {"first": WEEKDAY_NAMES[first], "last": WEEKDAY_NAMES[last]}
            words.append(_("%(first)s至%(last)s") % ends)
        else:
            words.extend(str(WEEKDAY_NAMES[day]) for day in range(first, last + 1))
    return _("、").join(words)


def covers_the_year(seasons):
    """Whether every day lies in one of ``seasons``, given as bounds like those of a Span."""
    spans = [Span(frozenset(), MIDNIGHT, MIDNIGHT, bounds) for bounds in seasons]
    first = datetime.date(2024, 1, 1)  # a leap year
    days = (first + datetime.timedelta(days=offset) for offset in range(366))
    return all(any(span.holds_on(day) for span in spans) for day in days)


def week(spans, *, today=None):
    """A week in print: ``[{"weekdays", "spans", "is_today"}]`` in week order, closed days too.

    Days with the same hours share a line; ``spans`` is empty where the place is closed. ``today`` is a day
    of this week to mark, or None.
    """
    lines = {}
    for day in range(7):
        times = sorted({(span.opens, span.closes) for span in spans if day in span.weekdays})
        lines.setdefault(tuple(times), []).append(day)
    return [
        {
            "weekdays": weekdays_text(days),
            "spans": [span_text(*times) for times in line],
            "is_today": today is not None and today.weekday() in days,
        }
        for line, days in lines.items()
    ]


def span_text(opens, closes):
    if opens == closes == MIDNIGHT:
        return _("24 小时")
    return f"{opens:%H:%M}–{'24:00' if closes == MIDNIGHT else f'{closes:%H:%M}'}"
