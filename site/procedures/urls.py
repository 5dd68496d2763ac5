from django.urls import path

from procedures import public_views

urlpatterns = [
    path("ratings/", public_views.ratings, name="community_ratings"),
    path("admission/", public_views.admission, name="task_admission"),
]
