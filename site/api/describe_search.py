"""Search results in the words of the API."""

from typing import Any

from django.utils import timezone

from api.addresses import with_parameter
from search.find import MOST, Found, load
from search.models import Document
from search.rank import Hit
from search.results import Results


def answer(asked: str, found: Found, results: Results, request: Any) -> dict[str, Any]:
    """One page of what was found, with the counts of every filter."""
    page = results.page
    return {
        "query": asked,
        "meant": found.meant,
        "count": results.count,
        "is_all": results.total < MOST,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "next": with_parameter(request, "page", page.next_page_number()) if page.has_next() else None,
        "previous": with_parameter(request, "page", page.previous_page_number())
        if page.has_previous()
        else None,
        "notes": results.notes,
        "verdicts": [_hit(hit, request) | {"instead": _instead(hit.document)} for hit in found.verdicts],
        "results": [_hit(hit, request) for hit in load(page)],
        "nearest": [_document(document, request) for document in found.nearest],
        "facets": {
            name: _choices(results.filterset.field_with_counts(name))
            for name in results.filterset.form.fields
        },
    }


def _hit(hit: Hit, request: Any) -> dict[str, Any]:
    why = hit.why
    name = hit.document.all_names[why.place] if why.place else ""
    return _document(hit.document, request) | {
        "why": {"kind": why.kind, "words": list(why.words), "name": name, "synonym": why.synonym},
    }


def _document(document: Document, request: Any) -> dict[str, Any]:
    region, department = document.region, document.department
    return {
        "kind": document.kind,
        "kind_label": document.get_kind_display(),
        "id": document.page_id,
        "key": document.key,
        "title": document.title,
        "names": document.names,
        "summary": document.summary,
        "url": request.build_absolute_uri(document.url),
        "verdict": document.verdict or None,
        "region": {"id": region.pk, "title": region.title} if region else None,
        "department": department.name if department else None,
        "handle_forms": document.handle_forms,
        "is_in_force": document.is_in_force(timezone.localdate()),
        "published_at": document.published_at,
    }


def _instead(document: Document) -> list[dict[str, str]]:
    """What to do where a certificate is not issued any more."""
    if document.item is None:
        return []
    return [
        {"kind": way.kind_label, "text": way.text, "department": way.department, "link": way.link}
        for way in document.item.alternatives.all()
    ]


def _choices(field: Any) -> list[dict[str, Any]]:
    return [{name: option[name] for name in ("value", "label", "count")} for option in field.options or ()]
