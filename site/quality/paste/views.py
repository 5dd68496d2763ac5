"""Answers the editor's script, which asks what to make of pasted text."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from quality.paste.clean import clean


@never_cache
@require_POST
@transaction.non_atomic_requests
def clean_paste(request: HttpRequest) -> JsonResponse:
    """The pasted text cleaned, and what was changed; keeps nothing."""
    cleaned = clean(request.POST.get("html", ""), request.POST.get("text", ""))
    said = [
        _("%(what)s：%(number)d 处") % {"what": what, "number": number} for what, number in cleaned.changes
    ]
    return JsonResponse(
        {"html": cleaned.html, "before": cleaned.before, "after": cleaned.after, "changes": said}
    )
