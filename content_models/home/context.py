"""What every public page knows about its reader and its site."""

from django.utils.functional import SimpleLazyObject
from wagtail.models import Page, Site

from content_models.base.pages import Channel
from content_models.communities.reader import choice_of, community_of
from content_models.home.models import PlainPage
from content_models.notices.models import EmergencyBanner


def reader(request):
    """The reader's community, the navigation and the banners to show; each read when a template asks."""
    sections = SimpleLazyObject(lambda: top_sections(request))
    return {
        "my_community": SimpleLazyObject(lambda: community_of(request)),
        "community_choice": SimpleLazyObject(lambda: choice_of(request)),
        "nav_channels": SimpleLazyObject(lambda: [page for page in sections if isinstance(page, Channel)]),
        "footer_links": SimpleLazyObject(lambda: [page for page in sections if isinstance(page, PlainPage)]),
        "banners": SimpleLazyObject(lambda: list(EmergencyBanner.objects.showing().select_related("page"))),
    }


def top_sections(request):
    """The district's channels and plain pages in tree order; ``is_here`` marks the one the reader is in."""
    site = Site.find_for_request(request)
    if site is None:
        return []
    children = Page.objects.live().child_of(site.root_page).specific(defer=True).order_by("path")
    sections = [page for page in children if isinstance(page, Channel | PlainPage)]
    for page in sections:
        page.is_here = request.path.startswith(page.get_url(request))
    return sections
