"""Data sets as other programs harvest them: a catalogue in the words of DCAT, and schema.org in each page."""

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from api.open_data import files
from api.open_data.datasets import DataEdition, DataSet
from api.open_data.facts import Facts
from content_models.base.public_tables import MEDIA_TYPES


def catalogue(made: list[DataSet], facts: Facts, request: HttpRequest) -> dict[str, Any]:
    """Every data set with the files of every edition; sizes of those that were made already."""
    return {
        "@type": "dcat:Catalog",
        "title": facts.about.site_name,
        "publisher": facts.publisher,
        "license": facts.licence,
        "homepage": request.build_absolute_uri(reverse("open_data:index")),
        "dataset": [dcat(data_set, request) for data_set in made],
    }


def dcat(data_set: DataSet, request: HttpRequest) -> dict[str, Any]:
    return {
        "@type": "dcat:Dataset",
        "identifier": data_set.name,
        "title": data_set.title,
        "description": data_set.about,
        "theme": data_set.kind_label,
        "publisher": data_set.publisher,
        "license": data_set.facts.licence,
        "modified": day(data_set.shown),
        "landingPage": request.build_absolute_uri(data_set.url),
        "accessURL": request.build_absolute_uri(data_set.api_url),
        "distribution": [
            distribution
            for edition in data_set.editions
            for distribution in distributions(data_set, edition, request)
        ],
    }


def distributions(data_set: DataSet, edition: DataEdition, request: HttpRequest) -> list[dict[str, Any]]:
    stamp = data_set.stamp(edition)
    found = []
    for form, address in data_set.files(edition):
        made = {
            "@type": "dcat:Distribution",
            "title": edition.title or data_set.title,
            "downloadURL": request.build_absolute_uri(address),
            "format": form.upper(),
            "mediaType": media_type(form),
            "modified": day(edition),
            "isCurrent": edition.is_latest,
            "rows": edition.rows,
        }
        size = files.size_of(data_set, stamp, form)
        found.append(made if size is None else {**made, "byteSize": size})
    return found


def json_ld(data_set: DataSet, request: HttpRequest) -> dict[str, Any]:
    """schema.org for the page of a data set."""
    here = request.build_absolute_uri(data_set.url)
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": here,
        "url": here,
        "identifier": data_set.name,
        "name": data_set.title,
        "description": data_set.about,
        "inLanguage": "zh-Hans",
        "isAccessibleForFree": True,
        "license": data_set.facts.licence,
        "creator": {"@type": "GovernmentOrganization", "name": data_set.publisher},
        "dateModified": day(data_set.shown),
        "version": data_set.shown.title,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": data_set.facts.about.site_name,
            "url": request.build_absolute_uri(reverse("open_data:index")),
        },
        "variableMeasured": [column.label for column in data_set.columns],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": edition.title or data_set.title,
                "contentUrl": request.build_absolute_uri(address),
                "encodingFormat": media_type(form),
                "dateModified": day(edition),
            }
            for edition in data_set.editions
            for form, address in data_set.files(edition)
        ],
    }


def as_script(value: dict[str, Any]) -> SafeString:
    """JSON that may stand within a script element: no text can end it."""
    text = json.dumps(value, ensure_ascii=False)
    return mark_safe(text.translate({ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}))


def day(edition: DataEdition) -> str | None:
    return edition.updated_on.isoformat() if edition.updated_on else None


def media_type(form: str) -> str:
    return MEDIA_TYPES[form].partition(";")[0]
