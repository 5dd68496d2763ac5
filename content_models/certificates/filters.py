import django_filters
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.certificates.items import CertificateItem


class ItemFilters(PublicFilterSet):
    """How residents find a certificate: by any of its names, by verdict, by who asks for it."""

    search_fields = ["name", "includes", "aliases", "demanding_units", "purpose"]

    polarity = django_filters.MultipleChoiceFilter(
        label=_("能不能开"), choices=CertificateItem.Polarity.choices
    )
    status = django_filters.MultipleChoiceFilter(label=_("状态"), choices=CertificateItem.Status.choices)

    class Meta:
        model = CertificateItem
        fields = []

    def count_polarity(self, queryset):
        return counted(queryset, "polarity")

    def count_status(self, queryset):
        return counted(queryset, "status")
