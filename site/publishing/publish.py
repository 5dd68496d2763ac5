"""The two verbs every room publishes through."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext
from wagtail.models import Page

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition
from publishing import outbox


@transaction.atomic
def publish(thing: Any, *, by: Any = None) -> Any:
    """Publish the latest revision of a page, edition or banner, with audit and outbox, or nothing at all.

    Returns the thing as it now stands. Raises NotPublishable when it breaks its own rules.
    """
    thing = _as_it_stands(thing)
    with LogContext(user=by):
        # Unchecked here: publishing checks, and says in sentences what is wrong.
        revision = thing.get_latest_revision() or thing.save_revision(user=by, clean=False)
        revision.publish(user=by, skip_permission_checks=True)
    return type(thing).objects.get(pk=thing.pk)


def _as_it_stands(thing: Any) -> Any:
    """The thing as the database has it once it is our turn; the caller's copy may be older."""
    outbox.take_turn()
    thing = type(thing)._default_manager.get(pk=thing.pk)
    return thing.specific if isinstance(thing, Page) else thing


@transaction.atomic
def take_back(thing: Any, *, by: Any = None) -> Any:
    """Take a published thing back: a page disappears, an edition gives way to the one it replaced."""
    thing = _as_it_stands(thing)
    if isinstance(thing, Edition) and not thing.is_current:
        raise NotPublishable(thing, [_("“%(edition)s”不是现行版本，不能撤回。") % {"edition": thing}])
    with LogContext(user=by):
        thing.unpublish(user=by)
    return type(thing).objects.get(pk=thing.pk)
