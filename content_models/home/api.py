"""The regions as other systems read them: the district, its streets and communities as one tree."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base.api import Asked, ContentApi, page_above
from content_models.base.filters import PublicFilterSet
from content_models.base.serializers import CellsLink, PublicSerializer
from content_models.places.models import RegionPage

LEVELS = [("district", _("区")), ("street", _("街道")), ("community", _("社区"))]


class RegionSerializer(PublicSerializer):
    """A place; what lies in it is asked for with ``region=<id>``."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.SerializerMethodField()
    api_url = serializers.SerializerMethodField()
    level = serializers.ChoiceField(choices=LEVELS)
    title = serializers.CharField()
    short_name = serializers.CharField()
    region_code = serializers.CharField(help_text=_("12 位区划代码"))
    parent = CellsLink(source="region_cells", help_text=_("上一级"))
    url = serializers.SerializerMethodField()

    def get_kind(self, region: RegionPage) -> str:
        return "regions"

    def get_api_url(self, region: RegionPage) -> str:
        return f"{self.answer.root}regions/{region.pk}/"

    def get_url(self, region: RegionPage) -> str:
        return self.answer.addresses.page(region.url_path)


class RegionFilters(PublicFilterSet):
    """How programs narrow the regions."""

    search_fields = ["title", "short_name", "region_code"]

    level = django_filters.MultipleChoiceFilter(label=_("级别"), choices=LEVELS, method="at_level")

    class Meta:
        model = RegionPage
        fields = []

    def at_level(self, queryset: Any, name: str, values: list[str]) -> Any:
        if not values:
            return queryset
        depths = {name: depth for depth, (name, _label) in enumerate(LEVELS, 2)}
        return queryset.filter(depth__in=[depths[value] for value in values])


class RegionApi(ContentApi):
    """Every region in the order of the tree."""

    name = "regions"
    title = _("区域")
    said = _("区、街道、社区的树。")
    serializer = RegionSerializer
    filterset = RegionFilters
    path = "path"
    has_numbers = True
    order = ("path",)

    def rows(self, asked: Asked) -> Any:
        return RegionPage.objects.live().public().annotate(region_cells=page_above(1))

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        for region in rows:
            region.level = LEVELS[min(region.depth - 2, 2)][0]
