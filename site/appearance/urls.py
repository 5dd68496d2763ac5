from django.urls import path

from appearance import views

urlpatterns = [path("", views.choose_reading, name="reading")]
