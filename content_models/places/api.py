"""Offices as other systems read them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base.api import Asked, PageApi
from content_models.base.managers import ContentQuerySet
from content_models.base.parts import Relation
from content_models.base.serializers import Clock, Coded, Image, PageSerializer, Part, PublicSerializer, Text
from content_models.places.calendar import Calendar
from content_models.places.filters import OfficeFilters
from content_models.places.offices import OfficeHours, OfficePage, with_opening_hours


class WindowPart(Part):
    """A window inside an office."""

    number = serializers.CharField()
    name = serializers.CharField()


class HoursPart(Part):
    """One span of the week; days are numbered from Monday, 0."""

    weekdays = serializers.SerializerMethodField()
    opens = Clock()
    closes = Clock(help_text=_("开门和关门都是 00:00：24 小时开放"))
    season = Coded(choices=OfficeHours.Season)
    season_from = serializers.CharField(help_text=_("月-日"))
    season_to = serializers.CharField(help_text=_("月-日"))

    def cells(self) -> list[str]:
        return [*super().cells(), "weekdays"]

    def get_weekdays(self, row: dict[str, Any]) -> list[int]:
        return [int(day) for day in row["weekdays"]]


class SpecialDayPart(Part):
    """A day with other hours, or closed."""

    on = serializers.DateField()
    is_closed = serializers.BooleanField()
    opens = Clock(allow_null=True)
    closes = Clock(allow_null=True)
    reason = serializers.CharField()


class OpenStateSerializer(PublicSerializer):
    """Whether an office is open at the moment of the answer."""

    is_open = serializers.BooleanField()
    is_known = serializers.BooleanField(help_text=_("办公时间是否明确"))
    text = serializers.CharField()
    changes_at = serializers.DateTimeField(allow_null=True, help_text=_("这个回答到什么时候为止"))


class OfficeSerializer(PageSerializer):
    """A place residents go to."""

    office_kind = Coded(choices=OfficePage.Kind)
    address = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    transit = serializers.CharField()
    phone = serializers.CharField()
    complaint_phone = serializers.CharField()
    open_state = OpenStateSerializer(source="state_now")
    hours = HoursPart(many=True)
    special_days = SpecialDayPart(many=True)
    closed_on_holidays = serializers.BooleanField()
    hours_note = serializers.CharField()
    appointment_url = serializers.CharField()
    windows = WindowPart(many=True)
    has_ramp = serializers.BooleanField()
    has_lift = serializers.BooleanField()
    has_accessible_toilet = serializers.BooleanField()
    has_sign_language = serializers.BooleanField()
    has_nursing_room = serializers.BooleanField()
    intro = Text()
    photo = Image()
    source = serializers.CharField()


class OfficeApi(PageApi):
    """Offices with their hours, and whether they are open now."""

    name = "offices"
    title = _("办事场所")
    said = _("地址、电话、办公时间，以及现在是否在办公。")
    model = OfficePage
    serializer = OfficeSerializer
    filterset = OfficeFilters
    shown_with = ("photo",)
    steps_to_region = 1
    goes_by_the_clock = True
    relations = [
        Relation("windows", WindowPart),
        Relation("hours", HoursPart),
        Relation("special_days", SpecialDayPart, order="on"),
    ]

    def rows(self, asked: Asked) -> ContentQuerySet:
        offices = super().rows(asked)
        return with_opening_hours(offices) if asked.wants("open_state") else offices

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        super().prepare(rows, asked)
        if asked.wants("open_state"):
            self._say_whether_open(rows)

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        super().prepare_draft(page, asked)
        self._say_whether_open([page])

    @staticmethod
    def _say_whether_open(offices: list[Any]) -> None:
        calendar, now = Calendar.load(), timezone.localtime()
        for office in offices:
            office.state_now = office.open_state(at=now, calendar=calendar)
