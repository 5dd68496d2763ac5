"""The passwords that a page or a folder of documents may be given: guesses at these are counted too."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.transaction import non_atomic_requests
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from wagtail import views as pages
from wagtail.documents.views import serve as documents

from staff.sign_in import guesses
from staff.sign_in.address import address_of


def counted(view: Callable[..., HttpResponse], *, of: str, named: str) -> Callable[..., HttpResponse]:
    """``view``, with its guesses counted for each restriction and address."""

    @non_atomic_requests
    @wraps(view)
    def counted_view(request: Any, **place: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, **place)
        limits = guesses.of_shared_password(f"{of}:{place[named]}", address_of(request))
        try:
            guess = guesses.count(limits)
        except guesses.TooMany as refusal:
            return render(request, "429.html", {"why": str(refusal)}, status=429)
        response = view(request, **place)
        if response.status_code == 302:  # it was right: on to what it opens
            guesses.forgive(guess)
        return response

    return counted_view


urlpatterns = [
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        counted(pages.authenticate_with_password, of="page", named="page_view_restriction_id"),
    ),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        counted(documents.authenticate_with_password, of="documents", named="restriction_id"),
    ),
]
