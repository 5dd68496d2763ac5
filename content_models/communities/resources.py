"""Spreadsheets of communities: profile, figures, grids, ratings, institutions, history."""

from collections import defaultdict
from typing import Any, ClassVar

import tablib
from django.utils.translation import gettext_lazy

from content_models.base.resources import PartResource, Row, SheetField
from content_models.base.widgets import (
    ChoiceWidget,
    DigitsWidget,
    FileWidget,
    JoinedWidget,
    ReferenceWidget,
    quantity,
    split,
    text_of,
)
from content_models.communities.models import (
    CommunityPage,
    Figure,
    Grid,
    HistoryEvent,
    Institution,
    Rating,
)
from content_models.places.resources import SOURCE_AND_NOTE, SOURCE_COLUMNS, RegionResource

Kind = CommunityPage.Kind
KIND_NAMES = {"城市": Kind.URBAN, "村改居": Kind.CONVERTED, "农村": Kind.RURAL}


class CommunityPartResource(PartResource):
    """A further sheet of regions; rows name theirs by its code."""

    owner = "region_code"
    ignored_columns: ClassVar[tuple[str, ...]] = ("地点",)

    region_code = SheetField(
        "page__region_code",
        "区划代码",
        widget=DigitsWidget(),
        aliases=("社区代码", "VILLAGE_CODE", "社区", "社区名称"),
        is_required=True,
        readonly=True,
        example="999901001001",
    )


class FigureResource(CommunityPartResource):
    """Counted figures; what follows from others (per worker, per grid) is never among them."""

    sheet_name = gettext_lazy("社区数据")
    relation = "figures"
    key = ("metric", "as_of")
    joined_columns = {"来源": SOURCE_COLUMNS}

    metric = SheetField("metric", "指标", aliases=("项目",), is_required=True, example="户数")
    value = SheetField("value", "数值", aliases=("数量",), example="13200")
    qualifier = SheetField("qualifier", "约数", example="约")
    unit = SheetField("unit", "单位", example="户")
    as_of = SheetField("as_of", "截至日期", aliases=("统计日期", "截止日期"), example="2022-06-20")
    as_of_text = SheetField("as_of_text", "日期写法", example="约2011年")
    source = SheetField("source", "来源")
    note = SheetField("note", "说明", aliases=("备注",))

    class Meta(CommunityPartResource.Meta):
        model = Figure

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        try:
            qualifier, number, unit = quantity(row.get("数值"))
        except ValueError:
            return  # said when the cell itself is read
        row["数值"] = str(number)
        for column, found in (("约数", qualifier), ("单位", unit)):
            if found and not text_of(row.get(column)):
                row[column] = found


class InstitutionResource(CommunityPartResource):
    """The bodies of a street or community."""

    sheet_name = gettext_lazy("机构")
    relation = "institutions"
    key = ("name",)
    joined_columns = {"职责": {"说明": "{}", "来源": "来源：{}", "来源日期": "，{}"}}
    ignored_columns = ("地点", "类型", "序号")

    name = SheetField("name", "机构名称", aliases=("机构",), is_required=True, example="居民委员会")
    duties = SheetField("duties", "职责")
    public_names = SheetField("public_names", "公开姓名", aliases=("公开人员",))

    class Meta(CommunityPartResource.Meta):
        model = Institution


class GridResource(CommunityPartResource):
    """Grids and whom to ask there."""

    sheet_name = gettext_lazy("网格")
    relation = "grids"
    key = ("number",)
    ignored_columns = ("地点", "来源", "来源日期", "说明")

    number = SheetField("number", "网格号", aliases=("网格编号",), is_required=True, example="01")
    name = SheetField("name", "网格名称", example="第一网格")
    leader = SheetField("leader", "网格长")
    phone = SheetField("phone", "公开电话", aliases=("电话",))
    coverage = SheetField("coverage", "覆盖范围")
    households = SheetField("households", "户数", example="286")

    class Meta(CommunityPartResource.Meta):
        model = Grid


