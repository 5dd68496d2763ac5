"""Addresses for programs, below /api/. Whatever is not here is answered in the same format."""

from django.urls import include, path, re_path

from api import draft_views as drafts
from api import import_views as imports
from api.changes.views import Changes
from api.search_views import Search
from api.views import nothing_here

app_name = "api"
urlpatterns = [
    path("v1/", include("api.content.urls")),
    path("v1/imports/", imports.Runs.as_view(), name="runs"),
    path("v1/imports/<int:pk>/", imports.Run.as_view(), name="run"),
    path("v1/imports/<int:pk>/rows/", imports.Rows.as_view(), name="rows"),
    path("v1/imports/<int:pk>/marked/", imports.Marked.as_view(), name="marked"),
    path("v1/imports/<int:pk>/confirm/", imports.Confirm.as_view(), name="confirm"),
    path("v1/imports/<int:pk>/undo/", imports.Undo.as_view(), name="undo"),
    path("v1/changes/", Changes.as_view(), name="changes"),
    path("v1/search/", Search.as_view(), name="search"),
    path("v1/preview/<str:text>/", drafts.LinkedDraft.as_view(), name="preview"),
    path("v1/drafts/", drafts.StaffDrafts.as_view(), name="drafts"),
    path("v1/drafts/lists/<int:pk>/entries/", drafts.StaffDraftEntries.as_view(), name="draft_entries"),
    path("v1/drafts/<str:kind>/<int:pk>/", drafts.StaffDraft.as_view(), name="draft"),
    re_path(r"", nothing_here),
]
