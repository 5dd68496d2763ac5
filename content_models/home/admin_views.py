"""The staff's listings of streets and pages of text."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from content_models.base.admin_views import PageListing
from content_models.home.models import PlainPage, StreetPage


class StreetListing(PageListing):
    model = StreetPage
    name = "streets"
    icon = "site"
    menu_label = _("街道")
    menu_name = "streets"
    middle_columns = (Column("region_code", label=_("区划代码"), sort_key="region_code"),)


class PlainPageListing(PageListing):
    model = PlainPage
    name = "plain-pages"
    icon = "doc-empty"
    menu_label = _("普通页面")
    menu_name = "plain-pages"
