"""Writing the outbox, and sending what it holds once it is committed."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from publishing import registry
from publishing.models import OutboxEntry, Sequence, TopicVersion

logger = logging.getLogger("publishing")
OUTBOX, TURN = "outbox", "turn"
TOLD = (OutboxEntry.Standing.PUBLIC, OutboxEntry.Standing.GONE)  # to those who see only what is public


@contextmanager
def publication() -> Iterator[None]:
    """One transaction that numbers what it announces with its last statements; also a decorator.

    The counter and the topics' versions are locked from there until commit, which makes both grow in commit
    order, in any number of processes, and lets nobody wait longer than for that commit.
    """
    with transaction.atomic():
        connection: Any = transaction.get_connection()
        if getattr(connection, "is_in_publication", False):
            yield
            return
        connection.is_in_publication = True
        try:
            yield
            if not connection.needs_rollback:
                _number_what_was_announced()
        finally:
            connection.is_in_publication = False


@publication()
def announce(topic: str, what: str, **detail: Any) -> None:
    """Add an outbox row for ``topic`` to the caller's publication, and send it after commit."""
    OutboxEntry.objects.create(topic=topic, what=what, detail=detail)


@publication()
def announce_all(announcements: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
    """Add an outbox row for each ``(topic, what, detail)``, in this order, as ``announce`` does for one."""
    OutboxEntry.objects.bulk_create(
        OutboxEntry(topic=topic, what=what, detail=detail) for topic, what, detail in announcements
    )


def _number_what_was_announced() -> None:
    """Give the rows of this transaction, which alone sees them without a number, their place and version."""
    entries = list(OutboxEntry.objects.filter(sequence=None).order_by("pk"))
    if not entries:
        return
    registry.tell_companions(entries)
    last = _take_numbers(len(entries))
    registry.tell_companions(entries, in_turn=True)
    versions = _raise_versions(Counter(entry.topic for entry in entries))
    now = timezone.now()  # taken in turn, so that times grow with the numbers
    for number, entry in enumerate(entries, last + 1):
        versions[entry.topic] += 1
        entry.sequence, entry.version, entry.at = number, versions[entry.topic], now
    OutboxEntry.objects.bulk_update(entries, ["sequence", "version", "standing", "at"], batch_size=500)
    transaction.on_commit(lambda: send(entries), robust=True)


def _take_numbers(count: int) -> int:
    """The number before the ``count`` numbers that are now ours."""
    last = _locked(OUTBOX)
    Sequence.objects.filter(name=OUTBOX).update(value=last + count)
    return last


def _raise_versions(counts: dict[str, int]) -> dict[str, int]:
    """Count each topic on by as much; returns the versions of before."""
    TopicVersion.objects.bulk_create(
        [TopicVersion(topic=topic, epoch=secrets.token_hex(4)) for topic in counts], ignore_conflicts=True
    )
    before = dict(TopicVersion.objects.filter(topic__in=counts).values_list("topic", "version"))
    for number in set(counts.values()):
        raised = [topic for topic, count in counts.items() if count == number]
        TopicVersion.objects.filter(topic__in=raised).update(version=F("version") + number)
    return before


def take_turn() -> None:
    """Wait until whoever else publishes has committed; before touching what they may want as well."""
    _locked(TURN)


def _locked(name: str) -> int:
    """The value of a counter that nobody else can change until this transaction ends."""
    Sequence.objects.get_or_create(name=name)
    return Sequence.objects.select_for_update().get(name=name).value


def newest() -> int:
    """The highest number that is visible now: whoever reads after this has seen all up to it."""
    return Sequence.objects.filter(name=OUTBOX).values_list("value", flat=True).first() or 0


def send(entries: list[OutboxEntry]) -> bool:
    """Tell every room that follows the outbox; False where one failed and the sweeper has to try again."""
    if not registry.tell(entries):
        return False
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(sent_at=timezone.now())
    return True


def sweep(*, limit: int = 500) -> int:
    """Send what a crash or a lost service left unsent, oldest first; returns how many were sent."""
    sent = 0
    while left := list(OutboxEntry.objects.filter(sent_at=None).order_by("sequence")[:limit]):
        if not send(left):
            break
        sent += len(left)
    return sent


def compact() -> int:
    """Forget sent rows older than ``OUTBOX_KEPT_DAYS``; returns how many.

    The last of each topic stays, and the last that outsiders are told of: who knows only what came before
    either still ends up with what holds.
    """
    before = timezone.now() - timedelta(days=settings.OUTBOX_KEPT_DAYS)
    newest = TopicVersion.objects.filter(topic=OuterRef("topic")).values("version")
    told = OutboxEntry.objects.filter(topic=OuterRef("topic"), standing__in=TOLD).order_by("-version")
    old = OutboxEntry.objects.filter(at__lt=before, sent_at__isnull=False, version__lt=Subquery(newest))
    is_superseded = ~Q(standing__in=TOLD) | Q(version__lt=Subquery(told.values("version")[:1]))
    return old.filter(is_superseded).delete()[0]
