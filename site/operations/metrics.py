"""Figures for monitoring, of this one process and, asked at most every few seconds, of the database.

A room to the left of this one adds its own with ``prometheus_client``: a ``Counter`` where it counts, or an
object with ``collect()`` that is registered with ``prometheus_client.REGISTRY`` in its ``ready()``.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from delivery.http import PageStore
from live.consumer import doors
from operations.asked import Asked
from operations.standing import Standing

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BEFORE_DJANGO = "before_django"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Answers:
    """How many answers there were, and how long they took. Counted on the event loop, without locks."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str, int], int] = {}
        self.times: dict[
            str, list[float]
        ] = {}  # by view: how many within each of SECONDS, of the rest, and all

    def count(self, asked: Asked, seconds: float) -> None:
        """Count an answered request; views are names of addresses, so there are only so many."""
        view = asked.view or BEFORE_DJANGO
        key = view, asked.method if asked.method in METHODS else "other", asked.status
        self.numbers[key] = self.numbers.get(key, 0) + 1
        if (times := self.times.get(view)) is None:
            times = self.times[view] = [0] * (len(SECONDS) + 2)
        times[bisect_left(SECONDS, seconds)] += 1
        times[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "doorstep_requests", "Requests answered.", labels=["view", "method", "status"]
        )
        for (view, method, status), number in list(self.numbers.items()):
            requests.add_metric([view, method, str(status or "aborted")], number)
        yield requests
        durations = HistogramMetricFamily(
            "doorstep_request_seconds", "Seconds until an answer was sent.", labels=["view"]
        )
        for view, (*numbers, seconds) in list(self.times.items()):
            bounds = [*map(str, SECONDS), "+Inf"]
            durations.add_metric([view], list(zip(bounds, accumulate(numbers), strict=True)), seconds)
        yield durations


answers = _Answers()
count = answers.count
REGISTRY.register(answers)


def written(standing: Standing | None) -> bytes:
    """All figures in Prometheus' text form; those of the database only where it answered."""
    return b"".join((generate_latest(REGISTRY), generate_latest(_Collected(list(_of_site(standing))))))


class _Sockets:
    """The open pages of this process."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("doorstep_live_sockets", "Open sockets of live pages.", value=doors.all)
        yield CounterMetricFamily("doorstep_live_messages", "Messages sent to live pages.", value=doors.told)


REGISTRY.register(_Sockets())


class _StoredPages:
    """The pages that this process keeps in memory."""

    def collect(self) -> Iterator[Metric]:
        pages = PageStore.here
        if pages is None:
            return
        store = pages.store
        yield _gauge("pages_kept", "Pages in memory.", len(store.pages))
        yield _gauge("pages_bytes", "Bytes they take.", store.bytes)
        for name, what, number in (
            ("pages_hits", "Requests answered from memory.", store.hits),
            ("pages_misses", "Pages that had to be made while a reader waited.", store.misses),
            ("pages_shared", "Pages taken from another process.", store.shared),
            ("pages_dropped", "Pages that a publication put out of date.", store.dropped),
        ):
            yield CounterMetricFamily(f"doorstep_{name}", what, value=number)


REGISTRY.register(_StoredPages())


class _Collected:
    def __init__(self, found: list[Metric]) -> None:
        self.found = found

    def collect(self) -> list[Metric]:
        return self.found


def _of_site(standing: Standing | None) -> Iterator[Metric]:
    """The same in every process: take one of them, or the maximum."""
    yield _gauge("database_up", "Whether the database answered in time.", float(standing is not None))
    if standing is None:
        return
    yield CounterMetricFamily("doorstep_publications", "Changes announced ever.", value=standing.published)
    yield _gauge("outbox_waiting", "Changes that are not told everywhere yet.", standing.outbox_waiting)
    yield _gauge("outbox_delay_seconds", "Age of the oldest of them.", standing.outbox_delay)
    yield _gauge("schedule_overdue_seconds", "Lateness of the schedule's oldest item.", standing.overdue)
    yield _gauge("schedule_failed", "Items that could not be done at their time.", standing.schedule_failed)
    yield _gauge("tasks_waiting", "Tasks that no worker has taken yet.", standing.tasks_waiting)
    yield _gauge("tasks_delay_seconds", "How long the oldest of them has waited.", standing.tasks_delay)
    runs = GaugeMetricFamily("doorstep_imports", "Imports by state.", labels=["state"])
    rows = GaugeMetricFamily("doorstep_import_rows", "Rows read by imports, by state.", labels=["state"])
    for state, (number, read) in standing.imports.items():
        runs.add_metric([state], number)
        rows.add_metric([state], read)
    yield from (runs, rows)
    alive = GaugeMetricFamily("doorstep_processes", "Processes that gave a sign of life.", labels=["work"])
    for work, number in standing.processes.items():
        alive.add_metric([work], number)
    yield alive


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"doorstep_{name}", what, value=value)
