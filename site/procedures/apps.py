from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = _("评定与准入")

    def ready(self) -> None:
        from procedures import upkeep  # noqa: PLC0415  models load first
        from publishing import schedule  # noqa: PLC0415  models load first

        schedule.also(upkeep.show_stars_due, every=schedule.HOURLY)
