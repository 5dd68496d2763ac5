"""Teaching the search a word: as a synonym of others, or as the everyday name of a guide."""

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.base.checks import NotPublishable
from content_models.guides.models import GuidePage
from publishing.outbox import publication
from publishing.publish import publish
from search.models import SynonymGroup
from search.synonyms import bare
from staff import audit


class Outcome(models.TextChoices):
    """What became of an everyday name."""

    PUBLISHED = "published"
    SAVED = "saved"  # in the draft; published with it
    THERE = "there"  # public already
    WAITS = "waits"  # in the draft already
    LOCKED = "locked"  # nothing was changed: others are reviewing or have locked the guide


@dataclass(frozen=True)
class Lesson:
    """What became of an everyday name, and why it is not public where it is not."""

    outcome: Outcome
    problems: list[str]  # what the guide lacks for publishing
    has_other_changes: bool = False


def may_teach_synonyms(user: Any) -> bool:
    return user.has_perms(["search.add_synonymgroup", "search.change_synonymgroup"])


def may_teach_names(user: Any) -> bool:
    return guides_edited_by(user).exists()


def add_synonym(to: SynonymGroup, word: str, *, by: Any) -> bool:
    """Add ``word`` to those of a group that mean the same; False where it stood there already."""
    with transaction.atomic():
        group: Any = SynonymGroup.objects.select_for_update().get(pk=to.pk)
        if bare(word) in map(bare, [*group.words, *group.narrower]):
            return False
        group.words = [*group.words, word]
        group.save()
        log(instance=group, action="wagtail.edit", user=by, content_changed=True)
        audit.record("add_synonym", group, by=by, word=word)
    return True


def guides_edited_by(user: Any) -> Any:
    """Guides that ``user`` may change, by name."""
    own = page_permission_policy.instances_user_has_permission_for(user, "change")
    return GuidePage.objects.filter(pk__in=own.values("pk"), alias_of=None).order_by("sort_name", "pk")


@publication()
def add_everyday_name(guide: GuidePage, name: str, *, by: Any) -> Lesson:
    """Add ``name`` to the everyday names of ``guide`` in a new revision.

    It is published where ``by`` may do so and nothing else would go public with it; else it stays a draft.
    """
    guide = GuidePage.objects.get(pk=Page.objects.select_for_update().get(pk=guide.pk).pk)
    draft = guide.get_latest_revision_as_object()
    has_other_changes = guide.has_unpublished_changes or not guide.live
    if _has(guide, name) and guide.live:
        return Lesson(Outcome.THERE, [])
    if _has(draft, name):
        return Lesson(Outcome.WAITS, [], has_other_changes)
    rights = guide.permissions_for_user(by)
    if not rights.can_edit() or rights.page_locked() or guide.workflow_in_progress:
        return Lesson(Outcome.LOCKED, [])
    draft.everyday_names = [*draft.everyday_names, name]
    draft.save_revision(user=by, log_action=True, clean=False)
    audit.record("add_everyday_name", guide, by=by, name=name)
    if has_other_changes or not rights.can_publish():
        return Lesson(Outcome.SAVED, [], has_other_changes)
    try:
        with transaction.atomic():
            publish(guide, by=by)
    except NotPublishable as error:
        return Lesson(Outcome.SAVED, list(error.problems))
    return Lesson(Outcome.PUBLISHED, [])


def _has(guide: GuidePage, name: str) -> bool:
    return bare(name) in map(bare, [guide.title, *guide.everyday_names])
