"""What an import costs on PostgreSQL, beside what the database and stock import-export need for the same.

    python -m benchmarks.imports

50,000 list entries of 15 columns: check, confirm into a new edition, the same file again, the preview of
60,000 rows. Baselines in the same run: COPY of the same rows into the same table, and import-export at its
fastest settings (bulk, no diff, no instances looked up, no reports).

5,000 new guides with three materials each: check, confirm, and pages made in bulk. Baseline in the same run:
Wagtail's ``add_child`` and ``save_revision``, both ways with log, references and search rows.
"""

import csv
import datetime
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = 50_000
SHOWN_ROWS = 60_000
STOCK_ROWS = 10_000
GUIDES = 5_000
STOCK_GUIDES = 200
RUNS = 3
MEMORY_ROWS = (10_000, 100_000, 600_000)
HEADER = [
    "编号", "事项名称", "类别", "部门", "数量", "日期", "是否公开", "说明", "电话", "街道", "社区", "批次",
    "承接单位", "网址", "金额",
]  # fmt: skip


def rows(count, seed=1):
    """Entries as staff have them: names and codes of their own, everything else repeating."""
    dice = random.Random(seed)
    for number in range(count):
        yield [
            f"A{number:06d}", f"示例事项{number:06d}办理服务", dice.choice(["取消", "上收", "下放"]),
            dice.choice(["民政局", "人社局", "卫健委", "住建局"]), str(dice.randint(1, 9999)),
            f"2024-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}", dice.choice(["是", "否"]),
            f"按规定办理，材料{number % 97}份", "12345", f"街道{number % 30}", f"社区{number % 300}",
            f"第{number % 50}批", dice.choice(["", "补充单位"]), f"https://example.org/{number}",
            f"{dice.random() * 1000:.2f}",
        ]  # fmt: skip


def as_csv(count):
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(rows(count))
    return file.getvalue().encode()


def measure():
    """``{name: figure}``; starts a PostgreSQL of its own."""
    from tests import servers  # noqa: PLC0415  only where this is measured

    with servers.postgres() as url, tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        environment = os.environ | {
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        }
        found = {}
        print("\nimports (PostgreSQL)")
        steps = ["speed", "guides", *(f"memory:{count}" for count in MEMORY_ROWS)]
        for step in steps:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.imports", step],
                cwd=ROOT, env=environment, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            figures = json.loads(done.stdout.splitlines()[-1])
            print_table(figures)
            found |= figures
    return found


def print_table(found):
    for name, figure in found.items():
        print(f"  {name:<58}{figure:>12}", flush=True)


# In the process that measures


def new_list():
    from content_models.home.models import HomePage  # noqa: PLC0415  needs the apps loaded
    from tests import factories  # noqa: PLC0415
    from tests.factories import column  # noqa: PLC0415

    if not HomePage.objects.exists():
        factories.home()
    return factories.policy_list(
        columns=[
            column("事项名称", is_title=True, is_required=True),
            column("类别", "choice", choices=["取消", "上收", "下放"], is_filter=True),
            column("部门", is_filter=True), column("数量", "number"), column("日期", "date"),
            column("是否公开", "yes_no"), column("说明", "long_text"), column("电话"), column("街道"),
            column("社区"), column("批次"), column("承接单位"), column("网址", "link"),
            column("金额", "number"),
        ]
    )  # fmt: skip


def somebody():
    from staff.models import User  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    return User.objects.filter(is_superuser=True).first() or factories.user("administrator")


def received(page, file, by):
    from imports import runs, steps  # noqa: PLC0415
    from imports.kinds import lane_of  # noqa: PLC0415

    run = runs.receive(file, name="清单.csv", kind="lists", into=page, by=by)
    steps.place_columns(run, lane_of(run))
    return run


