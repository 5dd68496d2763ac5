"""Nobody is signed in by halves: what a session still owes comes first, and one that is over says so."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from staff.sign_in import sessions

# Open whatever is due: what the screens for it are made of, and the way out.
ALWAYS = {
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
}
ALWAYS |= {due.value for due in sessions.Due}
# An open form tells the others that it is open, by itself, and not as JSON.
BY_ITSELF = {"wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"}


class StaffSessions:
    """Shows the rest of the site only users whose session holds and owes nothing; notes their activity.

    All others are strangers everywhere, to previews and documents too. Requests without a session are let
    be: readers' must not touch its table.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.user = SimpleLazyObject(lambda: sessions.standing(request).admitted)
            request.auser = sync_to_async(partial(_admitted, request))
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        standing, is_scripts = sessions.standing(request), is_for_scripts(request)
        if standing.why_over and not is_scripts:
            messages.info(request, standing.why_over)
        if standing.due is not None and request.resolver_match.view_name not in ALWAYS:
            return lead_to(standing.due, request)
        if standing.sign_in is not None and not is_scripts:
            sessions.note_activity(standing.sign_in)
        return None


def _admitted(request: Any) -> Any:
    return sessions.standing(request).admitted


def is_for_scripts(request: Any) -> bool:
    """What a page asks for by itself: an editing session's pings, saving on its own, numbers of readers.

    None of it means that anybody is there; that is told by ``staff_active``.
    """
    if request.resolver_match is not None and request.resolver_match.view_name in BY_ITSELF:
        return True
    return "application/json" in request.headers.get("Accept", "")


def lead_to(due: sessions.Due, request: Any) -> HttpResponseBase:
    """To the screen for what is due, and from there to what was asked for."""
    if is_for_scripts(request) or request.headers.get("x-requested-with") == "XMLHttpRequest":
        return HttpResponseForbidden()
    wanted = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    return redirect(reverse(due.value) + (f"?{urlencode({'next': wanted})}" if wanted else ""))
