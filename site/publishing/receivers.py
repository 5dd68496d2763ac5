"""Every way of publishing ends in Wagtail's or an edition's signal; here each becomes audit and outbox."""

from typing import Any

from django.db import transaction
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished, published, unpublished

from content_models.base.models import Edition
from content_models.base.signals import edition_published, edition_taken_back
from publishing.models import OutboxEntry
from publishing.outbox import announce
from staff import audit

PUBLISHED, TAKEN_BACK = OutboxEntry.What.PUBLISHED, OutboxEntry.What.TAKEN_BACK


def _record(action: str, thing: Any, what: str, **detail: Any) -> None:
    with transaction.atomic():
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
    if instance.live and hasattr(instance, "topic"):
        _record("publish", instance, PUBLISHED, page=instance.pk, title=instance.title)


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
    _record(
        "publish_edition",
        edition,
        PUBLISHED,
        edition=edition.pk,
        replaced=replaced.pk if replaced else None,
        title=str(edition),
        **_guides_changed(edition, replaced),
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


def connect() -> None:
    page_published.connect(on_page_published, dispatch_uid="publishing.page_published")
    page_unpublished.connect(on_page_unpublished, dispatch_uid="publishing.page_unpublished")
    published.connect(on_published, dispatch_uid="publishing.published")
    unpublished.connect(on_unpublished, dispatch_uid="publishing.unpublished")
    edition_published.connect(on_edition_published, dispatch_uid="publishing.edition_published")
    edition_taken_back.connect(on_edition_taken_back, dispatch_uid="publishing.edition_taken_back")
