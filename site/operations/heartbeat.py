"""Processes say through the database that they are alive: web, worker and scheduler, on any host."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.utils import timezone

from operations.models import Heartbeat

logger = logging.getLogger("operations")
EVERY = 15.0  # seconds
SILENT = timedelta(seconds=60)  # after which a process counts as gone
FORGOTTEN = timedelta(days=1)
Work = Heartbeat.Work
_began = timezone.now()


def beat(work: str) -> None:
    """Note that this process does ``work`` now."""
    Heartbeat.objects.update_or_create(
        work=work,
        host=socket.gethostname()[:100],
        process=os.getpid(),
        defaults={"at": timezone.now(), "started_at": _began},
    )


def end(work: str) -> None:
    """Leave in order: nobody is to miss this process."""
    Heartbeat.objects.filter(work=work, host=socket.gethostname()[:100], process=os.getpid()).delete()


def beat_schedule() -> None:
    """After each round of the scheduler."""
    if settings.HEARTBEATS:
        beat(Work.SCHEDULE)


def alive() -> dict[str, int]:
    """How many processes do each work."""
    fresh = Heartbeat.objects.filter(at__gt=timezone.now() - SILENT)
    found = dict(fresh.values_list("work").annotate(Count("pk")))
    return {work: found.get(work, 0) for work in Work.values}


def last(work: str) -> datetime | None:
    """When a process that does this work was last heard of."""
    return Heartbeat.objects.filter(work=work).order_by("-at").values_list("at", flat=True).first()


def forget_old() -> int:
    return Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN).delete()[0]


class Beating(threading.Thread):
    """Gives the sign every few seconds, until stopped; does nothing where heartbeats are switched off."""

    def __init__(self, work: str) -> None:
        super().__init__(name=f"heartbeat-{work}", daemon=True)
        self.work, self.stopping, self.is_heard = work, threading.Event(), True

    def begin(self) -> "Beating":
        if settings.HEARTBEATS:
            self.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self.is_alive():
            self.join(timeout=5)

    def run(self) -> None:
        while not self.stopping.is_set():
            self._try(beat)
            self.stopping.wait(EVERY)
        self._try(end)

    def _try(self, say: Callable[[str], None]) -> None:
        try:
            say(self.work)
            self.is_heard = True
        except DatabaseError as error:
            if self.is_heard:
                logger.warning("This process could not say that it is alive: %s", error)
            self.is_heard = False
        finally:
            connection.close()
