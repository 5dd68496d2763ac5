"""Communities and their figures as other systems read them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base import codes
from content_models.base.api import Asked, ContentApi, PageApi
from content_models.base.filters import NumberFilter, PublicFilterSet
from content_models.base.managers import leave_out_restricted
from content_models.base.parts import Relation
from content_models.base.serializers import (
    Coded,
    Image,
    PageLink,
    PageSerializer,
    Part,
    PublicSerializer,
    Text,
)
from content_models.communities import derived
from content_models.communities.filters import CommunityFilters
from content_models.communities.models import CommunityPage, Figure, HistoryEvent
from content_models.communities.ratings import level_of


class FigurePart(Part):
    """One counted figure; one that could point at single people has no value."""

    metric = Coded(code_list="metric")
    value = serializers.SerializerMethodField()
    unit = serializers.CharField()
    qualifier = serializers.CharField(help_text=_("约、近、超过"))
    text = serializers.SerializerMethodField(help_text=_("给人看的写法"))
    as_of = serializers.DateField(allow_null=True)
    as_of_text = serializers.CharField()
    source = serializers.CharField()
    note = serializers.CharField()

    def cells(self) -> list[str]:
        return [*super().cells(), "value", "is_sensitive"]

    def get_value(self, row: dict[str, Any]) -> float | None:
        figure = _figure(row)
        return None if figure.is_suppressed else number(figure.value)

    def get_text(self, row: dict[str, Any]) -> str:
        return _figure(row).value_text


def _figure(row: dict[str, Any]) -> Figure:
    names = ("metric", "unit", "qualifier", "is_sensitive")
    as_of = date.fromisoformat(str(row["as_of"])) if row["as_of"] else None
    return Figure(value=Decimal(str(row["value"])), as_of=as_of, **{name: row[name] for name in names})


def number(value: Decimal) -> float:
    """A whole number where it is one."""
    return int(value) if value == int(value) else float(value)


class DerivedSerializer(PublicSerializer):
    """A figure that follows from two others, with how, and what its source says where that differs."""

    label = serializers.SerializerMethodField()
    value = serializers.SerializerMethodField()
    unit = serializers.CharField()
    working = serializers.CharField(help_text=_("怎么算出来的，例如 17,723 ÷ 18"))
    stated = serializers.SerializerMethodField(help_text=_("来源里自己写的数，没有则为 null"))

    def get_label(self, figure: derived.Derived) -> str:
        return str(figure.label)

    def get_value(self, figure: derived.Derived) -> float:
        return number(figure.value)

    def get_stated(self, figure: derived.Derived) -> float | None:
        return number(figure.stated.value) if figure.stated is not None else None


class InstitutionPart(Part):
    """A body within a community and what it answers for."""

    name = serializers.CharField()
    duties = serializers.CharField()
    public_names = serializers.CharField()


class RatingPart(Part):
    """The stars of one year."""

    year = serializers.IntegerField()
    stars = serializers.IntegerField()
    level = serializers.SerializerMethodField()
    missing_stars = serializers.CharField()
    source = serializers.CharField()

    def get_level(self, row: dict[str, Any]) -> str:
        return level_of(row["stars"])


class GridPart(Part):
    """Who looks after which buildings."""

    number = serializers.CharField()
    name = serializers.CharField()
    leader = serializers.CharField()
    phone = serializers.CharField()
    coverage = serializers.CharField()
    households = serializers.IntegerField(allow_null=True)


class HistoryPart(Part):
    """A split, merger or renaming."""

    kind = Coded(source="event_kind", choices=HistoryEvent.Kind)
    on = serializers.DateField(allow_null=True)
    on_text = serializers.CharField()
    other = PageLink()
    other_name = serializers.CharField()
    note = serializers.CharField()
    source = serializers.CharField()


class CommunitySerializer(PageSerializer):
    """The profile of a community; ``region`` is its street."""

    short_name = serializers.CharField()
    region_code = serializers.CharField(help_text=_("12 位区划代码"))
    intro = Text()
    intro_source = serializers.CharField()
    area_km2 = serializers.FloatField(allow_null=True)
    figures = FigurePart(many=True)
    derived_figures = DerivedSerializer(many=True, source="derived_read", help_text=_("由上面的数算出"))
    institutions = InstitutionPart(many=True)
    community_kind = Coded(choices=CommunityPage.Kind)
    governance = Coded(choices=CommunityPage.Governance)
    established_on = serializers.DateField(allow_null=True)
    dissolved_on = serializers.DateField(allow_null=True)
    boundary = serializers.CharField()
    map_image = Image()
    facilities = serializers.ListField(child=serializers.CharField(), source="facility_list")
    ratings = RatingPart(many=True)
    grids = GridPart(many=True)
    history = HistoryPart(many=True)


LONG = {"derived_figures", "intro", "institutions", "ratings", "grids", "history", "facilities", "map_image"}


class CommunityApi(PageApi):
    """Communities in the order of the tree, street by street."""

    name = "communities"
    title = _("社区")
    said = _("按街道排列；region 是所属街道。")
    model = CommunityPage
    serializer = CommunitySerializer
    filterset = CommunityFilters
    order = ("path",)
    brief = frozenset(CommunitySerializer().fields) - LONG
    shown_with = ("map_image",)
    steps_to_region = 1
    relations = [
        Relation("figures", FigurePart),
        Relation("institutions", InstitutionPart),
        Relation("ratings", RatingPart, order="year"),
        Relation("grids", GridPart),
        Relation("history", HistoryPart),
    ]

    def further(self, asked: Asked) -> Sequence[Relation]:
        is_missing = asked.wants("derived_figures") and not asked.wants("figures")
        return [Relation("figures", FigurePart)] if is_missing else ()

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        super().prepare(rows, asked)
        self._derive(rows, asked)

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        super().prepare_draft(page, asked)
        self._derive([page], asked)

    @staticmethod
    def _derive(rows: list[Any], asked: Asked) -> None:
        """What follows from the figures, where both are asked for."""
        for page in rows:
            figures = page.parts.get("figures", ()) if asked.wants("derived_figures") else ()
            page.derived_read = derived.compute([_figure(row) for row in figures])


class FigureSerializer(PublicSerializer):
    """One counted figure of a region."""

    kind = serializers.SerializerMethodField()
    region = PageLink(source="page", help_text=_("区、街道或社区"))
    metric = Coded(code_list="metric")
    value = serializers.SerializerMethodField(help_text=_("人数太少、可能认出人的没有数值"))
    unit = serializers.CharField()
    qualifier = serializers.CharField(help_text=_("约、近、超过"))
    text = serializers.CharField(source="value_text", help_text=_("给人看的写法"))
    as_of = serializers.DateField(allow_null=True)
    as_of_text = serializers.CharField()
    source = serializers.CharField()
    note = serializers.CharField()

    def get_kind(self, figure: Figure) -> str:
        return "figures"

    def get_value(self, figure: Figure) -> float | None:
        return None if figure.is_suppressed else number(figure.value)


class FigureFilters(PublicFilterSet):
    """How programs narrow the figures."""

    search_fields = ["note", "source"]

    place = NumberFilter(label=_("区、街道或社区的编号"), field_name="page")
    metric = django_filters.MultipleChoiceFilter(label=_("指标"), choices=lambda: codes.choices("metric"))
    since = django_filters.DateFilter(label=_("截至日期不早于"), field_name="as_of", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("截至日期不晚于"), field_name="as_of", lookup_expr="lte")

    class Meta:
        model = Figure
        fields = []


class FigureApi(ContentApi):
    """Every figure of every region."""

    name = "figures"
    title = _("社区数据")
    said = _("区、街道和社区的每一个数字，带截至日期和来源。")
    serializer = FigureSerializer
    filterset = FigureFilters
    path = "page__path"
    order = ("page__path", "sort_order", "pk")

    def rows(self, asked: Asked) -> Any:
        rows = Figure.objects.filter(page__live=True)
        rows = leave_out_restricted(rows, "page__path")
        return rows.select_related("page")
