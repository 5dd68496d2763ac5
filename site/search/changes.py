"""What an index outside the database has still to be told of, and what it was told lately."""

from datetime import timedelta

from django.utils import timezone
from wagtail.search.backends import get_search_backends

from search.models import IndexChange

KEPT = timedelta(days=1)  # longer than building an index takes


def send_missed() -> int:
    """Tell search servers what they missed while they were away; returns how much they took in."""
    backends = get_search_backends(with_auto_update=True)
    return sum(backend.send_missed() for backend in backends if hasattr(backend, "send_missed"))


def forget_sent() -> int:
    return IndexChange.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()[0]
