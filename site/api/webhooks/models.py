"""Endpoints of other systems to which the feed of changes is pushed, and what was sent to them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EXCERPT = 1024  # characters of an answer that are kept
BOTH_SECRETS_FOR = timedelta(hours=24)


class Kind(models.TextChoices):
    """What the feed tells of, in the words of editors."""

    GUIDES = "guides", _("办事指南")
    PROVISIONS = "provisions", _("各社区的办理安排")
    NOTICES = "notices", _("通知公告")
    CERTIFICATES = "certificates", _("证明清单")
    LISTS = "lists", _("政策清单")
    COMMUNITIES = "communities", _("社区")
    OFFICES = "offices", _("办事场所")
    BANNER = "banner", _("紧急横幅")
    PAGES = "pages", _("其他页面（区、街道、栏目等）")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def due(self, now: datetime, *, newest: int) -> "WebhookQuerySet":
        """Those to which something can be sent now: behind, not to be left alone, in nobody's hands."""
        is_behind = Q(told_until__lt=newest) | Q(deliveries__state=Delivery.State.WAITING)
        may_be_tried = Q(next_try_at=None) | Q(next_try_at__lte=now)
        is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(is_behind, may_be_tried, is_free, is_active=True).distinct()


class Webhook(models.Model):
    """One endpoint: where it is, what it wants, how far it has been told, and how that goes."""

    class Stopped(models.TextChoices):
        BY_HAND = "by_hand", _("已停用")
        FAILING = "failing", _("连续三天发不出去，已自动停用")
        GONE = "gone", _("对方表示不再接收，已自动停用")

    name = models.CharField(
        _("名称"), max_length=60, help_text=_("哪个系统在接收，如“区政府门户网站”。以后凭它认出来。")
    )
    url = models.CharField(
        _("接收地址"), max_length=500, help_text=_("对方系统给的网址，以 https:// 开头。内网地址不能用。")
    )
    kinds = models.JSONField(_("发送哪些内容"), default=list, blank=True)  # none: all
    is_active = models.BooleanField(_("启用"), default=True)
    stopped_because = models.CharField(max_length=10, choices=Stopped.choices, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("建立人"),
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)

    # Kept as it is, since the server has to sign with it. The one before holds for a day.
    secret = models.CharField(max_length=80)
    old_secret = models.CharField(max_length=80, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)

    told_until = models.PositiveBigIntegerField(_("已送到的编号"), default=0)
    delivered_at = models.DateTimeField(_("上次送达"), null=True, blank=True)
    failing_since = models.DateTimeField(_("何时起失败"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("连续失败次数"), default=0)
    next_try_at = models.DateTimeField(_("下次尝试"), null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)  # of the worker that is sending
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("变更推送")
        verbose_name_plural = _("变更推送")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(stopped_because=""), name="api_webhook_stopped_for_a_reason"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Webhook {self.pk}>"

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if not self.is_active:
            return str(self.get_stopped_because_display() or _("已停用"))
        return str(_("发送失败，正在重试") if self.failing_since else _("正常"))

    @property
    def is_well(self) -> bool:
        return self.is_active and self.failing_since is None

    @property
    def kind_labels(self) -> list[str]:
        return [str(Kind(kind).label) for kind in self.kinds if kind in Kind.values] or [str(_("全部"))]

    def secrets_at(self, now: datetime) -> list[str]:
        """What a message is signed with: for a day after a change the old secret, too."""
        is_old_good = self.old_secret_until is not None and now < self.old_secret_until
        return [self.secret, self.old_secret] if is_old_good and self.old_secret else [self.secret]


class Delivery(models.Model):
    """One message to an endpoint, exactly as it is sent however often; and what became of it."""

    class Cause(models.TextChoices):
        FEED = "feed", _("变更")
        TEST = "test", _("测试")
        RESEND = "resend", _("重新发送")

    class State(models.TextChoices):
        WAITING = "waiting", _("等待送达")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("没有送到")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    cause = models.CharField(_("起因"), max_length=8, choices=Cause.choices, default=Cause.FEED)
    message_id = models.CharField(max_length=40)
    first = models.PositiveBigIntegerField(default=0)
    last = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveIntegerField(_("条数"), default=0)
    payload = models.TextField()
    created_at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("尝试次数"), default=0)
    tried_at = models.DateTimeField(_("上次尝试"), null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(_("对方回答"), null=True, blank=True)
    error = models.CharField(_("错误"), max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(_("用时"), null=True, blank=True)
    response = models.CharField(_("对方的话"), max_length=EXCERPT, blank=True)

    class Meta:
        verbose_name = _("推送记录")
        verbose_name_plural = _("推送记录")
        ordering = ["-created_at", "-pk"]
        constraints = [
            # One after the other: what follows is only put together when this has arrived.
            models.UniqueConstraint(
                fields=["webhook"], condition=Q(state="waiting"), name="api_one_delivery_waits"
            )
        ]
        indexes = [models.Index(fields=["webhook", "-created_at"], name="api_delivery_newest")]

    def __str__(self) -> str:
        return self.message_id
