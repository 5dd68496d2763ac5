"""What it costs to check content: 10,000 guides at once, one publish, conflicts over 58,000 provisions.

    python -m benchmarks.quality

Baselines in the same run: the same guides read with all their parts and not checked, the same publish with
every rule switched off, and a bare count of the same provisions.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUIDES = 10_000
SERVICES, COMMUNITIES = 161, 362
PUBLISHES = 7
RUNS = 3
STEPS = ("checkup", "publish", "conflicts")


def measure():
    """Rows of figures, each naming database and step, with the baseline beside it."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    found = []
    print("\nquality")
    with servers.postgres() as url:
        for vendor, address in (("SQLite", ""), ("PostgreSQL", url)):
            with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
                _in_process(address, folder, "fill")
                for step in STEPS:
                    found.append({"database": vendor} | _in_process(address, folder, step))
                    print_row(found[-1])
    return found


def print_row(row):
    print(
        f"  {row['database']}, {row['what']:<44}{row['seconds']:>8.3f} s"
        f"  (baseline: {row['baseline']} {row['baseline_seconds']:.3f} s)",
        flush=True,
    )


def _in_process(address, folder, step):
    environment = os.environ | {
        "DATABASE_URL": address,
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quality", step],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


# In the process that measures


def fill():
    """The demo, 10,000 guides with materials, and 362 communities that offer 161 of them."""
    from django.core.management import call_command  # noqa: PLC0415  the apps are loaded by now

    from benchmarks.growth import analyze, grow_communities, grow_guides  # noqa: PLC0415
    from content_models.certificates.models import Certificate  # noqa: PLC0415
    from content_models.guides.models import GuidePage, Material, Provision  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("load_demo", stdout=io.StringIO())
    guides = grow_guides(GUIDES)
    offered = list(GuidePage.objects.filter(pk__in=guides[:SERVICES]))
    grow_communities(COMMUNITIES, guides=offered)
    # Every tenth service asks for a certificate that must not be issued; all are offered.
    refused = Certificate.all_refused().first()
    asking = Material.objects.filter(page__in=guides[:SERVICES:10], sort_order=0)
    asking.update(name=f"（{refused.name}）")
    Provision.objects.filter(guide__in=guides[:SERVICES:10]).update(is_offered=True, reason="")
    analyze()
    return {}


def checkup():
    from quality import checkup as asked  # noqa: PLC0415

    def read():
        for things in asked.public_things():
            keys = list(things.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(keys), asked.BATCH):
                asked._read_parts(list(things.filter(pk__in=keys[start : start + asked.BATCH])))

    def check():
        asked.keep(list(asked.results()))

    check()
    number = asked.number_of_public_things()
    return {
        "what": f"check and keep {number:,} pages and lists",
        "seconds": _time(check, runs=1),
        "baseline": "reading them",
        "baseline_seconds": _time(read, runs=1),
    }


def publish():
    from content_models.guides.models import GuidePage  # noqa: PLC0415
    from publishing.publish import publish as publish_one  # noqa: PLC0415
    from quality.models import RuleSetting  # noqa: PLC0415
    from quality.review import CHECKS  # noqa: PLC0415

    guide = GuidePage.objects.live().order_by("pk").first()

    def go_live():
        guide.save_revision()
        publish_one(guide)

    go_live()
    seconds = _time(go_live, runs=PUBLISHES)
    RuleSetting.objects.bulk_create([RuleSetting(code=code, level="off") for code in CHECKS])
    without = _time(go_live, runs=PUBLISHES)
    RuleSetting.objects.all().delete()
    return {
        "what": f"publish a guide with all {len(CHECKS)} rules",
        "seconds": seconds,
        "baseline": "without rules",
        "baseline_seconds": without,
    }


def conflicts():
    from content_models.guides.models import Provision  # noqa: PLC0415
    from quality.conflicts import conflicts as report  # noqa: PLC0415
    from staff.models import User  # noqa: PLC0415

    person = User.objects.filter(is_superuser=True).first() or User(is_superuser=True, is_active=True)
    number = Provision.objects.filter(edition__is_current=True, edition__live=True).count()
    found = len(report(person))
    return {
        "what": f"{found:,} conflicts over {number:,} provisions",
        "seconds": _time(lambda: report(person), runs=RUNS),
        "baseline": "counting provisions",
        "baseline_seconds": _time(
            lambda: Provision.objects.filter(edition__is_current=True, edition__live=True).count(), runs=RUNS
        ),
    }


def _time(work, *, runs):
    """The middle one of so many runs, in seconds."""
    times = []
    for _run in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        measure()
    else:
        import django

        django.setup()
        print(
            json.dumps(
                {"fill": fill, "checkup": checkup, "publish": publish, "conflicts": conflicts}[sys.argv[1]]()
            )
        )
