"""Examples for newcomers: a finished rating and two on their way, a task admitted and one that waits."""

import datetime
from typing import Any

from django.utils import timezone
from wagtail.models import Page, TaskState

from content_models.communities.models import CommunityPage
from content_models.notices.models import NoticePage
from content_models.places.models import Department
from content_models.policy_lists.models import PolicyListPage
from procedures import deciding
from procedures.defaults import make_defaults
from procedures.models import Case, Procedure, Theme, ThemeResult
from publishing.publish import publish

SOURCE = "步骤：沙湾市社区星级评定的公开报道，约2022年；社区和星数为示例。"
FINISHED, RUNNING, FIRST_STEP = "999901009005", "999901009004", "999901001001"
LIST = "zhuyuan-zhunru"
EXAMPLE = "（示例）"
# Days before today on which the steps of the finished rating were taken; its notice has hung for its time.
STEP_DAYS = (60, 52, 44, 36)
NOTICE_DAY = 35


def load(*, by: Any) -> int:
    """Make the examples, once, decided by ``by``; returns how many."""
    if Case.objects.exists():
        return 0
    make_defaults(by=by)
    rating = Procedure.objects.filter(kind=Procedure.Kind.RATING, is_public=True).first()
    tasks = Procedure.objects.filter(kind=Procedure.Kind.ADMISSION, is_public=True).first()
    if rating is not None:
        Procedure.objects.filter(pk=rating.pk).update(source=SOURCE)
        rating.refresh_from_db()
        _finished(_rating(rating, FINISHED, without=("宗教和谐",), stars=8), by)
        running = _rating(rating, RUNNING, without=("精神文明",), stars=7)
        _agree(running, 2, by)
        _rating(rating, FIRST_STEP, without=(), stars=8)
    if tasks is not None:
        _agree(_task(tasks, "示例报表事项 41", "街道统筹" + EXAMPLE), 2, by)
        _task(tasks, "示例报表事项 42", "")
    return Case.objects.count()


def _place(region_code: str) -> Page:
    return Page.objects.get(pk=CommunityPage.objects.get(region_code=region_code).pk)


def _rating(procedure: Procedure, region_code: str, *, without: tuple[str, ...], stars: int) -> Case:
    """One that nobody in particular handed in, with the first ``stars`` stars but those left out."""
    year = timezone.localdate().year
    case = Case(procedure=procedure, place=_place(region_code), year=year, title=f"{year}年星级评定")
    case.save()
    case.save_revision(clean=False)
    themes = list(Theme.objects.filter(procedure=procedure))
    won = [theme for theme in themes if theme.name not in without][:stars]
    ThemeResult.objects.bulk_create(
        ThemeResult(case=case, theme=theme, has_star=theme in won, evidence="示例") for theme in themes
    )
    return deciding.submit(case, by=None)


def _task(procedure: Procedure, title: str, funding: str) -> Case:
    target = PolicyListPage.objects.get(slug=LIST)
    today = timezone.localdate()
    case = Case(
        procedure=procedure,
        place=Page.objects.get(pk=target.get_parent().get_parent().pk),
        target=target,
        title=title,
        category="报表",
        department=Department.objects.filter(name__contains="民政").order_by("pk").first(),
        basis="示例依据",
        funding=funding,
        starts_on=today + datetime.timedelta(days=60),
        ends_on=today + datetime.timedelta(days=425),
    )
    case.save()
    case.save_revision(clean=False)
    return deciding.submit(case, by=None)


def _agree(case: Case, steps: int, by: Any) -> None:
    for _step in range(steps):
        case = Case.objects.get(pk=case.pk)
        state = case.current_workflow_task_state
        if state is not None:
            deciding.decide(case, step=state.pk, action="approve", by=by)


def _finished(case: Case, by: Any) -> None:
    """Its steps lie back some weeks, so that the notice is over and the stars are public."""
    _agree(case, len(STEP_DAYS), by)
    now = timezone.now()
    states = TaskState.objects.for_instance(case).filter(status=TaskState.STATUS_APPROVED).order_by("pk")
    for state, days in zip(states, STEP_DAYS, strict=False):
        TaskState.objects.filter(pk=state.pk).update(finished_at=now - datetime.timedelta(days=days))
    case.refresh_from_db()
    submitted, began = (now - datetime.timedelta(days=days) for days in (STEP_DAYS[0] + 5, NOTICE_DAY))
    Case.objects.filter(pk=case.pk).update(submitted_at=submitted, created_at=submitted)
    notice = NoticePage.objects.get(pk=case.notice_id)
    notice.title += EXAMPLE
    notice.notice_from = timezone.localdate(began)
    notice.notice_to = None
    notice.first_published_at = began
    notice.save()
    notice.save_revision(user=by)
    publish(notice, by=by)
    deciding.show_after_notice(case)
