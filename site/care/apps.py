from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "care"
    verbose_name = _("内容维护")

    def ready(self) -> None:
        from care import board, readings, reminders  # noqa: PLC0415  models must be loaded first
        from care.links import run  # noqa: PLC0415  models must be loaded first
        from delivery import readers  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first

        readers.write_with(readings.write)
        schedule.also(reminders.remind, every=schedule.HOURLY)
        schedule.also(reminders.forget_reminders, every=schedule.HOURLY)
        schedule.also(run.call_worker)
        schedule.also(readings.forget_readings, every=schedule.HOURLY)
        schedule.also(board.take_snapshots, every=schedule.HOURLY)
        schedule.also(board.forget_snapshots, every=schedule.HOURLY)
