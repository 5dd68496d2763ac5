"""Every way of publishing ends in Wagtail's or an edition's signal; here each becomes audit and outbox."""

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from wagtail.log_actions import LogContext, get_active_log_context
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move, published, unpublished

from content_models.base.models import Edition
from content_models.base.signals import (
    edition_published,
    edition_taken_back,
    office_paused,
    office_resumed,
)
from publishing.models import OutboxEntry
from publishing.outbox import announce, announce_all, publication
from staff import audit

PUBLISHED, TAKEN_BACK = OutboxEntry.What.PUBLISHED, OutboxEntry.What.TAKEN_BACK


def _record(action: str, thing: Any, what: str, **detail: Any) -> None:
    with publication():
        audit.record(action, thing, by=get_active_log_context().user, **detail)
        if _is_internal(thing):
            # Followers drop what was public before, and learn nothing of what is there now.
            announce(thing.topic, TAKEN_BACK)
        else:
            announce(thing.topic, what, action=action, **detail)


def _is_internal(thing: Any) -> bool:
    return getattr(thing.owner if isinstance(thing, Edition) else thing, "is_internal", False)


def on_page_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    # Also sent for a page scheduled for later, which is not live yet.
    if instance.live and hasattr(instance, "topic") and not kwargs.get("is_one_of_many"):
        _record("publish", instance, PUBLISHED, page=instance.pk, title=instance.title)


def record_pages(pages: Sequence[Any]) -> None:
    """Audit and outbox of many pages published together."""
    details = {page: {"page": page.pk, "title": page.title} for page in pages}
    _record_all("publish", details)


def on_page_unpublished(sender: Any, instance: Any, **kwargs: Any) -> None:
    if hasattr(instance, "topic"):
        _record("take_back", instance, TAKEN_BACK, page=instance.pk, title=instance.title)


def _speaks_for_itself(instance: Any) -> bool:
    """Pages and editions are told of by signals of their own."""
    return isinstance(instance, (Edition, Page)) or not hasattr(instance, "topic")


def on_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    if not _speaks_for_itself(instance) and instance.live:
        _record("publish", instance, PUBLISHED, object=instance.pk, title=str(instance))


def on_unpublished(sender: Any, instance: Any, **kwargs: Any) -> None:
    if not _speaks_for_itself(instance):
        _record("take_back", instance, TAKEN_BACK, object=instance.pk, title=str(instance))


def on_edition_published(sender: Any, edition: Edition, replaced: Edition | None, **kwargs: Any) -> None:
    if not kwargs.get("is_one_of_many"):
        detail = _told(edition, replaced)
        _record("publish_edition", edition, PUBLISHED, **detail, **_guides_changed(edition, replaced))


def _told(edition: Edition, replaced: Edition | None) -> dict[str, Any]:
    return {
        "edition": edition.pk,
        "replaced": replaced.pk if replaced else None,
        "title": str(edition),
    }


def record_editions(replaced: dict[Any, Any]) -> None:
    """Audit and outbox of many editions published together: ``{edition: replaced or None}``."""
    guides = _guides_changed_among(replaced)
    details = {
        edition: _told(edition, other) | guides.get(edition, {}) for edition, other in replaced.items()
    }
    _record_all("publish_edition", details)


def _record_all(action: str, details: dict[Any, dict[str, Any]]) -> None:
    """As ``_record`` does for one, of many things that were published together."""
    audit.record_all(action, details, by=get_active_log_context().user)
    announce_all(
        [
            (thing.topic, TAKEN_BACK, {})
            if _is_internal(thing)
            else (thing.topic, PUBLISHED, {"action": action, **detail})
            for thing, detail in details.items()
        ]
    )


def on_edition_taken_back(sender: Any, edition: Edition, restored: Edition | None, **kwargs: Any) -> None:
    _record(
        "take_back_edition",
        edition,
        TAKEN_BACK,
        edition=edition.pk,
        restored=restored.pk if restored else None,
        title=str(edition),
        **_guides_changed(edition, restored),
    )


