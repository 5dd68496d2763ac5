"""What open pages cost on PostgreSQL and Redis, beside a bare broadcast and plain Channels groups in one run.

    python -m benchmarks.live [READERS [STEP…]]

One server process, one process of readers (``benchmarks.readers``) and one that publishes. A real guide is
published, by ``publishing.publish`` in another process than the server's, and through the admin. The bare
server is ``websockets.broadcast`` with the same message, the plain one a stock consumer in a group on the
same layer; all hold the same number of readers, and their turns alternate. Times reach from the commit (of
the others: from the call) to the last reader's socket.
"""

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
READERS = 10_000
RUNS, WARM_UP = 7, 2  # messages to all readers
REQUESTS = 8  # publishing requests in each of four turns: nobody watching, all watching, nobody, all
BURST = 5_000
RETURNING = 5_000  # readers that come back after a restart
PASSWORD = "benchmark-2026-门口"


def measure():
    """``{name: figure}``; starts a PostgreSQL and a Redis of its own."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    print("\nlive (PostgreSQL, Redis)")
    with (
        servers.postgres() as database,
        servers.redis_server() as redis,
        tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder,
    ):
        environment = os.environ | {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "DATA_DIR": folder,
            "DEMO_PASSWORD": PASSWORD,
            "RENDERS": f"{folder}/renders",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.live", "run", *sys.argv[1:]],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"It ended with {done.returncode}: the lines above say why.")
    found = json.loads(done.stdout.splitlines()[-1])
    for name, figure in found.items():
        print(f"  {name:<74}{figure:>10}", flush=True)
    return found


# In the process that measures


def run(number=READERS, *chosen):
    """All figures with so many readers, or those of the chosen steps."""
    from django.core.management import call_command  # noqa: PLC0415  needs the apps loaded

    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    found = {}
    with Server("benchmarks.live_app:application") as server:
        guide = Guide()
        for step in (sockets, broadcasts, requests, burst, restart):
            if not chosen or step.__name__ in chosen:
                figures = step(int(number), server, guide)
                say(f"{step.__name__}: {figures}")
                found |= figures
    return found


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def sockets(number, server, guide):
    """Memory of the server's process for each open socket that watches a guide."""
    with readers() as some:
        some.open(200, guide.plan(server), within=60)
        some.reach(guide.version())
        some.close()
        before = server.memory()
        opened = some.open(number, guide.plan(server), within=180)
        expect(opened == number, opened, some.look())
        expect_reached(some.reach(guide.version()), some)
        after = server.memory()
    return {f"memory of a socket, {number:,} open (kB)": round((after - before) / number, 1)}


def broadcasts(number, server, guide):
    """From commit or call to the last of the readers, in turns with the bare and the plain server."""
    with contextlib.ExitStack() as stack:
        rings = {}
        for name, server_of in {"live": live, "bare": bare, "plain": plain}.items():
            plan, ring = stack.enter_context(server_of(server, guide))
            some = stack.enter_context(readers())
            opened = some.open(number, plan, within=180)
            expect(opened == number, name, opened, some.look())
            rings[name] = ring, some
        took = {name: [] for name in rings}
        requested = []
        for turn in range(WARM_UP + RUNS):
            for name, (ring, some) in rings.items():
                time.sleep(0.5)  # what the last one left to do is done
                asked, begun, version = ring()
                reached = some.reach(version, within=60)
                expect_reached(reached, some)
                if turn >= WARM_UP:
                    took[name].append(reached["last"] - begun)
                    if name == "live":
                        requested.append(reached["last"] - asked)
    middle = {name: statistics.median(times) for name, times in took.items()}
    return {
        "commit to the last reader (ms)": ms(took["live"]),
        "commit to the last reader, fastest to slowest (ms)": spread(took["live"]),
        "begin of publishing to the last reader (ms)": ms(requested),
        "bare websockets.broadcast (ms)": ms(took["bare"]),
        "bare websockets.broadcast, fastest to slowest (ms)": spread(took["bare"]),
        "plain Channels group send (ms)": ms(took["plain"]),
        "plain Channels group send, fastest to slowest (ms)": spread(took["plain"]),
        "live / bare": round(middle["live"] / middle["bare"], 2),
        "plain / live": round(middle["plain"] / middle["live"], 1),
    }


