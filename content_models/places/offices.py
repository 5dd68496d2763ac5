"""Offices and their windows, hours and special days."""

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.managers import leave_out_restricted
from content_models.base.pages import ContentPage
from content_models.places import structured
from content_models.places.calendar import Calendar
from content_models.places.distance import Position, map_url
from content_models.places.hours import (
    MIDNIGHT,
    Hours,
    Span,
    SpecialDay,
    covers_the_year,
    open_state,
    span_text,
    week,
    weekdays_text,
)
from content_models.places.pauses import OfficePause

LEAP_YEAR = 2000  # seasons may begin or end on 29 February


class OfficePage(ContentPage):
    """A place residents go to: service centre, agency point, department window or self-service terminal."""

    kind = "offices"
    source_field = "source"

    @property
    def picture(self):
        return self.photo

    class Kind(models.TextChoices):
        STREET_CENTRE = "street_centre", gettext_lazy("街道便民服务中心")
        COMMUNITY_CENTRE = "community_centre", gettext_lazy("社区党群服务中心")
        AGENT_POINT = "agent_point", gettext_lazy("代办点")
        DEPARTMENT_WINDOW = "department_window", gettext_lazy("部门窗口")
        TERMINAL = "terminal", gettext_lazy("自助终端")

    office_kind = models.CharField(gettext_lazy("场所类型"), max_length=20, choices=Kind.choices)
    address = models.CharField(gettext_lazy("地址"), max_length=200)
    latitude = models.DecimalField(
        gettext_lazy("纬度"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        gettext_lazy("经度"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    transit = models.CharField(gettext_lazy("公交到达"), max_length=200, blank=True)
    phone = models.CharField(gettext_lazy("电话"), max_length=40)
    complaint_phone = models.CharField(gettext_lazy("监督投诉电话"), max_length=40, blank=True)
    closed_on_holidays = models.BooleanField(
        gettext_lazy("法定节假日不办公"), default=True, help_text=gettext_lazy("按“节假日日历”计算。")
    )
    hours_note = models.CharField(gettext_lazy("办公时间说明"), max_length=200, blank=True)
    appointment_url = models.URLField(gettext_lazy("预约网址"), blank=True)
    has_ramp = models.BooleanField(gettext_lazy("坡道"), default=False)
    has_lift = models.BooleanField(gettext_lazy("电梯"), default=False)
    has_accessible_toilet = models.BooleanField(gettext_lazy("无障碍卫生间"), default=False)
    has_sign_language = models.BooleanField(gettext_lazy("手语服务"), default=False)
    has_nursing_room = models.BooleanField(gettext_lazy("母婴室"), default=False)
    intro = RichTextField(gettext_lazy("简介"), blank=True, features=RICH_TEXT_FEATURES)
    photo = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("照片"),
    )
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)

    accessibility_fields = [
        "has_ramp",
        "has_lift",
        "has_accessible_toilet",
        "has_sign_language",
        "has_nursing_room",
    ]

    search_fields = ContentPage.search_fields + [
        index.SearchField("address"),
        index.SearchField("phone"),
    ]

    parent_page_types = ["home.HomePage", "home.StreetPage", "communities.CommunityPage"]
    subpage_types = []

    content_panels = ContentPage.title_panels + [
        FieldPanel("office_kind"),
        FieldPanel("intro"),
        MultiFieldPanel(
            [
                FieldPanel("address"),
                FieldPanel("transit"),
                FieldRowPanel(
                    [FieldPanel("latitude"), FieldPanel("longitude")],
                    help_text=gettext_lazy(
                        "填 WGS-84 坐标（手机定位、天地图）。"
                        "高德、腾讯、百度地图上拾取的坐标会差几百米，要先换算。"
                    ),
                ),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("complaint_phone")]),
                FieldPanel("appointment_url"),
                FieldPanel("photo"),
                FieldPanel("source"),
            ],
            gettext_lazy("位置与联系"),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in accessibility_fields], gettext_lazy("无障碍与便民设施")
        ),
        InlinePanel("windows", heading=gettext_lazy("窗口"), label=gettext_lazy("窗口")),
    ]
    hours_panels = [
        InlinePanel("hours", heading=gettext_lazy("办公时间"), label=gettext_lazy("时段")),
        FieldPanel("closed_on_holidays"),
        FieldPanel("hours_note"),
        InlinePanel("special_days", heading=gettext_lazy("特殊日期"), label=gettext_lazy("日期")),
    ]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("内容")), (hours_panels, gettext_lazy("办公时间"))
    )

    template = "places/office_page.html"

    class Meta:
        verbose_name = gettext_lazy("办事场所")
        verbose_name_plural = gettext_lazy("办事场所")
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="places_office_position_is_whole",
                violation_error_message=gettext_lazy("经度和纬度要一起填写，并在正常范围内。"),
            ),
            models.CheckConstraint(
                condition=Q(complaint_phone="") | Q(phone="") | ~Q(complaint_phone=F("phone")),
                name="places_office_phones_differ",
                violation_error_message=gettext_lazy("“监督投诉电话”不能与“电话”相同。"),
            ),
        ]

    def clean(self):
        super().clean()
        # The database takes half a position for unknown and lets it pass.
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError({"latitude": _("经度和纬度要一起填写。")})

    @property
    def region_page(self):
        """The street or community this office belongs to: its parent page."""
        return self.parent_page

    def shown_topics(self, context):
        return [self.topic, f"provisions:{self.region_page.pk}"]

    def structured_data(self, scene):
        return structured.office_page(scene, self)

    @property
    def map_url(self):
        """A page of a map with this office marked; empty where nobody knows where it is."""
        position = Position.of(self)
        return map_url(position, name=self.title) if position else ""

    @property
    def week_text(self):
        """The hours of the season of today in one line, as they are printed."""
        season = next(iter(self.hours_by_season(timezone.localdate())), None)
        rows = season["rows"] if season else []
        words = [f"{row['weekdays']} {_('、').join(row['spans'])}" for row in rows if row["spans"]]
        return _("；").join(words)

    @property
    def accessibility(self):
        """Labels of the accessibility features this office has."""
        return [
            self._meta.get_field(name).verbose_name
            for name in self.accessibility_fields
            if getattr(self, name)
        ]

    @cached_property
    def standing_pauses(self):
        """The pause that stands, as a list of at most one; see ``with_opening_hours``."""
        return list(self.pauses.standing()) if self.pk else []

    @cached_property
    def opening_hours(self):
        """The office's hours as ``hours.Hours``."""
        special = {}
        for day in self.special_days.all():
            spans = () if day.is_closed else ((day.opens, day.closes),)
            earlier = special.get(day.on)
            special[day.on] = SpecialDay(
                spans=(earlier.spans if earlier else ()) + spans,
                reason=day.reason or (earlier.reason if earlier else ""),
            )
        return Hours(
            spans=tuple(span for row in self.hours.all() for span in row.spans),
            special=special,
            closed_on_holidays=self.closed_on_holidays,
            pause=self.standing_pauses[0].as_hours if self.standing_pauses else None,
        )

    def open_state(self, *, at=None, calendar=None):
        """Whether the office is open at ``at`` (now by default)."""
        return open_state(self.opening_hours, at=timezone.localtime(at), calendar=calendar or Calendar.load())

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        calendar = Calendar.load()
        now = timezone.localtime()
        context["open_state"] = self.open_state(at=now, calendar=calendar)
        context["calendar_is_maintained"] = calendar.knows(now.date())
        context["coming_special_days"] = [day for day in self.special_days.all() if day.on >= now.date()]
        context["seasons"] = self.hours_by_season(now.date())
        context["services"] = self.services
        context["today"] = now.date()
        return context

    def hours_by_season(self, today):
        """The week in print, the season of ``today`` first: ``[{"season", "is_now", "rows": hours.week()}]``.

        Hours that hold all year stand in every season, and alone for the rest of the year.
        """
        hours = list(self.hours.all())
        spans = [span for row in hours for span in row.spans]
        seasons = {row.season_text: row.season_bounds for row in hours if row.season_bounds}
        shown = []
        for text, bounds in sorted(seasons.items()):
            is_now = Span(frozenset(), MIDNIGHT, MIDNIGHT, bounds).holds_on(today)
            of_season = [span for span in spans if span.season in (None, bounds)]
            rows = week(of_season, today=today if is_now else None)
            shown.append({"season": text, "is_now": is_now, "rows": rows})
        all_year = [span for span in spans if span.season is None]
        if all_year and not covers_the_year(seasons.values()):
            is_now = not any(season["is_now"] for season in shown)
            rest = {"season": _("其他时间") if shown else "", "is_now": is_now}
            shown.append({**rest, "rows": week(all_year, today=today if is_now else None)})
        return sorted(shown, key=lambda season: not season["is_now"])

    @property
    def services(self):
        """Services offered here now, a line each; a window is named where every community agrees on it."""
        if not self.pk:  # a new office in its preview
            return []
        rows = self.provisions.filter(
            is_offered=True, edition__is_current=True, edition__live=True, guide__live=True
        )
        rows = leave_out_restricted(rows, "guide__path", "edition__owner__path")
        rows = rows.select_related("guide").order_by("guide__sort_name", "pk")
        found = {}
        for row in rows:
            line = found.setdefault(row.guide_id, {"guide": row.guide, "windows": set()})
            line["windows"].add(row.window_text)
        for guide in self.guides.live().public().order_by("sort_name", "path"):
            found.setdefault(guide.pk, {"guide": guide, "windows": {""}})
        return [
            {"guide": line["guide"], "window": line["windows"].pop() if len(line["windows"]) == 1 else ""}
            for line in sorted(found.values(), key=lambda line: line["guide"].sort_name)
        ]


