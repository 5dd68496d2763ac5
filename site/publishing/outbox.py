"""Writing the outbox, and sending what it holds once it is committed."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from publishing import registry
from publishing.models import OutboxEntry, Sequence, TopicVersion

logger = logging.getLogger("publishing")
SEQUENCE = "outbox"


def announce(topic: str, what: str, **detail: Any) -> OutboxEntry:
    """Add an outbox row for ``topic`` in the caller's transaction and send it after commit.

    The sequence and the topic's version are taken under row locks, so they are in commit order. The sequence
    comes first: two that announce the same topics in another order wait for each other at one place only.
    """
    with transaction.atomic():
        number = _next_number()
        entry = OutboxEntry.objects.create(
            sequence=number, topic=topic, version=_next_version(topic), what=what, detail=detail
        )
    transaction.on_commit(lambda: send(entry), robust=True)
    return entry


def announce_all(announcements: list[tuple[str, str, dict[str, Any]]]) -> list[OutboxEntry]:
    """Add an outbox row for each ``(topic, what, detail)``, in this order, as ``announce`` does for one."""
    with transaction.atomic():
        take_turn()
        last = Sequence.objects.values_list("value", flat=True).get(name=SEQUENCE)
        Sequence.objects.filter(name=SEQUENCE).update(value=F("value") + len(announcements))
        counts = Counter(topic for topic, _what, _detail in announcements)
        versions = _raise_versions(counts)
        entries = []
        for number, (topic, what, detail) in enumerate(announcements, last + 1):
            versions[topic] += 1
            entries.append(
                OutboxEntry(sequence=number, topic=topic, version=versions[topic], what=what, detail=detail)
            )
        entries = OutboxEntry.objects.bulk_create(entries)
    transaction.on_commit(lambda: send_all(entries), robust=True)
    return entries


def _raise_versions(counts: dict[str, int]) -> dict[str, int]:
    """Count each topic on by as much; returns the versions of before. Locked in one order, by name."""
    TopicVersion.objects.bulk_create(
        [TopicVersion(topic=topic, epoch=secrets.token_hex(4)) for topic in sorted(counts)],
        ignore_conflicts=True,
    )
    topics = TopicVersion.objects.select_for_update().filter(topic__in=counts).order_by("topic")
    before = {topic.topic: topic.version for topic in topics}
    for number in set(counts.values()):
        raised = [topic for topic, count in counts.items() if count == number]
        TopicVersion.objects.filter(topic__in=raised).update(version=F("version") + number)
    return before


def take_turn() -> None:
    """Wait until whoever is publishing has committed; before touching what they may want as well."""
    Sequence.objects.get_or_create(name=SEQUENCE)
    Sequence.objects.select_for_update().get(name=SEQUENCE)


def _next_number() -> int:
    Sequence.objects.get_or_create(name=SEQUENCE)
    Sequence.objects.filter(name=SEQUENCE).update(value=F("value") + 1)
    return Sequence.objects.values_list("value", flat=True).get(name=SEQUENCE)


def _next_version(topic: str) -> int:
    TopicVersion.objects.get_or_create(topic=topic, defaults={"epoch": secrets.token_hex(4)})
    TopicVersion.objects.filter(topic=topic).update(version=F("version") + 1)
    return TopicVersion.objects.values_list("version", flat=True).get(topic=topic)


def send(entry: OutboxEntry) -> None:
    """Tell every room that follows the outbox; one that fails is left for the sweeper."""
    if registry.tell(entry):
        OutboxEntry.objects.filter(pk=entry.pk).update(sent_at=timezone.now())


def send_all(entries: Iterable[OutboxEntry]) -> None:
    """Tell the rooms of each in turn; what fails is left for the sweeper."""
    sent = [entry.pk for entry in entries if registry.tell(entry)]
    OutboxEntry.objects.filter(pk__in=sent).update(sent_at=timezone.now())


def sweep(*, limit: int = 500) -> int:
    """Send what a crash left unsent, oldest first; returns how many were tried."""
    left = list(OutboxEntry.objects.filter(sent_at__isnull=True).order_by("sequence")[:limit])
    for entry in left:
        send(entry)
    return len(left)
