"""The menu 清单: lists, their editions and types."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.policy_lists.admin_views import ListTypeViewSet, PolicyListListing
from content_models.policy_lists.edition_admin import ListEditionViewSet


class ListsGroup(JobGroup):
    menu_label = _("清单")
    menu_name = "lists-group"
    menu_icon = "list-ul"
    menu_order = 120
    items = (PolicyListListing, ListEditionViewSet, ListTypeViewSet)


register_snippet(ListsGroup)
