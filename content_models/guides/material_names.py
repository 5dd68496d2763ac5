"""Which certificates stand behind a material's name (rule 13)."""

from content_models.base import memo
from content_models.certificates.models import Certificate


def refused_certificates(material):
    """Certificates that must not be issued and that ``material`` asks for, by link or by any name."""
    linked = material.certificate if material.certificate_id else None
    if linked is not None and linked.is_refused and linked.owner.live:
        return [linked]
    if material.refused_by_name is not None:
        return material.refused_by_name
    return list(Certificate.refused_by_name(material.name)[:1])


def note_refused(materials):
    """Look up once which of many materials are called like a certificate that must not be issued."""
    refused = memo.remember("refused certificates", _refused_by_name)
    for material in materials:
        found = refused.get(material.name.strip().casefold())
        material.refused_by_name = [found] if found is not None else []


def _refused_by_name():
    refused = {}
    for certificate in Certificate.all_refused().select_related("owner"):
        for name in (certificate.name, *certificate.all_names):
            refused.setdefault(name.casefold(), certificate)
    return refused
