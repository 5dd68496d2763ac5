"""The staff's listings of certificate lists and of the certificates themselves."""

import django_filters
from django import forms
from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn
from wagtail.permissions import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView

from content_models.base.admin_views import CarefulViewSet, PageListing, PageListingFilters, choice_column
from content_models.certificates.items import Certificate, CertificateItem
from content_models.certificates.lists import CertificateListPage


class CertificateListFilters(PageListingFilters):
    authority = django_filters.MultipleChoiceFilter(
        label=_("发布层级"),
        choices=CertificateListPage.Authority.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = CertificateListPage
        fields = []


class CertificateListListing(PageListing):
    model = CertificateListPage
    name = "certificate-lists"
    icon = "clipboard-list"
    menu_label = _("证明事项清单")
    menu_name = "certificate-lists"
    filterset_class = CertificateListFilters
    middle_columns = (
        choice_column("authority", _("发布层级")),
        BooleanColumn("is_demo", label=_("演示数据")),
    )


class LookOnly(ModelPermissionPolicy):
    """Certificates follow from the editions: whoever works on pages may look them up, nobody edits them."""

    def user_has_permission(self, user, action):
        return action == "view" and user_has_any_page_permission(user)

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_permission(user, action)


class CertificateFilters(WagtailFilterSet):
    polarity = django_filters.MultipleChoiceFilter(
        label=_("结论"), choices=CertificateItem.Polarity.choices, widget=forms.CheckboxSelectMultiple
    )
    owner = django_filters.ModelMultipleChoiceFilter(
        label=_("清单"),
        queryset=CertificateListPage.objects.live(),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Certificate
        fields = []


class CertificateIndexView(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("owner").annotate(asked_by=Count("materials"))


class CertificateViewSet(CarefulViewSet):
    """Every certificate of a published list, to look up and to choose in a guide's materials."""

    model = Certificate
    icon = "doc-full-inverse"
    menu_label = _("证明查询")
    menu_name = "certificates"
    list_display = [
        "name",
        Column("owner", label=_("清单")),
        choice_column("polarity", _("结论")),
        NumberColumn("asked_by", label=_("要它的办事材料")),
    ]
    filterset_class = CertificateFilters
    search_fields = ["name", "all_names"]
    copy_view_enabled = False
    index_view_class = CertificateIndexView
    inspect_view_enabled = True
    inspect_view_fields = ["name", "owner", "polarity", "all_names"]

    @cached_property
    def permission_policy(self):
        return LookOnly(self.model)
