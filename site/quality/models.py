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
