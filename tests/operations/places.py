"""Places that a site can stand in, each with a folder and a database of its own, worked on from outside."""

import contextlib
import fcntl
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests import migrated, servers
from tests.demo_site import PASSWORD, Demo

ROOT = Path(__file__).parents[2]


@dataclass
class Place:
    """One of them."""

    folder: Path
    url: str  # of the database on a server, or empty

    @property
    def env(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "DEMO_PASSWORD": PASSWORD,
        }

    def run(self, *arguments: Any, at_most: int = 0, **env: str) -> "subprocess.CompletedProcess[str]":
        """A management command; ``at_most`` bytes go into one file, as on a disk that is full."""
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)], cwd=ROOT, env=self.env | env,
            capture_output=True, text=True, preexec_fn=(lambda: _limit(at_most)) if at_most else None,
        )  # fmt: skip

    def start(self, *arguments: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)], cwd=ROOT, env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def json(self, *arguments: Any) -> Any:
        """What a command that succeeds says to programs."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the database, or an empty list from a statement that gives none; committed at once."""
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []
        with (
            contextlib.closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=20)) as database,
            database,
        ):
            return database.execute(statement).fetchall()

    def one(self, statement: str) -> Any:
        return self.ask(statement)[0][0]

    def titles(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT id, title, live FROM wagtailcore_page ORDER BY id")

    def media(self) -> dict[str, bytes]:
        folder = self.folder / "media"
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextlib.contextmanager
def empty(folder: Path, *, template: str = "template0") -> Iterator[Place]:
    """A place with nothing in it, or with what a database on the server holds."""
    folder.mkdir(parents=True, exist_ok=True)
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield Place(folder, "")
        return
    name = f"backups_{os.getpid()}_{servers.free_port()}"
    migrated.execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield Place(folder, migrated.database_url(server, name))
    finally:
        migrated.execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def demo(shared: Path) -> Demo:
    """The demo content, loaded once for all workers, as the journeys have it."""
    made = Demo(shared / "demo")
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_loaded:
            made.load(migrated.ensure(shared))
    return made


@contextlib.contextmanager
def copy_of(made: Demo, folder: Path) -> Iterator[Place]:
    shutil.copytree(made.folder, folder)
    with empty(folder, template="journeys_demo") as place:
        yield place
