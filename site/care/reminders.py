"""Telling people by mail what is due: once for each due date, in one message a day."""

import datetime
import logging
from collections import defaultdict
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from care.models import Digest, Reminded
from care.people import People
from care.things import Thing, things_within
from staff.models import User

logger = logging.getLogger("care")
MORNING = 8  # o'clock; nobody is written to at night
CLAIMED_FOR = datetime.timedelta(minutes=5)  # longer than a message takes
LISTED = 30
KEPT = datetime.timedelta(days=400)


def remind() -> int:
    """Write to everybody who has something due of which they were not told; returns how many messages."""
    now = timezone.now()
    if timezone.localtime(now).hour < MORNING:
        return 0
    today = timezone.localdate(now)
    people = People()
    return sum(
        _remind(people.active[pk], things, today) for pk, things in _untold(people, today).items() if things
    )


def _untold(people: People, today: datetime.date) -> dict[int, list[Thing]]:
    """By person, what is due and they have not been told; without those who cannot be written to."""
    due = sorted(things_within([""], due_until=today), key=lambda thing: (thing.due, thing.path))
    kinds = {model: ContentType.objects.get_for_model(model).pk for model in {each.model for each in due}}
    told = set(
        Reminded.objects.filter(due__in={thing.due for thing in due}).values_list(
            "person_id", "content_type_id", "object_id", "due"
        )
    )
    found: dict[int, list[Thing]] = defaultdict(list)
    for thing in due:
        for person in people.to_remind(thing, today):
            if people.active[person].email and (person, kinds[thing.model], thing.pk, thing.due) not in told:
                found[person].append(thing)
    return found


def _remind(person: User, things: list[Thing], today: datetime.date) -> bool:
    """Whether the message went out; one that could not be sent is tried again by the next round."""
    if not _claim(person, today):
        return False
    mine = Digest.objects.filter(person=person, day=today)
    try:
        message(person, things, today).send()
    except Exception as error:  # whatever the mail server does, nothing is lost
        logger.warning("A reminder could not be sent and waits: %s", type(error).__name__)
        mine.update(claimed_until=None)
        return False
    with transaction.atomic():
        mine.update(sent_at=timezone.now(), claimed_until=None)
        Reminded.objects.bulk_create(
            [
                Reminded(
                    person=person,
                    content_type=ContentType.objects.get_for_model(thing.model),
                    object_id=thing.pk,
                    due=thing.due,
                )
                for thing in things
                if thing.due is not None
            ],
            ignore_conflicts=True,
        )
    return True


def _claim(person: User, today: datetime.date) -> bool:
    """Whether this process, and no other, writes to ``person`` today."""
    now = timezone.now()
    Digest.objects.get_or_create(person=person, day=today)
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    waiting = Digest.objects.filter(is_free, person=person, day=today, sent_at=None)
    return bool(waiting.update(claimed_until=now + CLAIMED_FOR))


def message(person: User, things: list[Thing], today: datetime.date) -> EmailMessage:
    overdue = sum(thing.due < today for thing in things if thing.due)
    lines = [_("%(name)s，您好：") % {"name": person}, ""]
    lines.append(
        _(
            "下面 %(number)d 项公开的内容到了核对的日子。"
            "内容仍然有效的，打开后点一下“确认仍然有效”；有变化的，请修改后发布。"
        )
        % {"number": len(things)}
    )
    lines.append("")
    for thing in things[:LISTED]:
        lines.append(f"· {thing.kind} {thing.title}（{_('应在 %(day)s 前核对') % {'day': thing.due}}）")
        lines.append(f"  {absolute(thing.edit_url)}")
    if len(things) > LISTED:
        lines.append(_("……还有 %(number)d 项。") % {"number": len(things) - LISTED})
    lines += ["", _("全部在这里：%(address)s") % {"address": absolute(reverse("care:due") + "?who=me")}]
    subject = _("【%(site)s】有 %(number)d 项内容要核对") % {
        "site": settings.WAGTAIL_SITE_NAME,
        "number": len(things),
    }
    if overdue:
        subject += _("，%(number)d 项已过期") % {"number": overdue}
    return EmailMessage(subject, "\n".join(lines), to=[person.email])


def absolute(address: str) -> str:
    return urljoin(settings.WAGTAILADMIN_BASE_URL, address)


def forget_reminders() -> int:
    """Remove what was noted of reminders long ago."""
    before = timezone.localdate() - KEPT
    gone = Digest.objects.filter(day__lt=before).delete()[0]
    return gone + Reminded.objects.filter(due__lt=before - KEPT).delete()[0]
