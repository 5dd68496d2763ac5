"""Which certificates stand behind a material's name (rule 13)."""

from django.utils.translation import gettext as _

from content_models.base import memo
from content_models.certificates.models import Certificate
from content_models.certificates.names import name_key, name_keys


class RefusedCertificates:
    """Every certificate of a live list that must not be issued, by all its names."""

    def __init__(self):
        self.by_key, self.by_pk = {}, {}
        for certificate in Certificate.all_refused().select_related("owner").order_by("pk"):
            self.by_pk[certificate.pk] = certificate
            for name in (certificate.name, *certificate.all_names):
                self.by_key.setdefault(name_key(name), certificate)

    @classmethod
    def load(cls):
        """Once per request."""
        return memo.remember("refused certificates", cls)

    def named(self, name):
        """The certificate that ``name`` means, also by an alias or a sub-name; None where it means none."""
        if not self.by_key:
            return None
        return next((self.by_key[key] for key in name_keys(name) if key in self.by_key), None)

    def behind(self, material):
        """The certificate that a guide's material asks for, by link or by name, or None."""
        if material.is_exempt:
            return None
        return self.by_pk.get(material.certificate_id) or self.named(material.name)


def alternatives_to(certificates):
    """``{certificate id: [alternative]}`` of what their lists in force offer instead, by one question."""
    found = {certificate.pk: [] for certificate in certificates}
    items = Certificate.current_items(certificates)
    for certificate in certificates:
        item = items.get((certificate.owner_id, certificate.key))
        found[certificate.pk] = list(item.alternatives.all()) if item is not None else []
    return found


def refusal_message(name, certificate, alternatives):
    """Why a material called ``name`` is not asked for, and what is instead."""
    instead = "；".join(alternative.text for alternative in alternatives)
    return _("材料“%(name)s”是不应出具的证明（%(list)s：%(certificate)s）。%(instead)s") % {
        "name": name,
        "list": certificate.owner.title,
        "certificate": certificate.name,
        "instead": _("可改用：%(instead)s。") % {"instead": instead}
        if instead
        else _("请去掉它，或改为免提交。"),
    }
