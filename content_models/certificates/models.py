from content_models.certificates.items import Alternative, Certificate, CertificateEdition, CertificateItem
from content_models.certificates.lists import CertificateChannel, CertificateListPage

__all__ = [
    "Alternative",
    "Certificate",
    "CertificateChannel",
    "CertificateEdition",
    "CertificateItem",
    "CertificateListPage",
]
