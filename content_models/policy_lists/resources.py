"""Spreadsheets of policy lists, their columns, editions and entries."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.widgets import Widget

from content_models.base.resources import (
    EditionResource,
    EditionRowResource,
    OrderField,
    PartResource,
    Row,
    SheetField,
)
from content_models.base.widgets import (
    FileWidget,
    NumberWidget,
    ReferenceWidget,
    TextWidget,
    join,
    split,
    text_of,
)
from content_models.places.resources import (
    SOURCE_AND_NOTE,
    SOURCE_COLUMNS,
    DepartmentWidget,
    RegionalPageResource,
)
from content_models.policy_lists.columns import Column, ColumnSpec
from content_models.policy_lists.models import ListChannel, ListEdition, ListEntry, PolicyListPage
from content_models.policy_lists.values import ColumnType


class CountsWidget(Widget):
    """Stated numbers by category: 取消=12；上收=14."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[list[Any]]:
        counts: dict[str, int] = {}
        for part in split(value):
            name, equals, number = part.replace("＝", "=").partition("=")
            if not equals:
                raise ValueError(_("“%(text)s”请写成 类别=数，例如：取消=12。") % {"text": part[:30]})
            counts[name.strip()] = int(NumberWidget(is_whole=True).clean(number) or 0)
        return [list(pair) for pair in counts.items()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return join([f"{name}={number}" for name, number in value or []])


class ListColumnResource(PartResource):
    """The columns of a list, for one that departs from its type's defaults."""

    sheet_name = gettext_lazy("栏目")
    relation = "columns"
    owner = "page"
    key = ("key", "label")

    page = SheetField("page__slug", "清单", aliases=("网址名",), is_required=True, readonly=True)
    order = OrderField()
    label = SheetField("label", "列名", aliases=("栏目名称",), is_required=True, example="事项名称")
    key_name = SheetField("key", "键")
    column_type = SheetField("column_type", "类型", example="文本")
    choices = SheetField("choices", "选项", example="取消；上收；下放")
    is_filter = SheetField("is_filter", "筛选", aliases=("可筛选",))
    is_searched = SheetField("is_searched", "搜索", aliases=("可搜索",))
    is_public = SheetField("is_public", "公开")
    has_personal_data = SheetField("has_personal_data", "含个人信息")
    is_title = SheetField("is_title", "作为条目名称")
    is_category = SheetField("is_category", "分类计数", aliases=("按此分类计数",))
    is_required = SheetField("is_required", "必填")
    help_text = SheetField("help_text", "填写说明")

    class Meta(PartResource.Meta):
        model = Column

    def key_of(self, part: Column) -> tuple[str, ...]:
        return (part.key or part.label,)


class PolicyListResource(RegionalPageResource):
    """Policy lists; a list without a sheet of columns has those of its type."""

    sheet_name = gettext_lazy("清单")
    channel = ListChannel
    joined_columns = {"来源": SOURCE_AND_NOTE}
    ignored_columns = ("地点", "公布总数", "分类公布数", "文号")  # said by each edition
    parts = {"columns": ListColumnResource}

    slug = SheetField("slug", "网址名", aliases=("slug", "清单"), example="zhonghua-quanze")
    title = SheetField("title", "标题", aliases=("清单名称", "名称"), is_required=True)
    list_type = SheetField(
        "list_type", "清单类型", widget=ReferenceWidget("policy_lists.ListType", by=("name", "slug"))
    )
    owner_unit = SheetField("owner_unit", "责任单位", widget=DepartmentWidget())
    scope = SheetField("scope", "适用范围", example="街道")
    intro = SheetField("intro", "简介")
    source = SheetField("source", "来源")
    source_file = SheetField("source_file", "来源文件", widget=FileWidget("wagtaildocs.Document"))
    is_internal = SheetField("is_internal", "内部", aliases=("内部清单",), example="否")
    is_demo = SheetField("is_demo", "演示数据", example="否")
    compared_on = SheetField("compared_on", "对比日期", example="2021-12-31")
    comparison_title = SheetField("comparison_title", "对比标题", example="清理前后的检查")
    comparison_unit = SheetField("comparison_unit", "对比单位", example="项")

    class Meta(RegionalPageResource.Meta):
        model = PolicyListPage

    def import_parts(self, instance: PolicyListPage, row: Row, **kwargs: Any) -> None:
        """Lists that the sheet of columns does not name keep the columns they have."""
        names = {text_of(row.get(self.fields[name].title)) for name in (self.part_key, "title")}
        groups = self.part_rows.get("columns")
        if groups is not None and not names & groups.keys():
            self.part_rows = {name: rows for name, rows in self.part_rows.items() if name != "columns"}
        super().import_parts(instance, row, **kwargs)
        if groups is not None:
            self.part_rows = {**self.part_rows, "columns": groups}


class ListEditionResource(EditionResource):
    """Editions of policy lists with what their documents state."""

    sheet_name = gettext_lazy("清单版本")
    joined_columns = {"来源": SOURCE_COLUMNS}
    ignored_columns = ("版次", "状态", "行文件")

    owner = SheetField(
        None,
        "清单",
        widget=ReferenceWidget("policy_lists.PolicyListPage"),
        aliases=("网址名",),
        is_required=True,
    )
    title = SheetField("title", "版次名称", aliases=("版本名称",), is_required=True, example="2021版")
    doc_no = SheetField("doc_no", "文号")
    announced_on = SheetField("announced_on", "公布日期")
    effective_on = SheetField("effective_on", "生效日期", aliases=("施行日期",))
    repealed_on = SheetField("repealed_on", "废止日期")
    stated_total = SheetField("stated_total", "公布总数", aliases=("公布的总数",), example="161")
    stated_by_category = SheetField(
        "stated_by_category", "分类公布数", widget=CountsWidget(), example="取消=12；上收=14"
    )
    source = SheetField("source", "来源")
    note = SheetField("note", "说明")

    class Meta(EditionResource.Meta):
        model = ListEdition

    def owner_of(self, row: Row) -> PolicyListPage:
        return PolicyListPage.objects.get(pk=self.fields["owner"].clean(row))


class EntryField(SheetField):
    """A column of a list, as data: its cells are canonical strings in the entry's values."""

    def __init__(self, spec: ColumnSpec) -> None:
        super().__init__(
            "values",
            spec.label,
            widget=TextWidget(),
            aliases=(spec.key,),
            help_text=spec.help_text,
            is_required=spec.is_required,
        )
        self.spec = spec
        self.guides = ReferenceWidget("guides.GuidePage")

    def bind(self, model: Any) -> None:
        """What a cell may hold is said by the column, not by the model."""

    def clean(self, row: Row, **kwargs: Any) -> str:
        text = text_of(row.get(self.title))
        if text and self.spec.column_type == ColumnType.GUIDE:
            return str(self.guides.find(text))
        try:
            return self.spec.read(text)
        except ValidationError as error:
            raise ValueError("".join(error.messages)) from None

    def export(self, instance: ListEntry, **kwargs: Any) -> str:
        return self.shown(instance.values.get(self.spec.key, ""))

    def shown(self, value: str) -> str:
        """The cell as typed: what pages say of an empty one (未明确经费) is no content."""
        if not value:
            return ""
        if self.spec.column_type == ColumnType.GUIDE:
            return self.guides.render(int(value))
        return str(self.spec.show(value))

    def save(self, instance: ListEntry, row: Row, is_m2m: bool = False, **kwargs: Any) -> Any:
        value, old = self.clean(row, **kwargs), instance.values.get(self.spec.key, "")
        if value == old:
            return None
        instance.values = {key: text for key, text in instance.values.items() if key != self.spec.key}
        if value:
            instance.values[self.spec.key] = value
        return self.shown(old), self.shown(value)


class PolicyEntryResource(EditionRowResource):
    """The entries of one edition; its columns are those of the list."""

    sheet_name = gettext_lazy("清单条目")

    class Meta(EditionRowResource.Meta):
        model = ListEntry

    def __init__(self, edition: ListEdition, **kwargs: Any) -> None:
        super().__init__(edition, **kwargs)
        for spec in edition.columns:
            self.fields[f"column_{spec.key}"] = EntryField(spec)

    def name_of(self, row: Row) -> str:
        named = [spec for spec in self.edition.columns if spec.is_title] or self.edition.columns[:1]
        return text_of(row.get(named[0].label)) if named else ""

    def import_instance(self, instance: ListEntry, row: Row, **kwargs: Any) -> None:
        instance.values = dict(instance.values)
        super().import_instance(instance, row, **kwargs)
