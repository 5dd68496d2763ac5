"""Noting which lists of the admin were taken away as files."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from staff import audit


class RecordExports:
    """Every list and report of the admin offers itself as a file by ``?export=``, Wagtail's own too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.admin = reverse("wagtailadmin_home")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "export" in request.GET and _is_file(response) and request.path.startswith(self.admin):
            user: Any = request.user
            asked = {name: request.GET.getlist(name) for name in request.GET if name != "export"}
            form = request.GET["export"]
            audit.record("export", user, by=user, screen=request.path, form=form, asked=asked)
        return response


def _is_file(response: HttpResponseBase) -> bool:
    return response.status_code == 200 and response.get("Content-Disposition", "").startswith("attachment")
