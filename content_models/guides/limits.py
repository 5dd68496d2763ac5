"""Time limits as guides state them."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class LimitUnit(models.TextChoices):
    WORKDAYS = "W", gettext_lazy("工作日")
    DAYS = "N", gettext_lazy("自然日")


def limit_text(days, unit, note=""):
    """4 个工作日; 当场办结 for 0; the note alone where no number is given."""
    if days is None:
        return note
    text = (
        _("当场办结")
        if days == 0
        else _("%(days)d 个%(unit)s") % {"days": days, "unit": LimitUnit(unit).label}
    )
    return f"{text}（{note}）" if note else text
