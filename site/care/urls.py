from django.urls import path

from care import screens

app_name = "care"
urlpatterns = [
    path("boards/", screens.Boards.as_view(), name="boards"),
    path("boards/<int:pk>/", screens.BoardOfPlace.as_view(), name="board"),
    path("due/", screens.Due.as_view(), name="due"),
    path("due/periods/", screens.Periods.as_view(), name="periods"),
    path("confirm/<str:app_label>/<str:model_name>/<int:pk>/", screens.Confirm.as_view(), name="confirm"),
    path("channels/", screens.Channels.as_view(), name="channels"),
    path("links/", screens.Links.as_view(), name="links"),
    path("links/<int:pk>/leave-out/", screens.LeaveOut.as_view(), name="leave_out_link"),
    path("links/<int:pk>/resume/", screens.Resume.as_view(), name="resume_link"),
    path("links/<int:pk>/try-again/", screens.TryAgain.as_view(), name="try_link_again"),
    path("unread/", screens.Unread.as_view(), name="unread"),
]
