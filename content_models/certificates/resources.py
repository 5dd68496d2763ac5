"""Spreadsheets of certificate lists, their editions, items and what to do instead."""

from typing import Any

import tablib
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.resources import (
    EditionResource,
    EditionRowResource,
    OrderField,
    PartResource,
    Row,
    SheetField,
)
from content_models.base.widgets import (
    ChoiceWidget,
    CodeWidget,
    DigitsWidget,
    FileWidget,
    ReferenceWidget,
    text_of,
)
from content_models.certificates.models import (
    Alternative,
    Certificate,
    CertificateChannel,
    CertificateEdition,
    CertificateItem,
    CertificateListPage,
)
from content_models.places.resources import SOURCE_AND_NOTE, SOURCE_COLUMNS, RegionalPageResource

Polarity = CertificateItem.Polarity
POLARITY_NAMES = {
    "未列入": Polarity.UNLISTED,
    "酌情": Polarity.UNLISTED,
    "不可出具": Polarity.MUST_NOT,
    "不再出具": Polarity.MUST_NOT,
    "取消": Polarity.MUST_NOT,
    "保留": Polarity.MAY,
    "可以出具": Polarity.MAY,
}


class CertificateWidget(ReferenceWidget):
    """A certificate of any list, written ``list/key``, else by its name."""

    def __init__(self) -> None:
        super().__init__("certificates.Certificate", by=("key", "name"))

    def candidates(self) -> list[tuple[int, list[str]]]:
        rows = Certificate.objects.order_by("pk").values_list("pk", "owner__slug", "key", "name")
        return [(pk, [f"{slug}/{key}", name]) for pk, slug, key, name in rows]


class CertificateListResource(RegionalPageResource):
    """Certificate lists; what a document states goes with its edition."""

    sheet_name = gettext_lazy("证明事项清单")
    channel = CertificateChannel

    slug = SheetField("slug", "网址名", aliases=("slug", "清单"), example="national-20")
    title = SheetField("title", "标题", aliases=("清单名称", "名称"), is_required=True)
    authority = SheetField("authority", "制定层级", aliases=("发布层级",), example="国家")
    intro = SheetField("intro", "简介", aliases=("说明文字",))
    source_file = SheetField("source_file", "来源文件", widget=FileWidget("wagtaildocs.Document"))
    is_demo = SheetField("is_demo", "演示数据", example="否")

    class Meta(RegionalPageResource.Meta):
        model = CertificateListPage


class CertificateEditionResource(EditionResource):
    """Editions (第N批) of certificate lists with the numbers their documents state."""

    sheet_name = gettext_lazy("证明清单版本")
    joined_columns = {"来源": SOURCE_COLUMNS}

    owner = SheetField(
        None, "网址名", widget=ReferenceWidget("certificates.CertificateListPage"), aliases=("清单",)
    )
    title = SheetField("title", "批次", aliases=("版次名称", "版本名称"), is_required=True, example="第一批")
    doc_no = SheetField("doc_no", "文号", example="民发〔2020〕20号")
    announced_on = SheetField("announced_on", "公布日期")
    effective_on = SheetField("effective_on", "生效日期", aliases=("施行日期",))
    repealed_on = SheetField("repealed_on", "废止日期")
    stated_surveyed = SheetField("stated_surveyed", "公布摸排数", aliases=("公布的梳理数",))
    stated_cancelled = SheetField("stated_cancelled", "公布取消数", aliases=("公布的取消数",))
    stated_retained = SheetField("stated_retained", "公布保留数", aliases=("公布的保留数",))
    source = SheetField("source", "来源")
    note = SheetField("note", "说明")

    class Meta(EditionResource.Meta):
        model = CertificateEdition

    def owner_of(self, row: Row) -> CertificateListPage:
        pk = self.fields["owner"].clean(row)
        if not pk:
            raise ValueError(_("没有写明是哪个清单。"))
        return CertificateListPage.objects.get(pk=pk)


class AlternativeResource(PartResource):
    """What to do instead of asking for a certificate."""

    sheet_name = gettext_lazy("不开证明怎么办")
    relation = "alternatives"
    owner = "item"
    key = ("kind", "text")
    joined_columns = {"内容": {"来源": "（来源：{}）"}}
    ignored_columns = ("清单",)

    item = SheetField("item__key", "编号", aliases=("证明名称", "证明"), is_required=True, readonly=True)
    order = OrderField()
    kind = SheetField("kind", "替代方式", aliases=("方式",), is_required=True, example="法定证照")
    text = SheetField("text", "内容", aliases=("说明",), is_required=True)
    department = SheetField("department", "承办部门", aliases=("去哪里",))
    link = SheetField("link", "链接")

    class Meta(PartResource.Meta):
        model = Alternative


