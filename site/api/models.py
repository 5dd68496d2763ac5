"""What programs that act for members of staff need: their tokens, and the answers they were given."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.webhooks.models import Delivery, Webhook  # noqa: F401  Django finds the app's models here
from imports.models import ImportRun

MARK = "doorstep"  # how every token begins, so that scanners of source code find one that got out
NOTED_EVERY = timedelta(minutes=1)
KEY_LIMIT = 200


class Scope(models.TextChoices):
    """What a token may be used for."""

    IMPORTS = "imports", _("上传导入")
    DRAFTS = "drafts", _("读取草稿")


class StaffToken(models.Model):
    """A key with which a program acts for a member of staff. Of its secret only the digest is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("所有人")
    )
    name = models.CharField(_("用途"), max_length=60)
    scopes = models.JSONField(_("可以做什么"), default=list)
    prefix = models.CharField(_("开头"), max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    expires_at = models.DateTimeField(_("有效期至"))
    last_used_at = models.DateTimeField(_("上次使用"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("访问令牌")
        verbose_name_plural = _("访问令牌")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_creation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.shown_prefix}）"

    @property
    def shown_prefix(self) -> str:
        """As much of a token as may be seen, to tell it from others."""
        return f"{MARK}_{self.prefix}…"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def state(self) -> str:
        """Whether it can be used, in a word."""
        if self.revoked_at is not None:
            return str(_("已停用"))
        return str(_("已过期") if self.is_expired else _("可用"))

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]

    def note_use(self) -> None:
        """Keep when it was last used, to the minute: not every request writes."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= NOTED_EVERY:
            unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
            type(self).objects.filter(unnoted, pk=self.pk).update(last_used_at=now)


class UploadKey(models.Model):
    """An ``Idempotency-Key`` with what was sent under it: sent again, it is answered with the same run."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LIMIT)
    body = models.CharField(max_length=64)  # digest of the answers and the file
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("上传编号")
        verbose_name_plural = _("上传编号")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_upload_key_once")]

    def __str__(self) -> str:
        return self.key
