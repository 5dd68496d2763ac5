"""What a site in production must not be started with; each reason comes with its remedy."""

import fcntl
import ipaddress
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config import redis_settings, search_settings

CODE = 3  # of a process that refuses to start
SHORTEST_KEY, FEWEST_CHARACTERS, SHORTEST_TOKEN = 50, 10, 20
# Printed in deploy/env.example, so everybody knows it.
EXAMPLE_KEY = "replace-me-with-the-output-of-the-command-above-0123456789"
NEW_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
NUMBERS = (
    "WEB_PROCESSES",
    "DATABASE_CONNECTIONS",
    "LIVE_SOCKETS",
    "LIVE_SOCKETS_PER_ADDRESS",
    "PAGE_STORE_MB",
)
Environment = Mapping[str, str]
_claimed: list[IO[str]] = []  # open for as long as this process lives


@dataclass(frozen=True)
class Unsafe:
    """A variable with which the site does not start, why, and what to do."""

    variable: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.reason}\n    {self.remedy}"


def look(environment: Environment, *, data_dir: Path) -> list[Unsafe]:
    """All that is unsafe in an environment, not only the first."""
    found = [*_debug(environment), *_secret_key(environment), *_hosts(environment), *_database(environment)]
    found += [*_processes(environment), *_base_url(environment), *_data_dir(data_dir)]
    return [*found, *_unreadable(environment)]


def refuse(unsafe: list[Unsafe]) -> None:
    """End this process with all reasons in plain words, and without a traceback."""
    if not unsafe:
        return
    number = "One setting is" if len(unsafe) == 1 else f"{len(unsafe)} settings are"
    print(f"The site does not start. {number} unsafe or missing:\n", file=sys.stderr)
    print("\n".join(map(str, unsafe)), file=sys.stderr)
    print("\nEvery variable is explained in docs/operators.md.", file=sys.stderr)
    sys.exit(CODE)


def go_on(unsafe: list[Unsafe]) -> None:
    """Take unreadable values out of this process's environment, so that ``doctor`` can look at the rest."""
    for each in unsafe:
        os.environ.pop(each.variable, None)
    if any(each.variable == "DATA_DIR" for each in unsafe):
        os.environ["DATA_DIR"] = tempfile.gettempdir()


