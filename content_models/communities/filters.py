import django_filters
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.places.models import RegionPage


def _kinds():
    return apps.get_model("communities", "CommunityPage").Kind.choices


class CommunityFilters(PublicFilterSet):
    """How residents and staff narrow the list of communities."""

    search_fields = ["title", "short_name", "sort_name"]

    kind = django_filters.MultipleChoiceFilter(
        label=_("社区类型"), field_name="community_kind", choices=_kinds
    )

    class Meta:
        model = RegionPage
        fields = []

    def count_kind(self, queryset):
        return counted(queryset, "community_kind")
