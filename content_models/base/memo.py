"""What one request reads again and again, read once: code labels, which pages are restricted.

Kept only while a request runs, or inside ``with kept():`` for commands that ask thousands of times; elsewhere
every question goes to the database, so nothing is ever stale.
"""

from contextlib import contextmanager

from asgiref.local import Local
from django.core.signals import request_finished, request_started

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


def _begin(**kwargs):
    _memo.values = {}


def _end(**kwargs):
    _memo.values = None


def connect():
    request_started.connect(_begin, dispatch_uid="base.memo.begin")
    request_finished.connect(_end, dispatch_uid="base.memo.end")
