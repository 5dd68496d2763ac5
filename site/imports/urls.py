"""Addresses of the import room, below /admin/imports/."""

from django.urls import path

from imports import compare_views, download_views, new_list, views

app_name = "imports"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("history/", views.History.as_view(), name="history"),
    path("compare/", compare_views.compare_screen, name="compare"),
    path("compare/headers/", compare_views.compare_headers, name="compare_headers"),
    path("template/<slug:kind>/", download_views.template, name="template"),
    path("export/<slug:kind>/", download_views.export_kind, name="export"),
    path("<int:pk>/", views.Run.as_view(), name="run"),
    path("<int:pk>/columns/", views.Columns.as_view(), name="columns"),
    path("<int:pk>/new-list/", new_list.NewList.as_view(), name="new_list"),
    path("<int:pk>/check/", views.Check.as_view(), name="check"),
    path("<int:pk>/progress/", views.Progress.as_view(), name="progress"),
    path("<int:pk>/preview/", views.PreviewScreen.as_view(), name="preview"),
    path("<int:pk>/result/", views.Result.as_view(), name="result"),
    path("<int:pk>/marked/", download_views.marked_file, name="marked"),
    path("<int:pk>/undo/", views.Undo.as_view(), name="undo"),
]
