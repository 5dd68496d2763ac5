"""What residents tell us: who still demands a cancelled certificate, and whether a page was useful."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from content_models.certificates.models import Certificate
from content_models.places.models import OfficePage

CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no two of which look alike
CODE_LENGTH = 12


def new_code() -> str:
    """A receipt number that nobody guesses."""
    return get_random_string(CODE_LENGTH, CODE_SIGNS)


class Sending(models.Model):
    """A form that was taken, by its stamp: what is sent twice is kept once."""

    stamp = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    led_to = models.CharField(max_length=200)  # the address that its sender was shown

    class Meta:
        verbose_name = _("已收的表单")
        verbose_name_plural = _("已收的表单")

    def __str__(self) -> str:
        return self.stamp[:12]


class ReportQuerySet(models.QuerySet["DemandReport"]):
    def open(self) -> ReportQuerySet:
        """Those that still wait for somebody."""
        return self.exclude(state__in=DemandReport.CLOSED)

    def counted(self) -> ReportQuerySet:
        """Those that residents are told of: of the last year, and neither refuted nor spam."""
        since = timezone.now() - timedelta(days=DemandReport.COUNTED_DAYS)
        return self.filter(is_counted=True, reported_at__gte=since)


class DemandReport(models.Model):
    """A resident says that somebody still demands a certificate that must not be issued."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待处理")
        FORWARDED = "forwarded", _("已转办")
        CONFIRMED = "confirmed", _("已核实")
        UNFOUNDED = "unfounded", _("不属实")
        ANSWERED = "answered", _("已答复")
        INVALID = "invalid", _("无效（广告或乱填）")

    CLOSED = (State.UNFOUNDED, State.ANSWERED, State.INVALID)
    COUNTED_DAYS = 365

    code = models.CharField(_("回执编号"), max_length=CODE_LENGTH, unique=True, default=new_code)
    certificate = models.ForeignKey(
        Certificate,
        on_delete=models.SET_NULL,
        null=True,
        related_name="demand_reports",
        verbose_name=_("证明"),
    )
    certificate_name = models.CharField(_("证明"), max_length=200)
    unit = models.CharField(_("谁要的"), max_length=120)
    office = models.ForeignKey(
        OfficePage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="demand_reports",
        verbose_name=_("对应的办事场所"),
    )
    happened_on = models.DateField(_("哪一天"), null=True, blank=True)
    said = models.TextField(_("他们怎么说"), blank=True)
    contact = models.CharField(_("联系方式"), max_length=120, blank=True)
    reported_at = models.DateTimeField(_("反映时间"), default=timezone.now, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    is_counted = models.BooleanField(_("计入公开数量"), default=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("由谁处理"),
    )
    answer = models.TextField(_("给居民的答复"), blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True, db_index=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("证明索要反映")
        verbose_name_plural = _("证明索要反映")
        ordering = ["-reported_at", "-pk"]
        indexes = [models.Index(fields=["state", "reported_at"], name="feedback_report_state")]

    def __str__(self) -> str:
        return f"{self.certificate_name} · {self.unit}"

    @property
    def receipt(self) -> str:
        """The code as people read it out: K7QF-2M9X-4TPA."""
        return "-".join(self.code[start : start + 4] for start in range(0, CODE_LENGTH, 4))

    @property
    def is_open(self) -> bool:
        return self.state not in self.CLOSED

    # What whoever has the receipt is told

    PUBLIC_WORDS: ClassVar[dict[str, Any]] = {
        State.WAITING: _("我们收到了，还没有开始核实。一般 10 个工作日内处理。"),
        State.FORWARDED: _("已经转给负责的部门，正在核实。"),
        State.CONFIRMED: _("核实过了，情况属实，正在要求改正。"),
        State.UNFOUNDED: _("核实过了，没有发现这种情况。"),
        State.ANSWERED: _("处理完了，答复写在下面。"),
        State.INVALID: _("从内容看不出是哪件事，没有办法核实。可以重新反映，写清是哪个单位、哪个窗口。"),
    }

    @property
    def public_state(self) -> str:
        return str(_("无法核实")) if self.state == self.State.INVALID else self.get_state_display()

    @property
    def public_words(self) -> str:
        return str(self.PUBLIC_WORDS[self.State(self.state)])

    @property
    def public_events(self) -> list[ReportEvent]:
        """The steps that brought it into another state, up to the present one."""
        events, state = [], str(self.State.WAITING)
        for event in self.events.all():
            if event.state != state and event.state != self.State.INVALID:
                events.append(event)
            state = event.state
        return events


class ReportEvent(models.Model):
    """One thing that was done with a report: who, when, and what they noted."""

    report = models.ForeignKey(DemandReport, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("人员"), max_length=150)
    state = models.CharField(_("状态"), max_length=10, choices=DemandReport.State.choices)
    assigned_name = models.CharField(_("由谁处理"), max_length=150, blank=True)
    note = models.TextField(_("内部说明"), blank=True)

    class Meta:
        verbose_name = _("处理记录")
        verbose_name_plural = _("处理记录")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.by_name} {self.get_state_display()}"


class DemandCount(models.Model):
    """How many reports of the last year residents are told of. Changed only where the number changes."""

    certificate = models.OneToOneField(Certificate, on_delete=models.CASCADE, related_name="demand_count")
    number = models.PositiveIntegerField(_("数量"), default=0)

    class Meta:
        verbose_name = _("公开的反映数量")
        verbose_name_plural = _("公开的反映数量")

    def __str__(self) -> str:
        return f"{self.certificate_id}: {self.number}"


class Rating(models.Model):
    """How often a page was said to be useful on one day, and how often not. Never who said so."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+", verbose_name=_("页面"))
    key = models.CharField(_("条目"), max_length=100, blank=True, default="")
    day = models.DateField(_("日期"), db_index=True)
    yes = models.PositiveIntegerField(_("有帮助"), default=0)
    no = models.PositiveIntegerField(_("没帮助"), default=0)

    class Meta:
        verbose_name = _("页面评价")
        verbose_name_plural = _("页面评价")
        constraints = [
            models.UniqueConstraint(fields=["page", "key", "day"], name="feedback_rating_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.key} {self.day}: {self.yes}/{self.no}"

    @classmethod
    def count(cls, *, page_id: int, key: str, is_useful: bool) -> None:
        """One more answer of today."""
        row, _made = cls.objects.get_or_create(page_id=page_id, key=key, day=timezone.localdate())
        name = "yes" if is_useful else "no"
        cls.objects.filter(pk=row.pk).update(**{name: F(name) + 1})


class RemarkQuerySet(models.QuerySet["Remark"]):
    def unread(self) -> RemarkQuerySet:
        return self.filter(read_at=None)


class Remark(models.Model):
    """What somebody wrote beside their yes or no."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+", verbose_name=_("页面"))
    key = models.CharField(_("条目"), max_length=100, blank=True, default="")
    is_useful = models.BooleanField(_("有帮助"))
    text = models.TextField(_("留言"))
    at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True)
    read_at = models.DateTimeField(_("看过的时间"), null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("居民留言")
        verbose_name_plural = _("居民留言")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["page", "key", "at"], name="feedback_remark_page"),
            models.Index(fields=["at"], condition=Q(read_at=None), name="feedback_remark_unread"),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class Digest(models.Model):
    """When somebody was last mailed what residents wrote."""

    user: Any = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("留言提醒邮件")
        verbose_name_plural = _("留言提醒邮件")

    def __str__(self) -> str:
        return f"{self.user_id} {self.sent_at}"
