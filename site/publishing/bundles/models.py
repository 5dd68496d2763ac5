"""Bundles: pages, editions and banners that go public together or not at all."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision


class Bundle(models.Model):
    """Several things under one name, reviewed, scheduled, published and taken back as one."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        IN_REVIEW = "in_review", _("审核中")
        SCHEDULED = "scheduled", _("已定时")
        PUBLISHED = "published", _("已发布")
        FAILED = "failed", _("未能发布")
        TAKEN_BACK = "taken_back", _("已撤回")

    name = models.CharField(_("名称"), max_length=100, help_text=_("例如：2026 年低保政策调整。"))
    note = models.TextField(_("说明"), blank=True, help_text=_("给审核的人看，不公开。"))
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.DRAFT)
    go_live_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("建立人"),
    )
    made_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    handed_in_at = models.DateTimeField(null=True)
    answer = models.TextField(_("审核意见"), blank=True)
    problem = models.TextField(_("为什么没有发布"), blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("发布于"), null=True)

    class Meta:
        verbose_name = _("成批发布")
        verbose_name_plural = _("成批发布")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["go_live_at"], condition=Q(state="scheduled"), name="publishing_bundle_scheduled"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(go_live_at__isnull=False),
                name="publishing_bundle_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether what belongs to it may change."""
        return self.state in (self.State.DRAFT, self.State.FAILED, self.State.TAKEN_BACK)

    @property
    def is_frozen(self) -> bool:
        """Whether its things are meant as they were when it was handed in or scheduled."""
        return self.state in (self.State.IN_REVIEW, self.State.SCHEDULED)

    @property
    def state_label(self) -> str:
        return str(self.get_state_display())


class BundleItem(models.Model):
    """One thing of a bundle: as what it was reviewed, and what stood before it was published."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(_("顺序"), default=0)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    label = models.CharField(_("标题"), max_length=300)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # What is reviewed or scheduled, and a hash that any later change gives another value.
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    fingerprint = models.CharField(max_length=64, blank=True)
    # What publishing it made public, and what was public before.
    published_revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    was_live = models.BooleanField(default=False)
    before = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("成批发布的一项")
        verbose_name_plural = _("成批发布的各项")
        ordering = ["bundle", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bundle", "content_type", "object_id"], name="publishing_bundle_item_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


def content_type_of(model: Any) -> ContentType:
    """All pages are of one type, so that a page is found whatever kind it is."""
    return ContentType.objects.get_for_model(Page if issubclass(model, Page) else model)
