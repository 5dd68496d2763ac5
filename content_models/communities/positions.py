"""Where a community is, for finding the nearest: where its own service centre stands, or another office."""

from django.db.models import Case, Value, When

from content_models.places.distance import Position
from content_models.places.models import OfficePage


def _located():
    """Offices whose position is known, those first to which a whole community goes."""
    ranks = [When(office_kind=OfficePage.Kind.COMMUNITY_CENTRE, then=Value(0))]
    offices = OfficePage.objects.live().public().filter(latitude__isnull=False, longitude__isnull=False)
    return offices.order_by(Case(*ranks, default=Value(1)), "path")


def position_of(community):
    """The position of one community, or None; asked once."""
    if not hasattr(community, "_position"):
        community._position = Position.of(_located().child_of(community).first())
    return community._position


def positions_of(communities):
    """``{path: position}`` of those whose position is known, by one question."""
    paths = {community.path for community in communities}
    found = {}
    for path, latitude, longitude in _located().values_list("path", "latitude", "longitude"):
        above = path[: -OfficePage.steplen]
        if above in paths and above not in found:
            found[above] = Position(float(latitude), float(longitude))
    return found
