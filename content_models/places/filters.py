import django_filters
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.places.offices import OfficePage

ACCESSIBILITY_CHOICES = [
    (name, OfficePage._meta.get_field(name).verbose_name) for name in OfficePage.accessibility_fields
]


class OfficeFilters(PublicFilterSet):
    """How residents narrow the list of offices."""

    search_fields = ["title", "address"]

    kind = django_filters.MultipleChoiceFilter(
        label=_("场所类型"), field_name="office_kind", choices=OfficePage.Kind.choices
    )
    access = django_filters.MultipleChoiceFilter(
        label=_("无障碍与便民设施"), choices=ACCESSIBILITY_CHOICES, method="with_features"
    )

    class Meta:
        model = OfficePage
        fields = []

    def with_features(self, queryset, name, values):
        return queryset.filter(**dict.fromkeys(values, True))

    def count_kind(self, queryset):
        return counted(queryset, "office_kind")

    def count_access(self, queryset):
        names = OfficePage.accessibility_fields
        counts = {f"number_{name}": Count("pk", filter=Q(**{name: True})) for name in names}
        found = queryset.order_by().aggregate(**counts)
        return {name: found[f"number_{name}"] for name in names}
