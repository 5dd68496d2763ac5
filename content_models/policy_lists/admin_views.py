"""The staff's listing of policy lists and of the types they start from."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column

from content_models.base.admin_views import CarefulViewSet, PageListing, PageListingFilters
from content_models.policy_lists.columns import ListType
from content_models.policy_lists.lists import PolicyListPage


class PolicyListFilters(PageListingFilters):
    list_type = django_filters.ModelMultipleChoiceFilter(
        label=_("清单类型"), queryset=ListType.objects.all(), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PolicyListPage
        fields = ["is_internal"]


class PolicyListListing(PageListing):
    model = PolicyListPage
    name = "policy-lists"
    icon = "list-ul"
    menu_label = _("清单")
    menu_name = "policy-lists"
    filterset_class = PolicyListFilters
    related = ("list_type", "owner_unit")
    middle_columns = (
        Column("list_type", label=_("清单类型")),
        Column("owner_unit", label=_("责任单位")),
        BooleanColumn("is_internal", label=_("内部清单")),
    )


class ListTypeViewSet(CarefulViewSet):
    model = ListType
    icon = "table"
    menu_label = _("清单类型")
    menu_name = "list-types"
    list_display = ["name", "description"]
    search_fields = ["name", "description"]
    copy_view_enabled = False
