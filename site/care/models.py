"""How often content is looked at again, who was reminded, which links are dead, what is read."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReviewPeriod(models.Model):
    """After how many months content of one kind is due again, where that is not the usual time."""

    kind = models.CharField(_("内容"), max_length=80, unique=True)  # guides.guidepage
    months = models.PositiveSmallIntegerField(
        _("几个月核对一次"), validators=[MaxValueValidator(60)]
    )  # 0: not by itself

    class Meta:
        verbose_name = _("核对周期")
        verbose_name_plural = _("核对周期")

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"


class Digest(models.Model):
    """The one reminder a person gets on one day; whoever claims it sends it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("核对提醒")
        verbose_name_plural = _("核对提醒")
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="care_one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"


class Reminded(models.Model):
    """That a person was told of one due date of one thing; they are not told of it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    due = models.DateField(db_index=True)

    class Meta:
        verbose_name = _("已提醒")
        verbose_name_plural = _("已提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "content_type", "object_id", "due"], name="care_reminded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.content_type} {self.object_id} {self.due}"


class LinkRun(models.Model):
    """One round through all links, at most one a day; what it found counts once it is over."""

    class Verdict(models.TextChoices):
        RUNNING = "running", _("正在检查")
        DONE = "done", _("检查完了")
        OFFLINE = "offline", _("网络不通，没有下结论")

    day = models.DateField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.RUNNING)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("链接检查")
        verbose_name_plural = _("链接检查")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.get_verdict_display()}"


class Link(models.Model):
    """An address, a page or a file that published content points to, and whether it is there."""

    class Target(models.TextChoices):
        OUTSIDE = "outside", _("外部网址")
        PAGE = "page", _("本站页面")
        DOCUMENT = "document", _("附件")

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("还没有检查")
        GOOD = "good", _("正常")
        FAILING = "failing", _("打不开，过天再试")
        DEAD = "dead", _("失效")
        NEVER = "never", _("不能检查")

    target = models.CharField(max_length=8, choices=Target.choices)
    address = models.TextField(_("地址"))  # of a page or a file of ours: its number
    digest = models.CharField(max_length=32, unique=True)
    host = models.CharField(max_length=255, blank=True, db_index=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.UNKNOWN)
    failures = models.PositiveSmallIntegerField(default=0)  # on different days, one after the other
    failing_since = models.DateField(_("从哪天起"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=200, blank=True)
    # What the round now under way found, which counts at its end.
    run = models.ForeignKey(LinkRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="links")
    found = models.CharField(max_length=10, blank=True)
    found_error = models.CharField(max_length=200, blank=True)
    tried_at = models.DateTimeField(_("上次检查"), null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # to be tried again soon, by somebody's wish
    is_left_out = models.BooleanField(_("不再检查"), default=False)
    left_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("链接")
        verbose_name_plural = _("链接")
        indexes = [
            models.Index(fields=["state"], name="care_link_state"),
            models.Index(fields=["asked_at"], name="care_link_asked", condition=Q(asked_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.address[:200]


class LinkUse(models.Model):
    """Where a link stands: in which field of which published page or edition."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="uses")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    field = models.CharField(_("位置"), max_length=200, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("链接所在")
        verbose_name_plural = _("链接所在")

    def __str__(self) -> str:
        return f"{self.page} {self.field}"


class Reading(models.Model):
    """How often a public page was read on one day: a number, never who."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    times = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("阅读次数")
        verbose_name_plural = _("阅读次数")
        constraints = [models.UniqueConstraint(fields=["page", "day"], name="care_reading_once")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.day} {self.times}"


class Snapshot(models.Model):
    """How a district or street stood on one day, for the trend on its board."""

    place = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    figures: Any = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("看板记录")
        verbose_name_plural = _("看板记录")
        constraints = [models.UniqueConstraint(fields=["place", "day"], name="care_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.day}"
