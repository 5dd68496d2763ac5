"""Running sites with the demo content, of which nothing is shared with the site of `make run`."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests import migrated, servers

ROOT = Path(__file__).parents[1]
PASSWORD = "journey-门口-2026"  # of every demo account in these sites


@dataclass
class Site:
    """A running copy of the demo site."""

    address: str
    folder: Path
    env: dict[str, str]

    def url(self, path: str = "/") -> str:
        return self.address + path

    def manage(self, *arguments: str) -> str:
        """Run a management command on this site and give what it prints."""
        return manage(self.env, *arguments)

    def sign_in(self, page: Page, account: str) -> None:
        """Sign a page's visitor in to the admin as one of the demo accounts."""
        page.goto(self.url("/admin/login/"))
        page.fill("input[name=username]", account)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(re.compile(r"/admin/(?!login)"))

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")


class Demo:
    """A stopped site with the demo content, from which running copies are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("DATABASE_URL", "")  # empty: SQLite, a file in the folder

    @property
    def is_loaded(self) -> bool:
        return (self.folder / "loaded").exists()

    def load(self, made: str) -> None:
        """Load the demo content into a copy of the migrated database."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if self.server:
            migrated.execute(
                self.server,
                "DROP DATABASE IF EXISTS journeys_demo",
                f"CREATE DATABASE journeys_demo TEMPLATE {made}",
            )
        else:
            shutil.copy(made, self.folder / "db.sqlite3")
        manage(self._env(self.folder, "journeys_demo"), "load_demo")
        (self.folder / "loaded").touch()

    @contextlib.contextmanager
    def serve_copy(self, folder: Path) -> Iterator[Site]:
        """Copy the content and serve it with the same command as `make run`; any 500 fails the test."""
        data = folder / "data"
        shutil.copytree(self.folder, data)
        database = f"journeys_{os.getpid()}_{servers.free_port()}"
        if self.server:
            migrated.execute(self.server, f"CREATE DATABASE {database} TEMPLATE journeys_demo")
        env = self._env(data, database)
        log = folder / "server.log"
        try:
            with servers.running(servers.site, is_ready, cwd=ROOT, env=env, log=log) as port:
                yield Site(f"http://127.0.0.1:{port}", folder, env)
        finally:
            if self.server:
                migrated.execute(self.server, f"DROP DATABASE {database} WITH (FORCE)")
            written = log.read_text(errors="replace")
            print(written[-20_000:])  # shown beside the test where it failed
        assert "Internal Server Error" not in written, "A page answered 500."

    def _env(self, data: Path, database: str) -> dict[str, str]:
        # The very settings of `make run`, background threads and all.
        ours = {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
            "DATA_DIR": str(data),
            "DEMO_PASSWORD": PASSWORD,
        }
        if self.server:
            ours["DATABASE_URL"] = migrated.database_url(self.server, database)
        inherited = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        return inherited | ours


def manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def is_ready(port: int) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=30).close()