def timed(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def speed():
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from imports import runs  # noqa: PLC0415

    page, by = new_list(), somebody()
    content = as_csv(ROWS)
    checks, confirms, wholes, copies = [], [], [], []
    for _run in range(RUNS):
        whole, _ = timed(lambda: confirmed(page, content, by, checks, confirms))
        wholes.append(whole)
        copies.append(copy_baseline(page))
    again = [timed(lambda: runs.check(received(page, io.BytesIO(content), by)))[0] for _run in range(RUNS)]
    stock = stock_baseline(page, as_csv(STOCK_ROWS).decode())

    big = received(new_list(), io.BytesIO(as_csv(SHOWN_ROWS)), by)
    runs.check(big)
    client = Client()
    client.force_login(by)
    addresses = [reverse("imports:preview", args=[big.pk]) + query for query in ("", "?p=600", "?show=new")]

    def read(address):
        answer = client.get(address, headers={"host": "localhost"})
        assert answer.status_code == 200, (address, answer.status_code)

    pages = [timed(lambda address=address: read(address))[0] for address in addresses * RUNS]

    check, confirm, whole = (statistics.median(each) for each in (checks, confirms, wholes))
    copy = statistics.median(copies)
    return {
        "check, 50,000 rows of 15 columns (rows/s)": round(ROWS / check),
        "check / COPY": round(copy / check, 2),
        "confirm into a new edition (rows/s)": round(ROWS / confirm),
        "COPY of the same rows into the same table (rows/s)": round(ROWS / copy),
        "confirm / COPY": round(copy / confirm, 2),
        "whole run, upload to draft edition (rows/s)": round(ROWS / whole),
        "stock import-export, fastest settings (rows/s)": round(stock),
        "whole run / stock": round(ROWS / whole / stock, 1),
        "the same file again (rows/s)": round(ROWS / statistics.median(again)),
        "preview page at 60,000 rows (ms)": round(statistics.median(pages) * 1000),
    }


def confirmed(page, content, by, checks, confirms):
    from imports import runs  # noqa: PLC0415

    page.editions.all().delete()
    run = received(page, io.BytesIO(content), by)
    checks.append(timed(lambda: runs.check(run))[0])
    confirms.append(timed(lambda: runs.confirm(run, by=by))[0])


def copy_baseline(page):
    """COPY of an edition's rows into their own table, as another edition; the limit of the database."""
    from django.db import connection, transaction  # noqa: PLC0415

    edition = page.editions.order_by("-number").first()
    other = type(edition)(owner=page, title="COPY")
    other.save()
    columns = '"key", "order", digest, "values", text'
    table = edition.row_model._meta.db_table
    with connection.cursor() as cursor:
        source = f"COPY (SELECT {columns} FROM {table} WHERE edition_id = {edition.pk}) TO STDOUT"
        with cursor.copy(source) as copy:
            lines = b"".join(bytes(piece) for piece in copy)
        lines = b"".join(line + f"\t{other.pk}\n".encode() for line in lines.splitlines())

        def write():
            with (
                transaction.atomic(),
                cursor.copy(f"COPY {table} ({columns}, edition_id) FROM STDIN") as copy,
            ):
                copy.write(lines)

        seconds, _ = timed(write)
    other.rows.all().delete()
    other.delete()
    return seconds


def stock_baseline(page, text):
    """Rows a second of django-import-export with all its shortcuts on, from such a file to the same table."""
    import tablib  # noqa: PLC0415
    from import_export import fields, resources, results, widgets  # noqa: PLC0415

    from content_models.policy_lists.models import ListEntry  # noqa: PLC0415

    edition = page.editions.order_by("-number").first()
    target = type(edition)(owner=page, title="stock")
    target.save()

    class Quiet(results.RowResult):
        def add_instance_info(self, instance):
            """Not even a name: ours would cost a query a row."""

    class Stock(resources.ModelResource):
        key = fields.Field("key", "key")
        order = fields.Field("order", "order", widget=widgets.IntegerWidget())
        digest = fields.Field("digest", "digest")
        text = fields.Field("text", "text")
        edition_id = fields.Field("edition_id", "edition_id", widget=widgets.IntegerWidget())
        values = fields.Field("values", "values", widget=widgets.JSONWidget())

        @classmethod
        def get_row_result_class(cls):
            return Quiet

        class Meta:
            model = ListEntry
            use_bulk = True
            batch_size = 1000
            skip_diff = True
            skip_html_diff = True
            force_init_instance = True
            import_id_fields = ()
            fields = ("key", "order", "digest", "text", "edition_id", "values")

        def before_import_row(self, row, row_number=0, **kwargs):
            values = {name: row[name] for name in HEADER[1:]}
            row |= {"key": row[HEADER[0]], "order": row_number, "digest": "", "text": row[HEADER[1]]}
            row |= {"edition_id": target.pk, "values": json.dumps(values, ensure_ascii=False)}

    def load():
        dataset = tablib.Dataset().load(text, format="csv")
        return len(dataset), Stock().import_data(dataset, raise_errors=True)

    seconds, (count, result) = timed(load)
    assert not result.has_errors()
    assert target.rows.count() == count
    target.rows.all().delete()
    target.delete()
    return count / seconds


# New pages


def guides():
    """Seconds and pages a second of an import of new guides, and of making such pages at all."""
    from content_models.base.bulk import create_pages  # noqa: PLC0415
    from content_models.guides.models import GuideChannel  # noqa: PLC0415
    from imports import runs  # noqa: PLC0415
    from publishing.publish import publish_new_pages  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415
    from tests.imports.walk import checked  # noqa: PLC0415

    by = somebody()
    office = factories.office()
    stock, bulk, imported = (factories.channel(GuideChannel, factories.street(f"{n}街道")) for n in range(3))

    made = list(new_guides(STOCK_GUIDES, office))
    one_by_one, _ = timed(lambda: add_one_by_one(stock, made, by))
    made = list(new_guides(GUIDES, office))
    together, _ = timed(lambda: create_pages(bulk, made, by=by))
    published, refusals = timed(lambda: publish_new_pages(made, by=by))
    assert not refusals, refusals[:3]

    content = guide_book(GUIDES)
    checking, run = timed(lambda: checked("guides", content, by=by, into=imported))
    assert run.counts["new"] == GUIDES, (run.counts, run.message)
    confirming, run = timed(lambda: runs.confirm(run, by=by))
    assert run.result["confirm"]["counts"]["created"] == GUIDES, run.result
    return {
        "add_child + save_revision, one by one (pages/s)": round(STOCK_GUIDES / one_by_one, 1),
        "5,000 guides with three materials, in bulk (pages/s)": round(GUIDES / together),
        "in bulk / one by one": round(GUIDES / together / STOCK_GUIDES * one_by_one),
        "publish them together (pages/s)": round(GUIDES / published),
        "upload and check 5,000 such guides (s)": round(checking, 1),
        "confirm them as drafts (s)": round(confirming, 1),
    }


def new_guides(count, office):
    from content_models.guides.models import GuidePage, LegalBasis, Material, Step  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    department = factories.department()
    for number in range(count):
        page = GuidePage(
            title=f"示例事项{number:05d}办理服务", department=department, service_objects=["1"],
            conditions="<p>本区居民。</p>", case_type="2", promised_days=4, legal_days=24, handle_forms=["1"],
            consult_phone="0592-2020002", complaint_phone="12345", effective_on=datetime.date(2018, 5, 6),
        )  # fmt: skip
        page.materials = [Material(name=f"材料{number}-{place}", sort_order=place) for place in range(3)]
        page.steps, page.legal_basis = [Step(name="受理")], [LegalBasis(law="残疾人保障法")]
        page.offices = [office]
        yield page


def add_one_by_one(parent, pages, by):
    """As Wagtail does it, with references and search indexed at once, which is its default."""
    from django.test import override_settings  # noqa: PLC0415
    from wagtail.models import Page  # noqa: PLC0415

    backend = {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "ENQUEUE_ON_COMMIT": False}
    with override_settings(TASKS={"default": backend}):
        for page in pages:
            page.live, page.owner = False, by
            Page.objects.get(pk=parent.pk).add_child(instance=page)
            page.save_revision(user=by, clean=False)


def guide_book(count):
    from tests.imports.walk import book  # noqa: PLC0415

    header = [
        "网址名",
        "事项名称",
        "办件类型",
        "受理条件",
        "承诺时限",
        "咨询电话",
        "监督投诉电话",
        "生效日期",
    ]
    guides = [
        [
            f"g{number}",
            f"导入事项{number:05d}",
            "即办件",
            "居民。",
            "4",
            "0592-2020002",
            "12345",
            "2018-05-06",
        ]
        for number in range(count)
    ]
    materials = [
        [f"g{number}", f"材料{number}-{place}", "必要", "1"] for number in range(count) for place in range(3)
    ]
    return book(
        {
            "办事指南": [header, *guides],
            "申请材料": [["指南", "材料名称", "必要性", "原件份数"], *materials],
        }
    )


def memory(count):
    """Peak resident memory of a process that checks and confirms ``count`` rows, in MB."""
    from imports import runs  # noqa: PLC0415

    path = Path(os.environ["DATA_DIR"]) / "big.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count))
    page, by = new_list(), somebody()
    with path.open("rb") as file:
        run = received(page, file, by)
    runs.check(run)
    runs.confirm(run, by=by)
    # Of this program alone: what getrusage says begins with the size of the program that started it.
    status = Path("/proc/self/status").read_text()
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024
    return {f"peak memory, {count:,} rows (MB)": peak}


def main():
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    if len(sys.argv) < 2:
        measure()
        return
    import django  # noqa: PLC0415  the settings come from the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    step, _colon, count = sys.argv[1].partition(":")
    found = memory(int(count)) if count else {"speed": speed, "guides": guides}[step]()
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
