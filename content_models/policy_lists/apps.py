from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyListsConfig(AppConfig):
    name = "content_models.policy_lists"
    label = "policy_lists"
    verbose_name = _("清单")
