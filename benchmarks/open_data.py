"""What it costs to take a list of 100,000 entries away as a file, beside how its page gave it out before.

    python -m benchmarks.open_data

By address, the answer read to its end: the first time, which makes the file, and again. Each is measured in a
process of its own, with how much its memory grew at the most; 10,000 entries beside 100,000 tell whether that
depends on them. Baseline in the same run: the page's own download as it was before there were files, which
read every row as an object and held the whole file in memory.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000)
FORMS = ("csv", "json", "xlsx")
BATCH = 5_000


def measure():
    """Rows of figures, each naming database, entries, form and way."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    found = []
    with servers.postgres() as url:
        for vendor, address in (("PostgreSQL", url), ("SQLite", "")):
            with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
                for size in SIZES:
                    page = _in_process(address, folder, "fill", size)["page"]
                    for form in FORMS:
                        for way in ("first", "again", "before"):
                            if way == "before" and (form == "json" or (form, size) == ("xlsx", SIZES[-1])):
                                continue  # there was none; and it takes minutes
                            figures = _in_process(address, folder, way, page, form)
                            row = {"database": vendor, "entries": size, "form": form, "way": way} | figures
                            print_row(row)
                            found.append(row)
    return found


def print_row(row):
    name = f"{row['database']}, {row['entries']:,} entries, {row['form']}, {row['way']}"
    spent = f"{row['seconds']:>8.2f} s ({row['busy_seconds']:.2f} s busy)"
    print(f"  {name:<52}{spent}{row['memory_mb']:>8.1f} MB more{row['size_mb']:>8.1f} MB file", flush=True)


def _in_process(address, folder, *step):
    environment = os.environ | {
        "DATABASE_URL": address,
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.open_data", *map(str, step)],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


# In the process that measures


def fill(size):
    """A public list of so many entries of fourteen columns."""
    from django.core.management import call_command  # noqa: PLC0415  needs the apps loaded
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks.imports import HEADER, new_list, rows  # noqa: PLC0415
    from content_models.policy_lists.models import ListEntry  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    page = new_list()
    edition = page.editions.model(owner=page, title="第一批")
    edition.save()
    keys = {column.label: column.key for column in page.column_specs}
    batch = []
    for order, cells in enumerate(rows(size), 1):
        values = {keys[label]: value for label, value in zip(HEADER[1:], cells[1:], strict=True) if value}
        values[keys["是否公开"]] = {"是": "yes", "否": "no"}[values[keys["是否公开"]]]
        batch.append(
            ListEntry(edition=edition, key=cells[0], order=order, values=values, digest=f"{order:032x}")
        )
        if len(batch) == BATCH:
            ListEntry.objects.bulk_create(batch)
            batch = []
    ListEntry.objects.bulk_create(batch)
    now = timezone.now()
    type(edition).objects.filter(pk=edition.pk).update(live=True, is_current=True, last_published_at=now)
    return {"page": page.pk}


def by_address(page, form):
    """Read the answer as a server does, piece by piece."""
    from django.test import Client  # noqa: PLC0415  needs the apps loaded

    answer = Client().get(f"/open-data/lists-{page}/latest.{form}", headers={"host": "localhost"})
    assert answer.status_code == 200, answer.status_code
    return sum(map(len, answer.streaming_content))


def as_before(page, form):
    """The page's download as it was: every row an object, every file whole in memory."""
    from django.http import HttpResponse  # noqa: PLC0415  needs the apps loaded

    from content_models.base.spreadsheets import OutColumn, OutSheet, write_csv, write_xlsx  # noqa: PLC0415
    from content_models.policy_lists.models import PolicyListPage  # noqa: PLC0415

    page = PolicyListPage.objects.get(pk=page)
    rows = page.public_rows(page.current_edition)
    first = rows.first()
    page.before_display(rows)
    columns = [OutColumn(label) for _key, label, _text in first.public_cells()]
    sheet = OutSheet(
        page.title, columns, ([text for _key, _label, text in row.public_cells()] for row in rows)
    )
    file = io.BytesIO()
    if form == "xlsx":
        write_xlsx([sheet], file)
    else:
        write_csv(sheet, file)
    return len(HttpResponse(file.getvalue()).content)


def memory(name):
    """kB of this process, from the system."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(re.search(rf"{name}:\s+(\d+)", status)[1])


def measured(take, page, form):
    from django.test import Client  # noqa: PLC0415  needs the apps loaded

    Client().get("/open-data/guides/latest.csv", headers={"host": "localhost"})  # what is loaded only once
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest there was
    before, begun, worked = memory("VmRSS"), time.perf_counter(), time.process_time()
    size = take(page, form)
    seconds, busy = time.perf_counter() - begun, time.process_time() - worked
    return {
        "seconds": round(seconds, 2),
        "busy_seconds": round(busy, 2),  # of this process, however much else the machine has to do
        "memory_mb": round((memory("VmHWM") - before) / 1024, 1),
        "size_mb": round(size / (1 << 20), 1),
    }


def main(step, *details):
    import django  # noqa: PLC0415  the settings must be known first

    django.setup()
    if step == "fill":
        return fill(int(details[0]))
    if step == "first":
        folder = Path(os.environ["DATA_DIR"]) / "open-data" / f"lists-{details[0]}"
        for path in folder.glob(f"*.{details[1]}"):
            path.unlink()
    take = as_before if step == "before" else by_address
    return measured(take, int(details[0]), details[1])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(main(*sys.argv[1:])))
    else:
        sys.path[:0] = [str(ROOT), str(ROOT / "site")]
        print("\nopen data")
        measure()
