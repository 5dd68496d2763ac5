"""A plain answer in the admin where the search server cannot be asked."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from search.query import Unavailable


class SearchAway:
    """Wagtail's own screens ask the search too; residents' pages say themselves that it is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Unavailable) and request.path.startswith(reverse("wagtailadmin_home")):
            return render(request, "search/admin_away.html", status=503)
        return None
