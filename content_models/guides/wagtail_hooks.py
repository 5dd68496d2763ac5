"""The menu 办事指南: guides, and who offers them where."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.guides.admin_views import GuideListing
from content_models.guides.edition_admin import ProvisionEditionViewSet


class GuidesGroup(JobGroup):
    menu_label = _("办事指南")
    menu_name = "guides-group"
    menu_icon = "form"
    menu_order = 110
    items = (GuideListing, ProvisionEditionViewSet)


register_snippet(GuidesGroup)