def on_office_paused(sender: Any, pause: Any, **kwargs: Any) -> None:
    with LogContext(user=pause.set_by):
        _record("pause_office", pause.office, PUBLISHED, **_told_of_pause(pause))


def on_office_resumed(sender: Any, pause: Any, **kwargs: Any) -> None:
    with LogContext(user=pause.ended_by):
        _record("resume_office", pause.office, PUBLISHED, **_told_of_pause(pause))


def _told_of_pause(pause: Any) -> dict[str, Any]:
    return {
        "page": pause.office_id,
        "title": pause.office.title,
        "pause": pause.pk,
        "kind": pause.kind,
        "until": timezone.localtime(pause.until).isoformat(timespec="minutes"),
        "reason": pause.reason,
    }


def _guides_changed(edition: Any, other: Any) -> dict[str, list[int]]:
    """For provisions, the guides whose pages change with this swap."""
    if not edition.topic.startswith("provisions:"):
        return {}
    if other is None:
        return {"guides": sorted(edition.rows.values_list("guide_id", flat=True))}
    difference = edition.difference(other)
    return {
        "guides": sorted(
            {pk for rows in difference.values() for pk in rows.values_list("guide_id", flat=True)}
        )
    }


def _guides_changed_among(replaced: dict[Any, Any]) -> dict[Any, dict[str, list[int]]]:
    """The same for many, in one question for each side."""
    pairs = {edition: other for edition, other in replaced.items() if edition.topic.startswith("provisions:")}
    if not pairs:
        return {}
    editions = [edition.pk for pair in pairs.items() for edition in pair if edition is not None]
    rows: dict[int, set[tuple[int, str]]] = {pk: set() for pk in editions}
    found = next(iter(pairs)).row_model.objects.filter(edition__in=editions).order_by()
    for pk, guide, digest in found.values_list("edition", "guide_id", "digest").iterator(chunk_size=5000):
        rows[pk].add((guide, digest))
    return {
        edition: {
            "guides": sorted(
                {guide for guide, _digest in rows[edition.pk] ^ (rows[other.pk] if other else set())}
            )
        }
        for edition, other in pairs.items()
    }


def on_restricted(sender: Any, instance: PageViewRestriction, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        _tell_all_below(instance.page, TAKEN_BACK, action="restrict")


def on_unrestricted(sender: Any, instance: PageViewRestriction, **kwargs: Any) -> None:
    page = Page.objects.filter(pk=instance.page_id).first()  # deleting a page takes its restrictions along
    if page is not None:
        _tell_all_below(page, PUBLISHED, action="unrestrict")


def on_page_moved(sender: Any, instance: Page, **kwargs: Any) -> None:
    if kwargs["url_path_before"] != kwargs["url_path_after"]:
        _tell_all_below(instance, PUBLISHED, action="move")


def _tell_all_below(page: Page, what: str, **detail: Any) -> None:
    """Tell of the live pages of a subtree, which stand or count otherwise now though none was edited."""
    pages = Page.objects.live().descendant_of(page, inclusive=True).specific(defer=True)
    topics = dict.fromkeys(each.topic for each in pages if hasattr(each, "topic"))
    announce_all((topic, what, detail) for topic in topics)


def connect() -> None:
    post_save.connect(on_restricted, PageViewRestriction, dispatch_uid="publishing.restricted")
    post_delete.connect(on_unrestricted, PageViewRestriction, dispatch_uid="publishing.unrestricted")
    post_page_move.connect(on_page_moved, dispatch_uid="publishing.page_moved")
    page_published.connect(on_page_published, dispatch_uid="publishing.page_published")
    page_unpublished.connect(on_page_unpublished, dispatch_uid="publishing.page_unpublished")
    published.connect(on_published, dispatch_uid="publishing.published")
    unpublished.connect(on_unpublished, dispatch_uid="publishing.unpublished")
    edition_published.connect(on_edition_published, dispatch_uid="publishing.edition_published")
    edition_taken_back.connect(on_edition_taken_back, dispatch_uid="publishing.edition_taken_back")
    office_paused.connect(on_office_paused, dispatch_uid="publishing.office_paused")
    office_resumed.connect(on_office_resumed, dispatch_uid="publishing.office_resumed")
