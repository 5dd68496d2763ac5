"""Spreadsheets of departments, regions and offices, and of every page below a region's channel."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from content_models.base.resources import (
    PageResource,
    PartResource,
    RecordResource,
    Row,
    SheetField,
)
from content_models.base.widgets import (
    DigitsWidget,
    FileWidget,
    MonthDayWidget,
    ReferenceWidget,
    split,
    text_of,
)
from content_models.places.models import (
    Department,
    OfficeHours,
    OfficePage,
    OfficeSpecialDay,
    OfficeWindow,
    RegionPage,
)

# How a row's further words on its source are told in the one text that readers see.
SOURCE_COLUMNS = {"来源日期": "，{}", "真实地点": "；实际地点：{}"}
SOURCE_AND_NOTE = {**SOURCE_COLUMNS, "说明": "；{}"}


class RegionWidget(ReferenceWidget):
    """A district, street or community by its region code, else by its name."""

    def __init__(self) -> None:
        super().__init__("places.RegionPage", by=("region_code", "title", "short_name"))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(DigitsWidget().clean(value))


class RegionField(SheetField):
    """区划代码 of the region a page belongs to: its nearest region above."""

    def __init__(
        self,
        column_name: str = "区划代码",
        *,
        aliases: Iterable[str] = ("region_code", "地区代码", "所属区划代码", "VILLAGE_CODE", "TOWN_CODE"),
    ) -> None:
        super().__init__(None, column_name, widget=RegionWidget(), aliases=aliases, example="999901001001")
        self.help_text = _("12 位区划代码，或街道、社区的名称。")

    @cached_property
    def codes_by_path(self) -> dict[str, str]:
        return {path: code or title for path, code, title in _regions()}

    def export(self, instance: Page, **kwargs: Any) -> str:
        paths = (instance.path[:end] for end in range(len(instance.path), 0, -Page.steplen))
        own = isinstance(instance, RegionPage)
        found = [self.codes_by_path[path] for path in paths if path in self.codes_by_path]
        return next(iter(found[1:] if own else found), "")


def _regions() -> Any:
    return RegionPage.objects.values_list("path", "region_code", "title")


class RegionalPageResource(PageResource):
    """Pages that stand below a region, or below the region's channel of their kind.

    ``into`` is where rows that name no region find their page, and where new ones of them begin.
    """

    ignored_columns: ClassVar[tuple[str, ...]] = ("地点",)
    # The channel within the region that holds these pages, "app.Model"; none when they stand right below it.
    channel: ClassVar[Any] = None

    region = RegionField()

    def __init__(self, *, into: Page | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.into = into
        self._parents: dict[int, Page] = {}

    def parent_for(self, row: Row) -> Page | None:
        field = self.fields["region"]
        if self.parent is not None:
            return self.parent
        if not text_of(row.get(field.title)):
            return self.parent_within_into if self.into is not None else None
        region = field.widget.clean(row[field.title])
        if region not in self._parents:
            self._parents[region] = self.place_below(Page.objects.get(pk=region))
        return self._parents[region]

    def find(self, row: Row, parent: Page | None) -> Any:
        names_region = bool(text_of(row.get(self.fields["region"].title)))
        if self.into is None or self.parent is not None or names_region:
            return super().find(row, parent)
        above = self.into.path
        return self.find_among(row, lambda path: path.startswith(above))

    @cached_property
    def parent_within_into(self) -> Page:
        assert self.into is not None, "asked only where there is a place to import into"
        return self.parent_within(self.into)

    def parent_within(self, page: Page) -> Page:
        """Where new pages stand that are brought into ``page``: right below it, or in its channel."""
        allowed = self._meta.model.allowed_parent_page_models()
        parent = page if page.specific_class in allowed else self.place_below(page)
        if parent.specific_class not in allowed:
            raise ValueError(
                _("“%(page)s”下面不能放%(kind)s，请在每一行写明区划代码。")
                % {"page": page.title, "kind": self._meta.model._meta.verbose_name}
            )
        return parent

    def place_below(self, region: Page) -> Page:
        if self.channel is None:
            return region
        found = self.channel.objects.child_of(region).order_by("path").first()
        if found is None:
            raise ValueError(
                _("“%(region)s”还没有“%(channel)s”。请先建立，或把这一格留空，放在导入时选的地方。")
                % {"region": region.title, "channel": self.channel._meta.verbose_name}
            )
        return found


class DepartmentWidget(ReferenceWidget):
    """A department by its code or name."""

    def __init__(self) -> None:
        super().__init__("places.Department", by=("code", "name", "short_name"))


class DepartmentResource(RecordResource):
    """Departments that answer for services, lists and certificates."""

    sheet_name = gettext_lazy("部门")
    ignored_columns = ("区划代码", "序号", "来源", "来源日期", "说明")

    code = SheetField("code", "编码", aliases=("部门编码",), is_required=True, example="qu-minzheng")
    name = SheetField(
        "name", "名称", aliases=("部门名称", "DEPT_NAME"), is_required=True, example="示范区民政局"
    )
    short_name = SheetField("short_name", "简称", example="区民政")
    uscc = SheetField(
        "uscc",
        "统一社会信用代码",
        widget=DigitsWidget(),
        aliases=("信用代码", "DEPT_CODE"),
        example="11320000MB151840XJ",
    )
    duties = SheetField("duties", "职责")
    phone = SheetField("phone", "咨询电话", aliases=("电话", "联系电话"))
    complaint_phone = SheetField("complaint_phone", "监督投诉电话", aliases=("投诉电话", "监督电话"))
    address = SheetField("address", "地址")
    website = SheetField("website", "网址")

    class Meta(RecordResource.Meta):
        model = Department
        import_id_fields = ("code",)


class RegionResource(RegionalPageResource):
    """What sheets of districts, streets and communities have in common; known by their code."""

    ignored_columns: ClassVar[tuple[str, ...]] = ("类型", "状态", "是否示例", "主题样式")
    joined_columns = {"来源": SOURCE_AND_NOTE}
    part_key = "region_code"

    region_code = SheetField(
        "region_code",
        "区划代码",
        widget=DigitsWidget(),
        aliases=("社区代码", "街道代码", "VILLAGE_CODE"),
        is_required=True,
        example="999901001001",
    )
    region = RegionField("上级区划代码", aliases=("上级代码", "所属街道", "街道", "TOWN_CODE"))
    title = SheetField(
        "title",
        "名称",
        aliases=("社区名称", "街道名称", "VILLAGE_NAME"),
        is_required=True,
        example="江苏路社区",
    )
    short_name = SheetField("short_name", "简称")
    slug = SheetField("slug", "网址名", aliases=("slug",))
    intro = SheetField("intro", "简介", aliases=("概况", "社区概况"))
    intro_source = SheetField("intro_source", "来源", aliases=("简介来源",))
    area_km2 = SheetField("area_km2", "面积平方公里", aliases=("面积", "面积（平方公里）"), example="1.6")

    class Meta(RegionalPageResource.Meta):
        model = RegionPage
        import_id_fields = ("region_code",)

    def find(self, row: Row, parent: Page | None) -> Any:
        code = DigitsWidget().clean(row.get(self.fields["region_code"].title))
        return self.get_queryset().filter(region_code=code).first() if code else None


class OfficePartResource(PartResource):
    """A further sheet of offices."""

    owner = "office"

    office = SheetField("page__slug", "办事场所", aliases=("场所", "网址名"), readonly=True, is_required=True)


class OfficeWindowResource(OfficePartResource):
    """Windows of an office."""

    sheet_name = gettext_lazy("窗口")
    relation = "windows"
    key = ("number",)
    joined_columns = {"窗口名称": {"楼层": "（{}）", "说明": "：{}"}}

    number = SheetField("number", "窗口号", widget=DigitsWidget(), is_required=True, example="1")
    name = SheetField("name", "窗口名称", aliases=("名称",), example="综合受理")

    class Meta(OfficePartResource.Meta):
        model = OfficeWindow


class OfficeHoursResource(OfficePartResource):
    """Spans of an office's week; a lunch break makes two of them."""

    sheet_name = gettext_lazy("办公时间")
    relation = "hours"
    key = ("season", "weekdays", "opens")
    ignored_columns = ("说明",)  # told once, in the office's 办公时间说明

    season = SheetField("season", "季节", example="全年")
    season_from = SheetField(
        "season_from", "季节起", widget=MonthDayWidget(), aliases=("季节开始",), example="05-01"
    )
    season_to = SheetField(
        "season_to", "季节止", widget=MonthDayWidget(), aliases=("季节结束",), example="09-30"
    )
    weekdays = SheetField("weekdays", "星期", is_required=True, example="周一至周五")
    opens = SheetField("opens", "开始", aliases=("开门",), example="09:00")
    closes = SheetField("closes", "结束", aliases=("关门",), example="17:00")

    class Meta(OfficePartResource.Meta):
        model = OfficeHours


