"""All figures the README claims: ``make bench`` runs them, prints a table and writes results.json.

    python benchmarks/run.py [pages] [imports] [live] [search] [api] [changes] [open_data] [backup] [serving]
                             [quality] [privacy] [first_visit]

Named ones alone are measured anew, the others' figures stay.
Each benchmark is a module with ``measure() -> list[dict]``; a row names what was measured, the figure, and
the baseline measured beside it in the same run.
"""

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        os.environ.setdefault("DATA_DIR", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
        sys.path[:0] = [str(ROOT), str(ROOT / "site")]
        import django  # noqa: PLC0415  the settings above must be known first

        django.setup()
        from benchmarks import (  # noqa: PLC0415  needs the apps loaded
            api,
            backup,
            changes,
            first_visit,
            imports,
            live,
            open_data,
            pages,
            privacy,
            quality,
            search,
            serving,
        )

        modules = (pages, imports, live, search, api, changes, open_data, backup, serving, quality, privacy)
        modules += (first_visit,)
        all_of_them = {module.__name__.rpartition(".")[2]: module for module in modules}
        results = json.loads(RESULTS.read_text()) | {"machine": _machine()}
        for name in sys.argv[1:] or all_of_them:
            results[name] = all_of_them[name].measure()
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    print(f"Written to {RESULTS.relative_to(ROOT)}")


def _machine() -> dict:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "database": "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite",
    }


if __name__ == "__main__":
    main()
