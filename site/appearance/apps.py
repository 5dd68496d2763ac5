from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppearanceConfig(AppConfig):
    name = "appearance"
    verbose_name = _("外观与阅读方式")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from appearance import receivers  # noqa: PLC0415  needs models

        receivers.connect()
