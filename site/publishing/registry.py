"""Rooms that follow the outbox join here in their ``ready()``; publishing calls nobody by name."""

import logging
from collections.abc import Callable

from django.db import OperationalError, transaction

from publishing.models import OutboxEntry

logger = logging.getLogger("publishing")
Follower = Callable[[list[OutboxEntry]], None]
_followers: list[Follower] = []
_companions: list[Follower] = []
_in_turn: list[Follower] = []


class NotNow(Exception):
    """What a follower raises that cannot reach a service: it is told the same again later."""


def follow(follower: Follower) -> Follower:
    """Call ``follower`` with the outbox rows of each commit, in order; rows may come a second time."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def accompany(companion: Follower) -> Follower:
    """Call ``companion`` with the rows of each publication inside its transaction, before they have numbers.

    What it writes is committed or undone with what is published; should it fail, that is published anyway,
    unless the database itself fails.
    """
    if companion not in _companions:
        _companions.append(companion)
    return companion


def accompany_in_turn(companion: Follower) -> Follower:
    """The same, called while nobody else can commit: it sees all that comes before these rows and no more.

    Everybody who publishes waits for it, so it has to be quick. What it sets on the rows is saved with them.
    """
    if companion not in _in_turn:
        _in_turn.append(companion)
    return companion


def unfollow(follower: Follower) -> None:
    _followers.remove(follower)


def tell(entries: list[OutboxEntry]) -> bool:
    """Hand ``entries`` to every follower; False when one of them failed."""
    all_told = True
    for follower in list(_followers):
        try:
            follower(entries)
        except NotNow as error:
            logger.warning("Outbox rows from %s are told later: %s", entries[0].sequence, error)
            all_told = False
        except Exception:
            logger.exception("A follower failed on outbox rows from %s", entries[0].sequence)
            all_told = False
    return all_told


def tell_companions(entries: list[OutboxEntry], *, in_turn: bool = False) -> None:
    for companion in list(_in_turn if in_turn else _companions):
        try:
            with transaction.atomic():
                companion(entries)
        except OperationalError:  # the database itself: nothing can be saved any more
            raise
        except Exception:
            logger.exception("A companion failed on %d outbox rows", len(entries))
