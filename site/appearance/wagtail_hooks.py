"""The table of names in traditional characters, in the settings menu."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from appearance.models import TraditionalName
from content_models.base.admin_views import CarefulViewSet


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
