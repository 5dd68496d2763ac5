"""The import room's place in the admin: its addresses and the ways to them in the menus."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from imports.destinations import may_import


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_import(request.user)


class HistoryMenuItem(MenuItem):
    """For those who look after what others did."""

    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.has_perm("staff.view_auditentry")


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLResolver]:
    return [path("imports/", include("imports.urls"))]


@hooks.register("register_admin_menu_item")
def add_import_entry() -> MenuItem:
    return ImportMenuItem(
        _("导入表格"), reverse_lazy("imports:start"), name="imports", icon_name="upload", order=170
    )


@hooks.register("register_settings_menu_item")
def add_history_entry() -> MenuItem:
    return HistoryMenuItem(
        _("导入记录"), reverse_lazy("imports:history"), name="import-history", icon_name="history", order=910
    )
