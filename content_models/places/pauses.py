"""What staff at an office say about today: 暂停办理 until a moment, or 今日提前下班. It ends by itself."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from content_models.base.signals import office_paused, office_resumed
from content_models.places.hours import Pause


class PausedMeanwhile(Exception):
    """Raised where another pause stands than the one that was to be replaced."""

    def __init__(self, pause):
        self.pause = pause
        super().__init__(str(pause))


class PauseQuerySet(models.QuerySet):
    def standing(self):
        """Pauses that nobody and nothing has ended; ``until`` may have passed since."""
        return self.filter(ended_at=None)

    def overdue(self):
        """Pauses whose time has passed and whose end was not told yet."""
        return self.standing().filter(until__lte=timezone.now())


class OfficePause(models.Model):
    """An office serves nobody for a while. Residents read it as over from ``until`` on, ended or not."""

    class Kind(models.TextChoices):
        PAUSED = "paused", gettext_lazy("暂停办理")
        CLOSED_EARLY = "closed_early", gettext_lazy("今日提前下班")

    office = models.ForeignKey(
        "places.OfficePage",
        on_delete=models.CASCADE,
        related_name="pauses",
        verbose_name=gettext_lazy("办事场所"),
    )
    kind = models.CharField(gettext_lazy("状态"), max_length=12, choices=Kind.choices)
    until = models.DateTimeField(gettext_lazy("到"))
    reason = models.CharField(gettext_lazy("原因"), max_length=60)
    set_at = models.DateTimeField(gettext_lazy("设置时间"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=gettext_lazy("设置人"),
    )
    ended_at = models.DateTimeField(gettext_lazy("结束时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=gettext_lazy("结束人"),
    )

    objects = PauseQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = gettext_lazy("窗口状态")
        verbose_name_plural = gettext_lazy("窗口状态")
        ordering = ["-set_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["office"],
                condition=Q(ended_at__isnull=True),
                name="places_pause_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("set_at")), name="places_pause_until_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="places_pause_has_reason"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {timezone.localtime(self.until):%Y-%m-%d %H:%M}（{self.reason}）"

    @property
    def as_hours(self):
        """What it means for the opening hours."""
        return Pause(self.until, self.reason, for_the_day=self.kind == self.Kind.CLOSED_EARLY)

    def is_same(self, *, kind, reason, by):
        """Whether ``by`` asks for this very pause: a second tap on the same button."""
        return (self.kind, self.reason, self.set_by_id) == (kind, reason, by.pk if by else None)


@transaction.atomic
def pause_office(office, *, kind, until, reason, by=None, instead_of=None, at=None):
    """Pause ``office`` from ``at`` (now) until ``until``; ends the pause with the key ``instead_of``.

    Moments are aware. Raises PausedMeanwhile when another pause stands, set since the caller looked.
    """
    now = at or timezone.now()
    standing = office.pauses.standing().select_for_update().first()
    if standing is not None and standing.until <= now:
        end_by_clock(standing)
    elif standing is not None:
        if standing.pk != instead_of:
            raise PausedMeanwhile(standing)
        _end(standing, at=now, by=by)
    try:
        with transaction.atomic():
            pause = office.pauses.create(kind=kind, until=until, reason=reason, set_at=now, set_by=by)
    except IntegrityError:
        other = office.pauses.standing().first()
        if other is None:
            raise
        raise PausedMeanwhile(other) from None
    office_paused.send(type(office), pause=pause)
    return pause


@transaction.atomic
def resume_office(pause, *, by=None):
    """End ``pause`` now; False when it was over already."""
    standing = OfficePause.objects.standing().select_for_update().filter(pk=pause.pk).first()
    if standing is None:
        return False
    if standing.until <= timezone.now():
        end_by_clock(standing)
        return False
    _end(standing, at=timezone.now(), by=by)
    office_resumed.send(type(standing.office), pause=standing)
    return True


def end_by_clock(pause):
    """Note and tell that the time of ``pause``, which the caller has locked, has passed."""
    _end(pause, at=pause.until, by=None)
    office_resumed.send(type(pause.office), pause=pause)


def _end(pause, *, at, by):
    pause.ended_at, pause.ended_by = at, by
    pause.save(update_fields=["ended_at", "ended_by"])