class OfficeSpecialDayResource(OfficePartResource):
    """Days on which an office is closed or keeps other hours."""

    sheet_name = gettext_lazy("特殊日期")
    relation = "special_days"
    key = ("on", "opens")

    on = SheetField("on", "日期", example="2026-12-31")
    is_closed = SheetField("is_closed", "休息", aliases=("当天不办公",), example="否")
    opens = SheetField("opens", "开始", aliases=("开门",), example="09:00")
    closes = SheetField("closes", "结束", aliases=("关门",), example="15:00")
    reason = SheetField("reason", "原因", example="年底盘点")

    class Meta(OfficePartResource.Meta):
        model = OfficeSpecialDay

    # 状态 says in words what 休息 says with yes and no.
    states: ClassVar[dict[str, str]] = {"休息": "是", "开放": "否", "不办公": "是", "办公": "否"}
    ignored_columns = ("状态",)

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        if state := text_of(row.get("状态")):
            row.setdefault("休息", self.states.get(state, state))


class OfficeResource(RegionalPageResource):
    """Offices with their windows, hours and special days."""

    sheet_name = gettext_lazy("办事场所")
    joined_columns = {"来源": SOURCE_AND_NOTE}
    ignored_columns = ("地点", "无障碍")
    parts = {
        "windows": OfficeWindowResource,
        "hours": OfficeHoursResource,
        "special_days": OfficeSpecialDayResource,
    }

    slug = SheetField("slug", "网址名", aliases=("slug",), example="jiangsulu-zhongxin")
    title = SheetField(
        "title", "名称", aliases=("场所名称", "办事场所"), is_required=True, example="江苏路社区党群服务中心"
    )
    office_kind = SheetField("office_kind", "类型", aliases=("场所类型",), example="社区党群服务中心")
    address = SheetField("address", "地址", aliases=("办公地址", "TRANSACT_ADDR"))
    latitude = SheetField("latitude", "纬度", example="36.0671")
    longitude = SheetField("longitude", "经度", example="120.3826")
    transit = SheetField("transit", "交通", aliases=("公交到达", "怎么走"))
    phone = SheetField("phone", "电话", aliases=("联系电话", "咨询电话", "LINK_WAY"))
    complaint_phone = SheetField(
        "complaint_phone", "监督投诉电话", aliases=("投诉电话", "监督电话", "SUPERVISE_WAY")
    )
    has_ramp = SheetField("has_ramp", "坡道", aliases=("无障碍坡道",))
    has_lift = SheetField("has_lift", "电梯")
    has_accessible_toilet = SheetField("has_accessible_toilet", "无障碍卫生间", aliases=("无障碍厕所",))
    has_sign_language = SheetField("has_sign_language", "手语服务", aliases=("手语",))
    has_nursing_room = SheetField("has_nursing_room", "母婴室")
    closed_on_holidays = SheetField("closed_on_holidays", "法定节假日休息", aliases=("法定节假日不办公",))
    hours_note = SheetField("hours_note", "办公时间说明", aliases=("TRANSACT_TIME",))
    appointment_url = SheetField("appointment_url", "预约网址")
    intro = SheetField("intro", "简介")
    photo = SheetField("photo", "照片", widget=FileWidget("wagtailimages.Image"))
    source = SheetField("source", "来源")

    class Meta(RegionalPageResource.Meta):
        model = OfficePage

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        if "无障碍" in row:
            self._tick_features(row)
        if "办公时间说明" not in row and "hours" in self.part_rows:
            notes = [text_of(part.get("说明")) for _number, part in self._hours_of(row)]
            row["办公时间说明"] = "".join(dict.fromkeys(filter(None, notes)))

    def _hours_of(self, row: Row) -> list[tuple[int, Row]]:
        groups = self.part_rows["hours"]
        names = (text_of(row.get(self.fields[name].title)) for name in ("slug", "title"))
        return next((groups[name] for name in names if name in groups), [])

    def _tick_features(self, row: Row) -> None:
        """无障碍 lists in one cell the features that also have a column each."""
        named = split(row["无障碍"])
        for name in OfficePage.accessibility_fields:
            row.setdefault(self.fields[name].title, "是" if self.fields[name].title in named else "否")
