"""Addresses of the screens for tokens, below /admin/tokens/."""

from django.urls import path

from api import token_views

app_name = "tokens"
urlpatterns = [
    path("", token_views.Index.as_view(), name="index"),
    path("add/", token_views.Create.as_view(), name="add"),
    path("<int:pk>/revoke/", token_views.Revoke.as_view(), name="revoke"),
]
