"""What did not happen on schedule: kept with the reason, told once by mail, tried again ever more seldom."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Revision

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition
from publishing import tell_people
from publishing.bundles.models import Bundle, content_type_of
from publishing.models import Trouble
from staff import audit
from staff.models import User

logger = logging.getLogger("publishing")
MOST_TRIES = 10
AT_ONCE = 2  # tries, before the pauses begin
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Due:
    """Something whose time has come: when, what is to be done with it, and how."""

    at: datetime
    work: str
    pk: int  # of what the schedule knows it by: a revision, a thing that ends, a bundle
    content_type_id: int
    object_id: str
    do: Callable[[int], bool]

    @property
    def key(self) -> tuple[str, int, str]:
        return self.work, self.content_type_id, self.object_id


def resting() -> dict[tuple[str, int, str], Trouble]:
    """What failed before and is not to be tried now, by what it is about."""
    now = timezone.now()
    found = Trouble.objects.exclude(next_try_at__lte=now)
    return {(each.work, each.content_type_id, each.object_id): each for each in found}


def is_at_rest(due: Due, troubles: dict[tuple[str, int, str], Trouble]) -> bool:
    """Whether it waits; what was given another time since is new."""
    trouble = troubles.get(due.key)
    return trouble is not None and trouble.due_at == due.at


def note(due: Due, error: Exception) -> None:
    """Keep that ``due`` failed, and why; the last try takes it off the schedule.

    Content that may not be published stays so until somebody mends it, so the first try is the last.
    """
    now = timezone.now()
    trouble, is_new = Trouble.objects.select_for_update().get_or_create(
        work=due.work,
        content_type_id=due.content_type_id,
        object_id=due.object_id,
        defaults={"due_at": due.at, "first_at": now, "last_at": now},
    )
    if trouble.due_at != due.at:
        trouble.due_at, trouble.first_at, trouble.tries, is_new = due.at, now, 0, True
    thing = trouble.thing
    trouble.tries, trouble.last_at, trouble.label = trouble.tries + 1, now, _name(thing)
    if isinstance(error, NotPublishable):
        trouble.problems, is_final = list(error.problems), True
    else:
        trouble.problems, is_final = [_("出了意外的错误：%(error)s。") % {"error": _kind_of(error)}], False
    is_final = is_final or trouble.tries >= MOST_TRIES
    trouble.next_try_at = None if is_final else now + pause_after(trouble.tries)
    trouble.save()
    if is_final and thing is not None:
        _take_off_the_schedule(due, thing, trouble)
    if is_new:
        _tell(trouble, thing)


def _kind_of(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()[:200]


def pause_after(tries: int) -> timedelta:
    """0, 1, 2, 4 … minutes."""
    if tries < AT_ONCE:
        return timedelta()
    return min(timedelta(minutes=2 ** (tries - AT_ONCE)), LONGEST_PAUSE)


def _name(thing: Any) -> str:
    return str(getattr(thing, "draft_title", "") or thing or _("已删除的内容"))[:300]


def _take_off_the_schedule(due: Due, thing: Any, trouble: Trouble) -> None:
    """It would fail again: leave word. What should go stays due, since it is still public."""
    if due.work == Trouble.Work.PUBLISH:
        Revision.objects.filter(pk=due.pk).update(approved_go_live_at=None)
    elif due.work == Trouble.Work.BUNDLE:
        bundle = Bundle.objects.get(pk=due.pk)
        bundle.state, bundle.go_live_at, bundle.problem = (
            Bundle.State.FAILED, None, "\n".join(trouble.problems),
        )  # fmt: skip
        bundle.save(update_fields=["state", "go_live_at", "problem"])
        bundle.items.update(revision=None, fingerprint="")
    audit.record("schedule_failed", thing, problems=trouble.problems)
    logger.warning("Not done on schedule: %s (%s)", thing, "; ".join(trouble.problems))


# Who is told


def responsible_for(thing: Any) -> list[Any]:
    """Who looks after it or set its time."""
    if isinstance(thing, Bundle):
        return [person for person in (thing.handed_in_by, thing.made_by) if person is not None]
    owners = [getattr(thing, "content_owner", None), getattr(thing, "substitute", None)]
    if isinstance(thing, Edition):
        owners += [thing.owner.specific.content_owner, thing.owner.specific.substitute]
    latest = getattr(thing, "latest_revision", None)
    return [person for person in [*owners, latest.user if latest else None] if person is not None]


def _tell(trouble: Trouble, thing: Any) -> None:
    """Once for each: those responsible, and who looks after the site."""
    people = responsible_for(thing) if thing is not None else []
    people = people or list(User.objects.filter(is_superuser=True, is_active=True))
    addresses = {person.email for person in people if person.is_active and person.email}
    addresses |= {admin[1] for admin in settings.ADMINS}
    told = {
        "subject": _("没有按时完成：%(title)s") % {"title": trouble.label},
        "text": "\n".join([trouble.what, *trouble.problems, trouble.what_to_do]),
        "address": reverse("publishing_schedule"),
    }
    transaction.on_commit(lambda: tell_people.write_to(addresses, **told), robust=True)


# What is still open


def still_open(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Those that nobody has settled by publishing, rescheduling or deleting what they are about."""
    return [trouble for trouble in troubles if not is_settled(trouble)]


def is_settled(trouble: Trouble) -> bool:
    thing = trouble.thing
    if thing is None:
        return True
    if trouble.work == Trouble.Work.BUNDLE:
        is_tried = thing.state == Bundle.State.SCHEDULED and thing.go_live_at == trouble.due_at
        return not (is_tried or thing.state == Bundle.State.FAILED)
    if trouble.work == Trouble.Work.EXPIRE:
        return not thing.live or thing.expire_at != trouble.due_at
    published = thing.last_published_at
    if published is not None and published > trouble.first_at:
        return True
    return any(
        at != trouble.due_at
        for at in thing.revisions.filter(approved_go_live_at__isnull=False).values_list(
            "approved_go_live_at", flat=True
        )
    )


def forget_settled() -> int:
    """Drop what needs nobody any more; returns how many."""
    settled = [trouble.pk for trouble in Trouble.objects.all() if is_settled(trouble)]
    return Trouble.objects.filter(pk__in=settled).delete()[0]


def given_up(work: str, model: Any) -> list[int]:
    """What of this kind is not tried any more and stays due."""
    kind = content_type_of(model)
    found = Trouble.objects.filter(work=work, content_type=kind, next_try_at=None)
    return [int(pk) for pk in found.values_list("object_id", flat=True)]
