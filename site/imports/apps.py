from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("导入")

    def ready(self) -> None:
        from imports import progress, runs, tasks  # noqa: PLC0415  models must be loaded first
        from imports.models import PROGRESS  # noqa: PLC0415  models must be loaded first
        from live import versions  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first

        versions.source(PROGRESS, progress.versions_of)

        schedule.also(runs.settle_lost)
        schedule.also(tasks.settle_waiting)
        schedule.also(runs.remove_old_files)
