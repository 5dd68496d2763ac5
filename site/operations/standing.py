"""How the site as a whole stands, in a few cheap questions to the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Min, Sum, When
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from imports.models import ImportRun
from operations import heartbeat
from publishing import outbox, schedule
from publishing.models import OutboxEntry, Trouble


@dataclass(frozen=True)
class Standing:
    """Numbers and ages, these in seconds; 0.0 where nothing waits."""

    published: int
    outbox_waiting: int
    outbox_delay: float
    overdue: float
    schedule_failed: int
    tasks_waiting: int
    tasks_delay: float
    imports: dict[str, tuple[int, int]]  # by state: how many, and rows read
    processes: dict[str, int]


def now() -> Standing:
    unsent = OutboxEntry.objects.filter(sent_at=None).aggregate(number=Count("pk"), since=Min("at"))
    tasks = waiting_tasks()
    imports = ImportRun.objects.values_list("state").annotate(Count("pk"), Sum("rows_read")).order_by("state")
    return Standing(
        published=outbox.newest(),
        outbox_waiting=unsent["number"],
        outbox_delay=_age(unsent["since"]),
        overdue=overdue(),
        schedule_failed=schedule_failed(),
        tasks_waiting=tasks["number"],
        tasks_delay=_age(tasks["since"]),
        imports={state: (number, rows or 0) for state, number, rows in imports},
        processes=heartbeat.alive(),
    )


def waiting_tasks() -> dict[str, Any]:
    """How many tasks a worker could take now, and since when the oldest."""
    due = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    return DBTaskResult.objects.ready().aggregate(number=Count("pk"), since=Min(due))


def tasks_delay() -> float:
    return _age(waiting_tasks()["since"])


def outbox_delay() -> float:
    return _age(OutboxEntry.objects.filter(sent_at=None).aggregate(since=Min("at"))["since"])


def overdue() -> float:
    """Seconds for which what is due on the schedule has waited."""
    return _age(schedule.overdue_since())


def schedule_failed() -> int:
    """How much did not happen at its time, and waits for another try or for somebody."""
    return Trouble.objects.count()


def _age(since: datetime | None) -> float:
    return max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
