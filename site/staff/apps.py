from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("工作人员")

    def ready(self) -> None:
        from staff.sign_in import second_factor, sessions  # noqa: PLC0415  models load first

        second_factor.check_roles()
        sessions.connect()
