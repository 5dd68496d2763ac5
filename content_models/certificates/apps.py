from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "content_models.certificates"
    label = "certificates"
    verbose_name = _("证明事项")
