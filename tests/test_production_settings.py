"""Production does not start with what is unsafe, says all of it with its remedy, and starts when safe."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config import safety
from tests import servers
from tests.conftest import need

ROOT = Path(__file__).parents[1]
KEY = "Zx81-a-key-that-nobody-else-has-0123456789-qwertyuiop-#!"
SAFE = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "www.example.gov.cn",
    "BASE_URL": "https://www.example.gov.cn",
    "DATABASE_URL": "postgres://doorstep:word@127.0.0.1:5432/doorstep",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
GONE = "(not set)"

# variable, its value, and what the reason and the remedy say
UNSAFE = [
    ("DEBUG", "1", "it is on", "Remove it"),
    ("SECRET_KEY", GONE, "missing", "secrets.token_urlsafe"),
    ("SECRET_KEY", "short", "5 characters", "secrets.token_urlsafe"),
    ("SECRET_KEY", "ab" * 40, "repeats itself", "secrets.token_urlsafe"),
    ("SECRET_KEY", "abcdefghijklmnop" * 4, "repeats itself", "secrets.token_urlsafe"),
    ("SECRET_KEY", safety.EXAMPLE_KEY, "published example", "secrets.token_urlsafe"),
    ("SECRET_KEY", f"django-insecure-{KEY}", "published example", "secrets.token_urlsafe"),
    ("ALLOWED_HOSTS", GONE, "missing", "www.example.gov.cn"),
    ("ALLOWED_HOSTS", "www.example.gov.cn,*", "* lets everybody", "www.example.gov.cn"),
    ("ALLOWED_HOSTS", "https://www.example.gov.cn", "not a host name", "without https://"),
    ("DATABASE_URL", GONE, "missing", "postgres://"),
    ("DATABASE_URL", "sqlite:////tmp/db.sqlite3", "SQLite", "postgres://"),
    ("DATABASE_URL", "nonsense", "not the address", "postgres://"),
    ("REDIS_URL", GONE, "memory of each process", "SINGLE_PROCESS=1"),
    ("REDIS_URL", "redis+sentinel://", "redis+sentinel://host:26379", "redis://host:6379/0"),
    ("REDIS_URL", "127.0.0.1:6379", "not an address of Redis", "redis://host:6379/0"),
    ("BASE_URL", GONE, "missing", "https://www.example.gov.cn"),
    ("BASE_URL", "http://www.example.gov.cn", "does not begin with https", "https://www.example.gov.cn"),
    ("DATA_DIR", "/dev/null/data", "nothing can be written", "install -d"),
    ("TRUSTED_PROXIES", "0.0.0.0/0", "not to be trusted", "10.1.0.0/16"),
    ("TRUSTED_PROXIES", "proxy", "does not appear to be", "10.1.0.0/16"),
    ("WEB_PROCESSES", "two", "not a number", "number"),
    ("LIVE_SOCKETS", "0", "not a number above 0", "number"),
    ("METRICS_TOKEN", "short", "could be guessed", "secrets.token_urlsafe"),
    ("SCRIPT_NAME", "jiamenkou/", "not a path", "/jiamenkou"),
    ("EMAIL_URL", "mail.example.gov.cn", "not an address", "smtp+tls://"),
    ("SEARCH_BACKEND", "opensearch3", "SEARCH_BACKEND is set", "A search server"),
]


def environment(folder: Path, changes: dict[str, str]) -> dict[str, str]:
    ours = SAFE | {
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "PATH": os.environ["PATH"],
    }
    return {name: value for name, value in (ours | changes).items() if value != GONE}


def start(folder: Path, command: list[str], **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=environment(folder, changes), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "reason", "remedy"), UNSAFE)
def test_what_is_unsafe_is_found_with_its_remedy(
    variable: str, value: str, reason: str, remedy: str, tmp_path: Path
) -> None:
    changed = environment(tmp_path, {variable: value})

    [found] = safety.look(changed, data_dir=Path(changed["DATA_DIR"]))

    assert reason in found.reason
    assert remedy in found.remedy


def test_a_safe_environment_is_found_safe(tmp_path: Path) -> None:
    assert safety.look(environment(tmp_path, {}), data_dir=tmp_path) == []
    single = environment(tmp_path, {"REDIS_URL": GONE, "SINGLE_PROCESS": "1"})
    assert safety.look(single, data_dir=tmp_path) == []


@pytest.mark.parametrize(
    "command",
    [["manage.py", "migrate"], ["manage.py", "check"], ["-m", "config.serve"], ["-c", "import config.asgi"]],
    ids=["a command", "a command of Django's", "the server", "another server"],
)
def test_no_process_starts_and_all_reasons_are_said_at_once(command: list[str], tmp_path: Path) -> None:
    done = start(tmp_path, command, SECRET_KEY=GONE, ALLOWED_HOSTS="*", DEBUG="1", REDIS_URL="x")

    assert done.returncode == safety.CODE
    assert "Traceback" not in done.stderr
    said = re.findall(r"^([A-Z_]+): .+\n    \S.+$", done.stderr, re.MULTILINE)
    assert said == ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL"]


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        (["-m", "config.serve", "--workers", "2"], {}),
        (["-m", "config.serve"], {"WEB_PROCESSES": "3"}),
    ],
    ids=["workers", "declared"],
)
def test_one_memory_is_not_enough_for_several_processes(
    command: list[str], changes: dict[str, str], tmp_path: Path
) -> None:
    done = start(tmp_path, command, REDIS_URL=GONE, SINGLE_PROCESS="1", **changes)

    assert done.returncode == safety.CODE
    assert "SINGLE_PROCESS: it is 1, but" in done.stderr
    assert "set REDIS_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_single_process_is_refused(tmp_path: Path) -> None:
    need(servers.find_postgres)
    with servers.postgres() as url:
        env = environment(
            tmp_path, {"REDIS_URL": GONE, "SINGLE_PROCESS": "1", "DATABASE_URL": url, "LOG_FORMAT": "text"}
        )

        def answers(port: int) -> None:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()

        first = servers.running(servers.site, answers, cwd=ROOT, env=env, log=tmp_path / "first.log")
        with first:
            done = subprocess.run(
                servers.site(servers.free_port()),
                cwd=ROOT, env=env, capture_output=True, text=True, timeout=120,
            )  # fmt: skip

    assert done.returncode == safety.CODE
    assert "another web process" in done.stderr
    assert "REDIS_URL" in done.stderr


def test_the_settings_of_a_safe_site_pass_djangos_own_checks(tmp_path: Path) -> None:
    done = start(tmp_path, ["manage.py", "check", "--deploy", "--fail-level", "WARNING"])

    assert done.returncode == 0, done.stderr


def test_the_doctor_says_what_is_unsafe_and_looks_at_the_rest(tmp_path: Path) -> None:
    broken = {"SECRET_KEY": "", "REDIS_URL": "x", "DATABASE_URL": "nonsense", "DATA_DIR": "/dev/null/data"}
    done = start(tmp_path, ["manage.py", "doctor"], **broken)

    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    for variable in broken:
        assert f"fail settings: {variable}: " in done.stdout
    assert "static files" in done.stdout


def test_the_published_example_names_every_setting_and_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "env.example").read_text()
    named = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)
    settings = "".join(path.read_text() for path in (ROOT / "site/config/settings").glob("*.py"))
    read = set(re.findall(r"""os\.environ(?:\.get\(|\[)"([A-Z_]+)\"""", settings))
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))

    found = safety.look(values, data_dir=tmp_path)

    assert set(named) - {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"} == read - {"DEBUG"}
    assert [each.variable for each in found] == ["SECRET_KEY"]
