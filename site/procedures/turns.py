"""Which step each of many cases stands at, whose turn it is, and whether it is the user's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, QuerySet
from wagtail.models import Page, Revision, TaskState, WorkflowState

from procedures.due import recheck_due
from procedures.models import Case
from procedures.rights import may_keep
from procedures.steps import StepTask


@dataclass(frozen=True)
class Turn:
    """The step that a case waits for."""

    state: TaskState
    step: StepTask
    place: str  # the title of the region that decides
    is_mine: bool

    @property
    def who(self) -> str:
        return f"{self.step.get_role_display()} · {self.place}"


def turns_of(cases: Iterable[Case], user: Any) -> dict[int, Turn]:
    """The turn of each running case by its number, in a few questions however many there are."""
    running = {str(case.pk): case for case in cases if case.is_running}
    kind = ContentType.objects.get_for_model(Case)
    about = {"base_content_type": kind, "object_id__in": list(running)}
    states = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        **{f"workflow_state__{name}": value for name, value in about.items()},
    ).select_related("workflow_state")
    steps = StepTask.objects.in_bulk([state.task_id for state in states])
    waiting = {
        running[state.workflow_state.object_id]: (state, steps[state.task_id])
        for state in states
        if state.task_id in steps
    }
    paths = {step.path_for(case) for case, (_state, step) in waiting.items()}
    titles = dict(Page.objects.filter(path__in=paths).values_list("path", "title"))
    posts = set(user.posts.values_list("role", "place__path"))
    own = set(Revision.objects.filter(user=user, **about).values_list("object_id", flat=True))
    own |= set(WorkflowState.objects.filter(requested_by=user, **about).values_list("object_id", flat=True))
    own |= {number for number, case in running.items() if case.created_by_id == user.pk}
    return {
        case.pk: Turn(
            state,
            step,
            titles.get(step.path_for(case), ""),
            (user.is_superuser or (step.role, step.path_for(case)) in posts) and str(case.pk) not in own,
        )
        for case, (state, step) in waiting.items()
    }


def rechecks_due(cases: QuerySet[Case], user: Any) -> list[Case]:
    """Ratings whose next look is due, and which the user looks after."""
    shown = cases.filter(state=Case.State.AGREED, procedure__recheck_months__isnull=False)
    found = shown.annotate(last_check=Max("rechecks__done_on"))
    return [case for case in found if recheck_due(case).is_overdue and may_keep(user, case)]
