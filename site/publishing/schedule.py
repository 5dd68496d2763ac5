"""Scheduled publishing: each due item once, oldest first, and one that fails does not stop the rest."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import Min
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from content_models.base.checks import NotPublishable
from publishing import outbox, troubles
from publishing.bundles.compose import NotNow
from publishing.bundles.models import Bundle, content_type_of
from publishing.bundles.release import publish_bundle
from publishing.models import Trouble
from publishing.troubles import Due

logger = logging.getLogger("publishing")
Job = Callable[[], int]
HOURLY = 3600.0  # seconds
DATABASE_LOST = (OperationalError, InterfaceError)  # says nothing about the item
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
    """Publish the revisions and bundles whose time has passed, oldest first."""
    due = sorted([*_revisions_due(), *_bundles_due()], key=lambda each: (each.at, each.work, each.pk))
    return _do_all(due)


def _revisions_due() -> Iterator[Due]:
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now())
    for pk, at, kind, thing in due.values_list(
        "pk", "approved_go_live_at", "base_content_type_id", "object_id"
    ):
        yield Due(at, Trouble.Work.PUBLISH, pk, kind, thing, _publish_one)


def _bundles_due() -> Iterator[Due]:
    kind = content_type_of(Bundle).pk
    for pk, at in _scheduled_bundles().values_list("pk", "go_live_at"):
        yield Due(at, Trouble.Work.BUNDLE, pk, kind, str(pk), _publish_bundle)


def _scheduled_bundles() -> Any:
    return Bundle.objects.filter(state=Bundle.State.SCHEDULED, go_live_at__lt=timezone.now())


def _do_all(due: Iterable[Due]) -> int:
    """Each in a transaction of its own; returns how many were done. What failed before may have to wait."""
    at_rest = troubles.resting()
    return sum(_attempt(each) for each in due if not troubles.is_at_rest(each, at_rest))


def _attempt(due: Due) -> bool:
    """One that fails stops no other; why it failed is kept, unless the database itself did."""
    try:
        with outbox.publication():
            return due.do(due.pk)
    except DATABASE_LOST:
        logger.exception("The database failed on a scheduled item: %s %s", due.work, due.pk)
        return False
    except Exception as error:
        if not isinstance(error, NotPublishable):
            logger.exception("A scheduled item failed: %s %s", due.work, due.pk)
        _note(due, error)
        return False


def _note(due: Due, error: Exception) -> None:
    try:
        with outbox.publication():
            troubles.note(due, error)
    except Exception:
        logger.exception("That a scheduled item failed could not be kept: %s %s", due.work, due.pk)


def overdue_since() -> datetime | None:
    """The time at which the oldest item was due that waits for a scheduler; None where nothing waits."""
    now = timezone.now()
    goes_live = Revision.objects.filter(approved_go_live_at__lt=now).aggregate(at=Min("approved_go_live_at"))
    together = _scheduled_bundles().aggregate(at=Min("go_live_at"))
    ends = [
        model.objects.filter(live=True, expire_at__lt=now)
        .exclude(pk__in=troubles.given_up(Trouble.Work.EXPIRE, model))
        .aggregate(at=Min("expire_at"))
        for model in _expiring()
    ]
    return min((due["at"] for due in (goes_live, together, *ends) if due["at"]), default=None)


def _expiring() -> list[Any]:
    """What can have a day on which it goes."""
    models = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *models]


def expire_due() -> int:
    """Take back what has passed its expiry time, oldest first."""
    due = []
    for model in _expiring():
        kind, ended = content_type_of(model).pk, model.objects.filter(live=True, expire_at__lt=timezone.now())
        due += [
            Due(at, Trouble.Work.EXPIRE, pk, kind, str(pk), partial(_expire_one, model))
            for pk, at in ended.values_list("pk", "expire_at")
        ]
    return _do_all(sorted(due, key=lambda each: (each.at, each.pk)))


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
    revision.publish(skip_permission_checks=True)
    return True


def _publish_bundle(pk: int) -> bool:
    outbox.take_turn()  # before the bundle's own lock, as everybody who publishes one
    bundle = locked(_scheduled_bundles().filter(pk=pk)).first()
    if bundle is None:
        return False
    try:
        publish_bundle(bundle, is_approved=True)
    except NotNow as error:
        raise NotPublishable(bundle, [str(error)]) from error
    return True


def _expire_one(model: Any, pk: int) -> bool:
    thing = locked(model.objects.filter(pk=pk, live=True, expire_at__lt=timezone.now())).first()
    if thing is None:
        return False
    (thing.specific if isinstance(thing, Page) else thing).unpublish(set_expired=True)
    return True