def with_opening_hours(offices):
    """Offices with all that their open state is made of, in as many questions as for one."""
    pauses = Prefetch("pauses", OfficePause.objects.standing(), to_attr="standing_pauses")
    return offices.prefetch_related("hours", "special_days", pauses)


def turned_offices(since, until):
    """Live offices whose opening reads differently at ``until`` than at ``since`` by the clock alone."""
    calendar = Calendar.load()
    since, until = timezone.localtime(since), timezone.localtime(until)
    return [
        office
        for office in with_opening_hours(OfficePage.objects.live())
        if open_state(office.opening_hours, at=since, calendar=calendar).text
        != open_state(office.opening_hours, at=until, calendar=calendar).text
    ]


def window_text(number):
    """A window as people call it: 2 becomes 2 号窗口, words stay as they are."""
    return _("%(number)s 号窗口") % {"number": number} if number.isdecimal() else number


class OfficeWindow(Orderable):
    """A numbered window inside an office."""

    page = ParentalKey(OfficePage, on_delete=models.CASCADE, related_name="windows")
    number = models.CharField(gettext_lazy("窗口号"), max_length=20)
    name = models.CharField(gettext_lazy("名称"), max_length=60, blank=True)

    panels = [FieldRowPanel([FieldPanel("number"), FieldPanel("name")])]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("窗口")
        verbose_name_plural = gettext_lazy("窗口")

    def __str__(self):
        return f"{self.number} {self.name}".strip()

    @property
    def number_text(self):
        return window_text(self.number)