def claim(data_dir: Path) -> bool:
    """Be the only web process that works on this folder, until it ends; says so where another one is."""
    lock = (data_dir / "single-process.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("The site does not start: SINGLE_PROCESS is 1, and another web process runs.", file=sys.stderr)
        print("    End that one, or remove SINGLE_PROCESS and set REDIS_URL.", file=sys.stderr)
        return False
    _claimed.append(lock)
    return True


def is_doctor(arguments: list[str]) -> bool:
    return len(arguments) > 1 and Path(arguments[0]).name == "manage.py" and arguments[1] == "doctor"


def _debug(environment: Environment) -> Iterator[Unsafe]:
    if environment.get("DEBUG", "").lower() not in ("", "0", "false", "no", "off"):
        yield Unsafe(
            "DEBUG",
            "it is on, and every error would show settings and content to everybody.",
            "Remove it.",
        )


def _secret_key(environment: Environment) -> Iterator[Unsafe]:
    key = environment.get("SECRET_KEY", "")
    if not key:
        reason = "it is missing."
    elif key == EXAMPLE_KEY or key.startswith("django-insecure-"):
        reason = "it is a published example; who knows it can sign in as anybody."
    elif len(key) < SHORTEST_KEY:
        reason = f"it has {len(key)} characters, fewer than {SHORTEST_KEY}, and could be guessed."
    elif len(set(key)) < FEWEST_CHARACTERS or key in (key + key)[1:-1]:
        reason = "it repeats itself and could be guessed."
    else:
        return
    yield Unsafe("SECRET_KEY", reason, f"Set it to the output of: {NEW_KEY}")


def _hosts(environment: Environment) -> Iterator[Unsafe]:
    hosts = [host.strip() for host in environment.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    wrong = [host for host in hosts if not HOST.fullmatch(host)]
    if not hosts:
        reason = "it is missing, so nobody could reach the site."
    elif "*" in hosts:
        reason = "* lets everybody put a host name of theirs into links and mails of this site."
    elif wrong:
        reason = f"{wrong[0]} is not a host name."
    else:
        return
    remedy = "Set it to the site's host names without https://, separated by commas: www.example.gov.cn"
    yield Unsafe("ALLOWED_HOSTS", reason, remedy)


def _database(environment: Environment) -> Iterator[Unsafe]:
    url = environment.get("DATABASE_URL", "")
    engine = ""
    with suppress(Exception):  # whatever is wrong with it, it cannot be used
        engine = str(dj_database_url.parse(url).get("ENGINE", "")) if url else ""
    if not url:
        reason = "it is missing."
    elif "sqlite" in engine:
        reason = "SQLite is for one process on one machine, and production has several."
    elif not engine.endswith("postgresql"):
        reason = "it is not the address of a PostgreSQL database."
    else:
        return
    yield Unsafe("DATABASE_URL", reason, "Set it to: postgres://user:password@host:5432/name")


def _processes(environment: Environment) -> Iterator[Unsafe]:
    """The memory of one process is no channel layer and no cache for several."""
    is_single = environment.get("SINGLE_PROCESS", "") == "1"
    number = environment.get("WEB_PROCESSES", "") or "1"
    processes = int(number) if number.isdecimal() else 1
    if is_single and processes > 1:
        yield Unsafe(
            "SINGLE_PROCESS",
            f"it is 1, but {processes} web processes are to run (WEB_PROCESSES or --workers).",
            "Remove it and set REDIS_URL, or run one process.",
        )
    elif not is_single and not environment.get("REDIS_URL"):
        yield Unsafe(
            "REDIS_URL",
            "it is missing: live messages and the cache would stay in the memory of each process.",
            "Set it to redis://host:6379/0, or set SINGLE_PROCESS=1 where one process does everything.",
        )


def _base_url(environment: Environment) -> Iterator[Unsafe]:
    url = environment.get("BASE_URL", "")
    address: str | None = None
    with suppress(ValueError):
        parts = urlsplit(url)
        address = parts.hostname if parts.scheme == "https" else None
    if not address:
        reason = "it is missing." if not url else "it does not begin with https://."
        yield Unsafe("BASE_URL", reason, "Set it to the site's address: https://www.example.gov.cn")


def _data_dir(data_dir: Path) -> Iterator[Unsafe]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        yield Unsafe(
            "DATA_DIR",
            f"nothing can be written to {data_dir} ({error.strerror}).",
            "Make the folder and give it to the user the site runs as: install -d -o doorstep FOLDER",
        )


def _unreadable(environment: Environment) -> Iterator[Unsafe]:
    """Values that could not be understood."""
    for name in NUMBERS:
        value = environment.get(name, "")
        if value and not (value.isascii() and value.isdecimal() and int(value) > 0):
            yield Unsafe(name, f"{value} is not a number above 0.", "Set a number, or remove it.")
    if problem := _fails(lambda: redis_settings.check(environment.get("REDIS_URL", ""))):
        yield Unsafe("REDIS_URL", problem, "Set it to redis://host:6379/0 or as docs/operators.md says.")
    search = [environment.get(name, "") for name in ("SEARCH_URL", "SEARCH_BACKEND", "SEARCH_PREFIX")]
    if problem := _fails(lambda: search_settings.backends(*search)):
        yield Unsafe("SEARCH_URL", problem, "See docs/operators.md, A search server.")
    for name in ("TRUSTED_PROXIES", "WEBHOOK_ALLOW_PRIVATE"):
        for network in filter(None, environment.get(name, "").replace(" ", "").split(",")):
            if problem := _fails(partial(_network, network)):
                yield Unsafe(name, problem, "Set addresses or networks, separated by commas: 10.1.0.0/16")
    token = environment.get("METRICS_TOKEN", "")
    if token and len(token) < SHORTEST_TOKEN:
        reason = f"it has fewer than {SHORTEST_TOKEN} characters and could be guessed."
        yield Unsafe("METRICS_TOKEN", reason, f"Set it to the output of: {NEW_KEY}")
    prefix = environment.get("SCRIPT_NAME", "")
    if prefix and not re.fullmatch(r"(/[A-Za-z0-9_-]+)+", prefix):
        yield Unsafe(
            "SCRIPT_NAME", f"{prefix} is not a path.", "Set it like this, without a / at its end: /jiamenkou"
        )
    mail = environment.get("EMAIL_URL", "")
    if mail and not re.match(r"smtp(\+tls|\+ssl)?://\S", mail):
        yield Unsafe(
            "EMAIL_URL", "it is not an address of a mail server.", "smtp+tls://user:password@host:587"
        )


def _network(text: str) -> None:
    if ipaddress.ip_network(text, strict=False).prefixlen == 0:
        raise ValueError("all addresses of the world are not to be trusted.")


def _fails(read: Callable[[], object]) -> str:
    """What is wrong with a value, in a sentence; empty where it can be read."""
    try:
        read()
    except (ValueError, ImproperlyConfigured) as error:
        return str(error) or "it cannot be read."
    return ""
