"""Choosing how to read: a link is enough, without a script and without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appearance.choices import COOKIE, ONE_YEAR, VALUES, Choices


@never_cache
@require_safe
def choose_reading(request: HttpRequest) -> HttpResponse:
    """The settings; with one named (``?mode=elder&next=/x/``), takes it and leads back."""
    before = Choices.read(request.COOKIES.get(COOKIE, ""))
    back = _back(request)
    wanted = {name: request.GET[name] for name in VALUES if name in request.GET}
    if not wanted:
        return render(
            request, "appearance/reading.html", {"settings_offered": before.offered(), "next": back}
        )
    response = redirect(back)
    cookie = before.changed(wanted).write()
    if cookie:
        response.set_cookie(COOKIE, cookie, max_age=ONE_YEAR, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """What the site does for those who see, hear or move otherwise, and where it still fails them."""
    return render(request, "appearance/accessibility.html")


def _back(request: HttpRequest) -> str:
    """Where the reader came from, if that is here; else the home page."""
    address = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address and is_ours else reverse("wagtail_serve", args=[""])
