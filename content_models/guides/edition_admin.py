"""The admin of the provisions of communities and streets."""

from django.utils.translation import gettext_lazy as _

from content_models.base.edition_admin import EditionViewSet
from content_models.guides.provisions import ProvisionEdition


class ProvisionEditionViewSet(EditionViewSet):
    """Editions of the provisions of a community or street."""

    model = ProvisionEdition
    icon = "site"
    menu_label = _("各地服务安排")
    menu_name = "provision-editions"
