"""A round through all links, some at a time: each host once in a while, conclusions only at the end.

Where hardly anybody answers, it is the network here that is down, and nothing is concluded. What does not
open counts as dead when it did not on three days.
"""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from care.links import find
from care.links.ask import GONE, GOOD, NEVER, UNREACHED, Answer, ask
from care.models import Link, LinkRun

Clock = Callable[[], datetime]
Pause = Callable[[float], None]
State, Verdict = Link.State, LinkRun.Verdict

NIGHT = range(1, 6)  # o'clock, when a round begins
WORKS_FOR = timedelta(seconds=20)  # before other tasks get their turn
CLAIMED_FOR = timedelta(minutes=2)  # longer than that, and the longest question
BETWEEN = timedelta(seconds=3)  # two questions to one host
DEAD_AFTER = 3  # days on which it failed, one after the other
NEARLY_ALL = 0.9  # of the hosts, that answer nothing
RUNS_KEPT = timedelta(days=400)
BEHIND_OTHERS = -20  # of the tasks


@task(priority=BEHIND_OTHERS)
def check_links() -> None:
    work()


def call_worker() -> int:
    """Begin a round at night, and enqueue the task while there is something to ask; the schedule calls it."""
    begin()
    is_waiting = LinkRun.objects.filter(verdict=Verdict.RUNNING).exists() or _asked_for().exists()
    if not is_waiting or DBTaskResult.objects.ready().filter(task_path=check_links.module_path).exists():
        return 0
    check_links.enqueue()
    return 1


def begin(*, now: datetime | None = None, is_wished: bool = False) -> LinkRun | None:
    """Today's round, where it has not been yet; None where it has, or it is no time for it."""
    now = timezone.localtime(now)
    if not is_wished and now.hour not in NIGHT:
        return None
    if LinkRun.objects.filter(Q(day=now.date()) | Q(verdict=Verdict.RUNNING)).exists():
        return None
    try:
        with transaction.atomic():
            return LinkRun.objects.create(day=now.date(), started_at=now)
    except IntegrityError:  # another scheduler was quicker
        return None


def work(clock: Clock = timezone.now, pause: Pause = time.sleep) -> int:
    """Ask for a while, first what somebody wished for; returns how many were asked."""
    until = clock() + WORKS_FOR
    asked = _answer_wishes(clock, until)
    run = LinkRun.objects.filter(verdict=Verdict.RUNNING).order_by("day").first()
    if run is None or not _claim(run, clock()):
        return asked
    if not run.links.exists():
        find.collect()
    while clock() < until:
        link = _next(run, clock())
        if link is None:
            if not _left(run).exists():
                finish(run, now=clock())
                break
            pause(1.0)
            continue
        _note(link, run, ask(link), clock())
        asked += 1
    LinkRun.objects.filter(pk=run.pk).update(claimed_until=None)
    return asked


def _claim(run: LinkRun, now: datetime) -> bool:
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return bool(LinkRun.objects.filter(is_free, pk=run.pk).update(claimed_until=now + CLAIMED_FOR))


def _left(run: LinkRun) -> QuerySet[Link]:
    return Link.objects.filter(is_left_out=False).exclude(run=run)


def _next(run: LinkRun, now: datetime) -> Link | None:
    """Something of ours, or an address at a host that has had its rest."""
    asked_lately = Link.objects.filter(tried_at__gt=now - BETWEEN).exclude(host="").values("host")
    return _left(run).exclude(host__in=asked_lately).order_by("host", "pk").first()


def _note(link: Link, run: LinkRun, answer: Answer, now: datetime) -> None:
    Link.objects.filter(pk=link.pk).update(
        run=run, found=answer.found, found_error=answer.error[:200], tried_at=now, asked_at=None
    )


# What follows from a round


def finish(run: LinkRun, *, now: datetime) -> None:
    """Draw the conclusions of a round, or none where hardly any host answered."""
    with transaction.atomic():
        of_run = Link.objects.filter(run=run)
        is_offline = _is_offline(of_run)
        if is_offline:
            of_run = of_run.exclude(target=Link.Target.OUTSIDE)
        settle(of_run, timezone.localdate(run.started_at))
        verdict = Verdict.OFFLINE if is_offline else Verdict.DONE
        LinkRun.objects.filter(pk=run.pk).update(verdict=verdict, finished_at=now, claimed_until=None)
    LinkRun.objects.filter(finished_at__lt=now - RUNS_KEPT).delete()


def _is_offline(links: QuerySet[Link]) -> bool:
    """Whether nearly all hosts that were asked gave no answer at all."""
    asked = links.filter(target=Link.Target.OUTSIDE, found__in=[GOOD, GONE, UNREACHED])
    answered = Count("pk", filter=~Q(found=UNREACHED))
    by_host = list(asked.order_by().values("host").annotate(answered=answered))
    silent = sum(not host["answered"] for host in by_host)
    return bool(by_host) and silent >= NEARLY_ALL * len(by_host)


def settle(links: QuerySet[Link], today: date) -> None:
    """Make what was found the state of these links; a failure counts once a day."""
    links.filter(found=GOOD).update(state=State.GOOD, failures=0, failing_since=None, error="")
    links.filter(found=NEVER).update(
        state=State.NEVER, failures=0, failing_since=None, error=F("found_error")
    )
    links.filter(found__in=[GONE, UNREACHED]).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", Value(today, output_field=DateField())),
        error=F("found_error"),
        state=Case(When(failures__gte=DEAD_AFTER - 1, then=Value(State.DEAD)), default=Value(State.FAILING)),
    )


# By somebody's wish


def _asked_for() -> QuerySet[Link]:
    return Link.objects.filter(asked_at__isnull=False)


def _answer_wishes(clock: Clock, until: datetime) -> int:
    """Try again now what somebody mended: what opens is well at once, what does not stays as it is."""
    number = 0
    for link in _asked_for().order_by("asked_at"):
        if clock() >= until:
            break
        answer = ask(link)
        changed: dict[str, Any] = {"tried_at": clock(), "asked_at": None}
        if answer.found == GOOD:
            changed |= {"state": State.GOOD, "failures": 0, "failing_since": None, "error": ""}
        else:
            changed |= {"error": answer.error[:200]}
        Link.objects.filter(pk=link.pk).update(**changed)
        number += 1
    return number
