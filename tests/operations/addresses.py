"""Addresses for tests: one that breaks, one that writes into the log from a thread, one with a secret."""

import logging
import threading
from contextvars import copy_context
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from config.urls import urlpatterns as of_the_site
from content_models.home import views as home


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("居民 13800138000 的申请")


def works(request: HttpRequest) -> HttpResponse:
    told = threading.Thread(
        target=copy_context().run, args=(logging.getLogger("imports").warning, "in a thread")
    )
    told.start()
    told.join()
    return HttpResponse(reverse("works"))


def opens(request: HttpRequest, token: str) -> HttpResponse:
    logging.getLogger("api").warning("Opened %s", request.path)
    return HttpResponse("ok")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return HttpResponse("nothing", status=404)


urlpatterns = [
    path("breaks/", breaks),
    path("works/", works, name="works"),
    path("opens/<str:token>/", opens, name="opens"),
    *of_the_site,  # which middleware and error pages ask for by name
]
handler404 = not_found
handler500 = home.server_error
