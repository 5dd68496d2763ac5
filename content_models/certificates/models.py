from .items import Alternative, Certificate, CertificateEdition, CertificateItem
from .lists import CertificateChannel, CertificateListPage

__all__ = [
    "Alternative",
    "Certificate",
    "CertificateChannel",
    "CertificateEdition",
    "CertificateItem",
    "CertificateListPage",
]
