from django.urls import path

from appearance import views

urlpatterns = [
    path("reading/", views.choose_reading, name="reading"),
    path("accessibility/", views.statement, name="accessibility"),
]
