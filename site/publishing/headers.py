"""What every answer tells the browser it may do with it.

``headers_of`` is the only list: ``SafeHeaders`` follows it for what Django answers, ``SafeAnswers`` for all
that is answered before. Public pages are told the same whoever reads them, without a nonce, so that they can
be kept and served again: no page of ours runs a script or a style that stands inside it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",  # sockets of this origin too
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'self'",  # previews, in the admin
}
# Wagtail's screens show pictures before they are uploaded and previews in frames, and its editor of formatted
# text writes a style sheet into the page: that may stand there, a script or a style of an element may not.
ADMIN_SOURCES = SOURCES | {
    "style-src-elem": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "frame-src": "'self'",
}
# What people uploaded is a file and never a page, even if the browser is told to open it.
FILE_SOURCES = {"default-src": "'none'", "sandbox": "", "frame-ancestors": "'none'"}

UNUSED = [
    "accelerometer", "camera", "display-capture", "gyroscope", "magnetometer", "microphone",
    "midi", "payment", "serial", "usb",
]  # fmt: skip
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    # Our own pages may ask a reader where they are, who is asked by the browser; pages in frames may not.
    "Permissions-Policy": ", ".join(["geolocation=(self)", *(f"{name}=()" for name in UNUSED)]),
}


def policy(sources: Mapping[str, str]) -> str:
    """The sources as a Content-Security-Policy."""
    return "; ".join(f"{name} {value}".rstrip() for name, value in sources.items())


@lru_cache(1)
def _places() -> list[tuple[str, dict[str, str]]]:
    """Where answers are told something else than everywhere."""
    documents = reverse("wagtaildocs_serve", args=[0, "x"]).removesuffix("0/x")
    files = EVERYWHERE | {"Content-Security-Policy": policy(FILE_SOURCES), "X-Frame-Options": "DENY"}
    admin = EVERYWHERE | {"Content-Security-Policy": policy(ADMIN_SOURCES)}
    return [(reverse("wagtailadmin_home"), admin), (documents, files), (settings.MEDIA_URL, files)]


PAGES = EVERYWHERE | {"Content-Security-Policy": policy(SOURCES)}
EMBEDDED = "/embed/"


def headers_of(path: str) -> dict[str, str]:
    """The headers of an answer at ``path`` that brings none of its own; the same for every reader."""
    if path.startswith(EMBEDDED):
        return _headers_of_frames()
    return next((headers for prefix, headers in _places() if path.startswith(prefix)), PAGES)


def _headers_of_frames() -> dict[str, str]:
    """A channel in a frame: who may hold it is our own admin, and whom ``EMBED_ANCESTORS`` names."""
    sources = {name: SOURCES[name] for name in ("default-src", "style-src", "script-src", "base-uri")}
    ancestors = " ".join(["'self'", *settings.EMBED_ANCESTORS])
    sources |= {"form-action": "'none'", "frame-ancestors": ancestors}
    headers = EVERYWHERE | {"Content-Security-Policy": policy(sources)}
    return {name: value for name, value in headers.items() if name != "X-Frame-Options"}


class SafeHeaders:
    """Every answer of Django's carries the headers of its address; first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in headers_of(request.path_info).items():
            response.setdefault(name, value)
        return response


Header = tuple[bytes, bytes]


class SafeAnswers:
    """Every answer carries the headers of its address, also where Django is not asked; outermost in ASGI."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = complete(message.get("headers", ()), scope)
            await send(message)

        await self.application(scope, receive, send_safely)


def complete(headers: Iterable[Header], scope: Any) -> list[Header]:
    """An answer's headers, with those it lacks of its address's."""
    found = list(headers)
    given = {name.lower() for name, _value in found}
    wanted = _encoded(tuple(headers_of(scope["path"]).items()))
    found += [(name, value) for name, value in wanted if name not in given]
    if settings.SECURE_HSTS_SECONDS and b"strict-transport-security" not in given and _is_secure(scope):
        found.append((b"strict-transport-security", _hsts()))
    return found


@lru_cache(16)
def _encoded(headers: tuple[tuple[str, str], ...]) -> list[Header]:
    return [(name.lower().encode(), value.encode()) for name, value in headers]


def _is_secure(scope: Any) -> bool:
    """Whether the reader came by https, which a proxy may have to say."""
    if scope.get("scheme") == "https" or not settings.SECURE_PROXY_SSL_HEADER:
        return scope.get("scheme") == "https"
    name, value = settings.SECURE_PROXY_SSL_HEADER
    said = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
    return (said, value.encode()) in scope["headers"]


def _hsts() -> bytes:
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return (value + "; preload" if settings.SECURE_HSTS_PRELOAD else value).encode()
