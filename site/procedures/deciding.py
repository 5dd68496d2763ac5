"""The verbs of every procedure: hand in, decide, take back, remark; each one transaction with its record."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from content_models.places.calendar import Calendar
from procedures import admission, rating
from procedures.due import period_end
from procedures.models import Case, Note, ThemeResult
from procedures.private import require_no_personal_data
from procedures.steps import StepTask
from publishing.outbox import publication, take_turn
from staff import audit

State = Case.State
MOST_STARS = 10


def problems_of(case: Case) -> list[str]:
    """Why a case cannot be handed in, in sentences; empty when it can."""
    problems = []
    if not case.procedure.is_open:
        problems.append(_("“%(name)s”现在不受理新的申请。") % {"name": case.procedure.name})
    if not case.procedure.steps:
        problems.append(_("“%(name)s”还没有设置步骤，请联系管理员。") % {"name": case.procedure.name})
    if case.is_rating:
        if not case.theme_results:
            problems.append(_("还没有填各颗主题星。"))
        problems += _too_many(case)
    else:
        problems += admission.problems_with(case)
    return problems


def _too_many(case: Case) -> list[str]:
    return [_("最多 %(most)d 颗星。") % {"most": MOST_STARS}] if case.stars > MOST_STARS else []


@publication()
def submit(case: Case, *, by: Any) -> Case:
    """Hand a draft in, or again what was returned, to whoever decides the step it stands at."""
    case = _held(case)
    if case.is_running:  # clicked twice
        return case
    if not case.is_editable:
        raise ValidationError(_("这件事%(state)s，不能再提交。") % {"state": case.state_text})
    if problems := problems_of(case):
        raise ValidationError(problems)
    case.state, case.submitted_at = State.RUNNING, timezone.now()
    case.save(update_fields=["state", "submitted_at"])
    waiting = case.current_workflow_state
    if waiting is None:
        case.get_workflow().start(case, by)
    else:
        waiting.resume(user=by)
    audit.record("submit_case", case, by=by)
    _arrived(case, by)
    return case


@publication()
def decide(
    case: Case,
    *,
    step: int,
    action: str,
    by: Any,
    comment: str = "",
    stars: Mapping[int, tuple[bool, Decimal | None, str]] | None = None,
) -> Case:
    """Decide the step that waits (``step`` is its task state): approve, reject (to be mended) or refuse.

    ``stars`` are has_star, score and evidence by theme, where the step may set them. Asking again for what
    one has just done changes nothing. Raises ValidationError with what to do, PermissionDenied to others.
    """
    take_turn()
    case = _held(case)
    state, comment = case.current_workflow_task_state, comment.strip()
    if state is None or state.pk != step:
        mine = TaskState.objects.for_instance(case).filter(pk=step, finished_by=by)
        if mine.exists():
            return case
        raise ValidationError(_("这一步刚才已经有人办理了，下面是最新情况。"))
    task = state.task.specific
    if not isinstance(task, StepTask):
        raise ValidationError(
            _("“%(name)s”不是评定与准入的步骤，请管理员在工作流里换掉。") % {"name": task.name}
        )
    if action not in {name for name, _label, _asks in task.get_actions(case, by)}:
        raise PermissionDenied
    if action == "approve":
        if task.sets_stars and stars:
            _set_stars(case, stars)
        _approve(case, task, state, by=by, comment=comment)
    elif not comment:
        raise ValidationError(_("请写明原因，让申请的人知道为什么、怎么改。"))
    elif action == "reject":
        state.reject(user=by, comment=comment)
        case.state = State.RETURNED
        case.save(update_fields=["state"])
    else:
        if case.procedure.is_public:
            require_no_personal_data(comment)
        state.workflow_state.cancel(user=by)
        TaskState.objects.filter(pk=state.pk).update(comment=comment)
        case.state, case.decided_on, case.reason = State.REFUSED, timezone.localdate(), comment
        case.save(update_fields=["state", "decided_on", "reason"])
    audit.record(f"{action}_case", case, by=by, name=task.name, reason=comment)
    return case


def _approve(case: Case, step: StepTask, state: TaskState, *, by: Any, comment: str) -> None:
    if step.is_publicity and case.is_rating and case.procedure.is_public:
        due = period_end(case, Calendar.load())
        if due.unknown:
            raise ValidationError(_("还不能亮星：%(why)s。") % {"why": due.unknown})
        if not due.is_overdue:
            raise ValidationError(_("还不能亮星：公示到 %(day)s 才期满。") % {"day": due.text})
    state.approve(user=by, comment=comment)
    case.refresh_from_db()
    if case.state == State.AGREED:
        _conclude(case, by)
    else:
        _arrived(case, by)


def _conclude(case: Case, by: Any) -> None:
    """What follows when every step was agreed to."""
    if not case.is_rating:
        admission.admit(case, by=by)
    elif case.procedure.is_public:
        rating.show_stars(case, by=by)


def _arrived(case: Case, by: Any) -> None:
    """A step begins: the one that is a public notice with the draft of it."""
    step = case.current_step
    if step and step.is_publicity and case.is_rating and case.procedure.is_public and case.notice_id is None:
        rating.draft_notice(case, by=by)


def _set_stars(case: Case, stars: Mapping[int, tuple[bool, Decimal | None, str]]) -> None:
    changed = []
    for result in case.theme_results:
        if result.theme_id in stars:
            has_star, result.score, result.evidence = stars[result.theme_id]
            if has_star != result.has_star:
                changed.append(result.theme.name)
            result.has_star = has_star
    ThemeResult.objects.bulk_update(case.theme_results, ["has_star", "score", "evidence"])
    case.__dict__.pop("themes", None)
    if problems := _too_many(case):
        raise ValidationError(problems)


@publication()
def show_after_notice(case: Case) -> bool:
    """Let the stars go public by itself once the notice has hung for its time; whether it did."""
    take_turn()
    case = _held(case)
    state, step = case.current_workflow_task_state, case.current_step
    if state is None or step is None or not step.is_publicity or not case.procedure.is_public:
        return False
    due = period_end(case, Calendar.load())
    if due.unknown or not due.is_overdue:
        return False
    _approve(case, step, state, by=None, comment=_("公示期满，自动亮星"))
    audit.record("approve_case", case, name=step.name)
    return True


@publication()
def withdraw(case: Case, *, by: Any) -> Case:
    """Take back what one has written before it is decided."""
    case = _held(case)
    if case.state == State.WITHDRAWN:  # clicked twice
        return case
    if not (case.is_running or case.is_editable):
        raise ValidationError(_("这件事%(state)s，不能再撤回。") % {"state": case.state_text})
    if not (case.is_own(by) or by.is_superuser):
        raise PermissionDenied
    waiting = case.current_workflow_state
    if waiting is not None:
        waiting.cancel(user=by)
    case.state, case.decided_on = State.WITHDRAWN, timezone.localdate()
    case.save(update_fields=["state", "decided_on"])
    audit.record("withdraw_case", case, by=by)
    return case


@publication()
def remark(case: Case, *, by: Any, text: str) -> None:
    """Add a comment; the same again right after it is the same click."""
    last = case.notes.last()
    if last is None or (last.by_id, last.text) != (by.pk, text):
        Note.objects.create(case=case, by=by, text=text)


def _held(case: Case) -> Case:
    """The case as the database has it, which nobody else changes until this transaction ends."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