class CertificateItemResource(EditionRowResource):
    """The items of one edition, with their alternatives as a further sheet (``alternatives=dataset``).

    With ``is_excerpt``, items keep their alternatives where that sheet has none of theirs.
    """

    sheet_name = gettext_lazy("证明事项")
    joined_columns = {"来源": SOURCE_AND_NOTE}
    ignored_columns = ("清单", "序号")

    key = SheetField("key", "编号", aliases=("标识", "key"), widget=DigitsWidget(), example="01")
    name = SheetField(
        "name", "名称", aliases=("证明名称", "证明事项", "事项名称"), is_required=True, example="亲属关系证明"
    )
    includes = SheetField("includes", "包含", aliases=("包含的证明",))
    aliases = SheetField("aliases", "别名", aliases=("俗称",))
    polarity = SheetField(
        "polarity",
        "属性",
        widget=ChoiceWidget(Polarity.choices, names=POLARITY_NAMES),
        aliases=("结论", "是否出具"),
        is_required=True,
        example="不应出具",
    )
    purpose = SheetField("purpose", "用途")
    demanding_units = SheetField("demanding_units", "索要单位")
    issuing_unit = SheetField("issuing_unit", "开具单位")
    legal_basis = SheetField("legal_basis", "依据")
    cancel_reason = SheetField(
        "cancel_reason", "取消原因", widget=CodeWidget("cancel_reason"), aliases=("取消理由",)
    )
    exceptions = SheetField("exceptions", "例外", aliases=("例外情形",))
    conditions = SheetField("conditions", "条件", aliases=("出具条件",))
    materials = SheetField("materials", "所需材料")
    steps = SheetField("steps", "步骤", aliases=("办理步骤",))
    time_limit = SheetField("time_limit", "时限", aliases=("办理时限",))
    sample_text = SheetField("sample_text", "证明式样")
    sample_document = SheetField("sample_document", "证明式样文件", widget=FileWidget("wagtaildocs.Document"))
    guide = SheetField("guide", "办事指南", widget=ReferenceWidget("guides.GuidePage"))
    status = SheetField("status", "状态", example="现行")
    changed_on = SheetField("changed_on", "变更日期", aliases=("变动日期",))
    source = SheetField("source", "来源")

    class Meta(EditionRowResource.Meta):
        model = CertificateItem

    def __init__(self, edition: CertificateEdition, **kwargs: Any) -> None:
        super().__init__(edition, **kwargs)
        self.alternatives = AlternativeResource()
        self.part_resources = {"alternatives": self.alternatives}
        # {part: {row of its sheet: rows of the main sheet}}, both from 1
        self.part_pages: dict[str, dict[int, list[int]]] = {}
        self.alternative_rows: dict[str, list[tuple[int, Row]]] | None = None
        self.with_new_alternatives: list[CertificateItem] = []

    def existing(self) -> Any:
        return super().existing().prefetch_related("alternatives")

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.with_new_alternatives = []
        sheet = kwargs.get("alternatives")
        self.part_pages = {"alternatives": {}}
        self.alternative_rows = self.alternatives.grouped(sheet) if sheet is not None else None

    def name_of(self, row: Row) -> str:
        return text_of(row.get("名称"))

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        super().import_parts(instance, row, **kwargs)
        if self.alternative_rows is None:
            return
        names = (instance.key, instance.name)
        rows = next((self.alternative_rows[name] for name in names if name in self.alternative_rows), [])
        for number, _row in rows:
            items = self.part_pages["alternatives"].setdefault(number, [])
            items.append(kwargs.get("row_number", 0))
        if not rows and kwargs.get("is_excerpt"):
            return
        if self.alternatives.bring(instance, rows):
            self.changes[str(self.alternatives.sheet_name)] = ("", "")
            self.with_new_alternatives.append(instance)
        self.problems.extend(self.alternatives.problems)
        self.alternatives.problems = []

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        if self.is_trial or self.problems:
            return
        items = self.with_new_alternatives
        Alternative.objects.filter(item__in=[item.pk for item in items]).delete()
        alternatives = [alternative for item in items for alternative in self._alternatives_of(item)]
        Alternative.objects.bulk_create(alternatives)

    def _alternatives_of(self, item: CertificateItem) -> list[Alternative]:
        alternatives = list(item.alternatives.all())
        for alternative in alternatives:
            alternative.pk, alternative.item = None, item
        return alternatives

    def link_guides(self, dataset: tablib.Dataset) -> int:
        """Point the rows of a public edition at guides that were made after it; returns how many changed.

        A link to a guide is no part of what the edition says, so no new edition is needed for it.
        """
        self.rename_headers(dataset)
        number = 0
        for row in dataset.dict:
            guide = self.fields["guide"].clean(row)
            items = CertificateItem.objects.filter(edition=self.edition, key=text_of(row["编号"]))
            number += items.filter(guide__isnull=True).update(guide=guide) if guide else 0
        return number
