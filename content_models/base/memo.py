"""What one request reads again and again, read once: code labels, which pages are restricted.

Kept only while a request runs, or inside ``with kept():`` for commands that ask thousands of times; elsewhere
every question goes to the database, so nothing is ever stale.
"""

from contextlib import contextmanager

from asgiref.local import Local
from django.core.signals import request_finished

_memo = Local()


def remember(name, load):
    """The value of ``load()``, read at most once per request."""
    values = getattr(_memo, "values", None)
    if values is None:
        return load()
    if name not in values:
        values[name] = load()
    return values[name]


def know(name, value):
    """Keep what was read in another way, where anything is kept."""
    values = getattr(_memo, "values", None)
    if values is not None:
        values[name] = value


def forget(name):
    """Drop a value that has just changed."""
    (getattr(_memo, "values", None) or {}).pop(name, None)


@contextmanager
def kept():
    """Remember as during a request, for a command or task."""
    outer = getattr(_memo, "values", None)
    _memo.values = {} if outer is None else outer
    try:
        yield
    finally:
        _memo.values = outer


class Remembering:
    """Begins anew with each request; outermost in MIDDLEWARE.

    Not the signal of a request that starts: under ASGI its receivers run in a context of their own, and what
    they leave there is gone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        _memo.values = {}
        return self.get_response(request)


def _end(**kwargs):
    _memo.values = None


def connect():
    request_finished.connect(_end, dispatch_uid="base.memo.end")
