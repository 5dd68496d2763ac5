"""How long one page of the feed of changes takes among a million rows, beside the same page by OFFSET.

    python -m benchmarks.changes

Topics are 2,000 guides; every tenth row is hidden, every thousandth is the banner's. Times are those of whole
requests through Django, medians and 95th percentiles in milliseconds, on PostgreSQL and on SQLite; "cpu" is
what of that this process worked (on SQLite all of it), which other programs on the machine change little.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS, GUIDES = 1_000_000, 2_000
RUNS, OFFSET_RUNS = 40, 5
FEED = "/api/v1/changes/"
# What is asked for: where in the feed a reader stands, and what else it says.
ASKED = {
    "newest 200": (ROWS - 200, ""),
    "nothing new": (ROWS, ""),
    "200 from the beginning": (0, ""),
    "200 from the middle": (ROWS // 2, ""),
    "1,000 from the middle": (ROWS // 2, "&limit=1000"),
    "a rare kind, from the middle": (ROWS // 2, "&kind=banner"),
}


def measure():
    """Rows of ``{database, page, queries, ms, p95 ms, cpu ms, offset ms, offset cpu ms}``."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    rows = []
    with servers.postgres() as url:
        for vendor, address in (("PostgreSQL", url), ("SQLite", "")):
            rows += [{"database": vendor} | row for row in _in_process(address)]
    figures = ["queries", "ms", "p95 ms", "cpu ms", "offset ms", "offset cpu ms"]
    print(f"\n{'database':<12}{'page':<30}", *(f"{name:>13}" for name in figures))
    for row in rows:
        print(f"{row['database']:<12}{row['page']:<30}", *(f"{row[name]:>13}" for name in figures))
    return rows


def _in_process(address):
    """The figures of a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        environment = os.environ | {
            "DATABASE_URL": address,
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.changes", "one"],
            cwd=ROOT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])


def measure_one():
    from django.test import Client  # noqa: PLC0415  needs the settings

    _fill()
    rows, client = [], Client()
    for page, (after, more) in ASKED.items():
        limit = 1000 if "1000" in more else 200
        kind = "banner" if "banner" in more else ""
        queries, times, cpu = _times(partial(_get, client, f"{FEED}?after={after}{more}"))
        _queries, by_offset, offset_cpu = _times(partial(_by_offset, after, limit, kind), OFFSET_RUNS)
        rows.append(
            {
                "page": page,
                "queries": queries,
                "ms": round(statistics.median(times), 1),
                "p95 ms": round(statistics.quantiles(times, n=20)[-1], 1),
                "cpu ms": round(statistics.median(cpu), 1),
                "offset ms": round(statistics.median(by_offset), 1),
                "offset cpu ms": round(statistics.median(offset_cpu), 1),
            }
        )
    return rows


def _fill():
    from django.db import connection  # noqa: PLC0415  needs the settings

    from benchmarks import growth  # noqa: PLC0415  needs the apps loaded
    from publishing.models import OutboxEntry, Sequence  # noqa: PLC0415
    from publishing.publish import publish  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    publish(factories.guide())
    first = growth.grow_guides(GUIDES)[0]
    OutboxEntry.objects.all().delete()
    is_postgres = connection.vendor == "postgresql"
    numbers = (
        f"SELECT n FROM generate_series(1, {ROWS}) AS n"
        if is_postgres
        else f"WITH RECURSIVE c(n) AS (SELECT 1 UNION SELECT n + 1 FROM c WHERE n < {ROWS}) SELECT n FROM c"
    )
    detail = '\'{"action": "publish", "title": "\' || n || \'"}\''
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO publishing_outboxentry
                (sequence, topic, version, what, detail, standing, at, sent_at)
            SELECT n,
                CASE WHEN n %% 1000 = 0 THEN 'banner:0' ELSE 'guides:' || ({first} + n %% {GUIDES}) END,
                n, 'published', {f"({detail})::jsonb" if is_postgres else detail},
                CASE WHEN n %% 10 = 5 THEN 'hidden' ELSE 'public' END, %s, %s
            FROM ({numbers}) AS numbers
            """,
            ["2026-11-21T08:00:00+00:00" if is_postgres else "2026-11-21 08:00:00"] * 2,
        )
    Sequence.objects.filter(name="outbox").update(value=ROWS)
    growth.analyze()


def _times(ask, runs=RUNS):
    """(queries, milliseconds of each run, milliseconds of work of each run)."""
    from django.db import connection  # noqa: PLC0415  needs the settings

    asked, times, cpu = [], [], []

    def count(execute, sql, *rest):
        asked.append(sql)
        return execute(sql, *rest)

    for run in range(runs + 2):
        asked.clear()
        with connection.execute_wrapper(count):
            began, worked = time.perf_counter(), time.process_time()
            ask()
            took, work = time.perf_counter() - began, time.process_time() - worked
        if run > 1:  # the first ones fill caches
            times.append(took * 1000)
            cpu.append(work * 1000)
    return len(asked), times, cpu


def _get(client, address):
    response = client.get(address, headers={"host": "localhost"})
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")


def _by_offset(after, limit, kind):
    """As a page number would be answered, by counting rows from the beginning."""
    from api.changes import feed  # noqa: PLC0415  needs the apps loaded
    from publishing.models import OutboxEntry  # noqa: PLC0415

    entries = OutboxEntry.objects.exclude(standing="hidden").order_by("sequence")
    if kind:
        entries = entries.filter(topic__startswith=f"{kind}:")
    place = after * entries.count() // ROWS
    feed.describe(list(entries[max(place - 1, 0) : place + limit]), str)


if __name__ == "__main__":
    if sys.argv[1:] == ["one"]:
        import django

        django.setup()
        print(json.dumps(measure_one()))
    else:
        sys.path[:0] = [str(ROOT), str(ROOT / "site")]
        measure()
