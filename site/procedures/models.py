"""Procedures: what is decided in steps, which are data; and the cases that go through them."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.models import DraftStateMixin, Orderable, Page, RevisionMixin, Workflow, WorkflowMixin

from content_models.communities.ratings import eligibility, level_of, stars_of
from procedures.steps import StepTask

__all__ = ["Case", "CaseFile", "Note", "Procedure", "Recheck", "StepTask", "Theme", "ThemeResult"]


class Procedure(ClusterableModel):
    """A kind of decision: its steps are a workflow, the rest of its rules are here."""

    class Kind(models.TextChoices):
        RATING = "rating", _("社区星级评定")
        ADMISSION = "admission", _("社区工作事项准入")

    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    workflow = models.ForeignKey(
        Workflow,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("步骤"),
        help_text=_("步骤、先后和由谁办理，在“设置 - 工作流”里修改。"),
    )
    is_open = models.BooleanField(_("受理新的申请"), default=True)
    is_public = models.BooleanField(
        _("对外公开"), default=True, help_text=_("不勾选则只有工作人员看得到，公开网站一个字也不出现。")
    )
    working_days = models.PositiveSmallIntegerField(
        _("办理期限（工作日）"),
        null=True,
        blank=True,
        help_text=_("从提交的第二天起，按节假日日历计算。留空则不限。"),
    )
    ahead_days = models.PositiveSmallIntegerField(
        _("提前申请（工作日）"), null=True, blank=True, help_text=_("准入用：不足时提醒，不阻止提交。")
    )
    list_type = models.ForeignKey(
        "policy_lists.ListType",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("进入哪类清单"),
        help_text=_("准入用：申请时在这一类的清单里选。"),
    )
    notice_days = models.PositiveSmallIntegerField(_("公示期（工作日）"), default=5, help_text=_("评定用。"))
    notice_channel = models.ForeignKey(
        "notices.NoticeChannel",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("公示放在哪个栏目"),
        help_text=_("评定用：留空则放在社区、街道或区里最近的公告栏目。"),
    )
    objections = models.CharField(
        _("异议受理方式"),
        max_length=200,
        blank=True,
        help_text=_("评定用：写进公示和社区页面，例如：拨打 12345。"),
    )
    recheck_months = models.PositiveSmallIntegerField(
        _("几个月复核一次"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("评定用：3 就是每季度。留空则不复核。"),
    )
    intro = models.TextField(_("公开说明"), blank=True)
    source = models.CharField(_("来源"), max_length=300, blank=True)

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("workflow")]),
        FieldRowPanel([FieldPanel("is_open"), FieldPanel("is_public")]),
        FieldPanel("working_days"),
        MultiFieldPanel([FieldPanel("ahead_days"), FieldPanel("list_type")], _("准入")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("notice_days"), FieldPanel("recheck_months")]),
                FieldPanel("notice_channel"),
                FieldPanel("objections"),
            ],
            _("星级评定"),
        ),
        InlinePanel(
            "themes",
            heading=_("主题星"),
            label=_("主题星"),
            help_text=_("评定用：一个主题一颗星。已经办完的评定不受改动影响。"),
        ),
        FieldPanel("intro"),
        FieldPanel("source"),
        HelpPanel(content=_("改动从下一步起生效，已经办完的不变。")),
    ]

    class Meta:
        verbose_name = _("评定与准入程序")
        verbose_name_plural = _("评定与准入程序")
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_rating(self) -> bool:
        return self.kind == self.Kind.RATING

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if not self.is_rating and self.list_type_id is None:
            errors["list_type"] = _("请选择准入的事项进入哪类清单。")
        if self.is_rating and self.is_public and not self.objections:
            errors["objections"] = _("公示要写明异议受理方式。")
        if self.workflow_id:
            others = [task.name for task in self.tasks if not isinstance(task, StepTask)]
            if others:
                sentence = _gettext("“%(names)s”不是评定与准入的步骤，请在工作流里换掉。")
                errors["workflow"] = sentence % {"names": "、".join(others)}
            elif not self.steps:
                errors["workflow"] = _("这个工作流还没有步骤。")
        if errors:
            raise ValidationError(errors)

    @cached_property
    def tasks(self) -> list[Any]:
        """The tasks of its workflow in order."""
        return list(self.workflow.tasks.filter(active=True).specific())

    @property
    def steps(self) -> list[StepTask]:
        """Those that are steps of ours, as all should be."""
        return [task for task in self.tasks if isinstance(task, StepTask)]


class Theme(Orderable):
    """What one star of a rating is for."""

    procedure = ParentalKey(Procedure, on_delete=models.CASCADE, related_name="themes")
    name = models.CharField(_("名称"), max_length=40)
    excludes = models.CharField(
        _("没有这颗星不能参评"), max_length=40, blank=True, help_text=_("例如：文明社区。")
    )
    is_used = models.BooleanField(_("使用"), default=True, help_text=_("不再评的主题请取消勾选，不要删除。"))

    panels = [FieldRowPanel([FieldPanel("name"), FieldPanel("excludes"), FieldPanel("is_used")])]

    class Meta(Orderable.Meta):
        verbose_name = _("主题星")
        verbose_name_plural = _("主题星")
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "name"],
                name="procedures_theme_once",
                violation_error_message=_("两颗主题星不能用同样的名称。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Case(WorkflowMixin, DraftStateMixin, RevisionMixin, models.Model):
    """One community's rating of a year, or one task that asks to be let into a community."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        RUNNING = "running", _("办理中")
        RETURNED = "returned", _("退回修改")
        AGREED = "agreed", _("已同意")
        REFUSED = "refused", _("不同意")
        WITHDRAWN = "withdrawn", _("已撤回")
        EXITED = "exited", _("已退出")

    OVER = (State.REFUSED, State.WITHDRAWN)

    procedure = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, related_name="cases", verbose_name=_("程序")
    )
    place = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+", verbose_name=_("社区或街道"))
    title = models.CharField(_("事项"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.DRAFT, db_index=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("填写人"),
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    decided_on = models.DateField(_("办结日期"), null=True, blank=True)
    reason = models.TextField(_("原因"), blank=True)

    # A rating
    year = models.PositiveSmallIntegerField(
        _("年度"), null=True, blank=True, validators=[MinValueValidator(1950), MaxValueValidator(2200)]
    )
    notice = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("公示")
    )

    # A task for communities
    target = models.ForeignKey(
        "policy_lists.PolicyListPage",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("进入清单"),
    )
    department = models.ForeignKey(
        "places.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("申请部门"),
    )
    category = models.CharField(_("类别"), max_length=60, blank=True)
    basis = models.TextField(_("依据"), blank=True)
    funding = models.CharField(_("经费保障"), max_length=200, blank=True)
    starts_on = models.DateField(_("计划开始日期"), null=True, blank=True)
    ends_on = models.DateField(_("有效期到"), null=True, blank=True)
    entry_key = models.CharField(max_length=100, blank=True)
    exited_on = models.DateField(_("退出日期"), null=True, blank=True)
    exit_reason = models.TextField(_("退出原因"), blank=True)

    class Meta:
        verbose_name = _("评定与准入")
        verbose_name_plural = _("评定与准入")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "place", "year"],
                condition=Q(year__isnull=False) & ~Q(state__in=["refused", "withdrawn"]),
                name="procedures_one_rating_a_year",
                violation_error_message=_("这个社区这一年已经有一次评定了。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.place.title} · {self.title}"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._state.adding and self.pk is None and "live" not in kwargs:
            self.live: bool = False

    # Wagtail's workflow

    def get_workflow(self) -> Workflow:
        return self.procedure.workflow

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> None:
        """The last step was agreed to; what follows from that is done by ``deciding``."""
        self.state, self.decided_on, self.live = self.State.AGREED, timezone.localdate(), True
        self.save(update_fields=["state", "decided_on", "live"])

    def with_content_json(self, content: Any) -> "Case":
        """A revision tells what was handed in; how the case stands is not its business."""
        return type(self).objects.get(pk=self.pk)

    # Standing

    @property
    def is_rating(self) -> bool:
        return self.procedure.is_rating

    @property
    def is_editable(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.RETURNED)

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def look(self) -> str:
        """The class of its state's badge."""
        return {"agreed": "ok", "refused": "no", "returned": "warn", "running": "now"}.get(self.state, "")

    @property
    def state_text(self) -> str:
        if self.state == self.State.AGREED:
            return _gettext("已亮星") if self.is_rating else _gettext("已准入")
        return str(self.State(self.state).label)

    @property
    def current_step(self) -> StepTask | None:
        """The step that it waits for."""
        task = self.current_workflow_task
        return task if isinstance(task, StepTask) else None

    def is_own(self, user: Any) -> bool:
        """Whether ``user`` wrote any of it, or handed it in."""
        if user.pk == self.created_by_id or self.revisions.filter(user=user).exists():
            return True
        return self.workflow_states.filter(requested_by=user).exists()

    # Stars

    @cached_property
    def theme_results(self) -> list["ThemeResult"]:
        return list(self.results.select_related("theme").order_by("theme__sort_order", "theme_id"))

    @cached_property
    def themes(self) -> list[dict[str, Any]]:
        """The stars as the page of the community keeps them: see ``Rating.themes``."""
        taken = {check.theme_id: check for check in self.rechecks.all() if check.theme_id}
        found = []
        for result in self.theme_results:
            kept: dict[str, Any] = {
                "name": result.theme.name,
                "has_star": result.has_star,
                "excludes": result.theme.excludes,
            }
            if check := taken.get(result.theme_id):
                kept |= {"lost_on": check.done_on.isoformat(), "reason": check.reason}
            found.append(kept)
        return found

    @property
    def stars(self) -> int:
        return stars_of(self.themes)

    @property
    def level(self) -> str:
        return level_of(self.stars)

    @property
    def eligibility(self) -> dict[str, list[str]]:
        missing = [theme["name"] for theme in self.themes if not stars_of([theme])]
        excluded = {theme["name"]: theme["excludes"] for theme in self.themes}
        found: dict[str, list[str]] = eligibility(self.stars, missing=missing, excluded_without=excluded)
        return found


class ThemeResult(models.Model):
    """Whether a community has the star of one theme, and for what score."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="results")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+", verbose_name=_("主题星"))
    has_star = models.BooleanField(_("得星"), default=False)
    score = models.DecimalField(
        _("得分"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    evidence = models.CharField(_("说明与依据"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("主题星结果")
        verbose_name_plural = _("主题星结果")
        constraints = [models.UniqueConstraint(fields=["case", "theme"], name="procedures_result_once")]

    def __str__(self) -> str:
        return f"{self.theme} {'★' if self.has_star else '☆'}"


class Recheck(models.Model):
    """A look at a rating after some months: it stands, or a star is taken away, with the reason."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="rechecks")
    done_on = models.DateField(_("复核日期"), default=timezone.localdate)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("复核人"),
    )
    theme = models.ForeignKey(
        Theme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("摘掉的主题星"),
    )
    reason = models.CharField(_("情况与原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("复核")
        verbose_name_plural = _("复核")
        ordering = ["done_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "theme"],
                condition=Q(theme__isnull=False),
                name="procedures_star_taken_once",
                violation_error_message=_("这颗星已经摘掉了。"),
            ),
            models.CheckConstraint(
                condition=Q(theme__isnull=True) | ~Q(reason=""),
                name="procedures_star_taken_for_a_reason",
                violation_error_message=_("摘星要写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.done_on}"


class Note(models.Model):
    """What somebody remarked on a case, beside the decisions."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(_("意见"))

    class Meta:
        verbose_name = _("意见")
        verbose_name_plural = _("意见")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


def private_name(file: "CaseFile", name: str) -> str:
    """Where a file is kept: the uploader's name never becomes a path, and nothing below it is served."""
    return f"procedures/{uuid.uuid4().hex}{Path(name).suffix.lower()[:5]}"


class CaseFile(models.Model):
    """A document that goes with a case; only those who may see the case read it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("名称"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("材料")
        verbose_name_plural = _("材料")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.name
