"""Time limits as guides state them."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext


class LimitUnit(models.TextChoices):
    WORKDAYS = "W", gettext_lazy("工作日")
    DAYS = "N", gettext_lazy("自然日")


def limit_text(days, unit, note=""):
    """4 个工作日; 当场办结 for 0; the note alone where no number is given."""
    if days is None:
        return note
    text = _("当场办结") if days == 0 else _days_text(days, LimitUnit(unit))
    return f"{text}（{note}）" if note else text


def _days_text(days, unit):
    if unit == LimitUnit.WORKDAYS:
        text = ngettext("%(days)d 个工作日", "%(days)d 个工作日", days)
    else:
        text = ngettext("%(days)d 个自然日", "%(days)d 个自然日", days)
    return text % {"days": days}
