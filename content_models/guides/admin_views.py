"""The staff's listing of guides."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn

from content_models.base.admin_views import PageListing, PageListingFilters, choice_column
from content_models.base.taxonomy import Audience, Topic
from content_models.guides.guides import GuidePage
from content_models.places.models import Department


class GuideListingFilters(PageListingFilters):
    status = django_filters.MultipleChoiceFilter(
        label=_("使用状态"), choices=GuidePage.Status.choices, widget=forms.CheckboxSelectMultiple
    )
    department = django_filters.ModelMultipleChoiceFilter(
        label=_("实施主体"), queryset=Department.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    topics = django_filters.ModelMultipleChoiceFilter(
        label=_("主题分类"), queryset=Topic.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    audiences = django_filters.ModelMultipleChoiceFilter(
        label=_("服务人群"), queryset=Audience.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    review_due = django_filters.DateFilter(
        label=_("核对到期（此日之前）"),
        lookup_expr="lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = GuidePage
        fields = []


class GuideListing(PageListing):
    model = GuidePage
    name = "guides"
    icon = "form"
    menu_label = _("办事指南")
    menu_name = "guides"
    filterset_class = GuideListingFilters
    related = ("department",)
    middle_columns = (
        Column("department", label=_("实施主体")),
        choice_column("status", _("使用状态")),
        DateColumn("checked_on", label=_("最近核对"), sort_key="checked_on"),
    )
