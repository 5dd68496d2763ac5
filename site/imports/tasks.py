"""Checking, confirming and undoing: at once for small files, by the task worker for large ones.

``begin`` takes a run into the state of being worked on; only one caller can, so a second click does nothing.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from imports import runs
from imports.lanes import NotNow
from imports.models import ImportRun
from imports.reading.refusals import Refused
from live import announce
from staff.models import User

logger = logging.getLogger("imports")
LARGE = 2_000  # rows; more of them are left to the worker
State = ImportRun.State
STATES = {
    "check": ((State.UPLOADED, State.CHECKED, State.FAILED), State.CHECKING),
    "confirm": ((State.CHECKED,), State.CONFIRMING),
    "undo": ((State.DONE,), State.UNDOING),
}


def begin(job: str, run: ImportRun, *, by: Any, rows: int, **answers: Any) -> bool:
    """Start ``job`` on a run of about so many rows; False when it is already under way or done."""
    before, during = STATES[job]
    is_large = rows > LARGE
    # While it waits for the worker nobody is expected to give a sign of life.
    heartbeat = None if is_large else timezone.now()
    progress = {"rows_read": 0, "rows_expected": rows, "started_at": None, "message": ""}
    mine = ImportRun.objects.filter(pk=run.pk, state__in=before)
    work = {"check": check, "confirm": confirm, "undo": undo}[job]
    with transaction.atomic():  # a run that waits is in the queue
        if not mine.update(state=during, heartbeat=heartbeat, **progress, **answers):
            return False
        if is_large:
            work.enqueue(run.pk, by.pk)
    if not is_large:
        work.call(run.pk, by.pk)
    return True


@task
def check(run_id: int, by_id: int) -> None:
    if run := _run_in(State.CHECKING, run_id):
        runs.check(run)
        _tell_end(run_id)


@task
def confirm(run_id: int, by_id: int) -> None:
    if run := _run_in(State.CONFIRMING, run_id):
        accident = _("写入时出了意外，什么都没有写入。请再试一次；还不行就告诉管理员。")
        _work(runs.confirm, run, by_id, back=State.CHECKED, accident=accident)
        _tell_end(run_id)


@task
def undo(run_id: int, by_id: int) -> None:
    if run := _run_in(State.UNDOING, run_id):
        accident = _("撤销时出了意外，什么都没有改变。请再试一次；还不行就告诉管理员。")
        _work(runs.undo, run, by_id, back=State.DONE, accident=accident)
        _tell_end(run_id)


def settle_waiting() -> int:
    """Runs that wait for a worker which is gone before it began with them; others keep their turn."""
    waiting = ImportRun.objects.filter(state__in=(during for _before, during in STATES.values()))
    lost = set(waiting.filter(heartbeat=None).values_list("pk", flat=True))
    if not lost:
        return 0
    silent_since = timezone.now() - runs.SILENT_FOR
    mine = DBTaskResult.objects.filter(task_path__in=[work.module_path for work in (check, confirm, undo)])
    may_begin = mine.ready() | mine.running().filter(started_at__gte=silent_since)
    lost -= {arguments["args"][0] for arguments in may_begin.values_list("args_kwargs", flat=True)}
    return runs.settle(ImportRun.objects.filter(pk__in=lost, heartbeat=None))


def _run_in(state: str, run_id: int) -> ImportRun | None:
    run = ImportRun.objects.select_related("by", "into").filter(pk=run_id, state=state).first()
    if run is not None:
        run.beat(started_at=timezone.now())
    return run


def _tell_end(run_id: int) -> None:
    """Let those who wait for it look at once."""
    run = ImportRun.objects.get(pk=run_id)
    announce.hint({run.topic: run.version})


def _work(verb: Callable[..., Any], run: ImportRun, by_id: int, *, back: str, accident: str) -> None:
    """Do it all or nothing; a failure brings the run back with a sentence that says why."""
    try:
        verb(run, by=User.objects.get(pk=by_id))
    except (NotNow, Refused) as error:
        message = str(error)
    except ValidationError as error:  # content that may not be published as it is
        message = " ".join(error.messages[:10])
    except Exception:
        logger.exception("Import %s failed", run.pk)
        message = accident
    else:
        return
    working = (State.CONFIRMING, State.UNDOING)
    ImportRun.objects.filter(pk=run.pk, state__in=working).update(state=back, message=message)
