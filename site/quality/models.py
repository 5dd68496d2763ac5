"""What editors set about the checks, and what they let pass."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content_models.base.fields import LinesField


class RuleSetting(models.Model):
    """At which level a check counts, where that is not its own."""

    class Level(models.TextChoices):
        ERROR = "error", _("必须改")
        WARNING = "warning", _("看过再发布")
        HINT = "hint", _("只提示")
        OFF = "off", _("停用")

    code = models.CharField(_("规则"), max_length=40, unique=True)
    level = models.CharField(_("要求"), max_length=8, choices=Level.choices)

    class Meta:
        verbose_name = _("检查规则")
        verbose_name_plural = _("检查规则")

    def __str__(self) -> str:
        return f"{self.code} {self.get_level_display()}"


# What people read; the labels above stand in the database's history.
LEVEL_NAMES = {**dict(RuleSetting.Level.choices), RuleSetting.Level.HINT.value: _("建议")}


class WordList(models.Model):
    """Words that a check looks for, where they are not its own."""

    code = models.CharField(_("词表"), max_length=40, unique=True)
    words = LinesField(_("词语"), blank=True, help_text=_("每行一个。"))

    class Meta:
        verbose_name = _("检查词表")
        verbose_name_plural = _("检查词表")

    def __str__(self) -> str:
        return self.code


class Override(models.Model):
    """A finding that a named person let pass in one page or edition, and why."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)
    thing = GenericForeignKey()
    finding = models.CharField(max_length=32)
    message = models.TextField(_("检查结果"))
    reason = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("放行人"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("放行")
        verbose_name_plural = _("放行")
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "finding"], name="quality_once")
        ]

    def __str__(self) -> str:
        return self.message


class FileScan(models.Model):
    """What a look through a file brought to light, by its contents; personal data only as it may be shown."""

    digest = models.CharField(max_length=40, unique=True)
    rules = models.CharField(max_length=16)
    report = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("附件检查")
        verbose_name_plural = _("附件检查")

    def __str__(self) -> str:
        return self.digest


class Checkup(models.Model):
    """One run of all checks over everything that is public."""

    started_at = models.DateTimeField(_("开始时间"), default=timezone.now)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    seen_at = models.DateTimeField(_("最近进展"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("发起人"),
    )
    total = models.PositiveIntegerField(_("要检查的"), default=0)
    done = models.PositiveIntegerField(_("已检查的"), default=0)
    has_failed = models.BooleanField(_("没有完成"), default=False)

    class Meta:
        verbose_name = _("内容体检")
        verbose_name_plural = _("内容体检")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return timezone.localtime(self.started_at).strftime("%Y-%m-%d %H:%M")


class Checked(models.Model):
    """A page or an edition as the last checkup found it."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)
    thing = GenericForeignKey()
    title = models.CharField(_("内容"), max_length=400)
    path = models.CharField(_("位置"), max_length=255, db_index=True)  # of the page it is, or belongs to
    percent = models.PositiveSmallIntegerField(_("完整度"), null=True)
    missing = LinesField(_("缺少的要素"))
    errors = models.PositiveIntegerField(_("必须改"), default=0)
    warnings = models.PositiveIntegerField(_("看过再发布"), default=0)
    hints = models.PositiveIntegerField(_("只提示"), default=0)

    class Meta:
        verbose_name = _("体检结果")
        verbose_name_plural = _("体检结果")
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id"], name="quality_checked_once")
        ]

    def __str__(self) -> str:
        return self.title


class KeptFinding(models.Model):
    """What the last checkup found in something."""

    checked = models.ForeignKey(Checked, on_delete=models.CASCADE, related_name="findings")
    rule = models.CharField(_("规则"), max_length=40, db_index=True)
    level = models.CharField(_("要求"), max_length=8, choices=RuleSetting.Level.choices)
    message = models.TextField(_("检查结果"))
    field = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("检查结果")
        verbose_name_plural = _("检查结果")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.message
