"""Posters in the admin: in the menu of reports, and beside each page that can have one."""

from collections.abc import Iterator
from typing import Any

from django.urls import include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from content_models.base.admin_views import ListingMenuItem
from content_models.certificates.models import CertificateListPage
from content_models.guides.models import GuidePage
from content_models.places.models import OfficePage

LABEL = _("海报与二维码")


@hooks.register("register_admin_urls")
def add_urls() -> list[Any]:
    return [path("posters/", include("posters.urls"))]


@hooks.register("register_reports_menu_item")
def add_entry() -> MenuItem:
    return ListingMenuItem(LABEL, reverse_lazy("posters:index"), name="posters", icon_name="image", order=660)


@hooks.register("register_page_header_buttons")
def add_to_page(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    has_poster = page.live and page.specific_class in (GuidePage, OfficePage, CertificateListPage)
    if has_poster and view_name == "edit" and page.permissions_for_user(user).can_edit():
        yield Button(LABEL, reverse("posters:page", args=[page.pk]), icon_name="image", priority=45)
