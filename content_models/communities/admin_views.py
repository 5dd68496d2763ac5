"""The staff's listing of communities."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from content_models.base.admin_views import PageListing, PageListingFilters, choice_column
from content_models.communities.models import CommunityPage


class CommunityListingFilters(PageListingFilters):
    community_kind = django_filters.MultipleChoiceFilter(
        label=_("社区类型"), choices=CommunityPage.Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = CommunityPage
        fields = []


class CommunityListing(PageListing):
    model = CommunityPage
    name = "communities"
    icon = "group"
    menu_label = _("社区")
    menu_name = "communities"
    filterset_class = CommunityListingFilters
    middle_columns = (
        choice_column("community_kind", _("社区类型")),
        Column("region_code", label=_("区划代码"), sort_key="region_code"),
    )
