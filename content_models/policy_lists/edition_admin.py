"""The admin of a policy list's editions."""

from django.utils.translation import gettext_lazy as _

from content_models.base.edition_admin import EditionViewSet
from content_models.policy_lists.entries import ListEdition


class ListEditionViewSet(EditionViewSet):
    """Editions of policy lists."""

    model = ListEdition
    icon = "list-ul"
    menu_label = _("清单版本")
    menu_name = "list-editions"
