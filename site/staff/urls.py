"""Addresses of the admin that are answered here instead of by Wagtail; they stand before Wagtail's own."""

from typing import Any

from django.urls import include, path
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from staff.narrow import AdministratorsPageTypes, OwnOrLiveChosen, PageChooser, PageFinder
from staff.page_forms import PageCreateView, PageEditView
from staff.sign_in import overview, views

urlpatterns: list[Any] = decorate_urlpatterns(
    [
        path(
            "pages/add/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>/",
            PageCreateView.as_view(),
        ),
        path("pages/<int:page_id>/edit/", PageEditView.as_view()),
        path("account/sign-ins/", overview.OwnSignIns.as_view(), name="staff_sign_ins"),
        path("account/active/", views.active, name="staff_active"),
        path("users/<int:pk>/end-sign-ins/", overview.EndSignIns.as_view(), name="staff_end_sign_ins"),
        path(
            "users/<int:pk>/reset-second-factor/",
            overview.ResetSecondFactor.as_view(),
            name="staff_reset_second_factor",
        ),
        path("choose-page/", PageChooser.as_view()),
        path("choose-page/<int:parent_page_id>/", PageChooser.as_view()),
        path("choose-page/search/", PageFinder.as_view()),
        path("choose-page/chosen-multiple/", OwnOrLiveChosen.as_view()),
        path("reports/page-types-usage/", AdministratorsPageTypes.as_view()),
        path("reports/page-types-usage/results/", AdministratorsPageTypes.as_view(results_only=True)),
    ],
    require_admin_access,
)
urlpatterns += [path("", include("staff.sign_in.urls"))]
