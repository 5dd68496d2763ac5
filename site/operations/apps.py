from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("运行维护")

    def ready(self) -> None:
        from operations import heartbeat  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first

        schedule.after_rounds(heartbeat.beat_schedule)
        schedule.also(heartbeat.forget_old, every=schedule.HOURLY)
