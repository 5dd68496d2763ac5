"""The steps of a procedure: a Wagtail task each, decided by those who hold a post at the right place."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Task

from staff.roles import LEVELS, Role

if TYPE_CHECKING:
    from procedures.models import Case

Action = tuple[str, Any, bool]


class Level(models.IntegerChoices):
    """Which region around a case's own decides, by its depth in the tree of pages."""

    DISTRICT = 2, _("区（市）")
    STREET = 3, _("街道（乡镇）")
    COMMUNITY = 4, _("社区")


class StepTask(Task):
    """One step: who decides it, where. Nobody decides on what they wrote or handed in."""

    role = models.CharField(_("由谁办理"), max_length=20, choices=Role.choices, default=Role.REVIEWER)
    level = models.PositiveSmallIntegerField(
        _("哪一级"),
        choices=Level.choices,
        default=Level.DISTRICT,
        help_text=_("由这件事所在的街道、社区往上找。编辑岗位本来就分级，请选对应的一级。"),
    )
    sets_stars = models.BooleanField(
        _("可以改各颗主题星"), default=False, help_text=_("星级评定用：办理人同意时可以调整申报的星。")
    )
    is_publicity = models.BooleanField(
        _("这一步是公示"),
        default=False,
        help_text=_("星级评定用：到这一步时自动起草一条公示，公示期满才能完成这一步。"),
    )

    admin_form_fields = [*Task.admin_form_fields, "role", "level", "sets_stars", "is_publicity"]
    admin_form_readonly_on_edit_fields: list[str] = []

    class Meta:
        verbose_name = _("评定与准入的一步")
        verbose_name_plural = _("评定与准入的步骤")

    @classmethod
    def get_description(cls) -> str:
        return str(_("由指定一级的指定岗位办理，本人不能办理自己提交的事"))

    def clean(self) -> None:
        super().clean()
        level = LEVELS.get(self.role)
        if level is not None:
            self.level = Level[level.upper()]

    def path_for(self, case: "Case") -> str:
        """The tree path of the region that decides on ``case``."""
        return case.place.path[: self.level * Page.steplen]

    def is_decided_by(self, user: Any, case: "Case") -> bool:
        """Whether one of the user's posts is the one that decides this step of ``case``."""
        if user.is_superuser:
            return True
        return bool(user.posts.filter(role=self.role, place__path=self.path_for(case)).exists())

    def get_actions(self, obj: Any, user: Any) -> list[Action]:
        state = obj.current_workflow_task_state
        if state is None or state.task_id != self.pk or not self.is_decided_by(user, obj):
            return []
        if obj.is_own(user):
            return []
        return [("approve", _("同意"), True), ("reject", _("退回修改"), True), ("refuse", _("不同意"), True)]
