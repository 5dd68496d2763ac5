"""Which page a request asks for, as far as that is settled without Django: address and choices."""

import re
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

LONGEST_ADDRESS = 600  # bytes, with the query
LIVE = b"/live/"  # kept in its own way
HOST, PROTO, COOKIE = b"host", b"x-forwarded-proto", b"cookie"
# Headers that would make an answer somebody's own, or a part of one.
_OWN = {
    COOKIE,
    b"authorization",
    b"accept-encoding",
    b"if-none-match",
    b"if-modified-since",
    b"range",
    b"if-range",
}
_OWN |= {b"if-match", b"if-unmodified-since"}


class Asked(NamedTuple):
    """A page and what the browser accepts and has; ``key`` is the same for all who get the same page."""

    key: tuple[bytes, ...]
    accepted: bytes
    known: bytes


def key_of(scope: Any) -> Asked | None:
    """What is asked for; None where the answer could be for this one reader alone."""
    if scope["method"] not in ("GET", "HEAD"):
        return None
    host = proto = cookies = accepted = known = b""
    for name, value in scope["headers"]:
        if name == HOST:
            host = value
        elif name == COOKIE:
            cookies = cookies + b"; " + value if cookies else value
        elif name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            known = value
        elif name == PROTO:
            proto = value
        elif name == b"authorization":
            return None
    choices = b""
    if cookies:
        found = chosen(cookies)
        if found is None:
            return None
        choices = found
    path = scope.get("raw_path") or scope["path"].encode()
    if path.startswith(LIVE):
        return None
    query = scope["query_string"]
    if len(path) + len(query) > LONGEST_ADDRESS:
        return None
    return Asked((host, scope["scheme"].encode(), proto, path, query, choices), accepted, known)


def chosen(cookies: bytes) -> bytes | None:
    """The cookies that change what a page shows, in one order.

    None for somebody who is signed in, and for a choice there never was, of which the page tells.
    """
    session, variations = _names()
    found = {}
    for each in cookies.split(b";"):
        name, _equals, value = each.strip().partition(b"=")
        if name in (session, b"messages"):
            return None
        pattern = variations.get(name)
        if pattern is not None and value:
            if not pattern.fullmatch(value):
                return None
            found[name] = value
    return b"; ".join([b"%s=%s" % pair for pair in sorted(found.items())])


@cache
def _names() -> tuple[bytes, dict[bytes, re.Pattern[bytes]]]:
    variants = settings.PAGE_VARIANTS.items()
    patterns = {name.encode(): re.compile(pattern.encode()) for name, pattern in variants}
    return settings.SESSION_COOKIE_NAME.encode(), patterns


@receiver(setting_changed)
def _forget_names(*, setting: str, **_others: Any) -> None:
    if setting in ("SESSION_COOKIE_NAME", "PAGE_VARIANTS"):
        _names.cache_clear()


def plain_headers(scope: Any, key: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    """The headers of a request that anybody with the same choices could have sent."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _OWN]
    return [*kept, (COOKIE, key[-1])] if key[-1] else kept