class RatingResource(CommunityPartResource):
    """Stars by year; level and honours follow from them."""

    sheet_name = gettext_lazy("星级评定")
    relation = "ratings"
    key = ("year",)
    joined_columns = {"来源": {"来源日期": "，{}", "授星日期": "；{}授星", "说明": "；{}"}}

    year = SheetField("year", "年份", aliases=("年度",), is_required=True, example="2022")
    stars = SheetField("stars", "星数", aliases=("星级",), example="8")
    missing_stars = SheetField(
        "missing_stars",
        "未获得的星",
        widget=JoinedWidget("、"),
        aliases=("未获得的主题星",),
        example="民族团结",
    )
    source = SheetField("source", "来源")

    class Meta(CommunityPartResource.Meta):
        model = Rating


class HistoryResource(CommunityPartResource):
    """What became of a community, told from its own side."""

    sheet_name = gettext_lazy("沿革")
    relation = "history"
    key = ("event_kind", "other", "other_name", "on")
    joined_columns = {"来源": {"来源日期": "，{}"}}
    ignored_columns = ("地点", "类型", "原区划代码", "新区划代码")

    event_kind = SheetField("event_kind", "变动", is_required=True, example="拆分为")
    on = SheetField("on", "日期", example="2021-12-31")
    on_text = SheetField("on_text", "日期写法", example="2021年")
    other = SheetField(
        "other",
        "另一社区",
        widget=ReferenceWidget("communities.CommunityPage", by=("region_code", "title")),
        aliases=("另一社区代码",),
    )
    other_name = SheetField("other_name", "另一社区名称")
    note = SheetField("note", "说明")
    source = SheetField("source", "来源")

    class Meta(CommunityPartResource.Meta):
        model = HistoryEvent

    # An event as a document tells it, and how each side tells it: (those before, those after).
    sides: ClassVar[dict[str, tuple[str, str]]] = {
        "拆分": ("拆分为", "拆分自"),
        "合并": ("并入", "合并自"),
        "更名": ("更名", "更名"),
        "设立": ("", "成立"),
    }

    def grouped(self, dataset: tablib.Dataset) -> dict[str, list[tuple[int, Row]]]:
        """Also reads a sheet of events (原区划代码 → 新区划代码), each told from both sides."""
        self.before_import(dataset)
        if "原区划代码" not in dataset.headers:
            return super().grouped(dataset)
        groups: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        for number, event in enumerate(dataset.dict, start=1):
            before, after = split(event["原区划代码"]), split(event.get("新区划代码"))
            told_before, told_after = self.sides.get(event["类型"], (event["类型"], event["类型"]))
            for mine, others, told in ((before, after, told_before), (after, before, told_after)):
                for code in mine if told else ():
                    for other in others or [""]:
                        groups[code].append((number, {**event, "变动": told, "另一社区": other}))
        return groups


class CommunityResource(RegionResource):
    """Communities with their profile."""

    sheet_name = gettext_lazy("社区")
    joined_columns = {"来源": SOURCE_AND_NOTE}
    parts = {
        "figures": FigureResource,
        "institutions": InstitutionResource,
        "grids": GridResource,
        "ratings": RatingResource,
        "history": HistoryResource,
    }

    community_kind = SheetField(
        "community_kind",
        "城乡类型",
        widget=ChoiceWidget(Kind.choices, names=KIND_NAMES),
        aliases=("社区类型",),
        example="城市社区",
    )
    governance = SheetField("governance", "治理模式", example="两委")
    established_on = SheetField("established_on", "成立日期", example="2021-12-31")
    dissolved_on = SheetField("dissolved_on", "撤销日期")
    boundary = SheetField("boundary", "四至", aliases=("四至范围",))
    facilities = SheetField("facilities", "设施", widget=JoinedWidget("\n"), aliases=("配套设施",))
    map_image = SheetField("map_image", "区域图", widget=FileWidget("wagtailimages.Image"))

    class Meta(RegionResource.Meta):
        model = CommunityPage
