"""Mail to staff about what waits for them or went wrong; a mail server that is away stops nothing."""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.admin.mail import send_mail

logger = logging.getLogger("publishing")


def write(people: Iterable[Any], *, subject: str, text: str, address: str) -> None:
    """One mail to each of ``people`` who can get one, with the way to the screen; call it after commit."""
    found = [person for person in people if person is not None and person.is_active]
    write_to({person.email for person in found if person.email}, subject=subject, text=text, address=address)


def write_to(addresses: Iterable[str], *, subject: str, text: str, address: str) -> None:
    link = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + address
    body = _("%(text)s\n\n请打开：%(link)s\n") % {"text": text, "link": link}
    for each in sorted(addresses):
        try:
            send_mail(subject, body, [each])
        except Exception:
            logger.exception("A mail was not sent: %s", subject)