def requests(number, server, guide):
    """How long the editor waits for the answer to 发布, with nobody and with all readers watching."""
    editor = Editor(server)
    editor.publish(guide)
    turns = {False: [], True: []}
    until_last = []
    for is_watched in (False, True, False, True):
        with readers() as some:
            if is_watched:
                some.open(number, guide.plan(server), within=180)
                expect_reached(some.reach(guide.version()), some)
            for _request in range(REQUESTS):
                begun, answered = editor.publish(guide)
                turns[is_watched].append(answered - begun)
                if is_watched:
                    reached = some.reach(guide.version())
                    expect_reached(reached, some)
                    until_last.append(reached["last"] - begun)
                time.sleep(0.5)
    middle = {is_watched: statistics.median(times) for is_watched, times in turns.items()}
    return {
        "publishing request, nobody watching (ms)": ms(turns[False]),
        "publishing request, all watching (ms)": ms(turns[True]),
        "publishing request, what watching adds (ms)": round((middle[True] - middle[False]) * 1000),
        "publishing request to the last reader (ms)": ms(until_last),
    }


def burst(number, server, guide):
    """Many publications one after the other; where readers end, and what the server's memory does."""
    from publishing import outbox  # noqa: PLC0415  needs the apps loaded

    with readers() as some:
        some.open(number, guide.plan(server), within=180)
        expect_reached(some.reach(guide.version()), some)
        with sampled(server.memory) as memory:
            begun = time.monotonic()
            for _publication in range(BURST):
                outbox.announce(guide.topic, "published")
            seconds = time.monotonic() - begun
            reached = some.reach(guide.version(), within=60)
        heard = some.look()
    expect(heard.get("lost", 0) == 0, heard)
    return {
        f"{BURST:,} publications in a burst (publications/s)": round(BURST / seconds),
        "burst: readers that do not end at the last version": reached["behind"],
        "burst: messages to each reader": round(heard["messages"] / number, 1),
        "burst: memory before and at most (MB)": f"{memory[0] // 1024} to {max(memory) // 1024}",
    }


def restart(_number, server, guide):
    """Readers whose server is restarted while something is published; all fetch what they missed."""
    with readers() as some:
        some.open(RETURNING, guide.plan(server, returns=True), within=180)
        expect_reached(some.reach(guide.version(), fetched=True), some)
        renders = Path(os.environ["RENDERS"])
        renders.unlink(missing_ok=True)
        begun = time.monotonic()
        server.stop()
        expect("Traceback" not in server.written(), server.written()[-3000:])
        guide.publish()
        stopped = time.monotonic()
        server.start()
        started = time.monotonic()
        reached = some.reach(guide.version(), fetched=True, within=120)
        looked = some.look()
        say(f"restart: {looked}")
    last = reached["last"]
    made = Counter(renders.read_text().splitlines())
    return {
        f"restart: {RETURNING:,} readers right again, from the new server's start (s)": round(
            last - started, 1
        ),
        "restart: the same, from the old server's end (s)": round(last - stopped, 1),
        "restart: the same, from the order to end (s)": round(last - begun, 1),
        "restart: readers that are not right": reached["behind"],
        "restart: fragments rendered": len(made),
        "restart: fragments rendered twice": sum(1 for times in made.values() if times > 1),
    }


# What is published


class Guide:
    """A published guide of the demo content (the first with provisions, or one chosen), and its topic."""

    def __init__(self, **chosen):
        from content_models.guides.models import GuidePage  # noqa: PLC0415  needs the apps loaded

        found = GuidePage.objects.live().filter(provisions__isnull=False, **chosen).order_by("pk")
        self.page = found.first()
        self.topic = self.page.topic
        if not self.version():
            self.publish()

    def stands(self):
        from publishing.models import TopicVersion  # noqa: PLC0415  needs the apps loaded

        return TopicVersion.objects.filter(topic=self.topic).first()

    def version(self):
        """The number of its present version."""
        topic = self.stands()
        return topic.version if topic else 0

    def publish(self):
        """Publish it from this process; returns when that was asked for and when it was committed."""
        from django.db import transaction  # noqa: PLC0415  needs the apps loaded

        from publishing.publish import publish  # noqa: PLC0415

        committed = []
        asked = time.monotonic()
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic()))
            publish(self.page)
        return asked, committed[0]

    def plan(self, server, *, returns=False):
        """What a browser does that has the guide open; one version behind, so that it is told at once."""
        from benchmarks.readers import Plan  # noqa: PLC0415  only where this is measured

        stands = self.stands()
        fetch = f"/live/{self.topic}/?since={{since}}&epoch={stands.epoch}&on={quote(self.page.url, safe='')}"
        return Plan(
            server.port, "/live/", topic=self.topic, epoch=stands.epoch, version=stands.version - 1,
            ping_every=30, comes_back=returns,
            fetch=fetch if returns else "",
        )  # fmt: skip


