"""The staff's listings of offices, departments and the holiday calendar."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from content_models.base.admin_views import CarefulViewSet, PageListing, PageListingFilters, choice_column
from content_models.places.calendar import CalendarYear
from content_models.places.departments import Department
from content_models.places.offices import OfficePage


class OfficeListingFilters(PageListingFilters):
    office_kind = django_filters.MultipleChoiceFilter(
        label=_("场所类型"), choices=OfficePage.Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = OfficePage
        fields = []


class OfficeListing(PageListing):
    model = OfficePage
    name = "offices"
    icon = "home"
    menu_label = _("办事场所")
    menu_name = "offices"
    filterset_class = OfficeListingFilters
    middle_columns = (
        choice_column("office_kind", _("场所类型")),
        Column("address", label=_("地址")),
        Column("phone", label=_("电话")),
    )


class CalendarViewSet(CarefulViewSet):
    model = CalendarYear
    icon = "calendar-alt"
    menu_label = _("节假日日历")
    menu_name = "calendar"
    list_display = ["__str__", "document"]
    copy_view_enabled = False


class DepartmentViewSet(CarefulViewSet):
    model = Department
    icon = "group"
    menu_label = _("部门")
    menu_name = "departments"
    list_display = ["name", "short_name", "code", "phone"]
    search_fields = ["name", "short_name", "code", "uscc"]
    chooser_per_page = 20
    copy_view_enabled = False
