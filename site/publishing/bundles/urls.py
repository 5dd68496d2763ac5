"""Addresses of bundles, below /admin/bundles/."""

from django.urls import path

from publishing.bundles import views

app_name = "bundles"
urlpatterns = [
    path("", views.Index.as_view(), name="index"),
    path("add/", views.Create.as_view(), name="add"),
    path("to/<int:kind>/<int:object>/", views.AddTo.as_view(), name="add_to"),
    path("<int:pk>/", views.Detail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.Edit.as_view(), name="edit"),
    path("<int:pk>/choose/", views.Choose.as_view(), name="choose"),
    path("<int:pk>/items/<int:item>/", views.Item.as_view(), name="item"),
    path("<int:pk>/publish/", views.Publish.as_view(), name="publish"),
    path("<int:pk>/schedule/", views.Schedule.as_view(), name="schedule"),
    path("<int:pk>/hand-in/", views.HandIn.as_view(), name="hand_in"),
    path("<int:pk>/reopen/", views.Reopen.as_view(), name="reopen"),
    path("<int:pk>/decide/", views.Decide.as_view(), name="decide"),
    path("<int:pk>/take-back/", views.TakeBack.as_view(), name="take_back"),
    path("<int:pk>/delete/", views.Delete.as_view(), name="delete"),
]
