"""Wagtail says "published"; for an edition that means: swap the pointer."""

from wagtail.signals import published, unpublished

from content_models.base import codes, memo
from content_models.base.editions import Edition, make_current, restore_replaced


def on_published(sender, instance, **kwargs):
    # Wagtail also sends this for something scheduled for later, which is not live yet.
    if isinstance(instance, Edition) and instance.live:
        make_current(instance)


def on_unpublished(sender, instance, **kwargs):
    if isinstance(instance, Edition):
        restore_replaced(instance)


def connect():
    memo.connect()
    codes.connect()
    published.connect(on_published, dispatch_uid="base.edition_published")
    unpublished.connect(on_unpublished, dispatch_uid="base.edition_unpublished")
