from django.urls import path

from procedures import defaults, views

VERBS = ["submit", "decide", "withdraw", "remark", "attach", "recheck", "redraft", "exit"]

app_name = "procedures"
urlpatterns = [
    path("", views.Index.as_view(), name="index"),
    path("defaults/", defaults.MakeDefaults.as_view(), name="defaults"),
    path("new/<int:procedure>/", views.Edit.as_view(), name="begin"),
    path("<int:pk>/", views.Detail.as_view(), name="case"),
    path("<int:pk>/edit/", views.Edit.as_view(), name="edit"),
    path("<int:pk>/files/<int:file>/", views.File.as_view(), name="file"),
    *[path(f"<int:pk>/{verb}/", views.Do.as_view(action=verb), name=verb) for verb in VERBS],
]
