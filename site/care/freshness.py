"""Channels as an inspection sees them: whether anything is in them, and when it was last added to."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import timezone
from wagtail.models import Page

from care.things import Paths, below, page_models
from content_models.base.pages import Channel
from content_models.certificates.models import CertificateChannel, CertificateEdition
from content_models.communities.models import CommunityChannel, CommunityPage
from content_models.guides.models import GuideChannel, GuidePage
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.models import OfficeChannel, OfficePage
from content_models.policy_lists.models import ListChannel, ListEdition

LONGEST = {Channel.Freshness.TWO_WEEKS: 14, Channel.Freshness.SIX_MONTHS: 183}  # days
HOME_DAYS = 14
# What a channel lists, and the date at which that was new to residents.
CONTENTS: dict[type[Channel], tuple[type[Model], str]] = {
    NoticeChannel: (NoticePage, "first_published_at"),
    GuideChannel: (GuidePage, "last_published_at"),
    OfficeChannel: (OfficePage, "last_published_at"),
    CommunityChannel: (CommunityPage, "last_published_at"),
    CertificateChannel: (CertificateEdition, "first_published_at"),
    ListChannel: (ListEdition, "first_published_at"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel, how many things it lists and when the last of them was new."""

    model: type[Channel]
    pk: int
    title: str
    path: str
    longest: int | None  # days without anything new; None where it may rest
    number: int
    latest: datetime.date | None

    @property
    def is_empty(self) -> bool:
        return not self.number

    def days(self, today: datetime.date) -> int | None:
        """Since when nothing is new."""
        return (today - self.latest).days if self.latest else None

    def is_stale(self, today: datetime.date) -> bool:
        """Whether something should have been new by now; an empty channel is not also stale."""
        days = self.days(today)
        return self.longest is not None and days is not None and days > self.longest


def channels_within(paths: Paths) -> list[Standing]:
    """Every live channel below ``paths``: two questions for each kind, however many there are."""
    found = []
    for model in page_models():
        if not issubclass(model, Channel) or model not in CONTENTS:
            continue
        channels = model._default_manager.filter(below(paths), live=True)
        rows = list(channels.order_by("path").values_list("pk", "title", "path", "freshness"))
        if not rows:
            continue
        counted = _counted(*CONTENTS[model])
        for pk, title, path, freshness in rows:
            number, latest = counted[path[: -Page.steplen]]
            longest = LONGEST.get(freshness)
            found.append(Standing(model, pk, title, path, longest, number, latest))
    return found


def last_news() -> dict[str, datetime.date | None]:
    """By the path of a region, the day of its last notice, its parts' included."""
    return {path: latest for path, (_number, latest) in _counted(NoticePage, "first_published_at").items()}


Counted = dict[str, tuple[int, datetime.date | None]]


def _counted(model: Any, date: str) -> Counted:
    """For every path of the tree, how much of this kind is live below it and the newest date of that."""
    if issubclass(model, Page):
        rows = model._default_manager.filter(live=True).values_list("path", date)
    else:
        current = model.objects.filter(is_current=True, live=True, owner__live=True)
        rows = current.values_list("owner__path", date)
    numbers: dict[str, int] = defaultdict(int)
    latest: dict[str, datetime.datetime] = {}
    for path, at in rows:
        for end in range(Page.steplen, len(path), Page.steplen):
            above = path[:end]
            numbers[above] += 1
            if at is not None and (above not in latest or at > latest[above]):
                latest[above] = at
    found: Counted = defaultdict(lambda: (0, None))
    for path, number in numbers.items():
        found[path] = number, timezone.localdate(latest[path]) if path in latest else None
    return found
