"""A drawn sketch of where places lie to each other: dots with numbers, north above, a bar of length."""

import math
from dataclasses import dataclass

from content_models.places.distance import EARTH, metres_between

WIDTH, HEIGHT, MARGIN = 360, 200, 26  # units of the drawing
BARS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)  # metres
CLOSEST = 15  # metres: what lies nearer together is one dot
FARTHEST = 30_000  # metres, for who would walk or take a bus


@dataclass(frozen=True)
class Dot:
    """One place in the drawing; ``label`` is its number in the list, or empty where the reader lives."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Sketch:
    """What is drawn, in units of the drawing; ``bar`` is as long as ``bar_metres``."""

    dots: list
    bar: float
    bar_metres: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def bar_text(self):
        return f"{self.bar_metres} m" if self.bar_metres < 1000 else f"{self.bar_metres // 1000} km"


def draw(places, *, home=None):
    """A Sketch of ``[(label, position)]`` and ``home``; None unless two lie apart, but not too far."""
    marked = [*([("", home)] if home else []), *((label, where) for label, where in places if where)]
    away = [metres_between(marked[0][1], where) for _label, where in marked[1:]]
    if not CLOSEST < max(away, default=0) < FARTHEST:
        return None
    middle = math.radians(sum(where.latitude for _label, where in marked) / len(marked))
    scale = math.radians(1) * EARTH
    points = [
        (label, where.longitude * scale * math.cos(middle), -where.latitude * scale)
        for label, where in marked
    ]
    left, right = min(x for _l, x, _y in points), max(x for _l, x, _y in points)
    top, bottom = min(y for _l, _x, y in points), max(y for _l, _x, y in points)
    across, down = WIDTH - 2 * MARGIN, HEIGHT - 3 * MARGIN
    a_metre = min(across / max(right - left, 1), down / max(bottom - top, 1))
    beside = MARGIN + (across - (right - left) * a_metre) / 2
    above = MARGIN + (down - (bottom - top) * a_metre) / 2
    dots = [
        Dot(round(beside + (x - left) * a_metre, 1), round(above + (y - top) * a_metre, 1), label)
        for label, x, y in points
    ]
    metres = max((bar for bar in BARS if bar * a_metre <= WIDTH / 3), default=BARS[0])
    return Sketch(dots, round(metres * a_metre, 1), metres)
