"""The district's look with a preview beside its form, and the table of names in traditional characters."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from appearance.models import TraditionalName
from appearance.preview import preview_look
from content_models.base.admin_views import CarefulViewSet


@hooks.register("register_admin_urls")
def add_urls() -> list[Any]:
    return [path("look/preview/", preview_look, name="look_preview")]


class TraditionalNameViewSet(CarefulViewSet):
    model = TraditionalName
    icon = "globe"
    menu_label = _("繁体写法")
    menu_name = "traditional-names"
    menu_order = 40
    add_to_settings_menu = True
    list_display = ("name", "traditional")
    search_fields = ("name", "traditional")
    ordering = ("name",)
    list_per_page = 50
    copy_view_enabled = False


register_snippet(TraditionalNameViewSet)
