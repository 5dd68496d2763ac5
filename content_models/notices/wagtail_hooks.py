"""The menu 公告: notices and the emergency banner."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.notices.admin_views import BannerViewSet, NoticeListing


class NoticesGroup(JobGroup):
    menu_label = _("公告")
    menu_name = "notices-group"
    menu_icon = "doc-full"
    menu_order = 150
    items = (NoticeListing, BannerViewSet)


register_snippet(NoticesGroup)
