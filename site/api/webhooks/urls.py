"""Addresses of the screens for webhooks, below /admin/webhooks/."""

from django.urls import path

from api.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.Index.as_view(), name="index"),
    path("add/", views.Create.as_view(), name="add"),
    path("<int:pk>/", views.Detail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.Edit.as_view(), name="edit"),
    path("<int:pk>/stop/", views.Stop.as_view(), name="stop"),
    path("<int:pk>/resume/", views.Resume.as_view(), name="resume"),
    path("<int:pk>/rotate/", views.Rotate.as_view(), name="rotate"),
    path("<int:pk>/delete/", views.Delete.as_view(), name="delete"),
    path("<int:pk>/test/", views.Test.as_view(), name="test"),
    path("<int:pk>/deliveries/<int:delivery>/resend/", views.Resend.as_view(), name="resend"),
]
