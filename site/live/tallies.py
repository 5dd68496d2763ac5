"""Puts what this process has counted where every process can add it up."""

import asyncio
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta

from channels.db import database_sync_to_async
from django.db.models import Max, Sum
from django.utils import timezone

from live.hub import PROCESS, Hub, companions
from live.models import Tally

logger = logging.getLogger("live")
SAY_AGAIN = 30.0  # seconds after which even an unchanged number is written again
STALE = timedelta(seconds=75)  # a process that said nothing for so long is gone


@dataclass(frozen=True)
class Count:
    """What one process has counted under one name."""

    open_now: int = 0
    version: int = 0
    seen: int = 0
    seen_within_ms: int = 0


class Tallies:
    """What one hub has counted; written only where it has changed, a few seconds late."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.written: dict[str, Count] = {}
        self.written_at = 0.0
        self.writing: asyncio.Task[None] | None = None

    def attend(self, now: float) -> None:
        """Called every few seconds by the hub."""
        counted = self._counted()
        is_due = self.written and now - self.written_at > SAY_AGAIN
        changed = counted if is_due else {k: v for k, v in counted.items() if self.written.get(k) != v}
        gone = self.written.keys() - counted.keys()
        if (changed or gone) and (self.writing is None or self.writing.done()):
            if is_due or not self.written:
                self.written_at = now
            self.writing = asyncio.ensure_future(self._write(counted, changed, list(gone)))

    async def _write(self, counted: dict[str, Count], changed: dict[str, Count], gone: list[str]) -> None:
        try:
            await _store(PROCESS, changed, gone)
        except Exception as error:  # the next round writes it all again
            logger.warning("Could not write what was counted: %r", error)
            self.written = {}
        else:
            self.written = counted

    def _counted(self) -> dict[str, Count]:
        counted = {f"page:{page}": Count(open_now=number) for page, number in self.hub.pages.items()}
        for topic in self.hub.topics.values():
            if topic.seen:
                within = int(topic.seen_within * 1000)
                counted[topic.name] = Count(0, topic.version.number, topic.seen, within)
        return counted


companions.append(Tallies)


@database_sync_to_async
def _store(process: str, changed: dict[str, Count], gone: list[str]) -> None:
    now = timezone.now()
    columns = list(asdict(Count()))
    Tally.objects.bulk_create(
        [Tally(process=process, name=name, at=now, **asdict(count)) for name, count in changed.items()],
        batch_size=100,
        update_conflicts=True,
        unique_fields=["process", "name"],
        update_fields=[*columns, "at"],
    )
    Tally.objects.filter(process=process, name__in=gone).delete()


def open_copies(page: int) -> int:
    """How many browsers have this page open now, a few seconds late."""
    fresh = Tally.objects.filter(name=f"page:{page}", at__gt=timezone.now() - STALE)
    return fresh.aggregate(sum=Sum("open_now"))["sum"] or 0


def sightings(topic: str, version: int) -> Count:
    """How many of the browsers that were asked had ``version`` of ``topic`` on the screen, and how soon."""
    found = Tally.objects.filter(name=topic, version=version)
    sums = found.aggregate(seen=Sum("seen"), within=Max("seen_within_ms"))
    return Count(0, version, sums["seen"] or 0, sums["within"] or 0)


def forget_old() -> int:
    """Remove what processes left that are gone."""
    return Tally.objects.filter(at__lt=timezone.now() - timedelta(hours=1)).delete()[0]
