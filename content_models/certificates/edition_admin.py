"""The admin of a certificate list's editions."""

from django.utils.translation import gettext_lazy as _

from content_models.base.edition_admin import EditionViewSet
from content_models.certificates.items import CertificateEdition


class CertificateEditionViewSet(EditionViewSet):
    """Editions of certificate lists."""

    model = CertificateEdition
    icon = "clipboard-list"
    menu_label = _("证明清单版本")
    menu_name = "certificate-editions"