class Editor:
    """An administrator's browser."""

    def __init__(self, server):
        import requests  # noqa: PLC0415  only where this is measured

        self.session, self.address = requests.Session(), f"http://127.0.0.1:{server.port}"
        sign_in = f"{self.address}/admin/login/"
        form = self._form(sign_in)
        self.session.post(sign_in, form | {"username": "admin", "password": PASSWORD}).raise_for_status()

    def publish(self, guide):
        """Open a guide and publish it; returns when that was sent and when it was answered."""
        address = f"{self.address}/admin/pages/{guide.page.pk}/edit/"
        form = self._form(address) | {"action-publish": "1"}
        before = guide.version()
        begun = time.monotonic()
        answer = self.session.post(address, form, allow_redirects=False)
        answered = time.monotonic()
        expect(
            answer.status_code == 302 and guide.version() == before + 1,
            answer.status_code,
            answer.text[-2000:],
        )
        return begun, answered

    def _form(self, address):
        from tests.admin_forms import fields_of  # noqa: PLC0415  only where this is measured

        return fields_of(self.session.get(address).text)


# Servers


class Server:
    """``config.serve`` with an application, as a process of its own."""

    def __init__(self, application):
        self.application, self.port, self.process = application, 0, None
        self.log = Path(os.environ["DATA_DIR"]) / f"{application.partition(':')[0]}.log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start it, on the port it had before if there was one."""
        from tests import servers  # noqa: PLC0415  only where this is measured

        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                servers.site(self.port, "--app", self.application),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while "startup complete" not in (written := self.written()):
            expect(self.process.poll() is None and time.monotonic() < deadline, written)
            time.sleep(0.05)
        self.port = int(re.search(r"Listening on http://127.0.0.1:(\d+)", written)[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def written(self):
        return self.log.read_text()

    def memory(self):
        """Its share of memory, in kB."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])


@contextlib.contextmanager
def live(server, guide):
    """The site. As the others: what readers do, and what rings, giving when that was asked for and began, and
    the version.
    """
    yield guide.plan(server), lambda: (*guide.publish(), guide.version())


@contextlib.contextmanager
def bare(_server, guide):
    """A bare ``websockets`` server."""
    from benchmarks.readers import Plan  # noqa: PLC0415  only where this is measured

    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.broadcasts"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    port = int(process.stdout.readline())
    bell = doorbells(guide)

    def ring():
        message = next(bell)
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        begun = float(process.stdout.readline())
        return begun, begun, message["version"]

    try:
        yield Plan(port), ring
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def plain(_server, guide):
    """Plain Channels groups on the same layer, called from this process."""
    from channels.layers import get_channel_layer  # noqa: PLC0415  needs the settings

    from benchmarks.broadcasts import GROUP  # noqa: PLC0415  needs the apps loaded
    from benchmarks.readers import Plan  # noqa: PLC0415

    bell = doorbells(guide)
    with Server("benchmarks.broadcasts:application") as server, asyncio.Runner() as runner:

        def ring():
            message = next(bell)
            begun = time.monotonic()
            runner.run(get_channel_layer().group_send(GROUP, {"type": "doorbell", "message": message}))
            return begun, begun, message["version"]

        yield Plan(server.port), ring


def doorbells(guide):
    """Messages as the live room sends them."""
    stands = guide.stands()
    for version in range(1, 1000):
        yield {"type": "version", "topic": guide.topic, "version": version, "epoch": stands.epoch}


# Small things


@contextlib.contextmanager
def readers():
    from benchmarks.readers import Readers  # noqa: PLC0415  only where this is measured

    with Readers() as some:
        yield some


@contextlib.contextmanager
def sampled(measured):
    """What ``measured()`` gives every half second while this lasts, in a list."""
    found, is_over = [measured()], threading.Event()

    def look():
        while not is_over.wait(0.5):
            found.append(measured())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        is_over.set()
        thread.join()


def ms(seconds):
    return round(statistics.median(seconds) * 1000)


def spread(seconds):
    return f"{min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f}"


def expect(is_so, *said):
    if not is_so:
        raise RuntimeError(" ".join(str(each) for each in said))


def expect_reached(reached, some):
    expect(not reached["behind"], reached, some.look())


def main():
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    if sys.argv[1:2] != ["run"]:
        measure()
        return
    import django  # noqa: PLC0415  the settings come from the environment

    django.setup()
    print(json.dumps(run(*sys.argv[2:]), ensure_ascii=False))


if __name__ == "__main__":
    main()
