"""Grows a demo site to the size of a large city, in bulk: pages by copying one, rows by the thousand."""

import uuid

from django.db import connection
from wagtail.models import Page

from content_models.communities.models import CommunityPage, Figure
from content_models.guides.models import (
    GuidePage,
    LegalBasis,
    Material,
    Provision,
    ProvisionEdition,
    Step,
)
from content_models.places.models import RegionPage
from content_models.policy_lists.models import ListEntry

BATCH = 2000


def copy_pages(template, *, parent, number):
    """Put ``number`` copies of a page below ``parent``; returns their ids. Rows only, no revisions."""
    first_id = Page.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    last = parent.get_last_child()
    first_step = Page._str2int(last.path[-Page.steplen :]) + 1 if last else 1
    parents = [model for model in template._meta.get_parent_list() if issubclass(model, Page)]
    chain = [*sorted(parents, key=lambda model: len(model._meta.get_parent_list())), type(template)]
    for model in chain:
        fields = model._meta.local_concrete_fields
        names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        sql = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({marks})"
        with connection.cursor() as cursor:
            for start in range(0, number, BATCH):
                cursor.executemany(
                    sql,
                    [
                        _values(template, fields, parent, first_id + step, first_step + step)
                        for step in range(start, min(start + BATCH, number))
                    ],
                )
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + number)
    return list(range(first_id, first_id + number))


def _values(template, fields, parent, pk, step):
    slug = f"{template._meta.model_name}-{pk}"
    changed = {
        "id": pk,
        "path": Page._get_path(parent.path, parent.depth + 1, step),
        "url_path": f"{parent.url_path}{slug}/",
        "slug": slug,
        "title": f"{template.title} {pk}",
        "draft_title": f"{template.title} {pk}",
        "numchild": 0,
        "depth": parent.depth + 1,
        "translation_key": uuid.uuid4(),
        "region_code": "",
        "latest_revision_id": None,
        "live_revision_id": None,
    }
    values = []
    for field in fields:
        is_parent_link = field.is_relation and getattr(field.remote_field, "parent_link", False)
        value = pk if is_parent_link else changed.get(field.attname, getattr(template, field.attname))
        values.append(field.get_db_prep_save(value, connection))
    return values


def grow_guides(number):
    """``number`` more guides, each with three materials, two steps and a basis."""
    template = GuidePage.objects.live().order_by("pk").first()
    made = copy_pages(template, parent=template.get_parent(), number=number)
    for model, per_guide in ((Material, 3), (Step, 2), (LegalBasis, 1)):
        rows = list(model.objects.filter(page=template)[:per_guide])
        copies = [copy_row(row, page_id=pk) for pk in made for row in rows]
        model.objects.bulk_create(copies, batch_size=BATCH)
    return made


def grow_communities(number, *, guides):
    """``number`` more communities in the first street, each with figures and provisions of ``guides``."""
    template = CommunityPage.objects.live().order_by("pk").first()
    street = template.get_parent()
    made = copy_pages(template, parent=street, number=number)
    figures = list(Figure.objects.filter(page=template.pk)[:5])
    Figure.objects.bulk_create(
        [copy_row(row, page_id=pk) for pk in made for row in figures], batch_size=BATCH
    )
    editions = [
        ProvisionEdition(owner_id=pk, number=1, title="2026版", live=True, is_current=True) for pk in made
    ]
    ProvisionEdition.objects.bulk_create(editions, batch_size=BATCH)
    rows = []
    for edition in editions:
        for guide in guides:
            row = Provision(edition=edition, guide=guide, is_offered=False, reason="示例")
            row.key = row.make_key()
            row.digest = row.compute_digest()
            rows.append(row)
    Provision.objects.bulk_create(rows, batch_size=BATCH)
    return made


def grow_list(edition, number):
    """``number`` more rows in a list edition, in the shape of the rows it has."""
    template = edition.rows.order_by("order").first()
    start = edition.rows.order_by("-order").values_list("order", flat=True)[0] + 1
    batch = []
    for step in range(number):
        row = copy_row(template, key=f"grown-{step}", order=start + step)
        row.edition = edition
        row.values = {**template.values}
        title = next((column.key for column in edition.columns if column.is_title), None)
        if title:
            row.values[title] = f"示例事项 {step}"
        row.digest, row.text = f"{step:032x}", "\n".join(row.values.values())
        batch.append(row)
        if len(batch) == BATCH:
            ListEntry.objects.bulk_create(batch)
            batch = []
    ListEntry.objects.bulk_create(batch)


def copy_row(row, **changed):
    copy = type(row)()
    for field in row._meta.concrete_fields:
        if not field.primary_key:
            setattr(copy, field.attname, getattr(row, field.attname))
    for name, value in changed.items():
        setattr(copy, name, value)
    return copy


def analyze():
    """Let the database look at what grew, as it would by itself over night."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return RegionPage.objects.count()
