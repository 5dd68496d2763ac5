from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "delivery"
    verbose_name = _("页面发送")

    def ready(self) -> None:
        from delivery import changes, reading  # noqa: PLC0415  models must be loaded first

        changes.connect()
        reading.connect()
