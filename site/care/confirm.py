"""Saying that published content still holds: its public date changes, and nothing else."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from care.things import next_due
from content_models.base.models import Edition
from publishing.models import OutboxEntry
from publishing.outbox import announce, publication, take_turn
from staff import audit

CONFIRMED = "care.confirm"  # in the history of a page or an edition


@publication()
def confirm(thing: Any, *, by: Any) -> bool:
    """Note that ``thing`` was checked today and when it is due again, with audit and outbox.

    What is being written on top of it stays unpublished and gets the dates as well. Returns False where it is
    not public, or was confirmed today already.
    """
    take_turn()
    thing = type(thing)._default_manager.get(pk=thing.pk)
    today = timezone.localdate()
    dates = {"checked_on": today, "review_due": next_due(type(thing), today)}
    is_done = all(getattr(thing, name) == value for name, value in dates.items())
    if not is_public(thing) or is_done:
        return False
    type(thing)._default_manager.filter(pk=thing.pk).update(**dates)
    written = {name: value.isoformat() if value else None for name, value in dates.items()}
    _carry_into_drafts(thing, written)
    audit.record("confirm_content", thing, by=by, **written)
    log(instance=thing, action=CONFIRMED, user=by, data=written)
    _announce(thing)
    return True


def is_public(thing: Any) -> bool:
    return bool(thing.is_current and thing.live if isinstance(thing, Edition) else thing.live)


def _carry_into_drafts(thing: Any, written: dict[str, Any]) -> None:
    """Whatever is published next of what is written now says the same; an open form notices the change."""
    now = timezone.now()
    newest = Q(pk__in=[thing.latest_revision_id, thing.live_revision_id])
    revisions = Revision.objects.for_instance(thing).filter(newest | Q(approved_go_live_at__isnull=False))
    for revision in revisions:
        revision.content.update(written)
        if revision.pk == thing.latest_revision_id:
            revision.created_at = now
        Revision.objects.filter(pk=revision.pk).update(
            content=revision.content, created_at=revision.created_at
        )
    if isinstance(thing, Page) and thing.latest_revision_id:
        Page.objects.filter(pk=thing.pk).update(latest_revision_created_at=now)


def _announce(thing: Any) -> None:
    what, detail = OutboxEntry.What.PUBLISHED, {"action": "confirm"}
    owner = thing.owner if isinstance(thing, Edition) else thing
    if getattr(owner, "is_internal", False):
        what, detail = OutboxEntry.What.TAKEN_BACK, {}
    elif isinstance(thing, Edition):
        detail |= {"edition": thing.pk, "title": str(thing)}
    else:
        detail |= {"page": thing.pk, "title": thing.title}
    announce(thing.topic, what, **detail)
