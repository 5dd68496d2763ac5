"""Notes how far the outbox stands before a public page reads its content."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from publishing import outbox


class BeforeContent:
    """Sets ``request.outbox_before``, by which the page knows which versions it surely shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if request.method == "GET" and match is not None and match.url_name == "wagtail_serve":
            request.outbox_before = outbox.newest()  # type: ignore[attr-defined]  # read by live_topics
