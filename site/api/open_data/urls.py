"""Open data for residents and programs, below /open-data/."""

from django.urls import path

from api.open_data import views

app_name = "open_data"
urlpatterns = [
    path("", views.index, name="index"),
    path("catalog.json", views.catalogue, name="catalog"),
    path("<slug:name>/", views.data_set, name="data_set"),
    path("<slug:name>/<slug:edition>.<slug:form>", views.file, name="file"),
]
