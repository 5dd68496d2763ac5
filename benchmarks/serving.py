"""What serving a page costs: ours from memory, beside a bare answer and stock Wagtail, in one run.

    python benchmarks/run.py serving

Each server is one uvicorn process on loopback with uvloop and httptools; the worker is a process of its own,
as in production. It is asked by 16 keep-alive connections (``benchmarks.load``, another process). The
readers, an editor, the worker and whatever else the machine has to do share its cores, so rates are noisy;
what counts is the processor time of the serving process for each answer, by which all ratios are formed.
Servers that are compared take turns, ``TURNS`` times; figures are medians, and beside them stand the least
and the most. The stock site (``benchmarks.stock``) has our page's head, header and footer as text of its
template and our page's words as rich text and rows.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
GUIDE = "/guides/laonianzheng/"
TURNS = 3
CONNECTIONS = 16
MOST = {"bare": 40_000, "stored": 30_000, "cached": 1_500, "uncached": 150, "stock": 300}  # answers in a turn
SECONDS = 10  # that a turn takes at most
SOCKETS, BUSY_SECONDS, PUBLISH_EVERY = 1_000, 20, 1.0
MANY = 100_000
TICKS = os.sysconf("SC_CLK_TCK")
PASSWORD = "benchmark-2026-门口"


def measure():
    """Rows of figures, each with its spread, its baseline of the same run and the load of the machine."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    print("\nserving")
    rows = []
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder, servers.postgres() as database:
        ours, grown = Path(folder, "ours"), Path(folder, "postgres")
        sqlite, postgres = _environment("", ours), _environment(database, grown)
        with ThreadPoolExecutor(2) as both:
            plan, other_plan = both.map(partial(_step, step="fill"), (sqlite, postgres))
        _told(rows, start(sqlite, plan))
        _told(rows, rates(sqlite, plan, Path(folder)))
        _told(rows, busy(sqlite, plan, next(row["rate"] for row in rows if row["what"].startswith("stored"))))
        _told(rows, memory(sqlite, plan))
        _told(rows, uncached("PostgreSQL", postgres, other_plan))
    return rows


def _told(rows, more):
    for row in more:
        rows.append(row)
        print("  " + "; ".join(f"{name}: {figure}" for name, figure in row.items()), flush=True)


# What is measured


def start(environment, plan):
    """From starting the process to the first guide that is answered."""
    took = []
    for _turn in range(TURNS):
        with Served(environment, plan) as served:
            took.append(served.started_in)
    return [_row("start to first answer (s)", took, wanted="< 5")]


def rates(environment, plan, folder):
    """The bare answer, our stored page, the same without the store, and stock Wagtail, in turns."""
    mine = f"community={plan['community']}"
    with contextlib.ExitStack() as stack:
        stored = stack.enter_context(Served(environment, plan))
        head, content = stored.stored_answer(mine)
        answer = folder / "answer.json"
        answer.write_text(json.dumps({"headers": head, "body": content.hex()}))
        page = stored.get(cookie="", accepts="identity")[1]
        stock, address = _stock(folder / "stock", page)
        servers = {
            "bare": stack.enter_context(
                Served(
                    environment | {"BARE_ANSWER": str(answer)},
                    plan,
                    command=["config.serve", "--app", "benchmarks.bare_app:application"],
                )
            ),
            "stored": stored,
            "uncached": stack.enter_context(Served(environment | {"PAGE_STORE": "0"}, plan)),
            "stock": stack.enter_context(Served(stock, plan, command=STOCK)),
            "cached": stack.enter_context(Served(stock | {"STOCK_CACHE": "1"}, plan, command=STOCK)),
        }
        paths = dict.fromkeys(servers, GUIDE) | {"stock": address, "cached": address}
        cookies = dict.fromkeys(servers, "") | {"stored": mine, "uncached": mine}
        turns = {name: [] for name in servers}
        for _turn in range(TURNS):
            for name, server in servers.items():
                turns[name].append(server.asked([(paths[name], cookies[name])], most=MOST[name]))
    sizes = {name: next(iter(some[0]["sizes"])) for name, some in turns.items()}
    if sizes["bare"] != sizes["stored"]:
        raise RuntimeError(f"The bare answer is not ours: {sizes}")
    asks = {"queries": _step(environment | {"PAGE_STORE": "0"}, "queries", plan["community"])["queries"]}
    return [
        _cost("bare ASGI answer, the same bytes and headers", turns["bare"]),
        _cost("stored page, community chosen", turns["stored"])
        | _beside("bare", turns["bare"], turns["stored"], ">= 0.5"),
        _cost("the same uncached (PAGE_STORE=0), SQLite", turns["uncached"])
        | asks
        | _beside("stored page", turns["stored"], turns["uncached"]),
        _cost("stock Wagtail, SQLite", turns["stock"])
        | _beside("stored page", turns["stored"], turns["stock"])
        | _times("stored page, times stock Wagtail", turns["stock"], turns["stored"], ">= 30"),
        _cost("stock Wagtail with wagtail-cache in local memory", turns["cached"])
        | _beside("stored page", turns["stored"], turns["cached"])
        | _times("stored page, times wagtail-cache", turns["cached"], turns["stored"], ""),
    ]


