"""Titles of other streets' drafts stay with them: what Wagtail shows to everyone is narrowed here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.local import Local
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_init
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.views.chooser import BrowseView, ChosenMultipleView, SearchView
from wagtail.admin.views.pages.bulk_actions import (
    DeleteBulkAction,
    MoveBulkAction,
    PublishBulkAction,
    UnpublishBulkAction,
)
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import Page

from content_models.base.rights import explorable_pages, visible_pages

_choosing = Local()


@contextmanager
def as_published(user: Any) -> Iterator[None]:
    """Pages that ``user`` may not explore have the titles under which they are public, not drafts'."""
    _choosing.own = set(explorable_pages(user).values_list("pk", flat=True))
    try:
        yield
    finally:
        _choosing.own = None


def show_as_published(sender: Any, instance: Page, **kwargs: Any) -> None:
    """A page was read; heard of every model of pages."""
    own = getattr(_choosing, "own", None)
    if own is not None and instance.pk not in own and "draft_title" in instance.__dict__:
        instance.draft_title = instance.title


def connect() -> None:
    for model in apps.get_models():
        if issubclass(model, Page):
            post_init.connect(show_as_published, model, dispatch_uid="staff.show_as_published")


class Choosing:
    """A chooser that knows pages of others as everybody does."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with as_published(request.user):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a mixin


class PageChooser(Choosing, BrowseView):
    pass


class PageFinder(Choosing, SearchView):
    pass


class OwnOrLiveChosen(Choosing, ChosenMultipleView):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = {int(pk) for pk in request.GET.getlist("id") if pk.isdecimal()}
        if visible_pages(request.user).filter(pk__in=asked).count() != len(asked):
            raise PermissionDenied
        return super().get(request)


class AdministratorsPageTypes(PageTypesUsageReportView):
    """Names the last edited page of the whole site, so it is for those who may see the whole site."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class WithinOwnPages:
    """A bulk action that never names a page its user may not explore."""

    request: HttpRequest

    def get_queryset(self, model: Any, object_ids: Any) -> list[Page]:
        own = set(explorable_pages(self.request.user).values_list("pk", flat=True))
        pages = super().get_queryset(model, object_ids)  # type: ignore[misc]  # a mixin
        found = [page for page in pages if page.pk in own]
        if not found:
            raise Http404
        return found


BULK_ACTIONS = [
    type(action.__name__, (WithinOwnPages, action), {})
    for action in (DeleteBulkAction, MoveBulkAction, PublishBulkAction, UnpublishBulkAction)
]
