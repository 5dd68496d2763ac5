"""The shared calendar of holidays and working weekends (节假日与调休), kept by staff.

A year that nobody maintains is said, never guessed (chinesecalendar only seeds the years it knows).
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel

SATURDAY = 5


class YearNotMaintained(Exception):
    """Raised where an answer needs a year that staff have not entered yet."""

    def __init__(self, year):
        self.year = year
        super().__init__(_("%(year)d年日历未维护") % {"year": year})


class CalendarYear(ClusterableModel):
    """One maintained year: its holidays and the weekends that are worked instead."""

    year = models.PositiveSmallIntegerField(gettext_lazy("年份"), unique=True)
    document = models.CharField(gettext_lazy("依据文件"), max_length=200, blank=True)

    panels = [
        FieldPanel("year"),
        FieldPanel("document"),
        InlinePanel("days", heading=gettext_lazy("节假日与调休"), label=gettext_lazy("日期")),
    ]

    class Meta:
        verbose_name = gettext_lazy("节假日日历")
        verbose_name_plural = gettext_lazy("节假日日历")
        ordering = ["-year"]

    def __str__(self):
        return _("%(year)d年") % {"year": self.year}


class CalendarDay(models.Model):
    """A day on which the weekday rule does not hold."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", gettext_lazy("放假")
        WORKDAY = "workday", gettext_lazy("调休上班")

    calendar_year = ParentalKey(CalendarYear, on_delete=models.CASCADE, related_name="days")
    on = models.DateField(gettext_lazy("日期"), unique=True)
    kind = models.CharField(gettext_lazy("安排"), max_length=10, choices=Kind.choices, default=Kind.HOLIDAY)
    name = models.CharField(gettext_lazy("名称"), max_length=30, blank=True)

    panels = [FieldPanel("on"), FieldPanel("kind"), FieldPanel("name")]

    class Meta:
        verbose_name = gettext_lazy("节假日")
        verbose_name_plural = gettext_lazy("节假日")
        ordering = ["on"]

    def __str__(self):
        return f"{self.on} {self.get_kind_display()}"

    def clean(self):
        super().clean()
        if self.on and self.calendar_year.year and self.on.year != self.calendar_year.year:
            raise ValidationError(
                {"on": _("这一天不在 %(year)d 年，请放到对应年份里。") % {"year": self.calendar_year.year}}
            )


class Calendar:
    """The maintained years in memory: one query, then questions about any day."""

    def __init__(self, years, days):
        self.years = frozenset(years)
        self.days = dict(days)

    @classmethod
    def load(cls):
        rows = CalendarYear.objects.order_by().values_list("year", "days__on", "days__kind", "days__name")
        years, days = set(), {}
        for year, on, kind, name in rows:
            years.add(year)
            if on is not None:
                days[on] = CalendarDay(on=on, kind=kind, name=name)
        return cls(years, days)

    def knows(self, day):
        return day.year in self.years

    def is_workday(self, day):
        """Whether offices work on ``day``; raises YearNotMaintained for an unknown year."""
        if not self.knows(day):
            raise YearNotMaintained(day.year)
        special = self.days.get(day)
        if special is not None:
            return special.kind == CalendarDay.Kind.WORKDAY
        return day.weekday() < SATURDAY

    def is_holiday(self, day):
        special = self.days.get(day)
        return special is not None and special.kind == CalendarDay.Kind.HOLIDAY

    def holiday_name(self, day):
        """What to call the holiday on ``day``; an empty string on other days."""
        return (self.days[day].name or _("节假日")) if self.is_holiday(day) else ""

    def add_workdays(self, start, number):
        """The day on which ``number`` working days after ``start`` end; the start day is not counted."""
        day = start
        while number > 0:
            day += datetime.timedelta(days=1)
            number -= self.is_workday(day)
        return day
