"""What residents wrote, mailed to those who answer for the pages: once a day at most."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.models import Digest, Remark
from feedback.usefulness import screen_of, told_of
from staff.models import User

logger = logging.getLogger("feedback")
EVERY = timedelta(days=1)
LOOKED_BACK = timedelta(days=7)  # what nobody could be told of by then stands on the dashboard alone
SHOWN = 30  # remarks in one mail


def send_digests() -> int:
    """Mail new remarks to whoever answers for their pages and has an address; returns how many mails."""
    now = timezone.now()
    remarks = list(Remark.objects.unread().filter(at__gt=now - LOOKED_BACK).select_related("page"))
    told = told_of({(remark.page_id, remark.key) for remark in remarks})
    numbers = {number for people in told.values() for number in people}
    sent = 0
    for user in User.objects.filter(pk__in=numbers, is_active=True).exclude(email=""):
        theirs = [remark for remark in remarks if user.pk in told.get((remark.page_id, remark.key), ())]
        sent += _tell(user, theirs, now=now)
    return sent


def _tell(user: Any, remarks: Iterable[Remark], *, now: Any) -> bool:
    """Whether a mail went out; of several schedulers, one sends it."""
    digest, _made = Digest.objects.get_or_create(user=user)
    before = digest.sent_at
    new = [remark for remark in remarks if before is None or remark.at > before]
    if not new:
        return False
    is_due = Q(sent_at=None) | Q(sent_at__lte=now - EVERY)
    if not Digest.objects.filter(is_due, pk=digest.pk, sent_at=before).update(sent_at=now):
        return False
    try:
        _mail(user, new)
    except Exception:
        logger.exception("Remarks could not be mailed to user %s", user.pk)
        Digest.objects.filter(pk=digest.pk, sent_at=now).update(sent_at=before)
        return False
    return True


def _mail(user: Any, remarks: list[Remark]) -> None:
    base = settings.WAGTAILADMIN_BASE_URL
    rows = [
        {"remark": remark, "url": f"{base}{screen_of(remark.page_id, remark.key)}"}
        for remark in remarks[:SHOWN]
    ]
    context = {"user": user, "rows": rows, "left": len(remarks) - len(rows)}
    subject = _("居民对您负责的页面写了 %(number)d 条留言") % {"number": len(remarks)}
    send_mail(subject, render_to_string("feedback/digest.txt", context), None, [user.email])
