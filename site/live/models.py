"""What the server processes count for editors: how many have a page open, how many saw a change."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """What one server process has counted, under a page (``page:12``) or a topic (``guides:12``).

    Numbers only: who it was is never known.
    """

    process = models.CharField(max_length=32)
    name = models.CharField(max_length=80, db_index=True)
    open_now = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    seen_within_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("浏览计数")
        verbose_name_plural = _("浏览计数")
        constraints = [models.UniqueConstraint(fields=["process", "name"], name="live_tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.open_now}"
