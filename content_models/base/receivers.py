"""Wagtail says "published"; for an edition that means: swap the pointer."""

from wagtail.signals import page_published, published, unpublished

from content_models.base import codes, memo
from content_models.base.checks import require_publishable
from content_models.base.editions import Edition, make_current, restore_replaced
from content_models.base.pages import ContentPage


def on_page_published(sender, instance, **kwargs):
    # Not every way of publishing asks the page itself (the editors' screen does not); all of them end here.
    if isinstance(instance, ContentPage):
        if not kwargs.get("is_one_of_many"):  # those were asked together
            require_publishable(instance)
        if instance.live:
            instance.after_publish()


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
    page_published.connect(on_page_published, dispatch_uid="base.page_published")
    published.connect(on_published, dispatch_uid="base.edition_published")
    unpublished.connect(on_unpublished, dispatch_uid="base.edition_unpublished")
