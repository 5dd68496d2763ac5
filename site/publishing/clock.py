"""What begins and ends by itself: told when its time has passed, each once, so that open pages follow.

Pages are made with the clock in view and are right without this.
"""

from datetime import UTC, datetime

from django.utils import timezone

from content_models.communities.models import turned_communities
from content_models.guides.guides import turned_guides
from content_models.notices.models import EmergencyBanner, turned_notices
from content_models.places.models import OfficePause
from content_models.places.offices import turned_offices
from content_models.places.pauses import end_by_clock
from publishing.models import OutboxEntry, Sequence
from publishing.outbox import announce, announce_all, publication
from publishing.schedule import each, locked
from staff import audit

PUBLISHED, TAKEN_BACK = OutboxEntry.What.PUBLISHED, OutboxEntry.What.TAKEN_BACK
CLOCK = "clock"  # the action of what only time has changed, and the row that says up to when that was told
TURNED = [turned_offices, turned_notices, turned_guides, turned_communities]
EVERY_MINUTE = 60.0  # seconds
LONGEST_PAUSE = 24 * 3600  # seconds; after a longer one, pages that were left open are old anyway


def end_pauses() -> int:
    """End the pauses of offices whose time has passed; returns how many."""
    due = OfficePause.objects.overdue().order_by("until", "pk").values_list("pk", flat=True)
    return sum(each(pk, _end_pause) for pk in list(due))


def _end_pause(pk: int) -> bool:
    pause = locked(OfficePause.objects.overdue().filter(pk=pk)).first()
    if pause is None:
        return False
    end_by_clock(pause)
    return True


def turn_banners() -> int:
    """Tell of the banners that show or no longer show since the last round; returns how many."""
    turned = EmergencyBanner.objects.turned().order_by("pk").values_list("pk", flat=True)
    return sum(each(pk, _turn_banner) for pk in list(turned))


def _turn_banner(pk: int) -> bool:
    banner = locked(EmergencyBanner.objects.turned().filter(pk=pk)).first()
    if banner is None:
        return False
    EmergencyBanner.objects.filter(pk=pk).update(told_until=timezone.now())
    what, action = (TAKEN_BACK, "hide_banner") if banner.is_over else (PUBLISHED, "show_banner")
    audit.record(action, banner)
    announce(banner.topic, what, action=action, object=pk, title=str(banner))
    return True


@publication()
def turn_pages() -> int:
    """Tell of pages that read differently since the last round, as offices that open; returns how many."""
    now = timezone.now()
    since = _told_until(now)
    if since is None:
        return 0
    topics = dict.fromkeys(page.topic for turned in TURNED for page in turned(since, now))
    announce_all((topic, PUBLISHED, {"action": CLOCK}) for topic in topics)
    return len(topics)


def _told_until(now: datetime) -> datetime | None:
    """Up to when that was told, which is now ``now``; None where it is not for this round to tell."""
    row, is_new = Sequence.objects.get_or_create(name=CLOCK, defaults={"value": int(now.timestamp())})
    if is_new or not Sequence.objects.filter(name=CLOCK, value=row.value).update(value=int(now.timestamp())):
        return None
    return datetime.fromtimestamp(max(row.value, int(now.timestamp()) - LONGEST_PAUSE), UTC)
