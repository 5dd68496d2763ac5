"""Scheduled publishing: each due item once, oldest first, and one that fails does not stop the rest."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db import close_old_connections, connection, transaction
from django.db.models import Min
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from content_models.base.checks import NotPublishable
from publishing import outbox
from staff import audit

logger = logging.getLogger("publishing")
Job = Callable[[], int]
HOURLY = 3600.0  # seconds
_further: dict[Job, float] = {}  # seconds between two runs
_last_run: dict[Job, float] = {}  # on the monotonic clock
_after_rounds: list[Callable[[], None]] = []


def also(job: Job, *, every: float = 0) -> Job:
    """Run ``job`` at each round too, or ``every`` so many seconds; rooms join in their ``ready()``."""
    _further[job] = every
    return job


def after_rounds(job: Callable[[], None]) -> Callable[[], None]:
    """Call ``job`` whenever a scheduler has finished a round; rooms join in their ``ready()``."""
    if job not in _after_rounds:
        _after_rounds.append(job)
    return job


def run_rounds(
    stopping: threading.Event, *, every: float, told: Callable[[dict[str, int]], None] | None = None
) -> None:
    """Do what is due, again and again until ``stopping`` is set; a round that fails does not end it."""
    while not stopping.is_set():
        close_old_connections()
        try:
            done = run_due()
            for job in _after_rounds:
                job()
            if told is not None:
                told(done)
        except Exception:
            logger.exception("A round of the schedule failed; the next one follows")
        stopping.wait(every)


def run_due() -> dict[str, int]:
    """Publish and expire everything whose time has come, send what is unsent. Returns counts by job."""
    done = {"published": publish_due(), "expired": expire_due(), "sent": outbox.sweep()}
    return done | {job.__name__: _run_further(job) for job in _further if _is_due(job)}


def _is_due(job: Job) -> bool:
    now, last = time.monotonic(), _last_run.get(job)
    if last is not None and now - last < _further[job]:
        return False
    _last_run[job] = now
    return True


def _run_further(job: Job) -> int:
    """One that fails is logged and does not stop the rest."""
    try:
        return job()
    except Exception:
        logger.exception("A job of the schedule failed: %s", job.__name__)
        return 0


def publish_due() -> int:
    """Publish revisions whose go-live time has passed, oldest first."""
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by(
        "approved_go_live_at", "pk"
    )
    return sum(each(pk, _publish_one) for pk in list(due.values_list("pk", flat=True)))


def overdue_since() -> datetime | None:
    """The time at which the oldest item was due that waits for a scheduler; None where nothing waits."""
    now = timezone.now()
    goes_live = Revision.objects.filter(approved_go_live_at__lt=now).aggregate(at=Min("approved_go_live_at"))
    ends = [
        model.objects.filter(live=True, expire_at__lt=now).aggregate(at=Min("expire_at"))
        for model in _expiring()
    ]
    return min((due["at"] for due in (goes_live, *ends) if due["at"]), default=None)


def _expiring() -> list[Any]:
    """What can have a day on which it goes."""
    models = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *models]


def expire_due() -> int:
    """Take back what has passed its expiry time."""
    number = 0
    for model in _expiring():
        due = model.objects.filter(live=True, expire_at__lt=timezone.now()).order_by("expire_at")
        for pk in list(due.values_list("pk", flat=True)):
            number += each(pk, partial(_expire_one, model))
    return number


def each(pk: int, job: Callable[[int], bool]) -> bool:
    """Run one item in its own transaction; a failure is logged and leaves the item for the next round."""
    try:
        with outbox.publication():
            return job(pk)
    except Exception:
        logger.exception("A scheduled item failed: %s", pk)
        return False


def locked(queryset: Any) -> Any:
    """Rows that no other scheduler is working on."""
    if connection.features.has_select_for_update_skip_locked:
        return queryset.select_for_update(skip_locked=True, of=("self",))
    return queryset


def _publish_one(pk: int) -> bool:
    revision = locked(Revision.objects.filter(pk=pk, approved_go_live_at__isnull=False)).first()
    if revision is None:
        return False
    try:
        with transaction.atomic():
            revision.publish(skip_permission_checks=True)
    except NotPublishable as error:
        # It would fail again every minute: take it off the schedule and leave word.
        thing = revision.content_object
        Revision.objects.filter(pk=pk).update(approved_go_live_at=None)
        audit.record("schedule_failed", thing, problems=error.problems)
        logger.warning("Not published on schedule: %s (%s)", thing, "; ".join(error.problems))
        return False
    return True


def _expire_one(model: Any, pk: int) -> bool:
    thing = locked(model.objects.filter(pk=pk, live=True, expire_at__lt=timezone.now())).first()
    if thing is None:
        return False
    (thing.specific if isinstance(thing, Page) else thing).unpublish(set_expired=True)
    return True
