"""Reports that a cancelled certificate is still demanded: taking, handling, counting, forgetting."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count
from django.utils import timezone
from wagtail.models import Page

from content_models.certificates.models import Certificate
from content_models.home.models import StreetPage
from content_models.places.calendar import Calendar
from content_models.places.models import OfficePage
from feedback.models import DemandCount, DemandReport, ReportEvent
from publishing import outbox
from publishing.outbox import publication
from staff import audit

DUE_WORKDAYS = 10
CONTACT_KEPT = datetime.timedelta(days=90)  # after closing
AT_ONCE = 500


@publication()
def take(
    certificate: Certificate,
    *,
    unit: str,
    happened_on: datetime.date | None = None,
    said: str = "",
    contact: str = "",
) -> DemandReport:
    """Keep what a resident reports; the office is known where the unit bears the name of one."""
    report = DemandReport.objects.create(
        certificate=certificate,
        certificate_name=certificate.name,
        unit=unit,
        office=office_named(unit),
        happened_on=happened_on,
        said=said,
        contact=contact,
    )
    recount([certificate.pk])
    return report


def known_offices() -> models.QuerySet[OfficePage]:
    """Offices that the public knows."""
    offices: models.QuerySet[OfficePage] = OfficePage.objects.live().public().order_by("sort_name", "pk")
    return offices


def office_named(unit: str) -> OfficePage | None:
    """The public office whose name stands in what was written; None where it is none, or unclear which."""
    named = [(title, pk) for pk, title in known_offices().values_list("pk", "title") if title in unit]
    longest = max((len(title) for title, _pk in named), default=0)
    fitting = [pk for title, pk in named if len(title) == longest]
    return OfficePage.objects.get(pk=fitting[0]) if len(fitting) == 1 else None


class HandledMeanwhile(Exception):
    """Somebody else has done something with the report since it was read."""


@publication()
def handle(
    report: DemandReport,
    *,
    by: Any,
    state: str,
    note: str = "",
    answer: str = "",
    assigned_to: Any = None,
    office: OfficePage | None = None,
    seen: int | None = None,
) -> ReportEvent:
    """Bring a report into a state, with a note for colleagues and an answer for whoever sent it.

    ``seen`` is the last event its reader knew of (0: none); raises HandledMeanwhile where there is another.
    """
    locked = DemandReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    last = locked.events.order_by("-pk").values_list("pk", flat=True).first() or 0
    if seen is not None and seen != last:
        raise HandledMeanwhile
    before = {"state": locked.get_state_display(), "assigned_to": str(locked.assigned_to or "")}
    state = DemandReport.State(state)
    locked.state, locked.answer, locked.assigned_to, locked.office = state, answer, assigned_to, office
    if state in (DemandReport.State.UNFOUNDED, DemandReport.State.INVALID):
        locked.is_counted = False
    elif state != DemandReport.State.ANSWERED:  # an answer leaves open what was found out
        locked.is_counted = True
    locked.closed_at = None if locked.is_open else locked.closed_at or timezone.now()
    locked.save()
    event = ReportEvent.objects.create(
        report=locked,
        by=by,
        by_name=str(by),
        state=state,
        assigned_name=str(assigned_to or "") if str(assigned_to or "") != before["assigned_to"] else "",
        note=note,
    )
    now = {"state": locked.get_state_display(), "assigned_to": str(assigned_to or "")}
    changes = {name: [before[name], now[name]] for name in now if before[name] != now[name]}
    audit.record("handle_report", locked, by=by, changes=changes)
    if locked.certificate_id is not None:
        recount([locked.certificate_id])
    report.refresh_from_db()
    return event


# The public number


def recount(certificates: Iterable[int]) -> int:
    """Bring the public numbers of these certificates up to date; returns how many changed."""
    outbox.take_turn()  # so that two at the same time do not both count without the other's report
    wanted = set(certificates)
    counted = DemandReport.objects.counted().filter(certificate__in=wanted).order_by()
    numbers = dict(counted.values_list("certificate").annotate(Count("pk")))
    shown = {row.certificate_id: row for row in DemandCount.objects.filter(certificate__in=wanted)}
    changed = 0
    for pk in wanted:
        row = shown.get(pk) or DemandCount(certificate_id=pk)
        number = numbers.get(pk, 0)
        if row.number != number:
            row.number = number
            row.save()  # tells the stored pages, as of everything that they show (delivery.changes)
            changed += 1
    return changed


def recount_demands() -> int:
    """What is a year old counts no longer; the schedule sees to it."""
    since = timezone.now() - datetime.timedelta(days=DemandReport.COUNTED_DAYS)
    shown = DemandCount.objects.filter(number__gt=0).values("certificate")
    ageing = DemandReport.objects.filter(
        certificate__in=shown, is_counted=True, reported_at__lt=since
    ).order_by()
    aged = set(ageing.values_list("certificate", flat=True).distinct())
    if not aged:
        return 0
    with publication():
        return recount(aged)


def still_demanded(list_id: int, key: str) -> int:
    """How many residents reported in the last year that a certificate is still demanded."""
    found = DemandCount.objects.filter(certificate__owner=list_id, certificate__key=key)
    return found.values_list("number", flat=True).first() or 0


# What waits for too long


def due_before(today: datetime.date | None = None) -> datetime.date:
    """Reports of days before this one have waited for more than ``DUE_WORKDAYS`` working days.

    A year whose holidays nobody has entered counts from Monday to Friday.
    """
    calendar, day, left = Calendar.load(), today or timezone.localdate(), DUE_WORKDAYS
    while left:
        day -= datetime.timedelta(days=1)
        left -= calendar.is_workday(day) if calendar.knows(day) else day.weekday() < 5
    return day


def overdue(reports: models.QuerySet[DemandReport]) -> models.QuerySet[DemandReport]:
    """Those of ``reports`` that wait for an answer and have done so for too long."""
    start = timezone.make_aware(datetime.datetime.combine(due_before(), datetime.time()))
    return reports.exclude(state__in=DemandReport.CLOSED).filter(reported_at__lt=start)


@dataclass(frozen=True)
class Waiting:
    """Reports that wait for an answer, and how many of them for too long."""

    open: int
    overdue: int


def open_by_street(streets: Iterable[Page] | None = None) -> dict[int | None, Waiting]:
    """``{street's page id: Waiting}`` for streets where something waits; None stands for no street.

    A report belongs to the street in whose subtree its office is.
    """
    known = StreetPage.objects.all() if streets is None else streets
    paths = {street.path: street.pk for street in known}
    late = set(overdue(DemandReport.objects.all()).values_list("pk", flat=True))
    found: dict[int | None, list[int]] = {}
    for pk, path in DemandReport.objects.open().order_by().values_list("pk", "office__path"):
        above = (path[:end] for end in range(Page.steplen, len(path or "") + 1, Page.steplen))
        street = next((paths[each] for each in above if each in paths), None)
        if street is not None or streets is None:
            found.setdefault(street, []).append(pk)
    return {
        street: Waiting(len(waiting), sum(pk in late for pk in waiting)) for street, waiting in found.items()
    }


# What is forgotten in time


def forget_contacts() -> int:
    """Delete how to reach people whose report was closed long enough ago; returns how many."""
    old = DemandReport.objects.filter(closed_at__lt=timezone.now() - CONTACT_KEPT).exclude(contact="")
    return old.update(contact="")
