"""A database with all migrations run, made once per run and copied by whoever needs one."""

import fcntl
import os
import subprocess
import sys
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
            migrate(folder, database_url(server, NAME) if server else "")
            (folder / "done").touch()
    return NAME if server else str(folder / "db.sqlite3")


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
