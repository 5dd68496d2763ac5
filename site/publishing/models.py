"""The outbox: what was published, in the order in which it was committed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Sequence(models.Model):
    """A row to count or to take turns by: who holds its lock is alone until commit."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("序列")
        verbose_name_plural = _("序列")

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class TopicVersion(models.Model):
    """How often a topic (``guides:12``) has changed; ``epoch`` tells a rebuilt database from the old one."""

    topic = models.CharField(max_length=80, primary_key=True)
    epoch = models.CharField(max_length=12)
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("主题版本")
        verbose_name_plural = _("主题版本")

    def __str__(self) -> str:
        return f"{self.topic} v{self.version}"


class OutboxEntry(models.Model):
    """One announced change; written in the transaction that made it, whose last statements number it."""

    class What(models.TextChoices):
        PUBLISHED = "published", _("发布")
        TAKEN_BACK = "taken_back", _("撤回")

    class Standing(models.TextChoices):
        """What the change means to those who see only what is public, as of its commit."""

        PUBLIC = "public", _("公开")
        GONE = "gone", _("不再公开")  # it was, up to this change
        HIDDEN = "hidden", _("不公开")

    sequence = models.PositiveBigIntegerField(_("序号"), unique=True, null=True)
    topic = models.CharField(_("主题"), max_length=80, db_index=True)
    version = models.PositiveBigIntegerField(_("版本"), null=True)
    what = models.CharField(_("变化"), max_length=12, choices=What.choices)
    detail = models.JSONField(default=dict, blank=True)
    # "" where it is not known (yet).
    standing = models.CharField(max_length=8, choices=Standing.choices, default="", blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("发布记录")
        verbose_name_plural = _("发布记录")
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["sequence"], condition=Q(standing=""), name="publishing_outbox_unjudged")
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.topic} v{self.version}"
