"""Which certificates stand behind a material's name (rule 13)."""

from content_models.certificates.models import Certificate


def refused_certificates(material):
    """Certificates that must not be issued and that ``material`` asks for, by link or by any name."""
    linked = material.certificate if material.certificate_id else None
    if linked is not None and linked.is_refused and linked.owner.live:
        return [linked]
    return list(Certificate.refused_by_name(material.name)[:1])
