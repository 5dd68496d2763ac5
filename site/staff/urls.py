"""Addresses of the admin that are answered here instead of by Wagtail; they stand before Wagtail's own."""

from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from staff.narrow import AdministratorsPageTypes, OwnOrLiveChosen
from staff.page_forms import PageCreateView, PageEditView

urlpatterns = decorate_urlpatterns(
    [
        path(
            "pages/add/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>/",
            PageCreateView.as_view(),
        ),
        path("pages/<int:page_id>/edit/", PageEditView.as_view()),
        path("choose-page/chosen-multiple/", OwnOrLiveChosen.as_view()),
        path("reports/page-types-usage/", AdministratorsPageTypes.as_view()),
        path("reports/page-types-usage/results/", AdministratorsPageTypes.as_view(results_only=True)),
    ],
    require_admin_access,
)
