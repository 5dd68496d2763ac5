from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("工作人员")

    def ready(self) -> None:
        from staff import guard, narrow, receivers, retention, uploads  # noqa: PLC0415  models load first
        from staff.sign_in import second_factor, sessions  # noqa: PLC0415  models load first

        receivers.connect()
        narrow.connect()
        uploads.connect()
        second_factor.check_roles()
        sessions.connect()
        checks.register(retention.check_kept_days)
        post_migrate.connect(guard.ensure_after_migrations, sender=self, dispatch_uid="staff.guard")
