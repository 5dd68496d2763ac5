"""Works on imports in child processes that are killed outright, at a moment or at a point in the program.

As a program of its own it takes orders as lines of JSON and answers each with how its child ended. A child is
forked from a process that has everything loaded, so a kill costs no start.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.db import connection, connections

ROOT = Path(__file__).parents[2]
NAME = "mortal"  # of these processes' connections, where the database is a server
WITHIN = 60  # seconds


def environment(folder: Path) -> dict[str, str]:
    """What another process needs to work on the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        place = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
        url = f"postgres://{place}/{database['NAME']}"
    else:
        url = f"sqlite:///{database['NAME']}"
    return os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PGAPPNAME": NAME,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }


def wait_until_let_go() -> None:
    """Wait until the database has done with those who were killed: a server finishes what they last asked."""
    if connection.vendor != "postgresql":
        return
    theirs = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
    deadline = time.monotonic() + WITHIN
    with connection.cursor() as cursor:
        while cursor.execute(theirs, [NAME]).fetchone():
            assert time.monotonic() < deadline, "the database still works for a process that was killed"
            time.sleep(0.01)


class Mortal:
    """The test's end of the program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def do(self, job: str, *, after: float | None = None, at: str = "", **details: Any) -> float | None:
        """Have a child do a job, killed ``after`` so many seconds or ``at`` a point.

        Returns the seconds it took; None when it did not live to the end.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"job": job, "after": after, "at": at, **details}) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        assert ended["status"] in (0, -signal.SIGKILL), ended
        wait_until_let_go()
        return ended["seconds"] if ended["status"] == 0 else None


@contextmanager
def mortal(folder: Path) -> Iterator[Mortal]:
    """The program, ready for orders; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.imports.mortal"], cwd=ROOT, env=environment(folder), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        yield Mortal(process)
        process.stdin.close()


# The program


def main() -> None:
    django.setup()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for line in sys.stdin:
        order = json.loads(line)
        connections.close_all()
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            os._exit(live(order))
        if order["after"] is not None:
            signal.sigtimedwait({signal.SIGCHLD}, order["after"])
            os.kill(child, signal.SIGKILL)
        _child, status = os.waitpid(child, 0)
        while signal.sigtimedwait({signal.SIGCHLD}, 0):
            pass
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"status": code, "seconds": time.monotonic() - began}), flush=True)


def live(order: dict[str, Any]) -> int:
    """The child's life; its exit code."""
    from imports import runs, tasks  # noqa: PLC0415  models must be loaded first
    from publishing import outbox  # noqa: PLC0415  models must be loaded first

    def die(*_args: Any, **_more: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    record = runs.audit.record

    def record_and_die(what: str, *args: Any, **more: Any) -> None:
        record(what, *args, **more)
        if what == "import":
            die()

    points: dict[str, dict[tuple[Any, str], Callable[..., None]]] = {
        "": {},
        "claimed": {(tasks, "_run_in"): die},
        "before commit": {(runs.audit, "record"): record_and_die},
        "after commit": {(outbox, "send"): die, (outbox, "send_all"): die},
    }
    for (module, name), deadly in points[order["at"]].items():
        setattr(module, name, deadly)
    try:
        {"confirm": confirm, "work": work}[order["job"]](order)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def confirm(order: dict[str, Any]) -> None:
    """As the screen does when its button is pressed."""
    from imports import tasks  # noqa: PLC0415  models must be loaded first
    from imports.models import ImportRun  # noqa: PLC0415  models must be loaded first

    run = ImportRun.objects.get(pk=order["run"])
    tasks.begin("confirm", run, by=run.by, rows=0)


def work(_order: dict[str, Any]) -> None:
    """As the task worker does with what is in its queue."""
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415  models must be loaded

    Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id=f"mortal-{os.getpid()}", excluded_queue_names=[],
    ).run()  # fmt: skip


if __name__ == "__main__":
    main()
