"""What every public page knows about its reader and its site."""

from django.utils.functional import SimpleLazyObject
from wagtail.models import Page, Site

from content_models.base.pages import Channel
from content_models.communities.reader import community_of
from content_models.notices.models import EmergencyBanner


def reader(request):
    """The reader's community, the main navigation and the banners to show; read only when a template asks."""
    return {
        "my_community": SimpleLazyObject(lambda: community_of(request)),
        "nav_channels": SimpleLazyObject(lambda: main_channels(request)),
        "banners": SimpleLazyObject(lambda: list(EmergencyBanner.objects.showing().select_related("page"))),
    }


def main_channels(request):
    """The district's channels in tree order, each with ``lists_kind``."""
    site = Site.find_for_request(request)
    if site is None:
        return []
    children = Page.objects.live().public().child_of(site.root_page).specific(defer=True).order_by("path")
    return [page for page in children if isinstance(page, Channel)]
