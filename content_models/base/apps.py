from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BaseConfig(AppConfig):
    name = "content_models.base"
    label = "base"
    verbose_name = _("基础")

    def ready(self):
        from content_models.base import interface_words, receivers  # noqa: PLC0415  models must be loaded first

        receivers.connect()
        interface_words.remember()
