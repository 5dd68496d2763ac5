"""Rooms that follow the outbox join here in their ``ready()``; publishing calls nobody by name."""

import logging
from collections.abc import Callable

from publishing.models import OutboxEntry

logger = logging.getLogger("publishing")
Follower = Callable[[OutboxEntry], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> Follower:
    """Call ``follower`` with each outbox row after its commit; it may be called twice for one row."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def unfollow(follower: Follower) -> None:
    _followers.remove(follower)


def tell(entry: OutboxEntry) -> bool:
    """Hand ``entry`` to every follower; False when one of them failed."""
    all_told = True
    for follower in list(_followers):
        try:
            follower(entry)
        except Exception:
            logger.exception("A follower failed on outbox row %s", entry.sequence)
            all_told = False
    return all_told
