"""A whole site as operators run it: database, Redis, two web processes, worker, scheduler, nginx with TLS."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import requests
import urllib3

from tests import servers
from tests.admin_forms import fields_of
from tests.live.outages import StoppableRedis, stoppable_redis

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PASSWORD = "processes-门口-2026"  # of every demo account
WITHIN = 60.0  # seconds
HOST = "localhost"
UNAVAILABLE = "网站暂时打不开"


class Process:
    """A process of the site, with its own log; started again under the same name."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.command, self.env, self.log = command, env, log
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("a") as output:
            self.running = subprocess.Popen(
                servers._ending_with_us(self.command), cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self.running is not None
        if self.running.poll() is None:
            self.running.send_signal(sent)
        try:
            return self.running.wait(30)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
            raise

    def written(self) -> str:
        return self.log.read_text(errors="replace")


class Installation:
    """What the tests need to know of the site, and its processes by name."""

    def __init__(self, folder: Path, database: str, redis: StoppableRedis) -> None:
        self.folder, self.redis, self.port = folder, redis, servers.free_port()
        self.web_ports = [servers.free_port(), servers.free_port()]
        self.address = f"https://{HOST}:{self.port}"
        self.env = production(folder / "data", database, redis.url) | {"BASE_URL": self.address}
        serve = [[sys.executable, "-m", "config.serve", "--port", str(port)] for port in self.web_ports]
        manage = [sys.executable, "manage.py"]
        self.processes = {
            "a": self._process("a", serve[0]),
            "b": self._process("b", serve[1]),
            "worker": self._process("worker", [*manage, "db_worker"]),
            "scheduler": self._process("scheduler", [*manage, "run_schedule", "--every", "0.5"]),
        }
        self.certificate = folder / "certificate.pem"

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(command, self.env, self.folder / f"{name}.log")

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def doctor(self) -> str:
        """What it prints, in trouble or not."""
        return subprocess.run(
            [sys.executable, "manage.py", "doctor", "--json"],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300,
        ).stdout  # fmt: skip

    def visitor(self) -> "Visitor":
        return Visitor(self)

    def editor(self) -> "Visitor":
        visitor = Visitor(self)
        visitor.sign_in("district_editor")
        return visitor

    def read_from(self, name: str, path: str) -> str:
        """A page as one of the two web processes gives it to nginx."""
        port = self.web_ports["ab".index(name)]
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        headers = {"Host": f"{HOST}:{self.port}"} | forwarded
        answer = requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def reads(self, name: str, path: str, text: str) -> bool:
        return text in self.read_from(name, path)

    def is_up(self, name: str) -> bool:
        port = self.web_ports["ab".index(name)]
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
        return False


class Visitor(requests.Session):
    """Reads and writes through nginx, and trusts its certificate alone."""

    def __init__(self, site: Installation) -> None:
        super().__init__()
        self.site, self.verify, self.trust_env = site, str(site.certificate), False

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        address = url if str(url).startswith("http") else self.site.address + url
        options.setdefault("timeout", 60)
        options["headers"] = {"Referer": self.site.address + "/"} | (options.get("headers") or {})
        return super().request(method, address, *args, **options)

    def sign_in(self, account: str) -> None:
        answer = self.submit("/admin/login/", username=account, password=PASSWORD)
        assert answer.url.rstrip("/").endswith("/admin"), answer.text[:2000]

    def submit(self, path: str, **changes: Any) -> requests.Response:
        """Open a form, change some fields and send it."""
        page = self.get(path)
        assert page.status_code == 200, page.status_code
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert found is not None
        return self.post(path, data=fields_of(page.text) | {"csrfmiddlewaretoken": found[1]} | changes)


def production(data: Path, database: str, redis_url: str) -> dict[str, str]:
    """An environment in which the site starts."""
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return keep | {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": HOST,
        "BASE_URL": f"https://{HOST}",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data),
        "WEB_PROCESSES": "2",
        "DEMO_PASSWORD": PASSWORD,
    }


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Install, load the demo, start everything; end it all by its process ids."""
    (folder / "data").mkdir(parents=True)
    with servers.postgres() as database, stoppable_redis(folder) as redis:
        site = Installation(folder, database, redis)
        site.manage("migrate", "--verbosity=0")
        site.manage("collectstatic", "--noinput", "--verbosity=0")
        site.manage("load_demo", "--verbosity=0")
        with contextlib.ExitStack() as stack:
            for process in site.processes.values():
                process.start()
                stack.callback(process.stop)
            for name in "ab":
                until(partial(site.is_up, name))
            stack.enter_context(nginx(site))
            yield site
        for name, process in site.processes.items():
            print(f"--- {name}\n{process.written()[-4_000:]}")


@contextlib.contextmanager
def nginx(site: Installation) -> Iterator[None]:
    """nginx with the configuration that is installed, save its ports and folders."""
    folder = site.folder / "nginx"
    folder.mkdir()
    make_certificate(site)
    configuration = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{\n{temporary}"
        + "types { text/html html; text/css css; text/javascript js; }\n"
        + f"include {folder}/doorstep.conf;\n}}\n"
    )
    (folder / "doorstep.conf").write_text(adapted((DEPLOY / "nginx.conf").read_text(), site, folder))
    listed = "".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in site.web_ports)
    (folder / "web.conf").write_text(listed)
    program = str(servers.find_nginx())
    checked = subprocess.run([program, "-t", "-c", str(configuration)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    process = Process([program, "-c", str(configuration)], dict(os.environ), folder / "out.log")
    process.start()
    try:
        until(lambda: listens(site.port))
        yield
    finally:
        process.stop()
        print(f"--- nginx\n{(folder / 'error.log').read_text()[-2_000:]}")


def adapted(text: str, site: Installation, folder: Path) -> str:
    """What is installed, on ports and in folders of this test."""
    changes = {
        r"^    listen \[::\].*\n": "",
        r"listen 80;": f"listen 127.0.0.1:{servers.free_port()};",
        r"listen 443 ": f"listen 127.0.0.1:{site.port} ",
        r"www\.example\.gov\.cn": HOST,
        r"/etc/nginx/doorstep-web\.conf": f"{folder}/web.conf",
        r"/etc/nginx/tls/fullchain\.pem": str(site.certificate),
        r"/etc/nginx/tls/privkey\.pem": f"{site.folder}/key.pem",
        r"/var/log/nginx/": f"{folder}/",
        r"/var/lib/doorstep": str(site.folder / "data"),
        r"/opt/doorstep/deploy": str(DEPLOY),
    }
    for pattern, ours in changes.items():
        text, number = re.subn(pattern, ours, text, flags=re.MULTILINE)
        assert number, f"{pattern} is not in nginx.conf any more"
    return text


def make_certificate(site: Installation) -> None:
    openssl = shutil.which("openssl")
    assert openssl, "openssl makes the certificate of this test: apt install openssl"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
            "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1",
            "-keyout", str(site.folder / "key.pem"), "-out", str(site.certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip


def listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return True
    return False


def until(condition: Callable[[], Any], within: float = WITHIN) -> Any:
    """What ``condition`` gives once it gives something; a refused connection counts as nothing yet."""
    deadline = time.monotonic() + within
    while True:
        with contextlib.suppress(requests.ConnectionError, urllib3.exceptions.HTTPError):
            if found := condition():
                return found
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
