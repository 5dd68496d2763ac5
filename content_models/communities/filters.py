import django_filters
from django.apps import apps
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.places.models import RegionPage


def _kinds():
    return apps.get_model("communities", "CommunityPage").Kind.choices


def named(communities, words):
    """Communities whose name holds ``words``, in characters or in pinyin with or without spaces (huayuan)."""
    pinyin = Replace("sort_name", Value(" "), Value(""))
    return communities.annotate(pinyin=pinyin).filter(
        Q(title__icontains=words)
        | Q(short_name__icontains=words)
        | Q(pinyin__icontains=words.replace(" ", "").lower())
    )


class CommunityFilters(PublicFilterSet):
    """How residents and staff narrow the list of communities."""

    kind = django_filters.MultipleChoiceFilter(
        label=_("社区类型"), field_name="community_kind", choices=_kinds
    )

    class Meta:
        model = RegionPage
        fields = []

    def search(self, queryset, name, value):
        return named(queryset, value.strip())

    def count_kind(self, queryset):
        return counted(queryset, "community_kind")
