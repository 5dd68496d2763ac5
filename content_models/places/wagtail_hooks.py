"""The menu 场所: offices, the holiday calendar and departments; and beside it 窗口状态, for every day."""

from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.places.admin_views import CalendarViewSet, DepartmentViewSet, OfficeListing
from content_models.places.window_status import keeps_offices


class PlacesGroup(JobGroup):
    menu_label = _("场所")
    menu_name = "places-group"
    menu_icon = "home"
    menu_order = 160
    items = (OfficeListing, CalendarViewSet, DepartmentViewSet)


register_snippet(PlacesGroup)


class WindowStatusMenuItem(MenuItem):
    def is_shown(self, request):
        return keeps_offices(request.user)


@hooks.register("register_admin_urls")
def add_window_status():
    return [path("window-status/", include("content_models.places.window_status"))]


@hooks.register("register_admin_menu_item")
def add_window_status_entry():
    return WindowStatusMenuItem(
        _("窗口状态"), reverse_lazy("window_status:index"), name="window-status", icon_name="time", order=155
    )