def uncached(database, environment, plan):
    """Our page made anew for each reader."""
    mine = f"community={plan['community']}"
    with Served(environment | {"PAGE_STORE": "0"}, plan) as served:
        turns = [served.asked([(GUIDE, mine)], most=MOST["uncached"]) for _turn in range(TURNS)]
    asks = _step(environment | {"PAGE_STORE": "0"}, "queries", plan["community"])
    return [_cost(f"the same uncached (PAGE_STORE=0), {database}", turns) | {"queries": asks["queries"]}]


def busy(environment, plan, rate):
    """Answer times at half the top rate, with open sockets and an editor who publishes each second."""
    turns = []
    with Served(environment, plan) as served, _beside_it(environment, "db_worker"):
        served.stored_answer(f"community={plan['community']}")
        for _turn in range(TURNS):
            turns.append(_step(environment, "busy", served.port, round(rate / 2), plan["community"]))
    sides = {
        "requests/s": round(rate / 2),
        "sockets": SOCKETS,
        "sockets still open": min(turn["open"] for turn in turns),
        "published": [turn["published"] for turn in turns],
        "load client late, p99 ms": [turn["late p99 ms"] for turn in turns],
    }
    return [
        _row(
            f"answer time at half the top rate while published, {name}",
            [turn[name] for turn in turns],
            **extra,
        )
        | sides
        for name, extra in (("p50 ms", {}), ("p99 ms", {"wanted": "< 10"}), ("most ms", {}))
    ]


def memory(environment, plan):
    """Resident memory of the process, just started and after many requests for all addresses."""
    begun, after = [], []
    for _turn in range(TURNS):
        with Served(environment, plan) as served:
            begun.append(served.memory())
            mine = f"community={plan['community']}"
            asked = [(path, cookie) for path in served.addresses() for cookie in ("", mine)]
            got = served.asked(asked, most=MANY, seconds=300)
            after.append(served.memory())
    return [
        _row("memory after start (MB)", begun, wanted="< 250"),
        _row(f"memory after {MANY:,} requests (MB)", after, wanted="< 250")
        | {"addresses, with and without community": len(asked), "answers": got["answers"]},
    ]


# Rows


def _row(what, figures, *, wanted=""):
    row = {"what": what, "figure": round(statistics.median(figures), 2), "least to most": _spread(figures)}
    return row | ({"wanted": wanted} if wanted else {}) | {"load": _load()}


def _cost(what, turns):
    rate = [turn["answers"] / turn["seconds"] for turn in turns]
    return {
        "what": what,
        "cpu ms": round(statistics.median(_cpu(turns)), 4),
        "cpu ms, least to most": _spread(_cpu(turns), 4),
        "rate": round(statistics.median(rate)),
        "rate, least to most": _spread(rate, 0),
        "bytes": int(next(iter(turns[0]["sizes"]))),
        "load": _load(),
    }


def _beside(name, base, turns, wanted=""):
    """Which part of the baseline's rate it reaches, by processor time, turn by turn."""
    parts = [one / other for one, other in zip(_cpu(base), _cpu(turns), strict=True)]
    row = {"baseline": name, "of baseline": round(statistics.median(parts), 4)}
    row |= {"of baseline, least to most": _spread(parts, 4)}
    return row | ({"wanted": wanted} if wanted else {})


def _times(name, base, turns, wanted):
    times = [one / other for one, other in zip(_cpu(base), _cpu(turns), strict=True)]
    row = {name: round(statistics.median(times), 1), f"{name}, least to most": _spread(times, 1)}
    return row | ({"wanted": wanted} if wanted else {})


def _cpu(turns):
    return [turn["cpu"] / turn["answers"] * 1000 for turn in turns]


def _spread(figures, digits=2):
    return f"{round(min(figures), digits):g} to {round(max(figures), digits):g}"


def _load():
    """What the machine had to do in the last minute: more than it has cores, and all rates are too low."""
    return round(os.getloadavg()[0], 1)


# Servers

STOCK = ["uvicorn", "benchmarks.stock.asgi:application", "--loop", "uvloop", "--http", "httptools"]
STOCK += ["--no-access-log", "--no-server-header", "--lifespan", "off", "--log-level", "warning"]


