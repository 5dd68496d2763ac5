"""Addresses of public content, below /api/v1/."""

from typing import Any

from django.urls import URLPattern, path

from api.content.reference import reference, schema
from api.content.root import Root
from api.content.views import (
    CertificateDetail,
    CertificateList,
    ContentDetail,
    ContentList,
    EntrySchema,
    ListDetail,
    ListEntries,
    ListEntry,
)
from api.content.vocabularies import Vocabularies
from content_models.base.api import ContentApi
from content_models.catalogue import FURTHER_APIS, KINDS

APIS: list[ContentApi] = [*(kind.api for kind in KINDS.values()), *FURTHER_APIS]
LISTS: dict[str, Any] = {"certificates": CertificateList}
DETAILS: dict[str, Any] = {"lists": ("<str:reference>", ListDetail)}


def addresses(api: ContentApi) -> list[URLPattern]:
    """The list of a kind, and each of its rows where rows have numbers."""
    found = [path(f"{api.name}/", _view(LISTS.get(api.name, ContentList), api), name=api.name)]
    if api.has_numbers:
        number, base = DETAILS.get(api.name, ("<int:pk>", ContentDetail))
        found.append(path(f"{api.name}/{number}/", _view(base, api), name=f"{api.name}_one"))
    return found


def _view(base: Any, api: ContentApi) -> Any:
    made: Any = type(base.__name__, (base,), {"api": api, "goes_by_the_clock": api.goes_by_the_clock})
    return made.as_view()


urlpatterns = [
    path("", Root.as_view(), name="root"),
    *(address for api in APIS for address in addresses(api)),
    path("certificates/<int:pk>/<str:key>/", CertificateDetail.as_view(), name="certificate"),
    path("lists/<str:reference>/entries/", ListEntries.as_view(), name="entries"),
    path("lists/<str:reference>/entries/<str:key>/", ListEntry.as_view(), name="entry"),
    path("lists/<str:reference>/schema/", EntrySchema.as_view(), name="entry_schema"),
    path("vocabularies/", Vocabularies.as_view(), name="vocabularies"),
    path("schema/", schema, name="schema"),
    path("docs/", reference, name="docs"),
]
