"""Links that show a draft to another front end: signed, of one page, good for some days and no longer.

A link shows the draft as its maker may see it: who loses the page, or the account, loses the link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.utils import timezone
from wagtail.models import Page

from content_models.base.api import PageApi
from content_models.catalogue import KINDS

SALT = "api.previews"
LONGEST = timedelta(days=30)
# What can be shown: kinds whose rows are pages.
APIS: dict[type, PageApi] = {
    kind.api.model: kind.api for kind in KINDS.values() if isinstance(kind.api, PageApi)
}


class NoPreview(Exception):
    """A link that was not made here, is over, or whose maker may no longer see the page."""


@dataclass(frozen=True)
class Preview:
    """An opened link: the page as it was last saved, and until when the link holds."""

    page: Any
    until: datetime


def may_read(user: Any, page: Page) -> bool:
    """Whether ``user`` works on the page: writes, reviews or publishes it."""
    permissions = page.permissions_for_user(user)
    return user.is_active and (permissions.can_edit() or permissions.can_publish())


def make(page: Page, *, by: Any, lifetime: timedelta) -> str:
    """The text of a link to the draft of ``page``."""
    until = timezone.now() + min(lifetime, LONGEST)
    return signing.dumps([page.pk, by.pk, int(until.timestamp())], salt=SALT, compress=True)


def open_link(text: str) -> Preview:
    """What a link shows; NoPreview where it shows nothing (any more)."""
    try:
        key, maker, seconds = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise NoPreview from error
    until = datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())
    user = get_user_model().objects.filter(pk=maker).first()
    page = Page.objects.filter(pk=key).first()
    if until <= timezone.now() or user is None or page is None or not may_read(user, page):
        raise NoPreview
    return Preview(draft_of(page), until)


def draft_of(page: Page) -> Any:
    """The page as it was last saved; NoPreview where the API has no pages of its kind."""
    specific = page.specific
    if type(specific) not in APIS:
        raise NoPreview
    return specific.get_latest_revision_as_object()
