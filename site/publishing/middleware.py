"""Unsafe requests run in one transaction; reads never take a write lock (SQLite's IMMEDIATE mode)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from content_models.base.checks import NotPublishable
from publishing.outbox import publication

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class AtomicUnsafeRequests:
    """Everything a POST, PUT, PATCH or DELETE does is kept or undone as a whole.

    Stands last in MIDDLEWARE, so that only the view runs inside. Views marked ``non_atomic_requests`` are
    left alone. Content that may not be published is answered with its reasons, where the editor came from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method not in UNSAFE or getattr(view, "_non_atomic_requests", None):
            return None
        try:
            with publication():
                response = view(request, *args, **kwargs)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                return response
        except NotPublishable as error:
            return _say_why_not(request, error)


def _say_why_not(request: HttpRequest, error: NotPublishable) -> HttpResponse:
    for problem in error.problems[:10]:
        messages.error(request, problem)
    if error.is_passable and error.thing.pk is not None:
        kind = error.thing._meta
        address = reverse("quality_let_pass", args=[kind.app_label, kind.model_name, error.thing.pk])
        said = _("确实要照原样公开？有发布权的人可以写明理由放行。")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', said, address, _("去放行")))
    origin = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(origin, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(origin if origin and is_ours else request.path)
