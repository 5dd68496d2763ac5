"""What an answer of the API costs, uncached: a hundred rows of several kinds, and one guide.

The demo's guides are copied with all their parts until there are 300, so that 100 of them are like its own.
The baseline is the framework's usual way: model serializers with every relation prefetched.
"""

import statistics
import time

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from benchmarks import growth
from content_models.communities.models import CommunityPage
from content_models.guides.models import (
    Fee,
    GuidePage,
    LegalBasis,
    LevelChange,
    Material,
    Question,
    Step,
)

GUIDES, RUNS = 300, 15
PARTS = (LegalBasis, Material, Step, Fee, Question, LevelChange)
ADDRESSES = {
    "100 guides": "/api/v1/guides/?page_size=100",
    "100 guides, every field": "/api/v1/guides/?page_size=100&fields=*",
    "100 guides, with a community": "/api/v1/guides/?page_size=100&community={community}",
    "100 guides, in traditional characters": "/api/v1/guides/?page_size=100&lang=zh-hant",
    "one guide": "/api/v1/guides/{guide}/",
    "100 provisions": "/api/v1/provisions/?page_size=100",
    "100 certificates": "/api/v1/certificates/?page_size=100",
    "100 figures": "/api/v1/figures/?page_size=100",
}


def measure() -> list[dict]:
    """Rows of ``{what, kB, queries, ms}``; times are medians of RUNS in milliseconds, whole requests."""
    call_command("migrate", verbosity=0)
    call_command("load_demo")
    grow()
    guide = GuidePage.objects.live().order_by("pk").first()
    community = CommunityPage.objects.live().filter(provision_editions__isnull=False).order_by("pk").first()
    rows = [
        {"what": what, **cost(address.format(guide=guide.pk, community=community.pk))}
        for what, address in ADDRESSES.items()
    ]
    rows.append({"what": "100 guides, every field, by model serializers (baseline)", **baseline()})
    for row in rows:
        print(f"{row['what']:60} {row['kB']:8.1f} kB {row['queries']:4} queries {row['ms']:8.1f} ms")
    return rows


def grow() -> None:
    templates = list(GuidePage.objects.live().order_by("pk"))
    for number in range(GUIDES - len(templates)):
        template = templates[number % len(templates)]
        (key,) = growth.copy_pages(template, parent=template.get_parent(), number=1)
        for model in PARTS:
            copies = [growth.copy_row(row, page_id=key) for row in model.objects.filter(page=template)]
            model.objects.bulk_create(copies)
        for name in ("topics", "audiences", "offices"):
            through = getattr(GuidePage, name).through
            column = f"{GuidePage._meta.model_name}_id"
            links = through.objects.filter(**{column: template.pk})
            through.objects.bulk_create([growth.copy_row(link, **{column: key}) for link in links])


def cost(address: str) -> dict:
    client = Client(headers={"host": "localhost"})

    def ask():
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return response

    ask()  # fills what a process remembers
    with CaptureQueriesContext(connection) as asked:
        size = len(ask().content)
    return {"kB": size / 1000, "queries": len(asked), "ms": timed(ask)}


def timed(ask) -> float:
    times = []
    for _run in range(RUNS):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(times), 1)


def baseline() -> dict:
    """The same guides as the framework's tutorial would show them."""

    def part(model) -> type:
        meta = type("Meta", (), {"model": model, "exclude": ("page",)})
        return type(f"{model.__name__}Plain", (serializers.ModelSerializer,), {"Meta": meta})

    names = ["legal_basis", "materials", "steps", "fees", "faqs", "level_changes"]
    fields = {name: part(model)(many=True) for name, model in zip(names, PARTS, strict=True)}
    own = [
        field.name
        for field in GuidePage._meta.fields
        if field.model is GuidePage and field.name != "page_ptr"
    ]
    many = ["topics", "audiences", "offices"]
    meta = type("Meta", (), {"model": GuidePage, "depth": 1, "fields": ["id", "title", *own, *names, *many]})
    serializer = type("GuidePlain", (serializers.ModelSerializer,), {"Meta": meta, **fields})

    def ask() -> bytes:
        guides = GuidePage.objects.live().select_related("department").prefetch_related(*names, *many)
        return JSONRenderer().render(serializer(guides.order_by("sort_name")[:100], many=True).data)

    with CaptureQueriesContext(connection) as asked:
        size = len(ask())
    return {"kB": size / 1000, "queries": len(asked), "ms": timed(ask)}
