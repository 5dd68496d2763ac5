import functools
import operator
import re

import django_filters
from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.base.scripts import holds
from content_models.places.models import RegionPage

STREET_DEPTH = 3  # root, district, street


def _kinds():
    return apps.get_model("communities", "CommunityPage").Kind.choices


LETTERS = re.compile("[a-z]{1,30}")
# One syllable is over and the next begins: hua|yuan.
_NEXT_SYLLABLE = "(?:[a-z]* +)?"


def named(communities, words):
    """Communities whose name, or whose street's name, holds ``words``.

    Words are characters or pinyin: whole (huayuan, hua yuan), cut short (huay) or initials (hysq).
    """
    is_meant = _sounds_or_reads(words)
    streets = RegionPage.objects.live().filter(is_meant, depth=STREET_DEPTH).values_list("path", flat=True)
    in_streets = functools.reduce(operator.or_, (Q(path__startswith=path) for path in streets), Q(pk=None))
    return communities.filter(is_meant | holds("short_name", words) | in_streets)


def _sounds_or_reads(words):
    """``sort_name`` holds a name's pinyin, a syllable a word."""
    letters = words.replace(" ", "").replace("'", "").lower()
    if not LETTERS.fullmatch(letters):
        return holds("title", words)
    sounds = _NEXT_SYLLABLE.join(letters)
    return holds("title", words) | Q(sort_name__regex=f"(^| ){sounds}")


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
