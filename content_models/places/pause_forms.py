"""What staff choose when an office serves nobody for a while: until when, and why."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.widgets import narrow, read_date, read_time
from content_models.places.hours import MIDNIGHT
from content_models.places.pauses import OfficePause

REASONS = [
    gettext_lazy("系统维护"),
    gettext_lazy("设备故障"),
    gettext_lazy("人员外出"),
    gettext_lazy("会议学习"),
]
MINUTES = {"30": gettext_lazy("30 分钟"), "60": gettext_lazy("1 小时")}
OWN_TIME = "own"
LONGEST = datetime.timedelta(days=30)
NOON = datetime.time(12, 0)


class ReasonForm(forms.Form):
    """The reason: a button's, own words, or both.

    ``rest`` is what is left of today's hours (``hours.rest_of_the_day``), ``now`` the local moment. Cleaned
    data has ``reason``, ``until`` (aware) and ``instead_of``: the key of the pause that stood when the form
    was shown, or None.
    """

    kind = ""
    chosen = forms.CharField(required=False)
    words = forms.CharField(required=False)
    instead_of = forms.CharField(required=False)

    reasons = REASONS

    def __init__(self, *args, rest, now, knows_hours=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.rest, self.now, self.knows_hours = rest, now, knows_hours

    @property
    def closing(self):
        """When today's hours end: midnight where nobody knows, None where they are over."""
        if not self.knows_hours:
            tomorrow = self.now.date() + datetime.timedelta(days=1)
            return datetime.datetime.combine(tomorrow, MIDNIGHT, self.now.tzinfo)
        return max((end for _start, end in self.rest), default=None)

    def clean_instead_of(self):
        text = self.cleaned_data["instead_of"]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

    def clean(self):
        cleaned = super().clean()
        parts = [_readable(cleaned.get(name, "")) for name in ("chosen", "words")]
        cleaned["reason"] = "：".join(part for part in parts if part)
        longest = OfficePause._meta.get_field("reason").max_length
        if not cleaned["reason"] and "words" not in self.errors:
            self.add_error("words", _("请点一个原因，或者写几个字再提交。"))
        if len(cleaned["reason"]) > longest:
            self.add_error("words", _("原因最多 %(number)d 个字。") % {"number": longest})
        return cleaned


def _readable(text):
    """One line without what cannot be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class PauseForm(ReasonForm):
    """暂停办理: until one of the moments offered, or any other of the coming days."""

    kind = OfficePause.Kind.PAUSED
    until = forms.CharField(required=False, initial="30")
    on = forms.CharField(required=False)
    time = forms.CharField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", self.now.date().isoformat())

    @property
    def moments(self):
        """``[(value, label, is_chosen)]`` to choose from."""
        offered = list(MINUTES.items())
        later = [start for start, _end in self.rest[1:]]
        if later:
            label = _("到下午上班（%(time)s）") if later[0].time() >= NOON else _("到再次开门（%(time)s）")
            offered.append((_value(later[0]), label % {"time": f"{later[0]:%H:%M}"}))
        if self.rest:
            offered.append(
                (_value(self.closing), _("到今天下班（%(time)s）") % {"time": f"{self.closing:%H:%M}"})
            )
        offered.append((OWN_TIME, _("到别的时间")))
        chosen = self["until"].value()
        return [(value, label, value == chosen) for value, label in offered]

    def clean(self):
        cleaned = super().clean()
        try:
            cleaned["until"] = self._until(cleaned)
        except ValueError as error:
            self.add_error("until", str(error))
        return cleaned

    def _until(self, cleaned):
        choice = cleaned.get("until", "")
        if choice in MINUTES:
            until = self.now + datetime.timedelta(minutes=int(choice))
            return until.replace(second=0, microsecond=0)
        until = self._own_time(cleaned) if choice == OWN_TIME else _moment(choice)
        if until <= self.now:
            raise ValueError(
                _("%(moment)s 已经过去了，请选晚一些的时间。") % {"moment": f"{until:%m-%d %H:%M}"}
            )
        if until > self.now + LONGEST:
            raise ValueError(
                _("最长 %(days)d 天。更久的，请在场所的“特殊日期”里写明。") % {"days": LONGEST.days}
            )
        return until

    def _own_time(self, cleaned):
        time, on = narrow(cleaned.get("time", "")), narrow(cleaned.get("on", ""))
        if not time:
            raise ValueError(_("请填写到几点。"))
        day = read_date(on) if on else self.now.date()
        return timezone.make_aware(datetime.datetime.combine(day, read_time(time)))


def _value(moment):
    return f"{moment:%Y-%m-%dT%H:%M}"


def _moment(text):
    try:
        return timezone.make_aware(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M"))  # noqa: DTZ007  made so
    except ValueError:
        raise ValueError(_("请选择到什么时候。")) from None


class ClosedEarlyForm(ReasonForm):
    """今日提前下班: until today's hours are over."""

    kind = OfficePause.Kind.CLOSED_EARLY

    def clean(self):
        cleaned = super().clean()
        cleaned["until"] = self.closing
        if self.closing is None:
            self.add_error(None, _("今天的办公时间已经结束，不用再设提前下班。"))
        return cleaned
