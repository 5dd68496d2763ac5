"""The verbs every room publishes through."""

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext
from wagtail.models import ModelLogEntry, Page, WorkflowState

from content_models.base.checks import NotPublishable
from content_models.base.editions import make_all_current
from content_models.base.models import Edition
from publishing import outbox
from publishing.receivers import record_editions

GOING_LIVE = [
    "live",
    "expired",
    "has_unpublished_changes",
    "live_revision",
    "first_published_at",
    "last_published_at",
]


@transaction.atomic
def publish(thing: Any, *, by: Any = None) -> Any:
    """Publish the latest revision of a page, edition or banner, with audit and outbox, or nothing at all.

    Returns the thing as it now stands. Raises NotPublishable when it breaks its own rules.
    """
    thing = _as_it_stands(thing)
    with LogContext(user=by):
        # Unchecked here: publishing checks, and says in sentences what is wrong.
        revision = thing.get_latest_revision() or thing.save_revision(user=by, clean=False)
        revision.publish(user=by, skip_permission_checks=True)
    return type(thing).objects.get(pk=thing.pk)


def _as_it_stands(thing: Any) -> Any:
    """The thing as the database has it once it is our turn; the caller's copy may be older."""
    outbox.take_turn()
    thing = type(thing)._default_manager.get(pk=thing.pk)
    return thing.specific if isinstance(thing, Page) else thing


@transaction.atomic
def publish_editions(editions: Sequence[Edition], *, by: Any = None) -> None:
    """Publish the newest revisions of many editions of one kind, each of another owner, or nothing at all.

    As ``publish`` does for one, in a number of questions that does not grow with theirs. Raises
    NotPublishable for the first that breaks its own rules.
    """
    if not editions:
        return
    outbox.take_turn()
    model: Any = type(editions[0])
    found = model.objects.select_related("owner", "latest_revision", "replaces").in_bulk(
        [edition.pk for edition in editions]
    )
    standing = [found[edition.pk] for edition in editions]
    if len({edition.owner_id for edition in standing}) < len(standing):
        raise ValueError("Editions that are published together have different owners.")
    for edition, problems in model.problems_among(standing).items():
        raise NotPublishable(edition, problems)
    if any(edition.latest_revision is None or edition.go_live_at for edition in standing):
        for edition in standing:
            publish(edition, by=by)
        return
    now = timezone.now()
    for edition in standing:
        edition.live, edition.expired, edition.has_unpublished_changes = True, False, False
        edition.live_revision, edition.last_published_at = edition.latest_revision, now
        edition.first_published_at = edition.first_published_at or now
    model.objects.bulk_update(standing, GOING_LIVE, batch_size=500)
    with LogContext(user=by):
        _cancel_reviews(standing, by)
        replaced = make_all_current(standing)
        _log(standing, by, now)
        record_editions(replaced)


def _cancel_reviews(editions: Sequence[Edition], by: Any) -> None:
    """What went public waits for nobody."""
    waiting = WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(editions[0]),
        object_id__in=[str(edition.pk) for edition in editions],
    )
    for state in waiting:
        state.cancel(user=by)


def _log(editions: Sequence[Edition], by: Any, now: Any) -> None:
    """Wagtail's own history of each."""
    kind = ContentType.objects.get_for_model(editions[0])
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=kind,
            object_id=str(edition.pk),
            label=str(edition),
            action="wagtail.publish",
            user=by,
            timestamp=now,
            revision=edition.live_revision,
            content_changed=True,
        )
        for edition in editions
    )


@transaction.atomic
def take_back(thing: Any, *, by: Any = None) -> Any:
    """Take a published thing back: a page disappears, an edition gives way to the one it replaced."""
    thing = _as_it_stands(thing)
    if isinstance(thing, Edition) and not thing.is_current:
        raise NotPublishable(thing, [_("“%(edition)s”不是现行版本，不能撤回。") % {"edition": thing}])
    with LogContext(user=by):
        thing.unpublish(user=by)
    return type(thing).objects.get(pk=thing.pk)
