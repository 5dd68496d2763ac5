from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = _("程序接口")

    def ready(self) -> None:
        from api.changes import doorbell, standing  # noqa: PLC0415  models must be loaded first
        from api.open_data import files  # noqa: PLC0415  models must be loaded first
        from api.webhooks import deliver  # noqa: PLC0415  models must be loaded first
        from live import versions  # noqa: PLC0415  models must be loaded first
        from publishing import registry, schedule  # noqa: PLC0415  models must be loaded first

        registry.accompany_in_turn(standing.judge)
        registry.follow(doorbell.ring)
        versions.source(doorbell.KIND, doorbell.versions_of)
        schedule.also(standing.settle)
        registry.follow(deliver.follow)
        schedule.also(deliver.call_worker)
        schedule.also(deliver.forget_deliveries, every=schedule.HOURLY)
        schedule.also(files.remove_outdated_files, every=schedule.HOURLY)
