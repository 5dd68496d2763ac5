"""The offices nearest to a reader's community, without asking where the reader stands."""

from django import template

from content_models.communities.positions import position_of
from content_models.places.distance import by_distance
from content_models.places.models import OfficePage

MOST = 5
FARTHEST = 20_000  # metres

register = template.Library()


@register.simple_tag
def nearest_offices(region, community):
    """``[(office, walk)]`` of the offices within ``region`` that are nearest to ``community``."""
    start = position_of(community) if community else None
    if start is None:
        return []
    offices = OfficePage.objects.live().public().descendant_of(region).filter(latitude__isnull=False)
    found = by_distance(offices.order_by("sort_name", "path"), start=start)[:MOST]
    return [(office, walk) for office, walk in found if walk.metres <= FARTHEST]
