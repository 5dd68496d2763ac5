"""What makes the site one that a phone keeps; they stand at the root, as far as a worker reaches."""

from django.urls import path

from saved import views

urlpatterns = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.worker, name="service_worker"),
    path("saved/", views.saved, name="saved"),
    path("saved/offline/", views.offline, name="saved_offline"),
]
