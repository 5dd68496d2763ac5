"""What it takes to write down, and to put back, a list of 100,000 entries with its search and 2,000 pictures.

    python -m benchmarks.backup

Both by their commands, start of the program, checks and smoke checks included; the second backup finds the
pictures unchanged. Baseline in the same run: the bare copy of the same files, and pg_restore alone.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = 100_000
PICTURES = 2_000
PICTURE_KB = 150


def measure():
    """Rows of figures for both databases."""
    from tests import migrated, servers  # noqa: PLC0415  only where this is measured

    found = []
    with servers.postgres() as url:
        for vendor, server in (("PostgreSQL", url), ("SQLite", "")):
            with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
                addresses = {}
                for name in ("site", "other"):
                    Path(folder, name).mkdir()
                    addresses[name] = ""
                    if server:
                        addresses[name] = migrated.database_url(server, f"backup_{name}")
                        migrated.execute(server, f"CREATE DATABASE backup_{name} TEMPLATE template0")
                for row in _measure(Path(folder), addresses):
                    row = {"database": vendor} | row
                    print(f"  {vendor + ', ' + row['name']:<46}{row['seconds']:>8.1f} s", flush=True)
                    found.append(row)
    return found


def _measure(folder, addresses):
    site, other, shelf = folder / "site", folder / "other", folder / "backups"
    _manage(site, addresses["site"], "migrate", "-v0")
    _run([sys.executable, "-m", "benchmarks.backup", "fill"], _environment(site, addresses["site"]))
    yield _timed("first backup", lambda: _manage(site, addresses["site"], "backup", str(shelf)))
    yield _timed("backup with nothing new", lambda: _manage(site, addresses["site"], "backup", str(shelf)))
    newest = max(shelf.glob("doorstep-*"))
    size = sum(path.stat().st_size for path in newest.rglob("*") if path.is_file()) / (1 << 20)
    yield _timed("restore", lambda: _manage(other, addresses["other"], "restore", str(shelf))) | {
        "rows": ROWS,
        "pictures": PICTURES,
        "size_mb": round(size, 1),
    }
    yield _timed("baseline: the same files copied", lambda: shutil.copytree(newest, folder / "copied"))
    if addresses["other"]:
        scratch = addresses["site"].replace("backup_site", "backup_scratch")
        from tests import migrated  # noqa: PLC0415  only where this is measured

        migrated.execute(addresses["site"], "CREATE DATABASE backup_scratch TEMPLATE template0")
        command = ["pg_restore", "--no-owner", f"--dbname={scratch}", str(newest / "database.dump")]
        yield _timed("baseline: pg_restore alone", lambda: _run(command, dict(os.environ)))


def _timed(name, action):
    began = time.perf_counter()
    action()
    return {"name": name, "seconds": round(time.perf_counter() - began, 2)}


def _manage(folder, url, *arguments):
    _run([sys.executable, "manage.py", *arguments], _environment(folder, url))


def _environment(folder, url):
    return os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }


def _run(command, environment):
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])


# In the process that makes the content


def fill():
    """The list of the other benchmarks, found by search, and pictures beside it."""
    from django.conf import settings  # noqa: PLC0415  needs the apps loaded
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks.open_data import fill as fill_list  # noqa: PLC0415

    fill_list(ROWS)
    call_command("rebuild_search", verbosity=0)
    folder = Path(settings.MEDIA_ROOT, "images")
    folder.mkdir(parents=True)
    for number in range(PICTURES):
        (folder / f"{number}.jpg").write_bytes(os.urandom(PICTURE_KB * 1024))


if __name__ == "__main__":
    if sys.argv[1:] == ["fill"]:
        import django

        django.setup()
        fill()
    else:
        sys.path[:0] = [str(ROOT), str(ROOT / "site")]
        print("\nbackup")
        measure()
