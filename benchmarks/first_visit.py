"""What a first visit costs on an old phone's connection: bytes, requests, and when a page can be used.

    python benchmarks/run.py first_visit

Each page is opened in Chromium with an empty cache over a connection slowed down to 3G: 1.6 Mbit/s down,
0.75 Mbit/s up, and 300 ms from question to answer for each request, as DevTools does it. The server runs with
names that change with the content and files compressed beforehand, as in production, but without TLS, which
would add its round trips to both sides alike. Beside it, in the same run, the same pages with style sheets
and scripts as they are written, one file each. A page can be used when it shows its content and its scripts
have run.
"""

import contextlib
import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "home": "/",
    "guide": "/guides/canjiren-butie/",
    "list": "/zhonghua/lists/zhonghua-quanze/",
    "community": "/dongqu/huayuan/",
    "certificate": "/certificates/national-20/entries/19/",
}
DOWN, UP, ROUND_TRIP = 1_600_000, 750_000, 300  # bits a second, milliseconds
TURNS = 3
PASSWORD = "benchmark-2026-门口"
WATCH = """() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) window.shifts += shift.value;
    }).observe({type: "layout-shift", buffered: true});
}"""
# When content is painted, and when the scripts that were asked for with the page have run.
USABLE = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    return {painted: painted?.startTime ?? 0, ready: page.domContentLoadedEventEnd, shifts: window.shifts};
}"""


def measure():
    """Rows of ``{page, requests, third_party, html, css, js, shift, painted, usable, apart: {...}}``.

    Bytes are those of the compressed content (gzip); times are milliseconds, the median of TURNS.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where this is measured

    from tests import servers  # noqa: PLC0415  only where this is measured

    print("\nfirst_visit")
    rows = []
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder, contextlib.ExitStack() as stack:
        environment = _environment(Path(folder))
        for command in (["migrate", "-v0"], ["load_demo"]):
            _manage(environment, *command)
        ports = {}
        for name, joined in (("joined", "1"), ("apart", "0")):
            own = environment | {"JOINED": joined, "STATIC_FOLDER": str(Path(folder, name))}
            _manage(own, "collectstatic", "--noinput", "-v0")
            log = Path(folder, f"{name}.log")
            ports[name] = stack.enter_context(
                servers.running(servers.site, _is_ready, cwd=ROOT, env=own, log=log)
            )
        playwright = stack.enter_context(sync_playwright())
        arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=servers.find_chromium(), args=arguments)
        for name, path in PAGES.items():
            opened = {
                side: _opened(browser, f"http://127.0.0.1:{port}{path}") for side, port in ports.items()
            }
            row = {"page": name, **opened["joined"], "apart": opened["apart"]}
            rows.append(row)
            print("  " + "; ".join(f"{key}: {value}" for key, value in row.items()), flush=True)
        browser.close()
    return rows


def _opened(browser, address):
    turns = [_visit(browser, address) for _turn in range(TURNS)]
    times = {key: sorted(turn[key] for turn in turns)[TURNS // 2] for key in ("painted", "usable")}
    return turns[0] | times | {"shift": max(turn["shift"] for turn in turns)}


def _visit(browser, address):
    """One visit with nothing in the cache."""
    context = browser.new_context(
        viewport={"width": 375, "height": 812}, is_mobile=True, has_touch=True, device_scale_factor=2,
        service_workers="block",
    )  # fmt: skip
    page = context.new_page()
    page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    slow = {
        "offline": False,
        "latency": ROUND_TRIP,
        "downloadThroughput": DOWN / 8,
        "uploadThroughput": UP / 8,
    }
    session.send("Network.emulateNetworkConditions", slow)
    page.add_init_script(f"({WATCH})()")
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    found = page.evaluate(USABLE)
    own = address.split("/")[2]
    bytes_of = {"document": 0, "stylesheet": 0, "script": 0}
    for answer in answers:
        if (kind := answer.request.resource_type) in bytes_of:
            bytes_of[kind] += len(gzip.compress(answer.body(), 6))
    row = {
        "requests": len(answers),
        "third_party": sum(answer.url.split("/")[2] != own for answer in answers),
        "html": bytes_of["document"],
        "css": bytes_of["stylesheet"],
        "js": bytes_of["script"],
        "shift": round(found["shifts"], 4),
        "painted": round(found["painted"]),
        "usable": round(max(found["painted"], found["ready"])),
    }
    context.close()
    return row


def _environment(folder):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.first_visit_settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "DATA_DIR": str(folder / "data"),
        "DEMO_PASSWORD": PASSWORD,
    }


def _manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _is_ready(port):
    import urllib.request  # noqa: PLC0415  only where this is measured

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        if not re.search(rb"main\.[0-9a-f]{12}\.css", answer.read()):
            raise RuntimeError("The files are not those of production.")
