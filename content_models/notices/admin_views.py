"""The staff's listings of notices and banners."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, DateColumn, LiveStatusTagColumn

from content_models.base.admin_views import CarefulViewSet, PageListing, PageListingFilters, choice_column
from content_models.base.locks import LockColumn
from content_models.notices.models import EmergencyBanner, NoticePage


class NoticeListingFilters(PageListingFilters):
    notice_kind = django_filters.MultipleChoiceFilter(
        label=_("类型"), choices=NoticePage.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    first_published_at = django_filters.DateFromToRangeFilter(
        label=_("发布日期"), widget=DateRangePickerWidget
    )

    class Meta:
        model = NoticePage
        fields = []


class NoticeListing(PageListing):
    model = NoticePage
    name = "notices"
    icon = "doc-full"
    menu_label = _("通知公告")
    menu_name = "notices"
    filterset_class = NoticeListingFilters
    middle_columns = (
        choice_column("notice_kind", _("类型")),
        Column("publisher", label=_("发布机构"), sort_key="publisher"),
        DateColumn("first_published_at", label=_("首次发布"), sort_key="first_published_at"),
    )


class BannerViewSet(CarefulViewSet):
    model = EmergencyBanner
    icon = "warning"
    menu_label = _("紧急横幅")
    menu_name = "banners"
    list_display = [
        "text",
        choice_column("level", _("级别")),
        DateColumn("starts_at", label=_("开始显示"), sort_key="starts_at"),
        DateColumn("ends_at", label=_("结束显示"), sort_key="ends_at"),
        LiveStatusTagColumn(label=_("状态")),
        LockColumn("locked", label=_("锁定")),
    ]
    search_fields = ["text"]
    copy_view_enabled = False

    def register_chooser_viewset(self):
        """Nothing points to a banner, and a chooser would show drafts to everyone in the admin."""
