"""What a publication changes of stored pages: the keys (see ``reading``) under which they may be dropped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.models import Page
from wagtail.signals import post_page_move

from delivery.reading import TREE
from delivery.sources import groups_of, shared_models, sources
from publishing.models import OutboxEntry
from publishing.outbox import announce

SHARED = "shared"  # kind of topic: shared:places_department
AT_ONCE = 500  # pages in one question
# What moves or hides whole parts of the site.
SWEEPING = {"move", "restrict", "unrestrict"}
BANNER = "notices_emergencybanner"


@dataclass(frozen=True)
class Change:
    """One row of the outbox: everything that read one of ``keys`` is out of date as of ``at``."""

    sequence: int
    at: float  # seconds since 1970
    keys: frozenset[str]
    is_sweeping: bool = False  # everything is


def changes_after(sequence: int, *, limit: int) -> list[Change]:
    """What was committed after the outbox row ``sequence``, oldest first."""
    rows = OutboxEntry.objects.filter(sequence__gt=sequence).order_by("sequence")
    return describe(list(rows[:limit]))


def describe(entries: list[OutboxEntry]) -> list[Change]:
    """The changes that these rows of the outbox tell of."""
    pages = _pages({number for entry in entries for number in _numbers(entry)})
    return [_change(entry, pages) for entry in entries]


def _numbers(entry: OutboxEntry) -> set[int]:
    """The pages that a row speaks of: the one that was changed, or the one that the topic is about."""
    kind, _colon, number = entry.topic.partition(":")
    if kind in (SHARED, "banner"):
        return set()
    return {entry.detail.get("page") or int(number)}


def _pages(numbers: Iterable[int]) -> dict[int, Page]:
    found: dict[int, Page] = {}
    wanted = list(numbers)
    for start in range(0, len(wanted), AT_ONCE):
        some = Page.objects.filter(pk__in=wanted[start : start + AT_ONCE])
        found |= {page.pk: page for page in some.only("path", "url_path", "content_type_id")}
    return found


def _change(entry: OutboxEntry, pages: dict[int, Page]) -> Change:
    kind, _colon, name = entry.topic.partition(":")
    numbers = _numbers(entry)
    is_sweeping = entry.detail.get("action") in SWEEPING or not numbers <= pages.keys()
    keys = {f"topic:{entry.topic}"}
    if kind == SHARED:
        keys.add(f"rows:{name}")
    elif kind == "banner":
        keys.add(f"rows:{BANNER}")
    for page in (pages[number] for number in numbers & pages.keys()):
        keys |= _keys_of(page)
        is_sweeping |= page.specific_class is None
    return Change(entry.sequence or 0, entry.at.timestamp(), frozenset(keys), is_sweeping)


def _keys_of(page: Page) -> set[str]:
    above = page.path[: -Page.steplen]
    keys = {TREE, f"page:{page.pk}", f"path:{page.path}", f"url:{page.url_path}", f"children:{above}"}
    return keys | {f"rows:{group}" for group in groups_of(page.specific_class)}


# What nobody publishes shows on pages too: departments, topics, the calendar, settings, pictures.


def tell_of_shared(sender: Any, **kwargs: Any) -> None:
    """Announce that rows changed which belong to no one page."""
    if not kwargs.get("raw"):
        _announce(sources()[sender._meta.db_table].group, "change")


def tell_of_links(sender: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_"):
        _announce(sources()[sender._meta.db_table].group, "change")


def _announce(group: str, action: str) -> None:
    announce(f"{SHARED}:{group}", OutboxEntry.What.PUBLISHED, action=action)


def tell_of_move(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Announce a new order among siblings, of which publishing tells nobody: no address changes with it."""
    if kwargs["url_path_before"] == kwargs["url_path_after"]:
        _announce(Page._meta.db_table, "move")


def connect() -> None:
    for model in shared_models():
        post_save.connect(tell_of_shared, model, dispatch_uid="delivery.shared_saved")
        post_delete.connect(tell_of_shared, model, dispatch_uid="delivery.shared_deleted")
        for field in model._meta.many_to_many:
            through = field.remote_field.through
            if through._meta.db_table in sources():  # not the tags of pictures, which no page shows
                m2m_changed.connect(tell_of_links, through, dispatch_uid="delivery.shared_linked")
    post_page_move.connect(tell_of_move, dispatch_uid="delivery.moved")
