"""How far it is from one place to another, and how long one walks: an estimate, without any map.

Positions are latitude and longitude in degrees of WGS 84, as satellites and browsers tell them; CGCS 2000, of
天地图, is the same to within a metre. What maps for phones show (GCJ-02, BD-09) lies some hundred metres off.

The way on foot is taken for 1.3 times the straight line, within the 1.2 to 1.4 that streets of cities are
measured at, and 70 metres a minute for the pace: a little faster than the standard for residential areas
plans with (GB 50180-2018: five minutes for 300 metres, fifteen for 800 to 1,000 of walking).
"""

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

EARTH = 6_371_000  # metres, from its middle to where we stand
DETOUR = 1.3
METRES_A_MINUTE = 70
LONGEST_WALK = 60  # minutes; nobody is told to walk for longer
NEXT_DOOR = 50  # metres, within which positions are not known any better


@dataclass(frozen=True)
class Position:
    """Where something is: degrees of WGS 84."""

    latitude: float
    longitude: float

    @classmethod
    def of(cls, thing):
        """The position of what has a latitude and a longitude; None where either is unknown."""
        if thing is None or thing.latitude is None or thing.longitude is None:
            return None
        return cls(float(thing.latitude), float(thing.longitude))


@dataclass(frozen=True)
class Walk:
    """The way to a place, along a straight line of ``metres``."""

    metres: float

    @property
    def minutes(self):
        """Whole minutes on foot, at least one."""
        return max(1, math.ceil(self.metres * DETOUR / METRES_A_MINUTE))

    @property
    def distance_text(self):
        if self.metres < 1000:
            return _("%(number)d 米") % {"number": max(10, round(self.metres / 10) * 10)}
        return _("%(number).1f 公里") % {"number": self.metres / 1000}

    @property
    def text(self):
        """直线约 320 米，步行约 6 分钟（估算）; without the walk where it would be long."""
        if self.metres < NEXT_DOOR:
            return _("就在旁边")
        if self.minutes > LONGEST_WALK:
            return _("直线约 %(distance)s") % {"distance": self.distance_text}
        words = {"distance": self.distance_text, "minutes": self.minutes}
        return _("直线约 %(distance)s，步行约 %(minutes)d 分钟（估算）") % words


def metres_between(one, other):
    """Metres along the straight line between two positions (haversine)."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (lat2 - lat1) / 2
    half_lng = math.radians(other.longitude - one.longitude) / 2
    part = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lng) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(part)))


def walk_between(one, other):
    """The way from one position to another; None where either is unknown."""
    return Walk(metres_between(one, other)) if one is not None and other is not None else None


def by_distance(things, *, start, position_of=Position.of):
    """``[(thing, walk)]``, the nearest to ``start`` first and those of unknown position last."""
    walks = [(thing, walk_between(start, position_of(thing))) for thing in things]
    return sorted(walks, key=lambda each: each[1].metres if each[1] else math.inf)


def map_url(position, *, name):
    """A page of an open map with a mark there; it is told which coordinates these are and converts them."""
    query = {"position": f"{position.longitude:.6f},{position.latitude:.6f}", "name": name}
    return f"https://uri.amap.com/marker?{urlencode(query | {'coordinate': 'wgs84', 'callnative': '0'})}"
