"""The search page, and what it suggests while a word is being typed."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from appearance.languages import SIMPLIFIED, Language
from content_models.communities.reader import community_of
from search import find, insight
from search.folding import fold
from search.models import Document
from search.query import Unavailable
from search.results import FURTHER, Results, readable

LONGEST = 100
SUGGESTIONS = 8
SUGGESTIONS_KEPT = 60  # seconds
SHOWN = ("title", "name", "kind_label")  # what of a suggestion is read


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found for ``q``, or where to begin."""
    asked = readable(request.GET.get("q", ""), LONGEST)
    community = community_of(request)
    try:
        found = find.find(asked, region=community)
    except Unavailable:
        return render(request, "search/away.html", {"asked": asked}, status=503)
    results = Results(found, asked, request=request, community=community) if found.hits else None
    if asked and request.GET.keys().isdisjoint(FURTHER) and insight.is_new_question(request):
        insight.note(asked, len(found.hits))
    return render(request, "search/results.html", {"asked": asked, "found": found, "listing": results})


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Names that begin with what was typed so far, or hold it: ``{"suggestions": [{title, name, …}]}``."""
    text = readable(request.GET.get("q", ""), LONGEST)
    try:
        documents = find.suggest(text, region=community_of(request), most=SUGGESTIONS) if text else []
    except Unavailable:
        return JsonResponse({"suggestions": []}, headers={"Cache-Control": "no-store"})
    typed = fold(text)
    written = [_suggestion(document, typed) for document in documents]
    for name in SHOWN:
        texts = _language_of(request).write([each[name] for each in written])
        for each, text in zip(written, texts, strict=True):
            each[name] = text
    response = JsonResponse({"suggestions": written})
    patch_cache_control(response, private=True, max_age=SUGGESTIONS_KEPT)
    return response


def _language_of(request: HttpRequest) -> Language:
    return getattr(request, "language", SIMPLIFIED)


def _suggestion(document: Document, typed: str) -> dict[str, str]:
    """``name`` is the other name that was typed, empty where the title itself was."""
    is_title = typed in fold(document.title)
    name = "" if is_title else next((name for name in document.names if typed in fold(name)), "")
    return {
        "title": document.title,
        "name": name,
        "kind": document.kind,
        "kind_label": document.get_kind_display(),
        "url": document.url,
    }
