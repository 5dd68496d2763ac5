"""Figures, guides, offices and communities as public tables."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from api.open_data.facts import Facts
from content_models.base.public_tables import PublicColumn, PublicTable, column_for, each, value_of
from content_models.communities.models import CommunityPage, Figure
from content_models.guides.models import GuidePage
from content_models.places.models import OfficePage, RegionPage

Read = Callable[[Any], Any]
Cell = tuple[PublicColumn, Read]


def field(model: Any, name: str, **options: str) -> Cell:
    """The column of a model field and how it is read."""
    return column_for(model, name, **options), partial(_value, name)


def _value(name: str, thing: Any) -> Any:
    return value_of(thing, name)


def fields(model: Any, names: str) -> list[Cell]:
    return [field(model, name) for name in names.split()]


def table(name: str, cells: Sequence[Cell], things: Callable[[], Any]) -> PublicTable:
    """A table of the objects of a queryset, which is asked anew for each file."""

    def rows() -> Iterator[list[Any]]:
        for thing in each(things()):
            yield [read(thing) for _column, read in cells]

    return PublicTable(name, [column for column, _read in cells], rows)


def address(facts: Facts) -> Cell:
    return PublicColumn("url", _("网页地址"), "link"), lambda page: facts.address_of(page.url_path)


def regions(facts: Facts) -> list[Cell]:
    """Code and name of the region that a page belongs to."""
    return [
        (PublicColumn("region_code", _("区划代码")), lambda page: facts.region_of(page.path)[0]),
        (PublicColumn("region", _("所属地区")), lambda page: facts.region_of(page.path)[1]),
    ]


# Figures


def public_figures(region: RegionPage | None = None) -> Any:
    """Figures of the regions that residents can read."""
    places = RegionPage.objects.live().public()
    if region is not None:
        places = places.filter(pk=region.pk)
    return (
        Figure.objects.filter(page__in=places)
        .select_related("page")
        .order_by("page__path", "sort_order", "pk")
    )


def figures(facts: Facts, region: RegionPage | None = None) -> PublicTable:
    """A sensitive figure that is small says only that it is."""
    cells: list[Cell] = [
        (PublicColumn("region_code", _("区划代码")), lambda figure: figure.page.region_code),
        (PublicColumn("region", _("地区")), lambda figure: figure.page.title),
        (
            PublicColumn("metric", _("指标代码"), help_text=_("指标名称会改，代码不变。")),
            lambda figure: figure.metric,
        ),
        (PublicColumn("metric_label", _("指标")), lambda figure: str(figure.metric_label)),
        (
            PublicColumn("value", _("数值"), "number", _("特殊群体的数小于 10 时空着，见“显示”。")),
            lambda figure: None if figure.is_suppressed else figure.value,
        ),
        field(Figure, "unit"),
        (
            PublicColumn("qualifier", _("约数"), help_text=_("数值前的话，例如：约、近、超过。")),
            lambda figure: None if figure.is_suppressed else figure.qualifier or None,
        ),
        (
            PublicColumn("value_text", _("显示"), help_text=_("网页上的写法。")),
            lambda figure: figure.value_text,
        ),
        *fields(Figure, "as_of as_of_text source note"),
    ]
    return table(_("数据"), cells, lambda: public_figures(region))


# Guides


def public_guides() -> Any:
    return GuidePage.objects.live().public().order_by("path")


def guides(facts: Facts) -> PublicTable:
    """A row for each guide: what its page says of it, without materials and steps."""

    def things() -> Any:
        offices = Prefetch("offices", OfficePage.objects.live().public().order_by("sort_name", "path"))
        return public_guides().select_related("department").prefetch_related("topics", "audiences", offices)

    cells: list[Cell] = [
        (
            PublicColumn("slug", _("网址名"), help_text=_("在本网站认出这个事项的名称。")),
            lambda page: page.slug,
        ),
        (PublicColumn("title", _("事项名称")), lambda page: page.title),
        *fields(GuidePage, "full_name short_title everyday_names summary status"),
        *fields(GuidePage, "base_code impl_code handle_item_code item_type power_source exercise_levels"),
        (
            PublicColumn("department", _("实施主体")),
            lambda page: page.department.name if page.department else None,
        ),
        *fields(GuidePage, "service_objects"),
        several("topics", _("主题"), lambda page: [topic.name for topic in page.topics.all()]),
        several(
            "audiences", _("服务人群"), lambda page: [audience.name for audience in page.audiences.all()]
        ),
        *fields(GuidePage, "conditions case_type"),
        (PublicColumn("legal_limit", _("法定办结时限")), lambda page: page.legal_limit or None),
        (PublicColumn("promised_limit", _("承诺办结时限")), lambda page: page.promised_limit or None),
        *fields(GuidePage, "needs_no_materials is_charged handle_forms visits visit_reason common_scope"),
        *fields(
            GuidePage, "has_appointment has_express has_self_service proxy_service online_url mobile_url"
        ),
        *fields(GuidePage, "online_depth"),
        several("offices", _("办理地点"), lambda page: [office.title for office in page.offices.all()]),
        *fields(GuidePage, "result_type result_name delivery consult_phone complaint_phone"),
        *fields(GuidePage, "effective_on cancel_on checked_on source is_demo"),
        *regions(facts),
        address(facts),
    ]
    return table(_("办事指南"), cells, things)


def several(key: str, label: str, read: Read) -> Cell:
    return PublicColumn(key, label, "several"), read


# Offices and communities


def public_offices() -> Any:
    return OfficePage.objects.live().public().order_by("path")


def offices(facts: Facts) -> PublicTable:
    cells: list[Cell] = [
        (PublicColumn("slug", _("网址名")), lambda page: page.slug),
        (PublicColumn("title", _("名称")), lambda page: page.title),
        *fields(OfficePage, "office_kind address latitude longitude transit phone complaint_phone"),
        several(
            "hours", _("办公时间"), lambda page: [f"{hours.season_text}{hours}" for hours in page.hours.all()]
        ),
        *fields(OfficePage, "closed_on_holidays hours_note"),
        several("windows", _("窗口"), lambda page: [str(window) for window in page.windows.all()]),
        *fields(OfficePage, " ".join(OfficePage.accessibility_fields)),
        *fields(OfficePage, "appointment_url intro source checked_on"),
        *regions(facts),
        address(facts),
    ]
    return table(_("办事场所"), cells, lambda: public_offices().prefetch_related("hours", "windows"))


def public_communities() -> Any:
    return CommunityPage.objects.live().public().order_by("path")


def communities(facts: Facts) -> PublicTable:
    cells: list[Cell] = [
        (PublicColumn("region_code", _("区划代码")), lambda page: page.region_code),
        (PublicColumn("title", _("名称")), lambda page: page.title),
        *fields(CommunityPage, "short_name"),
        (
            PublicColumn("street", _("街道")),
            lambda page: facts.region_of(page.path[: -page.steplen])[1],
        ),
        *fields(CommunityPage, "community_kind governance established_on dissolved_on area_km2 boundary"),
        several("facilities", _("配套设施"), lambda page: page.facility_list),
        *fields(CommunityPage, "intro intro_source checked_on"),
        address(facts),
    ]
    return table(_("社区"), cells, public_communities)
