from django.urls import path

from search import insight_views, views

urlpatterns = [
    path("", views.search, name="search"),
    path("suggest/", views.suggest, name="search_suggest"),
    path("clicked/", insight_views.clicked, name="search_clicked"),
    path("missing/", insight_views.missing, name="search_missing"),
]
