"""The outbox: what was published, in the order in which it was committed."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from publishing.bundles.models import Bundle, BundleItem

__all__ = ["Bundle", "BundleItem", "OutboxEntry", "Sequence", "TopicVersion", "Trouble"]


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


class Trouble(models.Model):
    """Something that the schedule could not do at its time, until it is done or somebody settles it."""

    class Work(models.TextChoices):
        PUBLISH = "publish", _("定时发布")
        EXPIRE = "expire", _("到期撤下")
        BUNDLE = "bundle", _("定时成批发布")

    work = models.CharField(_("做什么"), max_length=10, choices=Work.choices)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)
    label = models.CharField(_("标题"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("定在"))
    tries = models.PositiveIntegerField(_("试过几次"), default=0)
    first_at = models.DateTimeField(_("第一次失败"))
    last_at = models.DateTimeField(_("最近一次失败"))
    # None where it is not tried again.
    next_try_at = models.DateTimeField(_("下次再试"), null=True)
    problems = models.JSONField(_("为什么"), default=list)

    class Meta:
        verbose_name = _("定时失败")
        verbose_name_plural = _("定时失败")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "content_type", "object_id"], name="publishing_trouble_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def thing(self) -> Any:
        """The page, edition, banner or bundle as it stands; None where it is gone."""
        model: Any = self.content_type.model_class()
        thing = model._default_manager.filter(pk=self.object_id).first()
        return thing.specific if isinstance(thing, Page) else thing

    @property
    def what(self) -> str:
        """What should have happened, and when."""
        at = timezone.localtime(self.due_at).strftime("%Y-%m-%d %H:%M")
        said = {"work": self.get_work_display(), "at": at, "title": self.label}
        return _gettext("“%(title)s”的%(work)s定在 %(at)s，没有完成。") % said

    @property
    def what_to_do(self) -> str:
        """For the person who looks after it."""
        if self.next_try_at is not None:
            at = timezone.localtime(self.next_try_at).strftime("%H:%M")
            return _gettext("系统会再试，下一次在 %(at)s。一直不成，请打开它，重新保存后手工操作。") % {
                "at": at
            }
        if self.work == self.Work.EXPIRE:
            return _gettext("系统不再试了，公众仍然看得到它。请打开它，手工撤下。")
        if self.work == self.Work.BUNDLE:
            return _gettext("整批都没有发布，已退出定时。请打开这一批，按原因改好，再发布或重新定时。")
        return _gettext("它没有发布，已退出定时。请打开它，按原因改好，再发布或重新定时。")
