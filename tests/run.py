"""Runs all tests, first on SQLite, then on a PostgreSQL of its own, and says which is which.

    python -m tests.run [--long] [anything pytest takes]

Browser journeys run once, on SQLite. --long runs what takes long or holds more than the quick run did: faults
and random inputs with full counts, and on PostgreSQL the journeys that write or search.
REQUIRE_ALL=1 makes a missing program a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile

from tests import servers


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that every server ends with us
    long = "--long" in arguments
    arguments = [argument for argument in arguments if argument != "--long"]
    missing = servers.missing_programs()
    if missing and os.environ.get("REQUIRE_ALL") == "1":
        return fail(missing)

    if long:
        os.environ["LONG"] = "1"
    results = {"SQLite": pytest("SQLite", "", "long or not long" if long else "not long", arguments)}
    try:
        with servers.postgres() as url:
            which = "long or not long" if long else "not long and not browser"
            results["PostgreSQL"] = pytest("PostgreSQL", url, which, arguments)
    except servers.Missing:
        pass  # said below

    for database, code in results.items():
        say(f"Tests on {database}: {'passed' if code == 0 else f'FAILED (pytest ended with {code})'}")
    for sentence in missing:
        say(f"SKIPPED TESTS! {sentence}")
    return max(results.values())


def pytest(database: str, url: str, which: str, arguments: list[str]) -> int:
    """Run pytest on two cores against this database."""
    say(f"Tests on {database}")
    command = [sys.executable, "-m", "pytest", "-n", "2", "-m", which, *arguments]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    }
    if url:
        environment["DATABASE_URL"] = url
    with tempfile.TemporaryDirectory(prefix="doorstep-tests-") as folder:
        process = subprocess.Popen(command, env=environment | {"DATA_DIR": folder})
        try:
            code = process.wait()
        except KeyboardInterrupt:  # Ctrl-C reached pytest as well
            process.wait(timeout=60)
            raise
        except SystemExit:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            raise
    return 0 if code == 5 and arguments else code  # a chosen test may belong to one database only


def fail(missing: list[str]) -> int:
    for sentence in missing:
        say(f"REQUIRED: {sentence}")
    return 1


def say(text: str) -> None:
    print(f"\n=== {text} ===", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
