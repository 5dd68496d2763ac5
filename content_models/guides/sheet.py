"""What one takes along to get a service done: everything of the guide that fits on a sheet of paper."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from content_models.base.qr import svg_of
from content_models.communities.positions import position_of
from content_models.guides.paper import LARGE_PRINTS, PRINTS, look_of
from content_models.places.distance import Position
from content_models.places.sketch import Sketch, draw

MOST_PLACES = 4


@dataclass(frozen=True)
class Place:
    """An office as the sheet names it, numbered like its dot in the sketch."""

    number: int
    office: Any
    hours: str
    window: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Sheet:
    """What the sheet shows besides the guide; ``address`` is the live page, ``qr`` the same to scan."""

    address: str
    qr: str
    made_at: Any
    places: list
    further: int  # offices there was no room for
    sketch: Sketch | None
    look: str = ""  # how large it is printed so that it fits
    look_for_elders: str = ""

    @classmethod
    def of(cls, context, *, address):
        """The sheet for the reader for whom the guide's ``context`` was made."""
        offer, community = context["offer"], context["community"]
        nearby = [office for office, _state in context["places"]]
        places = _of_offer(offer) or [
            Place(number, office, office.week_text, phone=office.phone)
            for number, office in enumerate(nearby[:MOST_PLACES], 1)
        ]
        home = position_of(community) if community else None
        dots = [(str(place.number), Position.of(place.office)) for place in places]
        further = 0 if offer.has_live_office else len(nearby) - len(places)
        sketch = draw(dots, home=home) if home or len(dots) > 1 else None
        sheet = cls(address, svg_of(address), timezone.localtime(), places, further, sketch)
        return replace(
            sheet,
            look=look_of(sheet, context, prints=PRINTS),
            look_for_elders=look_of(sheet, context, prints=LARGE_PRINTS),
        )


def _of_offer(offer):
    """The one office where residents of the community go; none where that is not known."""
    if not offer.has_live_office:
        return []
    provision, office = offer.provision, offer.office
    if offer.is_refused:
        return [Place(1, office, office.week_text, phone=office.phone)]
    hours = provision.hours or office.week_text
    return [Place(1, office, hours, provision.window_text, offer.phone)]
