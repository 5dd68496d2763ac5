"""The verbs every room publishes through."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.log_actions import LogContext
from wagtail.models import ModelLogEntry, Page, WorkflowState
from wagtail.signals import page_published, published

from content_models.base.bulk import batches, log_pages
from content_models.base.checks import NotPublishable, not_publishable_among
from content_models.base.editions import make_all_current
from content_models.base.models import Edition
from content_models.base.pages import ContentPage
from publishing.outbox import publication, take_turn
from publishing.receivers import record_editions, record_pages

GOING_LIVE = [
    "live",
    "expired",
    "has_unpublished_changes",
    "live_revision",
    "first_published_at",
    "last_published_at",
]


@publication()
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
    take_turn()
    thing = type(thing)._default_manager.get(pk=thing.pk)
    return thing.specific if isinstance(thing, Page) else thing


@publication()
def publish_editions(editions: Sequence[Edition], *, by: Any = None) -> None:
    """Publish the newest revisions of many editions of one kind, each of another owner, or nothing at all.

    As ``publish`` does for one, in a number of questions that does not grow with theirs. Raises
    NotPublishable for the first that breaks its own rules.
    """
    if not editions:
        return
    take_turn()
    model: Any = type(editions[0])
    found = model.objects.select_related("owner", "latest_revision", "replaces").in_bulk(
        [edition.pk for edition in editions]
    )
    standing = [found[edition.pk] for edition in editions]
    if len({edition.owner_id for edition in standing}) < len(standing):
        raise ValueError("Editions that are published together have different owners.")
    # Without reviews: their rows come from a table, whose check has looked at every cell.
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


@publication()
def publish_new_pages(pages: Sequence[ContentPage], *, by: Any = None) -> list[NotPublishable]:
    """Publish drafts as ``create_pages`` has made them; returns the refusals of those that break their rules.

    As ``publish`` does for each, in a number of questions that does not grow with theirs.
    """
    take_turn()
    refusals, now = [], timezone.now()
    with LogContext(user=by):
        for kind, some in _by_kind(pages):
            for batch in batches(some):
                standing = _with_parts(kind, batch)
                problems = not_publishable_among(standing)
                refusals += [NotPublishable(page, said) for page, said in problems.items()]
                _make_public([page for page in standing if page not in problems], by, now)
    return refusals


def _by_kind(pages: Sequence[ContentPage]) -> Iterable[tuple[type[ContentPage], list[int]]]:
    found: dict[type[ContentPage], list[int]] = {}
    for page in pages:
        found.setdefault(type(page), []).append(page.pk)
    return found.items()


def _with_parts(kind: type[ContentPage], keys: Sequence[int]) -> list[ContentPage]:
    """The drafts as the database has them, with everything their rules ask for."""
    relations = [relation.get_accessor_name() for relation in get_all_child_relations(kind)]
    links = [field.name for field in get_all_child_m2m_relations(kind)]
    pages = list(kind._default_manager.select_related("latest_revision").filter(pk__in=keys))
    prefetch_related_objects(pages, *relations, *links)
    above = {page.path[: -Page.steplen] for page in pages}
    parents = {parent.path: parent for parent in Page.objects.filter(path__in=above)}
    for page in pages:
        page.is_as_stored = True
        page._cached_parent_obj = parents[page.path[: -Page.steplen]]
    return pages


def _make_public(pages: Sequence[ContentPage], by: Any, now: Any) -> None:
    if not pages:
        return
    for page in pages:
        page.live, page.has_unpublished_changes, page.live_revision = True, False, page.latest_revision
        page.first_published_at, page.last_published_at = page.first_published_at or now, now
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(
        live=True,
        has_unpublished_changes=False,
        live_revision=F("latest_revision"),
        first_published_at=Coalesce("first_published_at", Value(now)),
        last_published_at=now,
    )
    for page in pages:
        told = {"sender": type(page), "instance": page, "revision": page.latest_revision}
        page_published.send(**told, is_one_of_many=True)
        published.send(**told, is_one_of_many=True)
    record_pages(pages)
    log_pages(pages, "wagtail.publish", by=by, revised=True)


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


@publication()
def take_back(thing: Any, *, by: Any = None) -> Any:
    """Take a published thing back: a page disappears, an edition gives way to the one it replaced."""
    thing = _as_it_stands(thing)
    if isinstance(thing, Edition) and not thing.is_current:
        raise NotPublishable(thing, [_("“%(edition)s”不是现行版本，不能撤回。") % {"edition": thing}])
    with LogContext(user=by):
        thing.unpublish(user=by)
    return type(thing).objects.get(pk=thing.pk)
