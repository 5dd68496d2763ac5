"""How well and how fast residents find guides, beside Wagtail's stock search and a plain LIKE on the titles.

    python -m benchmarks.search

818 questions with known answers (tests/search/questions/), in two halves: the search was tuned on the first;
the second was written when it stood, and only scored. 242 stories are told besides, one for each guide, of
those by which the starter set was widened. On PostgreSQL and on SQLite, among the 505 texts of the corpus and
among 50,000. Recall is how often a right guide is among the first five guides; MRR the mean of one by the
place of the first right one. Times are those of ``search.find.find``, the index analyzed as autovacuum
does it in the end. A list of 60,000 new rows shows how soon an import can be found.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (0, 50_000)  # 0: the corpus alone
ROWS = 60_000
SHOWN = 5
STOCK = "wagtail.search.backends.database"


def measure():
    """Rows of figures, each naming database, size and way of searching."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    rows = []
    with servers.postgres() as url:
        for vendor, address in (("PostgreSQL", url), ("SQLite", "")):
            for size in SIZES:
                for way in ("ours", "stock"):
                    if way == "stock" and vendor == "SQLite" and size:
                        continue  # its score is a subquery for each hit: half a minute a query
                    rows.append(_in_process(address, "quality", size, way) | {"database": vendor})
                    print(_line(rows[-1]), flush=True)
            rows.append(_in_process(address, "rows", ROWS, "ours") | {"database": vendor})
            print(rows[-1], flush=True)
    return rows


def _in_process(address, step, size, way):
    """One step in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        environment = os.environ | {
            "DATABASE_URL": address,
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.search", step, str(size), way],
            cwd=ROOT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])


def quality(size, way):
    """Recall, MRR and times of one way of searching among so many documents."""
    from django.conf import settings  # noqa: PLC0415  needs the settings

    if way == "stock":
        settings.WAGTAILSEARCH_BACKENDS["default"]["BACKEND"] = STOCK
    from config.lifespan import load  # noqa: PLC0415  what a server does before the first reader
    from search.models import Document  # noqa: PLC0415  needs the apps loaded
    from tests.search import corpus  # noqa: PLC0415
    from tests.search.quality import ask, fill, measure  # noqa: PLC0415
    from tests.search.queries import half, stories  # noqa: PLC0415

    Document.objects.all().delete()
    began = time.perf_counter()
    number = fill(corpus.grown(size) if size else corpus.core())
    took = time.perf_counter() - began
    _analyze()
    asked = {"ours": ask, "stock": _ask_stock, "like": _ask_like}
    found = {"documents": number, "way": way, "written per second": round(number / took)}
    load()
    questions = {"tuned": half("tuned"), "unseen": half("unseen"), "stories": stories()[::5]}
    for name, queries in questions.items():
        for query in queries[::7]:
            asked[way](query)  # warm
        scores = measure(queries, ask=asked[way])
        total = scores.pop("")
        found[name] = {"recall": _of(total.recall), "mrr": _of(total.mrr)}
        found[name] |= {kind: [_of(score.recall), _of(score.mrr)] for kind, score in scores.items()}
        found[name] |= {
            "p50 ms": round(statistics.median(total.milliseconds), 1),
            "p95 ms": round(total.p95, 1),
        }
    if way == "stock":
        like = measure([*half("tuned"), *half("unseen")], ask=_ask_like)[""]
        found["like on titles"] = {
            "recall": _of(like.recall),
            "mrr": _of(like.mrr),
            "p95 ms": round(like.p95, 1),
        }
    return found


def _analyze():
    """Have PostgreSQL count, as it does by itself a minute after."""
    from django.db import connection  # noqa: PLC0415  needs the settings

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _ask_stock(query):
    from wagtail.search.backends import get_search_backend  # noqa: PLC0415  needs the apps loaded

    from search.models import Document  # noqa: PLC0415

    began = time.perf_counter()
    results = get_search_backend().search(query.text, Document.objects.filter(kind="guides"))[:SHOWN]
    keys = [document.key for document in results]
    return keys, (time.perf_counter() - began) * 1000


def _ask_like(query):
    from search.models import Document  # noqa: PLC0415  needs the apps loaded

    began = time.perf_counter()
    guides = Document.objects.filter(kind="guides", title__icontains=query.text)
    keys = list(guides.values_list("key", flat=True)[:SHOWN])
    return keys, (time.perf_counter() - began) * 1000


def rows(size, way):
    """How soon the rows of a new list can be found, right after its commit."""
    from publishing.publish import publish  # noqa: PLC0415  needs the apps loaded
    from search import documents, follow  # noqa: PLC0415
    from search.find import find  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    page = factories.policy_list()
    edition = factories.list_edition(
        page,
        ({"key": f"r{n}", "事项名称": f"示例事项{n}办理服务", "依据": "按规定办理"} for n in range(size)),
    )
    began = time.perf_counter()
    publish(edition)
    published = time.perf_counter() - began
    began = time.perf_counter()
    follow.refresh_pages.func([page.pk])
    took = time.perf_counter() - began
    if not find(f"示例事项{size - 1}办理服务").hits:
        raise RuntimeError("The last row cannot be found.")
    began = time.perf_counter()
    documents.count_words()
    counted = time.perf_counter() - began
    return {
        "rows of a new list": size,
        "publishing s": round(published, 1),
        "found after s": round(took, 1),
        "counting words s": round(counted, 1),
    }


def _of(share):
    return round(share, 3)


def _line(row):
    halves = ", ".join(
        f"{name} {row[name]['recall']}/{row[name]['mrr']} p95 {row[name]['p95 ms']} ms"
        for name in ("tuned", "unseen")
    )
    return f"{row['database']}, {row['documents']} documents, {row['way']}: {halves}"


def main():
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    if len(sys.argv) < 2:
        measure()
        return
    import django  # noqa: PLC0415  the settings come from the environment

    django.setup()
    step, size, way = sys.argv[1:]
    print(json.dumps({"quality": quality, "rows": rows}[step](int(size), way), ensure_ascii=False))


if __name__ == "__main__":
    main()
