"""The two procedures as they are commonly done, for a site that has none yet; everything can be changed."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.models import Workflow, WorkflowTask

from content_models.communities.ratings import EXCLUDED_WITHOUT
from content_models.policy_lists.models import ListType
from procedures.models import Procedure, StepTask, Theme
from procedures.steps import Level
from staff import audit
from staff.roles import Role

# The five steps of a published star rating, and who decides each where nobody says otherwise.
RATING_STEPS: list[dict[str, Any]] = [
    {"name": "群众测评", "role": Role.STREET_EDITOR, "level": Level.STREET},
    {"name": "乡镇考评", "role": Role.REVIEWER, "level": Level.STREET, "sets_stars": True},
    {"name": "市属部门复核验收", "role": Role.REVIEWER, "level": Level.DISTRICT, "sets_stars": True},
    {"name": "市委审定授星", "role": Role.DISTRICT_EDITOR, "level": Level.DISTRICT},
    {"name": "公示亮星", "role": Role.DISTRICT_EDITOR, "level": Level.DISTRICT, "is_publicity": True},
]
ADMISSION_STEPS: list[dict[str, Any]] = [
    {"name": "街道初审", "role": Role.REVIEWER, "level": Level.STREET},
    {"name": "准入审批", "role": Role.REVIEWER, "level": Level.DISTRICT},
]
RATING, ADMISSION = "社区星级评定", "社区工作事项准入"
ADMISSION_LIST = "社区工作事项准入清单"
UNNAMED = range(5, 11)  # of the ten stars only four are named where the rules were published


@transaction.atomic
def make_defaults(*, by: Any = None) -> list[Procedure]:
    """Make those of the two procedures that are not there; returns them."""
    made = []
    if not Procedure.objects.filter(kind=Procedure.Kind.RATING).exists():
        made.append(
            Procedure.objects.create(
                kind=Procedure.Kind.RATING,
                name=RATING,
                workflow=_workflow(RATING, RATING_STEPS),
                notice_days=5,
                recheck_months=3,
                objections=_("政务服务便民热线 12345"),
                intro=_(
                    "群众测评、乡镇考评、市属部门复核验收、市委审定授星、公示亮星，每季度复核，可以摘星。"
                ),
            )
        )
        names = [*EXCLUDED_WITHOUT, *(f"第{number}颗星（名称待补充）" for number in UNNAMED)]
        Theme.objects.bulk_create(
            Theme(
                procedure=made[-1],
                name=name,
                excludes=str(EXCLUDED_WITHOUT.get(name, "")),
                sort_order=order,
            )
            for order, name in enumerate(names)
        )
    list_type = ListType.objects.filter(name=ADMISSION_LIST).first()
    if list_type and not Procedure.objects.filter(kind=Procedure.Kind.ADMISSION).exists():
        made.append(
            Procedure.objects.create(
                kind=Procedure.Kind.ADMISSION,
                name=ADMISSION,
                workflow=_workflow(ADMISSION, ADMISSION_STEPS),
                list_type=list_type,
                working_days=15,
                ahead_days=30,
                intro=_("新的工作要进社区，先申请、再审批，批准了才进；权随责走、费随事转。"),
            )
        )
    for procedure in made:
        audit.record("make_procedure", procedure, by=by)
    return made


def _workflow(name: str, steps: list[dict[str, Any]]) -> Workflow:
    workflow = Workflow.objects.create(name=name)
    for order, step in enumerate(steps):
        WorkflowTask.objects.create(workflow=workflow, task=StepTask.objects.create(**step), sort_order=order)
    return workflow


class MakeDefaults(View):
    """A button for administrators of a site that has no procedures yet."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_superuser:
            raise PermissionDenied
        if make_defaults(by=user):
            messages.success(request, _("已按常用做法建立，名称、步骤、由谁办理都可以改。"))
        else:
            messages.warning(request, _("程序已经有了，没有再建。"))
        return redirect("procedure-settings:index")
