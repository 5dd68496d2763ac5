"""Private servers for the tests, started from installed programs and ended with the run."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import redis

START_WITHIN = 60  # seconds
PACKAGES = {
    "PostgreSQL": "postgresql",
    "Redis": "redis-server",
    "Chromium": "chromium",
    "nginx": "nginx-light",
}


class Missing(Exception):
    """A program that some tests need is not installed; the text says how to get it."""

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is not installed: apt install {PACKAGES[program]}")


def find_program(*names: str, folders: list[Path] | None = None) -> Path | None:
    """Find the first of these programs, in the given folders and then in PATH."""
    for name in names:
        for folder in folders or []:
            if os.access(folder / name, os.X_OK):
                return folder / name
        if found := shutil.which(name):
            return Path(found)
    return None


def find_postgres() -> Path:
    """Find the folder that holds initdb and postgres, the newest version first."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True
    )
    initdb = find_program("initdb", folders=[*debian, Path("/usr/local/bin"), Path("/usr/local/pgsql/bin")])
    if initdb is None or not os.access(initdb.with_name("postgres"), os.X_OK):
        raise Missing("PostgreSQL")
    return initdb.parent


def find_redis() -> Path:
    if found := find_program("redis-server", "valkey-server"):
        return found
    raise Missing("Redis")


def find_chromium() -> Path:
    if found := find_program("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
        return found
    raise Missing("Chromium")


def find_nginx() -> Path:
    if found := find_program("nginx", folders=[Path("/usr/sbin"), Path("/usr/local/sbin")]):
        return found
    raise Missing("nginx")


def missing_programs() -> list[str]:
    """Say in one sentence each which programs are not installed and how to get them."""
    missing = []
    for find in (find_postgres, find_redis, find_chromium, find_nginx):
        try:
            find()
        except Missing as why:
            missing.append(str(why))
    return missing


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run an empty PostgreSQL on a loopback port and give the address of its database."""
    programs = find_postgres()
    user = _unprivileged_user()
    password = secrets.token_urlsafe(16)
    with _folder("doorstep-postgres-", owner=user) as folder:
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if user:
            os.chown(secret, user.pw_uid, user.pw_gid)
        data = folder / "data"
        initdb = [
            str(programs / "initdb"), f"--pgdata={data}", "--username=doorstep", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        ]  # fmt: skip
        made = subprocess.run(_as(user, initdb), cwd=folder, capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")

        def command(port: int) -> list[str]:
            # The data lives for one run: nothing needs to survive a power cut.
            settings = {
                "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder,
                "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
                "max_connections": 200, "timezone": "Asia/Shanghai",
            }  # fmt: skip
            options = [f"--{name}={value}" for name, value in settings.items()]
            return _as(user, [str(programs / "postgres"), "-D", str(data), *options])

        def answers(port: int) -> None:
            psycopg.connect(address(port), connect_timeout=2).close()

        def address(port: int) -> str:
            return f"postgres://doorstep:{password}@127.0.0.1:{port}/postgres"

        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        with running(command, answers, cwd=folder, end_with=signal.SIGINT) as port:
            yield address(port)


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run an empty Redis that keeps nothing, on a loopback port, and give its address."""
    program = find_redis()
    with _folder("doorstep-redis-") as folder:

        def command(port: int) -> list[str]:
            return [
                str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder),
                "--save", "", "--appendonly", "no", "--daemonize", "no",
            ]  # fmt: skip

        def answers(port: int) -> None:
            with redis.Redis(port=port, socket_timeout=2) as client:
                client.ping()

        with running(command, answers, cwd=folder) as port:
            yield f"redis://127.0.0.1:{port}/0"


def site(port: int, *options: str) -> list[str]:
    """The command of `make run`; it wants this folder and its `site` in PYTHONPATH."""
    return [sys.executable, "-m", "config.serve", "--port", str(port), *options]


@contextlib.contextmanager
def running(
    command: Callable[[int], list[str]],
    answers: Callable[[int], None],
    *,
    cwd: Path,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    end_with: signal.Signals = signal.SIGTERM,
) -> Iterator[int]:
    """Run a server on a free port until it `answers` without an exception; end it by its process id."""
    log = log or cwd / "server.log"
    for attempt in range(3):  # between finding a port and listening on it another program may take it
        port = free_port()
        with log.open("w") as output:
            # In a session of its own, so that Ctrl-C reaches the tests first and they end the server.
            process = subprocess.Popen(
                _ending_with_us(command(port)), cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            if not _wait(process, partial(answers, port)):
                if attempt < 2 and "ddress already in use" in log.read_text(errors="replace"):
                    continue
                raise RuntimeError(f"{command(port)[0]} did not start:\n{log.read_text(errors='replace')}")
            yield port
            return
        finally:
            _end(process, end_with)


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], answers: Callable[[], None]) -> bool:
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            answers()
        except (OSError, psycopg.OperationalError, redis.RedisError):
            time.sleep(0.1)
        else:
            return True
    return False


def _end(process: subprocess.Popen[bytes], end_with: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(end_with)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _unprivileged_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: choose whom it runs as."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(user: pwd.struct_passwd | None, command: list[str]) -> list[str]:
    if user is None:
        return command
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]


def _ending_with_us(command: list[str]) -> list[str]:
    """Have the kernel end the server even when the tests are killed outright."""
    if not shutil.which("setpriv"):
        return command
    if command[0] == "setpriv":
        return ["setpriv", "--pdeathsig=TERM", *command[1:]]
    return ["setpriv", "--pdeathsig=TERM", *command]


@contextlib.contextmanager
def _folder(prefix: str, *, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A folder directly under /tmp: other users can enter it and a socket's path stays short."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
