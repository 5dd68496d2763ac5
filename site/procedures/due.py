"""When something is due, by the shared calendar; a year that nobody maintains is said, never guessed."""

import calendar as months
import datetime
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from content_models.places.calendar import Calendar, YearNotMaintained
from procedures.models import Case

State = Case.State


@dataclass(frozen=True)
class Due:
    """A day by which something is to be done, or why that day is not known."""

    day: datetime.date | None = None
    unknown: str = ""
    is_overdue: bool = False

    def __bool__(self) -> bool:
        return self.day is not None or bool(self.unknown)

    @property
    def text(self) -> str:
        return self.day.isoformat() if self.day else self.unknown


NEVER = Due()


def decision_due(case: Case, calendar: Calendar) -> Due:
    """When the working days for a decision end; overdue where it was not decided by then."""
    days, submitted = case.procedure.working_days, case.submitted_at
    if not days or submitted is None or case.state in (State.DRAFT, State.RETURNED, State.WITHDRAWN):
        return NEVER
    due = _workdays_after(timezone.localdate(submitted), days, calendar)
    if due.day is None:
        return due
    until = case.decided_on if case.decided_on and not case.is_running else timezone.localdate()
    return Due(due.day, is_overdue=until > due.day)


def earliest_start(case: Case, calendar: Calendar) -> Due:
    """The first day for which the application came early enough; overdue where it is to begin before that."""
    days = case.procedure.ahead_days
    if not days or case.starts_on is None:
        return NEVER
    asked = timezone.localdate(case.submitted_at) if case.submitted_at else timezone.localdate()
    due = _workdays_after(asked, days, calendar)
    if due.day is None:  # a year further on may not be needed to tell that it is too soon
        return Due(unknown=due.unknown, is_overdue=_is_sooner(asked, days, case.starts_on, calendar))
    return Due(due.day, is_overdue=case.starts_on < due.day)


def _is_sooner(day: datetime.date, number: int, end: datetime.date, calendar: Calendar) -> bool:
    """Whether surely fewer than ``number`` working days follow a day until another."""
    until = (end - day).days
    try:
        return (
            sum(calendar.is_workday(day + datetime.timedelta(after)) for after in range(1, until + 1))
            < number
        )
    except YearNotMaintained:
        return False


def _workdays_after(day: datetime.date, number: int, calendar: Calendar) -> Due:
    try:
        return Due(calendar.add_workdays(day, number))
    except YearNotMaintained as unknown:
        return Due(unknown=str(unknown))


def recheck_due(case: Case) -> Due:
    """When a rating is to be looked at again."""
    every = case.procedure.recheck_months
    if not every or case.state != State.AGREED or case.decided_on is None:
        return NEVER
    last = getattr(case, "last_check", None) or case.rechecks.aggregate(last=Max("done_on"))["last"]
    day = months_after(max(last or case.decided_on, case.decided_on), every)
    return Due(day, is_overdue=timezone.localdate() >= day)


def months_after(day: datetime.date, number: int) -> datetime.date:
    """The same day ``number`` months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, months.monthrange(year, month + 1)[1]))


def period_end(case: Case, calendar: Calendar) -> Due:
    """When the public notice of a rating ends, counted from the day on which it really went public."""
    notice = case.notice.specific if case.notice else None
    if notice is None:
        return Due(unknown=_("公示已被删除，请重新起草"))
    if not notice.live or notice.first_published_at is None:
        return Due(unknown=_("公示还没有发布"))
    public_from = timezone.localdate(notice.first_published_at)
    start = max(notice.notice_from or public_from, public_from)
    due = _workdays_after(start, notice.stated_working_days or case.procedure.notice_days, calendar)
    if due.day is None:
        return due
    end = max(due.day, notice.notice_to or due.day)
    return Due(end, is_overdue=timezone.localdate() > end)
