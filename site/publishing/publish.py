"""The two verbs every room publishes through."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext
from wagtail.models import Page

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition


@transaction.atomic
def publish(thing: Any, *, by: Any = None) -> Any:
    """Publish the latest revision of a page, edition or banner, with audit and outbox, or nothing at all.

    Returns the thing as it now stands. Raises NotPublishable when it breaks its own rules.
    """
    if isinstance(thing, Page):
        thing = thing.specific
    with LogContext(user=by):
        # Unchecked here: publishing checks, and says in sentences what is wrong.
        revision = thing.get_latest_revision() or thing.save_revision(user=by, clean=False)
        revision.publish(user=by, skip_permission_checks=True)
    return type(thing).objects.get(pk=thing.pk)


@transaction.atomic
def take_back(thing: Any, *, by: Any = None) -> Any:
    """Take a published thing back: a page disappears, an edition gives way to the one it replaced."""
    if isinstance(thing, Page):
        thing = thing.specific
    if isinstance(thing, Edition) and not thing.is_current:
        raise NotPublishable(thing, [_("“%(edition)s”不是现行版本,不能撤回。") % {"edition": thing}])
    with LogContext(user=by):
        thing.unpublish(user=by)
    return type(thing).objects.get(pk=thing.pk)
