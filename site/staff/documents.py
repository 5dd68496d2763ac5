"""Giving out what was uploaded: pictures to everybody, documents to those who may read them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.static import serve
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve as serve_document


def give_picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture, as it is and in other sizes; the addresses allow nothing else."""
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


def give_document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """The file, once Wagtail has asked for rights; a restricted one is for this reader alone."""
    response: HttpResponseBase = serve_document(request, document_id, document_filename)
    document: Any = get_document_model().objects.select_related("collection").get(pk=document_id)
    if document.collection.get_view_restrictions():
        response["Cache-Control"] = "private, no-store"
    return response