class OfficeHours(Orderable):
    """One span of an office's week, all year or in one season."""

    class Season(models.TextChoices):
        ALL_YEAR = "all_year", gettext_lazy("全年")
        SUMMER = "summer", gettext_lazy("夏季")
        WINTER = "winter", gettext_lazy("冬季")

    class Weekdays(models.TextChoices):
        WORKDAYS = "01234", gettext_lazy("周一至周五")
        EVERY_DAY = "0123456", gettext_lazy("每天")
        WEEKEND = "56", gettext_lazy("周六、周日")
        MONDAY_TO_SATURDAY = "012345", gettext_lazy("周一至周六")
        MONDAY = "0", gettext_lazy("周一")
        TUESDAY = "1", gettext_lazy("周二")
        WEDNESDAY = "2", gettext_lazy("周三")
        THURSDAY = "3", gettext_lazy("周四")
        FRIDAY = "4", gettext_lazy("周五")
        SATURDAY = "5", gettext_lazy("周六")
        SUNDAY = "6", gettext_lazy("周日")

    page = ParentalKey(OfficePage, on_delete=models.CASCADE, related_name="hours")
    season = models.CharField(
        gettext_lazy("季节"), max_length=10, choices=Season.choices, default=Season.ALL_YEAR
    )
    season_from = models.CharField(
        gettext_lazy("季节开始"), max_length=5, blank=True, help_text=gettext_lazy("月-日，例如 05-01。")
    )
    season_to = models.CharField(
        gettext_lazy("季节结束"), max_length=5, blank=True, help_text=gettext_lazy("月-日，例如 09-30。")
    )
    weekdays = models.CharField(
        gettext_lazy("星期"), max_length=7, choices=Weekdays.choices, default=Weekdays.WORKDAYS
    )
    opens = models.TimeField(gettext_lazy("开门"))
    closes = models.TimeField(
        gettext_lazy("关门"), help_text=gettext_lazy("24 小时开放：开门和关门都填 00:00。")
    )

    panels = [
        FieldRowPanel([FieldPanel("weekdays"), FieldPanel("opens"), FieldPanel("closes")]),
        FieldRowPanel([FieldPanel("season"), FieldPanel("season_from"), FieldPanel("season_to")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("办公时段")
        verbose_name_plural = gettext_lazy("办公时段")
        constraints = [
            models.CheckConstraint(
                condition=Q(season="all_year") | ~Q(season_from="") & ~Q(season_to=""),
                name="places_hours_season_has_dates",
                violation_error_message=gettext_lazy("夏季、冬季要写明季节开始和结束的月-日。"),
            )
        ]

    def __str__(self):
        return f"{self.weekdays_text} {self.span_text}"

    def clean(self):
        super().clean()
        for name in ("season_from", "season_to"):
            value = getattr(self, name)
            if value and _month_day(value) is None:
                raise ValidationError({name: _("请写成“月-日”，例如 05-01。")})
        if self.opens and self.closes and self.closes != MIDNIGHT and self.closes <= self.opens:
            raise ValidationError({"closes": _("“关门”要晚于“开门”；开到半夜请填 00:00。")})

    @property
    def weekday_set(self):
        return frozenset(int(day) for day in self.weekdays)

    @property
    def weekdays_text(self):
        return weekdays_text(self.weekday_set)

    @property
    def span_text(self):
        return span_text(self.opens, self.closes)

    @property
    def season_text(self):
        """夏季(5月1日至9月30日); empty for hours that hold all year."""
        season = self.season_bounds
        if season is None:
            return ""
        first, last = (date_format(datetime.date(LEAP_YEAR, *day), _("n月j日")) for day in season)
        ends = {"season": self.get_season_display(), "first": first, "last": last}
        return _("%(season)s（%(first)s至%(last)s）") % ends

    @property
    def season_bounds(self):
        if self.season == self.Season.ALL_YEAR:
            return None
        start, end = _month_day(self.season_from), _month_day(self.season_to)
        return (start, end) if start and end else None

    @property
    def spans(self):
        return [Span(self.weekday_set, self.opens, self.closes, self.season_bounds)]


def _month_day(text):
    """(month, day) of ``05-01``, else None; 29 February counts."""
    month, dash, day = text.partition("-")
    if not (dash and month.isdecimal() and day.isdecimal()):
        return None
    month, day = int(month), int(day)
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    return (month, day) if 1 <= month <= 12 and 1 <= day <= longest else None


class OfficeSpecialDay(Orderable):
    """A day on which an office is closed or keeps other hours."""

    page = ParentalKey(OfficePage, on_delete=models.CASCADE, related_name="special_days")
    on = models.DateField(gettext_lazy("日期"))
    is_closed = models.BooleanField(gettext_lazy("当天不办公"), default=True)
    opens = models.TimeField(gettext_lazy("开门"), null=True, blank=True)
    closes = models.TimeField(gettext_lazy("关门"), null=True, blank=True)
    reason = models.CharField(gettext_lazy("原因"), max_length=60, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("on"), FieldPanel("is_closed")]),
        FieldRowPanel([FieldPanel("opens"), FieldPanel("closes"), FieldPanel("reason")]),
    ]

    class Meta(Orderable.Meta):
        ordering = ["on", "opens"]
        verbose_name = gettext_lazy("特殊日期")
        verbose_name_plural = gettext_lazy("特殊日期")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_closed=True) | Q(opens__isnull=False, closes__isnull=False),
                name="places_special_day_closed_or_hours",
                violation_error_message=gettext_lazy("当天办公时，要写明开门和关门时间。"),
            )
        ]

    def __str__(self):
        return f"{self.on} {self.text}"

    @property
    def text(self):
        return _("不办公") if self.is_closed else span_text(self.opens, self.closes)
