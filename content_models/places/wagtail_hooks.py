"""The menu 场所: offices, the holiday calendar and departments."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.places.admin_views import CalendarViewSet, DepartmentViewSet, OfficeListing


class PlacesGroup(JobGroup):
    menu_label = _("场所")
    menu_name = "places-group"
    menu_icon = "home"
    menu_order = 160
    items = (OfficeListing, CalendarViewSet, DepartmentViewSet)


register_snippet(PlacesGroup)
