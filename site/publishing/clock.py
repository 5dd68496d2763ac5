"""What begins and ends by itself: told when its time has passed, each once, so that open pages follow.

Pages are made with the clock in view and are right without this.
"""

from django.utils import timezone

from content_models.notices.models import EmergencyBanner
from content_models.places.models import OfficePause
from content_models.places.pauses import end_by_clock
from publishing.models import OutboxEntry
from publishing.outbox import announce
from publishing.schedule import each, locked
from staff import audit

PUBLISHED, TAKEN_BACK = OutboxEntry.What.PUBLISHED, OutboxEntry.What.TAKEN_BACK


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
