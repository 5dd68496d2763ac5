"""What the schedule does for procedures: stars go public when their notice has hung for its time."""

import logging

from procedures.deciding import show_after_notice
from procedures.models import Case

logger = logging.getLogger("procedures")


def show_stars_due() -> int:
    """Show the stars of every rating whose notice is over, each for itself; returns how many."""
    waiting = Case.objects.filter(state=Case.State.RUNNING, notice__live=True, procedure__is_public=True)
    return sum(_shown(case) for case in waiting.order_by("pk"))


def _shown(case: Case) -> bool:
    try:
        return show_after_notice(case)
    except Exception:
        logger.exception("The stars of a rating could not be shown: %s", case.pk)
        return False
