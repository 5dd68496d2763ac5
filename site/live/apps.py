from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    name = "live"
    verbose_name = _("实时更新")

    def ready(self) -> None:
        from live import announce, tallies  # noqa: PLC0415  models must be loaded first
        from publishing import registry, schedule  # noqa: PLC0415  models must be loaded first

        registry.follow(announce.ring)
        schedule.also(tallies.forget_old, every=schedule.HOURLY)
