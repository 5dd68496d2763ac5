"""The reader's own community: chosen once, kept in a cookie, no account."""

from django.utils import timezone

from content_models.base.managers import parent_id
from content_models.communities.models import CommunityPage

COOKIE = "community"
ONE_YEAR = 365 * 24 * 3600


def community_of(request):
    """The live community the reader chose, or None; ``request.has_stale_community`` says a choice is gone."""
    if request is None:
        return None
    if not hasattr(request, "_reader_community"):
        request._reader_community = _look_up(request)
    return request._reader_community


def _look_up(request):
    value = request.COOKIES.get(COOKIE, "")
    request.has_stale_community = False
    if not value:
        return None
    page = find_community(value)
    request.has_stale_community = page is None
    return page


def present_communities():
    """Communities a resident can belong to today: public and not dissolved."""
    return (
        CommunityPage.objects.live().public().exclude(dissolved_on__lte=timezone.localdate()).order_by("path")
    )


def find_community(value):
    """The community that a cookie or form names by its id, or None; the text may be anything."""
    is_id = value.isascii() and value.isdigit() and len(value) <= 9
    communities = present_communities().annotate(street_id=parent_id())
    return communities.filter(pk=int(value)).first() if is_id else None


def remember(response, community):
    response.set_cookie(COOKIE, str(community.pk), max_age=ONE_YEAR, samesite="Lax")


def forget(response):
    response.delete_cookie(COOKIE, samesite="Lax")
