"""The course of a board's figures as pictures that the server draws, with the numbers under them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from wagtail.models import Page

from care.board import LINES, Line
from care.models import Snapshot

WIDTH, HEIGHT, EDGE = 240, 64, 4
PERIODS = (30, 90, 400)  # days


@dataclass(frozen=True)
class Course:
    """One figure over the days: the points of its line, its first, last and highest value."""

    line: Line
    points: str
    first: float
    last: float
    most: float
    end: tuple[float, float]


@dataclass(frozen=True)
class Trend:
    courses: Sequence[Course]
    lines: Sequence[Line]
    rows: Sequence[tuple[datetime.date, list[float | None]]]  # newest first


def trend_of(place: Page, days: int) -> Trend | None:
    """What was kept of the last ``days``; None where that is less than two."""
    since = timezone.localdate() - datetime.timedelta(days=days)
    kept = list(Snapshot.objects.filter(place=place, day__gt=since).order_by("day"))
    if len(kept) < 2:
        return None
    lines = [line for line in LINES if any(each.figures.get(line.key) is not None for each in kept)]
    courses = [course for line in lines if (course := _course(line, kept))]
    rows = [(each.day, [each.figures.get(line.key) for line in lines]) for each in reversed(kept)]
    return Trend(courses, lines, rows)


def _course(line: Line, kept: Sequence[Snapshot]) -> Course | None:
    values = [(each.day, value) for each in kept if (value := each.figures.get(line.key)) is not None]
    if len(values) < 2:
        return None
    first, last = values[0][0], values[-1][0]
    most = max(value for _day, value in values)
    span, top = (last - first).days or 1, most or 1
    places = [
        (
            round(EDGE + (WIDTH - 2 * EDGE) * (day - first).days / span, 1),
            round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / top, 1),
        )
        for day, value in values
    ]
    points = " ".join(f"{x:g},{y:g}" for x, y in places)
    return Course(line, points, values[0][1], values[-1][1], most, places[-1])
