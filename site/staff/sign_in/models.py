"""What is kept of signing in: guesses counted, who is signed in where, recovery codes, past passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

REMEMBERED = 5  # passwords of each person


class GuessCount(models.Model):
    """The moments of the last checks of a password or code under one key; no name stands in it."""

    key = models.CharField(max_length=64, unique=True)
    moments = models.JSONField(default=list)  # seconds since 1970, oldest first
    last_at = models.DateTimeField(db_index=True)
    refused_at = models.FloatField(default=0)  # when the log was last told that this is used up

    class Meta:
        verbose_name = _("登录计次")
        verbose_name_plural = _("登录计次")

    def __str__(self) -> str:
        return self.key[:12]


class SignInQuerySet(models.QuerySet["SignIn"]):
    def open(self) -> SignInQuerySet:
        """Those that have neither been ended nor run out."""
        now = timezone.now()
        return self.filter(
            ended_at=None,
            began_at__gt=now - timedelta(seconds=settings.SESSION_LONGEST_SECONDS),
            last_active_at__gt=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        )

    def end(self) -> int:
        """They hold no longer, from the next request on. Returns how many held until now."""
        number = self.open().count()
        self.filter(ended_at=None).update(ended_at=timezone.now())
        return number


class SignIn(models.Model):
    """One sign-in of a member of staff, from one browser. The session carries its number.

    The session's key is kept nowhere but in the session itself, not even as a digest: it changes with every
    rise in rights, and a number in what only the server writes cannot be guessed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins", verbose_name=_("人员")
    )
    began_at = models.DateTimeField(_("登录时间"), default=timezone.now, db_index=True)
    last_active_at = models.DateTimeField(_("最近操作"), default=timezone.now)
    address = models.CharField(_("网络地址"), max_length=45, blank=True)
    browser = models.CharField(_("浏览器"), max_length=60, blank=True)
    is_verified = models.BooleanField(_("用过第二重验证"), default=False)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("登录")
        verbose_name_plural = _("登录")
        ordering = ["-last_active_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} · {timezone.localtime(self.began_at):%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.has_run_out

    @property
    def has_run_out(self) -> bool:
        """Nobody did anything for too long, or it has lasted as long as any may."""
        now = timezone.now()
        is_idle = now - self.last_active_at >= timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        return is_idle or now - self.began_at >= timedelta(seconds=settings.SESSION_LONGEST_SECONDS)

    @property
    def is_fresh(self) -> bool:
        """The password was typed a moment ago and need not be asked for again."""
        return timezone.now() - self.began_at < timedelta(minutes=10)


class RecoveryCode(models.Model):
    """A code that stands in once for a lost phone. Only its digest is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("恢复码")
        verbose_name_plural = _("恢复码")
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="staff_recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.pk}"


class PastPassword(models.Model):
    """The hash of a password that somebody has, or had. The newest one says how old the present one is."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="past_passwords"
    )
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("用过的密码")
        verbose_name_plural = _("用过的密码")
        ordering = ["-set_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} · {self.set_at:%Y-%m-%d}"


def remember(user: Any) -> None:
    """Note the password that ``user`` has from now on; of those before, the last few stay noted."""
    PastPassword.objects.create(user_id=user.pk, password=user.password)
    theirs = PastPassword.objects.filter(user_id=user.pk)
    newest = list(theirs.values_list("pk", flat=True)[:REMEMBERED])
    theirs.exclude(pk__in=newest).delete()


def end_all(user: Any, *, but: SignIn | None = None) -> int:
    """End every sign-in of ``user``, save perhaps the one that asks for it."""
    theirs = SignIn.objects.filter(user_id=user.pk)
    return (theirs.exclude(pk=but.pk) if but is not None else theirs).end()
