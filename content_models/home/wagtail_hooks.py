"""The menu 社区: communities and the streets they belong to, with the pages of text that go with them."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.communities.admin_views import CommunityListing
from content_models.home.admin_views import PlainPageListing, StreetListing


class CommunitiesGroup(JobGroup):
    menu_label = _("社区")
    menu_name = "communities-group"
    menu_icon = "group"
    menu_order = 140
    items = (CommunityListing, StreetListing, PlainPageListing)


register_snippet(CommunitiesGroup)
