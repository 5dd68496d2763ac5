from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from content_models.base.signals import page_previewed


class AppearanceConfig(AppConfig):
    name = "appearance"
    verbose_name = _("外观与阅读方式")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from appearance.middleware import wear_theme_in_preview  # noqa: PLC0415  needs models

        page_previewed.connect(wear_theme_in_preview, dispatch_uid="appearance.previewed")
