"""The part of the schema.org vocabulary that our pages use, as schema.org defines it, and a check by it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

# Each type with those it is a kind of.
TYPES: dict[str, list[str]] = {
    "Thing": [],
    "Intangible": ["Thing"],
    "CreativeWork": ["Thing"],
    "Action": ["Thing"],
    "SearchAction": ["Action"],
    "EntryPoint": ["Intangible"],
    "Service": ["Intangible"],
    "GovernmentService": ["Service"],
    "ServiceChannel": ["Intangible"],
    "StructuredValue": ["Intangible"],
    "ContactPoint": ["StructuredValue"],
    "PropertyValue": ["StructuredValue"],
    "LocationFeatureSpecification": ["PropertyValue"],
    "OpeningHoursSpecification": ["StructuredValue"],
    "GeoCoordinates": ["StructuredValue"],
    "Audience": ["Intangible"],
    "Organization": ["Thing"],
    "GovernmentOrganization": ["Organization"],
    "Place": ["Thing"],
    "AdministrativeArea": ["Place"],
    "LocalBusiness": ["Organization", "Place"],
    "GovernmentOffice": ["LocalBusiness"],
    "WebSite": ["CreativeWork"],
    "WebPage": ["CreativeWork"],
    "FAQPage": ["WebPage"],
    "Comment": ["CreativeWork"],
    "Question": ["Comment"],
    "Answer": ["Comment"],
    "Article": ["CreativeWork"],
    "NewsArticle": ["Article"],
    "SpecialAnnouncement": ["CreativeWork"],
    "ItemList": ["Intangible"],
    "BreadcrumbList": ["ItemList"],
    "ListItem": ["Intangible"],
}

# Each property with the types that have it and the types of its values.
PROPERTIES: dict[str, tuple[list[str], list[str]]] = {
    "name": (["Thing"], ["Text"]),
    "alternateName": (["Thing"], ["Text"]),
    "description": (["Thing"], ["Text"]),
    "url": (["Thing"], ["URL"]),
    "identifier": (["Thing"], ["PropertyValue", "Text", "URL"]),
    "mainEntityOfPage": (["Thing"], ["CreativeWork", "URL"]),
    "potentialAction": (["Thing"], ["Action"]),
    "target": (["Action"], ["EntryPoint", "URL"]),
    "urlTemplate": (["EntryPoint"], ["Text"]),
    "publisher": (["CreativeWork"], ["Organization", "Person"]),
    "author": (["CreativeWork"], ["Organization", "Person"]),
    "inLanguage": (["CreativeWork"], ["Language", "Text"]),
    "expires": (["CreativeWork"], ["Date", "DateTime"]),
    "headline": (["CreativeWork"], ["Text"]),
    "datePublished": (["CreativeWork"], ["Date", "DateTime"]),
    "dateModified": (["CreativeWork"], ["Date", "DateTime"]),
    "text": (["CreativeWork"], ["Text"]),
    "mainEntity": (["CreativeWork"], ["Thing"]),
    "spatialCoverage": (["CreativeWork"], ["Place"]),
    "articleSection": (["Article"], ["Text"]),
    "datePosted": (["SpecialAnnouncement"], ["Date", "DateTime"]),
    "acceptedAnswer": (["Question"], ["Answer", "ItemList"]),
    "provider": (["Service"], ["Organization", "Person"]),
    "areaServed": (["Service", "Organization", "ContactPoint"], ["AdministrativeArea", "Place", "Text"]),
    "audience": (["Service"], ["Audience"]),
    "audienceType": (["Audience"], ["Text"]),
    "serviceType": (["Service"], ["GovernmentBenefitsType", "Text"]),
    "serviceOutput": (["Service"], ["Thing"]),
    "termsOfService": (["Service"], ["Text", "URL"]),
    "availableChannel": (["Service"], ["ServiceChannel"]),
    "serviceLocation": (["ServiceChannel"], ["Place"]),
    "servicePhone": (["ServiceChannel"], ["ContactPoint"]),
    "serviceUrl": (["ServiceChannel"], ["URL"]),
    "processingTime": (["ServiceChannel"], ["Duration"]),
    "contactType": (["ContactPoint"], ["Text"]),
    "telephone": (["Organization", "Place", "ContactPoint"], ["Text"]),
    "address": (["Organization", "Place", "GeoCoordinates"], ["PostalAddress", "Text"]),
    "geo": (["Place"], ["GeoCoordinates", "GeoShape"]),
    "latitude": (["Place", "GeoCoordinates"], ["Number", "Text"]),
    "longitude": (["Place", "GeoCoordinates"], ["Number", "Text"]),
    "openingHoursSpecification": (["Place"], ["OpeningHoursSpecification"]),
    "specialOpeningHoursSpecification": (["Place"], ["OpeningHoursSpecification"]),
    "amenityFeature": (["Place"], ["LocationFeatureSpecification"]),
    "containedInPlace": (["Place"], ["Place"]),
    "containsPlace": (["Place"], ["Place"]),
    "dayOfWeek": (["OpeningHoursSpecification"], ["DayOfWeek"]),
    "opens": (["OpeningHoursSpecification"], ["Time"]),
    "closes": (["OpeningHoursSpecification"], ["Time"]),
    "validFrom": (["OpeningHoursSpecification", "LocationFeatureSpecification"], ["Date", "DateTime"]),
    "validThrough": (["OpeningHoursSpecification", "LocationFeatureSpecification"], ["Date", "DateTime"]),
    "value": (["PropertyValue"], ["Boolean", "Number", "StructuredValue", "Text"]),
    "itemListElement": (["ItemList"], ["ListItem", "Text", "Thing"]),
    "position": (["ListItem", "CreativeWork"], ["Integer", "Text"]),
    "item": (["ListItem"], ["Thing"]),
}
# Notes on actions, as https://schema.org/docs/actions.html has them: what a person has to fill in.
NOTES = {"query-input": (["SearchAction"], ["Text"])}

DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays"}


def is_a(kind: str, *wanted: str) -> bool:
    return kind in wanted or any(is_a(parent, *wanted) for parent in TYPES[kind])


def faults(thing: Any, where: str = "") -> Iterator[str]:
    """What in ``thing`` is not as schema.org has it, each with the way to it."""
    kind = thing.get("@type") if isinstance(thing, dict) else None
    if kind not in TYPES:
        yield f"{where}: {kind!r} is no type that we use"
        return
    where = f"{where}/{kind}"
    for name, values in thing.items():
        if name == "@type":
            continue
        if name not in PROPERTIES and name not in NOTES:
            yield f"{where}: no property {name}"
            continue
        domains, ranges = PROPERTIES.get(name) or NOTES[name]
        if not is_a(kind, *domains):
            yield f"{where}: {kind} has no {name}"
        for value in values if isinstance(values, list) else [values]:
            yield from _faults_of_value(value, ranges, f"{where}.{name}")


def _faults_of_value(value: Any, ranges: list[str], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from faults(value, where)
        if value.get("@type") in TYPES and not is_a(value["@type"], *ranges):
            yield f"{where}: {value['@type']} is none of {ranges}"
        return
    # An address stands for the thing that it leads to.
    stands_for_a_thing = set(ranges) & set(TYPES) and _is_address(value)
    if not stands_for_a_thing and not any(CHECKS[kind](value) for kind in ranges if kind in CHECKS):
        yield f"{where}: {value!r} is none of {ranges}"


def _is_address(value: Any) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.netloc)


def _reads(read: Any) -> Any:
    def check(value: Any) -> bool:
        try:
            read(value)
        except (TypeError, ValueError):
            return False
        return True

    return check


CHECKS: dict[str, Any] = {
    "Text": lambda value: isinstance(value, str) and bool(value.strip()),
    "URL": _is_address,
    "Boolean": lambda value: isinstance(value, bool),
    "Number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Date": _reads(date.fromisoformat),
    "DateTime": _reads(datetime.fromisoformat),
    "Time": _reads(time.fromisoformat),
    "Duration": lambda value: isinstance(value, str) and re.fullmatch(r"P\d+D", value) is not None,
    "DayOfWeek": lambda value: isinstance(value, str) and value in DAYS,
}
