"""Titles of other streets' drafts stay with them: what Wagtail shows to everyone is narrowed here."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.views.chooser import ChosenMultipleView
from wagtail.admin.views.pages.bulk_actions import (
    DeleteBulkAction,
    MoveBulkAction,
    PublishBulkAction,
    UnpublishBulkAction,
)
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import Page

from content_models.base.rights import explorable_pages, visible_pages


class OwnOrLiveChosen(ChosenMultipleView):
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
