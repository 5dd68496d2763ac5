"""Offices and regions in the terms of schema.org."""

import datetime

from django.utils import timezone

from content_models.base.structured import coded, listed, place, thing
from content_models.places.hours import MIDNIGHT

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CLOSED = {"opens": "00:00", "closes": "00:00"}


def office(scene, page, *, within=None):
    """An office with its address, phone, hours and position; ``page`` knows its hours."""
    hours, today = page.opening_hours, timezone.localdate()
    return thing(
        "GovernmentOffice",
        name=page.title,
        url=scene.url(page),
        telephone=page.phone,
        address=page.address,
        geo=position(page),
        openingHoursSpecification=weekly(hours, today),
        specialOpeningHoursSpecification=special(hours, today),
        amenityFeature=[
            thing("LocationFeatureSpecification", name=str(label), value=True) for label in page.accessibility
        ],
        areaServed=place(scene, within),
    )


def office_page(scene, page):
    return [office(scene, page, within=scene.region)]


def position(page):
    if page.latitude is None or page.longitude is None:
        return None
    return thing("GeoCoordinates", latitude=float(page.latitude), longitude=float(page.longitude))


def weekly(hours, today):
    """The regular week; a season with the dates of its present or next run."""
    return [
        thing(
            "OpeningHoursSpecification",
            dayOfWeek=[DAYS[day] for day in sorted(span.weekdays)],
            **clock(span.opens, span.closes),
            **bounds(span.season, today),
        )
        for span in hours.spans
    ]


def clock(opens, closes):
    # Twice 00:00 would mean closed; a time to close before the time to open is on the next day.
    if opens == closes == MIDNIGHT:
        return {"opens": "00:00", "closes": "23:59"}
    return {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}


def bounds(season, today):
    """The dates of a season that runs now or comes next."""
    if season is None:
        return {}
    start, end = season
    for year in (today.year - 1, today.year, today.year + 1):
        first, last = on(year, start), on(year + (end < start), end)
        if last >= today:
            return {"validFrom": f"{first}", "validThrough": f"{last}"}
    return {}


def on(year, month_and_day):
    month, day = month_and_day
    try:
        return datetime.date(year, month, day)
    except ValueError:  # 29 February
        return datetime.date(year, month, day - 1)


def special(hours, today):
    """Days to come that are different, and public holidays where the office closes on them."""
    found = []
    if hours.closed_on_holidays and hours:
        found.append(thing("OpeningHoursSpecification", dayOfWeek="PublicHolidays", **CLOSED))
    for day, arranged in sorted(hours.special.items()):
        if day >= today:
            dates = {"validFrom": f"{day}", "validThrough": f"{day}"}
            spans = [clock(*span) for span in sorted(arranged.spans)] or [CLOSED]
            found += [thing("OpeningHoursSpecification", **times, **dates) for times in spans]
    return found


def region(scene, page, *, offices=(), communities=()):
    """A district, street or community, with what lies in it."""
    inside = [office(scene, found) for found in offices] + [place(scene, found) for found in communities]
    return thing(
        "AdministrativeArea",
        name=page.title,
        alternateName=page.short_name,
        url=scene.url(page),
        identifier=listed(coded(page._meta.get_field("region_code").verbose_name, page.region_code)),
        containedInPlace=place(scene, scene.region),
        containsPlace=inside,
    )
