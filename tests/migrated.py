"""A database with all migrations run, made once per run and copied by whoever needs one."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
NAME = "doorstep_migrated"  # on PostgreSQL


def ensure(shared: Path) -> str:
    """Make it in (or beside) ``shared``, unless another worker has; a file's path, or a database's name."""
    server = os.environ.get("DATABASE_URL", "")
    folder = shared / "migrated"
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            if server:
                execute(
                    server, f"DROP DATABASE IF EXISTS {NAME}", f"CREATE DATABASE {NAME} TEMPLATE template0"
                )
            if server:
                migrate(folder, database_url(server, NAME))
            else:
                copy_or_migrate(folder)
            (folder / "done").touch()
    return NAME if server else str(folder / "db.sqlite3")


def copy_or_migrate(folder: Path) -> None:
    """Take the SQLite database that an earlier run kept for these very migrations, or make and keep it."""
    kept = Path(tempfile.gettempdir()) / f"doorstep-migrated-{os.getuid()}-{fingerprint()}.sqlite3"
    made = folder / "db.sqlite3"
    if kept.exists() and kept.stat().st_uid == os.getuid():
        shutil.copy(kept, made)
        return
    migrate(folder, "")
    with sqlite3.connect(made) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    partly = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(made, partly)
    partly.replace(kept)


def fingerprint() -> str:
    """A hash that changes with any migration and with what they import."""
    digest = hashlib.sha256()
    migrations = [*ROOT.glob("content_models/*/migrations/*.py"), *ROOT.glob("site/*/migrations/*.py")]
    further = ["requirements.txt", "content_models/base/fields.py", "content_models/places/codes.py"]
    further.append("site/search/starter/synonyms.csv")
    for path in sorted([*migrations, *(ROOT / name for name in further)]):
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()[:16]}-{sys.version_info[0]}{sys.version_info[1]}"


def database_url(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return f"{server.rsplit('/', 1)[0]}/{name}"


def execute(server: str, *statements: str) -> None:
    """Run statements outside any transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def migrate(folder: Path, url: str) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "DATA_DIR": str(folder),
        "DATABASE_URL": url,
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"Migrating failed:\n{done.stdout}{done.stderr}"
