"""Brings documents up to what was published: in the same transaction where it is little, else right after it.

What may no longer be found is taken away in the transaction in any case.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django_tasks import task

from content_models.base.models import Audience, Topic
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.models import Department
from publishing.models import OutboxEntry
from search import documents
from search.models import Document

TAKEN_BACK = OutboxEntry.What.TAKEN_BACK
LITTLE = 20  # pages
FEW = 500  # rows
NAMED_BY: dict[type[Model], str] = {Department: "department", Audience: "audiences", Topic: "topics"}
KINDS = {"guides", "notices", "certificates", "lists", "communities", "offices", "pages"}


def within(entries: list[OutboxEntry]) -> None:
    """Follow a publication inside its transaction."""
    pages = _pages(entries)
    if not pages:
        return
    last = {entry.detail["page"]: entry.what for entry in entries if "page" in entry.detail}
    # A page that is being deleted still stands in the database.
    gone = {page for page, what in last.items() if what == TAKEN_BACK}
    documents.drop(gone)
    pages -= gone
    if len(pages) <= LITTLE and documents.count_missing_rows(pages) <= FEW:
        documents.refresh(pages)
        for entry in entries:
            entry.is_found = True  # type: ignore[attr-defined]  # for ``after``, which is given the same objects
    else:
        documents.withdraw(pages)


def after(entries: list[OutboxEntry]) -> None:
    """Follow what was committed: by a task, since it may be much."""
    if pages := _pages(entry for entry in entries if not getattr(entry, "is_found", False)):
        refresh_pages.enqueue(sorted(pages))


def renamed(sender: type[Model], instance: Any, created: bool, **told: Any) -> None:
    """Follow a department, audience or topic that is called something else now; a signal's receiver."""
    if created or told["raw"]:
        return
    documents_of = Document.objects.filter(**{NAMED_BY[sender]: instance.pk}, key="")
    if pages := list(documents_of.values_list("page", flat=True).distinct()):
        refresh_pages.enqueue(pages)


@task()
def refresh_pages(pages: list[int]) -> None:
    if documents.refresh(pages) > FEW:
        documents.count_words()


def _pages(entries: Iterable[OutboxEntry]) -> set[int]:
    pages: set[int] = set()
    channels: set[int] = set()
    for entry in entries:
        kind, _colon, number = entry.topic.partition(":")
        if kind not in KINDS:
            continue
        if kind != "notices":
            pages.add(int(number))
        elif "page" in entry.detail:
            pages.add(entry.detail["page"])
        else:
            channels.add(int(number))
    for channel in NoticeChannel.objects.filter(pk__in=channels):
        pages.update(NoticePage.objects.child_of(channel).values_list("pk", flat=True))
    return pages
