"""The steps of an import that screens, the command and the API take alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from imports import runs, tasks
from imports.kinds import lane_of
from imports.lanes import Lane, NotNow
from imports.match import Match
from imports.models import ImportRun
from imports.tables import Table

State = ImportRun.State


@dataclass(frozen=True)
class Placed:
    """A file whose columns were placed without asking anybody."""

    table: Table
    matches: Sequence[Match]
    missing: Sequence[str]  # columns that new rows need and the file does not have
    unsure: Sequence[Match]  # columns that new rows need and that were guessed


def place_columns(run: ImportRun, lane: Lane) -> Placed:
    """Take each column for what it most likely is; NotNow or Refused where the file has no table."""
    table = runs.table_of(run, lane)
    matches = runs.propose(run, lane, table)
    runs.choose_columns(run, {found.label: found.target for found in matches})
    required = {target.title for target in lane.targets() if target.is_required}
    unsure = [found for found in matches if found.target in required and not found.is_sure]
    return Placed(table, matches, runs.unmatched_required(run, lane), unsure)


def confirm(run: ImportRun, lane: Lane, *, by: Any, **answers: Any) -> None:
    """Begin to write a checked run as answered; NotNow with the reason where that may not be."""
    for name, answer in answers.items():
        setattr(run, name, answer)
    if why_not := runs.refusal(run, lane, by):
        raise NotNow(why_not)
    tasks.begin("confirm", run, by=by, rows=_rows_written(run), **answers)
    run.refresh_from_db()


def may_undo(run: ImportRun, user: Any) -> bool:
    """Whether ``user`` may take back what this run wrote: its owner, or an administrator."""
    if run.state != State.DONE or not (run.by_id == user.pk or user.is_superuser):
        return False
    try:
        return lane_of(run).may(user, run.outcome)
    except NotNow:
        return False


def undo(run: ImportRun, *, by: Any) -> None:
    """Begin to take back what a finished run wrote; NotNow where ``by`` may not."""
    if not may_undo(run, by):
        raise NotNow(_("您没有撤销这次导入的权限。"))
    tasks.begin("undo", run, by=by, rows=_rows_written(run))
    run.refresh_from_db()


def _rows_written(run: ImportRun) -> int:
    return sum(run.count(name) for name in ("new", "changed", "same"))
