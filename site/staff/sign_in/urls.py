"""Addresses of the way in, which are open to who is not in yet."""

from django.urls import path

from staff.sign_in import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="wagtailadmin_login"),
    path("logout/", views.SignOut.as_view(), name="wagtailadmin_logout"),
    path("login/code/", views.Code.as_view(), name="staff_code"),
    path("password_reset/confirm/<uidb64>/<token>/", views.ResetByMail.as_view()),
    path("account/password/", views.ChangePassword.as_view(), name="staff_change_password"),
    path("account/second-factor/", views.SecondFactor.as_view(), name="staff_second_factor"),
    path("account/second-factor/set-up/", views.SetUp.as_view(), name="staff_set_up_second_factor"),
    path("account/second-factor/codes/", views.NewCodes.as_view(), name="staff_recovery_codes"),
    path(
        "account/second-factor/remove/", views.RemoveSecondFactor.as_view(), name="staff_remove_second_factor"
    ),
]
