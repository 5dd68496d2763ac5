"""Addresses of the admin that are answered here instead of by Wagtail; they stand before Wagtail's own."""

from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from staff.narrow import AdministratorsPageTypes, OwnOrLiveChosen

urlpatterns = decorate_urlpatterns(
    [
        path("choose-page/chosen-multiple/", OwnOrLiveChosen.as_view()),
        path("reports/page-types-usage/", AdministratorsPageTypes.as_view()),
        path("reports/page-types-usage/results/", AdministratorsPageTypes.as_view(results_only=True)),
    ],
    require_admin_access,
)