class Served:
    """A server as a process of its own, from its first answer on."""

    def __init__(self, environment, plan, *, command=("config.serve",)):
        self.environment, self.plan, self.command = environment, plan, list(command)

    def __enter__(self):
        from tests import servers  # noqa: PLC0415  only where this is measured

        self.port = servers.free_port()
        self.log = tempfile.TemporaryFile()
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.command, "--port", str(self.port)],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > begun + 60:
                self.__exit__()
                self.log.seek(0)
                raise RuntimeError(self.log.read()[-3000:].decode())
            time.sleep(0.02)
        self.started_in = time.monotonic() - begun
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def _answers(self):
        with contextlib.suppress(OSError):
            return self.get()[0].status == 200
        return False

    def get(self, path=GUIDE, *, cookie="", accepts="br, gzip"):
        """The answer and its content."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": accepts, "Cookie": cookie})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def stored_answer(self, cookie):
        """Headers (without those of uvicorn) and content of the guide, as the store sends them."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answer, content = self.get(cookie=cookie)
            if answer.getheader("etag"):
                head = [(name.lower(), value) for name, value in answer.getheaders()]
                return [pair for pair in head if pair[0] != "date"], content
            time.sleep(0.05)
        raise RuntimeError("The guide is not kept.")

    def addresses(self):
        """All addresses in the site's own map."""
        tree = ElementTree.fromstring(self.get("/sitemap.xml")[1])
        found = [element.text for element in tree.iter() if element.tag.endswith("}loc")]
        return sorted({urlsplit(address).path for address in found})

    def asked(self, readers, *, most, seconds=SECONDS):
        """Ask as fast as it answers, after a few that warm it up; what came, and its processor time."""
        _load_client(self.port, readers, most=max(len(readers), CONNECTIONS * 4), seconds=60)
        before = self.cpu()
        found = _load_client(self.port, readers, most=most, seconds=seconds)
        return found | {"cpu": self.cpu() - before}

    def cpu(self):
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """MB that are resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextlib.contextmanager
def _beside_it(environment, command):
    """A process of the site's that runs beside the server, as in production."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", command],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError(f"{command} ended by itself: {process.returncode}")
    finally:
        process.terminate()
        process.wait(30)


def _load_client(port, readers, **bounds):
    wanted = {"port": port, "readers": readers, "connections": CONNECTIONS} | bounds
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT, input=json.dumps(wanted), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = json.loads(done.stdout)
    if set(found["statuses"]) != {"200"}:
        raise RuntimeError(f"Not every answer was a page: {found}")
    return found


def _environment(database, folder):
    return os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": "",
        "DATA_DIR": str(folder),
        "DEMO_PASSWORD": PASSWORD,
        "DJANGO_SETTINGS_MODULE": "benchmarks.serving_settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }


def _stock(folder, page):
    """Environment of a stock site that holds the words of our page, and the page's address there."""
    folder.mkdir()
    (folder / "page.html").write_bytes(page)
    settings = {"STOCK_FOLDER": str(folder), "DJANGO_SETTINGS_MODULE": "benchmarks.stock.settings"}
    environment = os.environ | settings | {"PYTHONPATH": str(ROOT)}
    return environment, _run(environment, "benchmarks.stock.fill")["path"]


def _step(environment, step, *arguments):
    return _run(environment, "benchmarks.serving", step, *arguments)


def _run(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


# In processes that know the site


def _fill():
    from django.core.management import call_command  # noqa: PLC0415  needs the apps loaded

    from content_models.communities.models import CommunityPage  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    found = CommunityPage.objects.live().filter(provision_editions__isnull=False).order_by("pk")
    return {"community": found.first().pk}


def _queries(community):
    from benchmarks.pages import _cost as cost  # noqa: PLC0415  needs the apps loaded

    return {"queries": cost(GUIDE, {"community": community})[0]}


def _busy(port, rate, community):
    """Open sockets, ask at a rate, and publish meanwhile."""
    from benchmarks.live import Guide  # noqa: PLC0415  needs the apps loaded
    from benchmarks.readers import Plan, Readers  # noqa: PLC0415

    guide = Guide(slug=GUIDE.strip("/").rpartition("/")[2])
    stands = guide.stands()
    plan = Plan(
        int(port), "/live/", topic=guide.topic, epoch=stands.epoch, version=stands.version - 1, ping_every=30
    )
    found = {}

    def ask():
        wanted = {"rate": int(rate), "most": 0, "seconds": BUSY_SECONDS}
        found.update(_load_client(int(port), [(GUIDE, f"community={community}")], **wanted))

    with Readers() as some:
        if some.open(SOCKETS, plan, within=120) != SOCKETS:
            raise RuntimeError(f"Not all sockets opened: {some.look()}")
        asking = threading.Thread(target=ask)
        published, due = 0, time.monotonic()
        asking.start()
        while asking.is_alive():
            published += 1
            _change_and_publish(guide.page, published)
            due += PUBLISH_EVERY
            asking.join(max(0, due - time.monotonic()))
        reached = some.reach(guide.version())
        looked = some.look()
    if not found or reached["behind"]:
        raise RuntimeError(f"The run is not whole: {found}, {reached}")
    return found | {"published": published, "open": looked["open"]}


def _change_and_publish(page, number):
    from publishing.publish import publish  # noqa: PLC0415  needs the apps loaded

    page = type(page).objects.get(pk=page.pk)
    page.summary = f"带齐材料到社区窗口，当场就能领（第{number}次修改）。"
    page.save_revision(clean=False)
    publish(page)


def main():
    step, *arguments = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.serving_settings")
    import django  # noqa: PLC0415  the settings above must be known first

    django.setup()
    print(json.dumps({"fill": _fill, "queries": _queries, "busy": _busy}[step](*arguments)))


if __name__ == "__main__":
    main()
