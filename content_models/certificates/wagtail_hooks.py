"""The menu 证明: lists, their editions, and the certificates to look up."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from content_models.certificates.admin_views import CertificateListListing, CertificateViewSet
from content_models.certificates.edition_admin import CertificateEditionViewSet


class CertificatesGroup(JobGroup):
    menu_label = _("证明")
    menu_name = "certificates-group"
    menu_icon = "clipboard-list"
    menu_order = 130
    items = (CertificateListListing, CertificateEditionViewSet, CertificateViewSet)


register_snippet(CertificatesGroup)
