"""Documents that hold personal data are not for the public before somebody let that pass.

A document has its address from the moment it is uploaded, while what it is for is only being written.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from wagtail.documents import get_document_model
from wagtail.models import Page, ReferenceIndex

from quality.attachments.scan import look_through
from quality.models import Override
from quality.privacy import sensitive
from quality.review import OFF, set_levels
from staff import documents


def give_document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """The file; one that is held back is there for staff alone."""
    if not request.user.has_perm("wagtailadmin.access_admin"):
        document: Any = get_object_or_404(get_document_model(), pk=document_id)
        is_open = not document.collection.get_view_restrictions()  # others are Wagtail's to refuse
        if is_open and is_held_back(document):
            raise Http404
    return documents.give_document(request, document_id, document_filename)


def is_held_back(document: Any) -> bool:
    """Whether no page that is public uses it, personal data was found in it and nobody let it pass."""
    users = ReferenceIndex.get_references_to(document).values_list("object_id", "base_content_type__model")
    pages = [key for key, model in users if model == "page"]
    if Page.objects.live().filter(pk__in=pages).exists() or set_levels().get("personal-data") == OFF:
        return False
    found = look_through([document], sensitive())[document.pk].found
    return bool(found) and not Override.objects.filter(message__contains=f"“{document.filename}”").exists()
