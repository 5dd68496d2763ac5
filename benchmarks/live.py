"""What open pages cost, beside a bare broadcast and plain Channels groups on the same machine, in one run.

    python -m benchmarks.live [READERS]
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READERS = 10_000
RUNS = 7


def message(version):
    """A doorbell as the live room rings it."""
    return {"type": "version", "topic": "guides:12", "version": version, "epoch": "1f2e3d4c"}


# Servers


@contextlib.contextmanager
def bare():
    """A bare ``websockets`` server; gives its port and what rings it: version -> the moment of the call."""
    from tests import servers

    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.broadcasts", str(port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    process.stdout.readline()

    def ring(version):
        process.stdin.write(json.dumps(message(version), separators=(",", ":")) + "\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    try:
        yield port, ring
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def plain():
    """A server with plain Channels groups; gives as ``bare`` does."""
    from channels.layers import get_channel_layer

    from benchmarks.broadcasts import GROUP
    from tests import servers

    def answers(port):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()

    command = lambda port: servers.site(port, "--app", "benchmarks.broadcasts:application")
    with (
        servers.running(command, answers, cwd=ROOT, log=Path(os.environ["DATA_DIR"]) / "plain.log") as port,
        asyncio.Runner() as runner,
    ):

        def ring(version):
            begun = time.monotonic()
            runner.run(get_channel_layer().group_send(GROUP, {"type": "doorbell", "message": message(version)}))
            return begun

        yield port, ring


if __name__ == "__main__":
    import django
    django.setup()
    from benchmarks.readers import Plan, Readers
    N = int(sys.argv[1])
    with contextlib.ExitStack() as stack:
        set_ = {}
        for name, server in {"bare": bare, "plain": plain}.items():
            port, ring = stack.enter_context(server())
            readers = stack.enter_context(Readers())
            t = time.monotonic()
            print(name, readers.open(N, Plan(port)), time.monotonic() - t, readers.look(), flush=True)
            set_[name] = ring, readers
        for v in range(1, 8):
            for name, (ring, readers) in set_.items():
                c = readers.look()["cpu"]
                t = ring(v)
                f = readers.reach(v, within=30)
                print(name, round((f["last"] - t) * 1000), f["behind"], round((readers.look()["cpu"] - c) * 1000), flush=True)
        for name, (ring, readers) in set_.items():
            print(readers.look())
