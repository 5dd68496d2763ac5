from django.urls import path

from search import insight_views

urlpatterns = [
    path("clicked/", insight_views.clicked, name="search_clicked"),
    path("missing/", insight_views.missing, name="search_missing"),
]
