"""Spreadsheets of service guides with their further sheets, and of provisions."""

import re
import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _lazy
from wagtail.models import Page

from content_models.base.bulk import batches
from content_models.base.resources import EditionRowResource, OrderField, PartResource, Row, SheetField
from content_models.base.widgets import (
    ChoiceWidget,
    CodesWidget,
    CodeWidget,
    DigitsWidget,
    FileWidget,
    NumberWidget,
    ReferencesWidget,
    ReferenceWidget,
    TextWidget,
    ValuesWidget,
    read_date,
    text_of,
)
from content_models.certificates.resources import CertificateWidget
from content_models.guides import national
from content_models.guides.models import (
    Fee,
    GuideChannel,
    GuidePage,
    GuideTranslation,
    LegalBasis,
    LevelChange,
    Material,
    Provision,
    Question,
    Step,
)
from content_models.guides.translations import Tongue, note_what_was_translated
from content_models.places.hours import UnreadableHours, parse_hours
from content_models.places.resources import (
    SOURCE_AND_NOTE,
    DepartmentWidget,
    RegionalPageResource,
    RegionField,
)

LEVEL_NAMES = {"镇街": "5", "街道": "5", "乡镇": "5", "区县": "4"}
SCOPE_NAMES = {"全镇街": "5", "全街道": "5", "跨社区": "6", "全区": "4"}
NECESSITY_NAMES = {"免交": "4", "数据共享": "4", "必须": "1", "必要材料": "1", "容缺": "3"}
SOURCE_NAMES = {"自备": "10", "政府核发": "20"}
DAYS = ("个工作日", "工作日", "个自然日", "自然日", "天", "日")


class OfficesWidget(ReferencesWidget):
    """Offices also as the national interface names them: name and address."""

    def __init__(self) -> None:
        super().__init__("places.OfficePage")

    def candidates(self) -> list[tuple[int, list[str]]]:
        addresses = dict(apps.get_model(self.model)._default_manager.values_list("pk", "address"))
        return [
            (pk, [*names, national.office_text(names[1], addresses.get(pk, ""))])
            for pk, names in super().candidates()
        ]


class GuidePartResource(PartResource):
    """A further sheet of guides."""

    owner = "guide"

    guide = SheetField(
        "page__slug",
        "指南",
        aliases=(
            "事项名称",
            "办事指南",
            national.TASK_GUID,
            "TASK_HANDLE_ITEM",
            "TASK_CODE",
            "CATALOG_CODE",
            "TASK_NAME",
        ),
        is_required=True,
        readonly=True,
        example="laonianzheng",
    )
    order = OrderField(aliases=("顺序", "ORDER_NUM"))


class MaterialResource(GuidePartResource):
    """What an applicant brings, or explicitly need not bring."""

    sheet_name = gettext_lazy("申请材料")
    relation = "materials"
    key = ("name", "condition")
    joined_columns = {"填报须知": {"说明": "{}"}}

    name = SheetField(
        "name", "材料名称", aliases=("MATERIAL_NAME", "材料"), is_required=True, example="居民身份证"
    )
    material_kind = SheetField(
        "material_kind",
        "形式",
        widget=ChoiceWidget(Material.Kind.choices, names=national.MATERIAL_KINDS),
        aliases=("材料类型", "MATERIAL_TYPE"),
        example="原件",
    )
    medium = SheetField(
        "medium",
        "介质",
        widget=ChoiceWidget(Material.Medium.choices, names=national.MEDIA),
        aliases=("材料形式", "MATERIAL_FORMAT"),
        example="均可",
    )
    necessity = SheetField(
        "necessity",
        "必要性",
        widget=CodeWidget("necessity", names=NECESSITY_NAMES),
        aliases=("IS_NEED", "是否必要", "材料必要性"),
        example="必要",
    )
    originals = SheetField("originals", "原件份数", aliases=("PAGE_NUM", "份数"), example="1")
    copies = SheetField("copies", "复印件份数", example="0")
    spec = SheetField("spec", "规格", aliases=("PAGE_FORMAT", "规格份数"), example="A4")
    source = SheetField(
        "source",
        "来源渠道",
        widget=CodeWidget("material_source", names=SOURCE_NAMES),
        aliases=("SOURCE_TYPE", "材料来源"),
        example="申请人自备",
    )
    source_note = SheetField("source_note", "来源说明")
    issuer = SheetField("issuer", "核发机关", aliases=("出具单位",))
    blank_form = SheetField(
        "blank_form",
        "空白表格",
        widget=FileWidget("wagtaildocs.Document"),
        aliases=("FORM_GUID", "表格下载"),
    )
    sample_form = SheetField(
        "sample_form",
        "样表",
        widget=FileWidget("wagtaildocs.Document"),
        aliases=("EXAMPLE_GUID", "填写样表"),
    )
    fill_note = SheetField("fill_note", "填报须知", aliases=("FILL_EXPLAIN",))
    accept_standard = SheetField("accept_standard", "受理标准", aliases=("ACCEPT_STAND", "审查要点"))
    legal_basis_note = SheetField("legal_basis_note", "法律依据", aliases=("BY_LAW", "材料依据"))
    condition = SheetField("condition", "适用情形")
    certificate = SheetField("certificate", "证明事项", widget=CertificateWidget(), aliases=("对应的证明",))

    class Meta(GuidePartResource.Meta):
        model = Material

    def built(self, rows: Iterable[tuple[int, Row]], existing: Sequence[Any]) -> list[Any]:
        """A sheet without 适用情形, as the national one is, means the materials of that name there were."""
        rows, column = list(rows), self.fields["condition"].title
        if any(column in row for _number, row in rows):
            return super().built(rows, existing)
        conditions: dict[str, list[str]] = {}
        for part in existing:
            conditions.setdefault(part.name, []).append(part.condition)
        name = self.fields["name"].title
        told = []
        for number, row in rows:
            known = conditions.get(text_of(row.get(name)))
            told.append((number, {**row, column: known.pop(0)} if known else row))
        return super().built(told, existing)


class StepResource(GuidePartResource):
    """The steps an application goes through."""

    sheet_name = gettext_lazy("办理流程")
    relation = "steps"
    key = ("name", "who")

    name = SheetField("name", "环节", aliases=("环节名称", "HANDLE_FLOW"), is_required=True, example="受理")
    who = SheetField("who", "办理人", aliases=("办理人员",))
    limit = SheetField("limit", "时限", aliases=("办理时限",), example="当场")
    standard = SheetField("standard", "标准", aliases=("审查标准",))
    result = SheetField("result", "结果", aliases=("办理结果",))

    class Meta(GuidePartResource.Meta):
        model = Step


class FeeResource(GuidePartResource):
    """What it costs and on what grounds."""

    sheet_name = gettext_lazy("收费")
    relation = "fees"
    key = ("name",)

    name = SheetField("name", "收费项目", aliases=("收费项目名称",), is_required=True)
    standard = SheetField("standard", "收费标准")
    basis = SheetField("basis", "收费依据", aliases=("FEE_BASIS",))
    is_reducible = SheetField("is_reducible", "可否减免", aliases=("可减免",), example="否")
    note = SheetField("note", "说明")

    class Meta(GuidePartResource.Meta):
        model = Fee


class LegalBasisResource(GuidePartResource):
    """The documents a service stands on."""

    sheet_name = gettext_lazy("设定依据")
    relation = "legal_basis"
    key = ("law", "article")

    law = SheetField("law", "依据名称", aliases=("法律法规名称", "设定依据", "BY_LAW"), is_required=True)
    doc_no = SheetField("doc_no", "文号", example="国办发〔2018〕47号")
    article = SheetField("article", "条款", aliases=("条款号",), example="第四十四条")
    text = SheetField("text", "内容", aliases=("条文内容",))

    class Meta(GuidePartResource.Meta):
        model = LegalBasis


class QuestionResource(GuidePartResource):
    """Questions residents ask, with answers."""

    sheet_name = gettext_lazy("常见问题")
    relation = "faqs"
    key = ("question",)

    question = SheetField("question", "问题", is_required=True)
    answer = SheetField("answer", "回答", aliases=("解答", "答案"))

    class Meta(GuidePartResource.Meta):
        model = Question


class LevelChangeResource(GuidePartResource):
    """Where a service was handled before, and since when it is handled elsewhere."""

    sheet_name = gettext_lazy("办理层级变化")
    relation = "level_changes"
    key = ("on", "from_level")
    joined_columns = {"文件": {"来源": "；来源：{}", "来源日期": "，{}"}}
    ignored_columns = ("日期精度", "原区划代码", "现区划代码")

    change_kind = SheetField("change_kind", "类型", aliases=("变化",), is_required=True, example="下沉社区")
    on = SheetField("on", "日期", example="2017-09-30")
    on_text = SheetField("on_text", "日期写法", example="2017年9月")
    from_level = SheetField("from_level", "原办理地点", is_required=True, example="街道服务大厅")
    to_level = SheetField("to_level", "现办理地点", example="社区党群服务中心")
    document = SheetField("document", "文件", aliases=("依据或来源",))
    note = SheetField("note", "说明")

    class Meta(GuidePartResource.Meta):
        model = LevelChange

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        precision = text_of(row.get("日期精度"))
        if precision in ("月", "年") and not text_of(row.get("日期写法")):
            day = read_date(text_of(row["日期"]))
            row["日期写法"] = _("%(year)d年") % {"year": day.year}
            if precision == "月":
                row["日期写法"] += _("%(month)d月") % {"month": day.month}


class TranslationResource(GuidePartResource):
    """Guides in other languages."""

    sheet_name = gettext_lazy("其他语言")
    relation = "in_other_languages"
    key = ("language",)

    language = SheetField(
        "language", "语言", widget=ChoiceWidget(Tongue.choices), is_required=True, example="English"
    )
    translated_on = SheetField("translated_on", "翻译日期", example="2026-10-15")
    title = SheetField("title", "译名", is_required=True, example="Apply for a Senior Citizen Card")
    summary = SheetField("summary", "译文说明")
    who = SheetField("who", "译文：谁可以办")
    materials = SheetField("materials", "译文：带什么材料")
    steps = SheetField("steps", "译文：怎么办")
    where = SheetField("where", "译文：地点、时间和收费")

    class Meta(GuidePartResource.Meta):
        model = GuideTranslation

    def renewed(self, before: Any, part: Any, row: Row) -> Any:
        renewed = super().renewed(before, part, row)
        if renewed.translated_on != before.translated_on:
            renewed.made_from = ""  # translated anew
        return renewed


class GuideResource(RegionalPageResource):
    """Service guides."""

    sheet_name = gettext_lazy("办事指南")
    channel = GuideChannel
    joined_columns = {"来源": SOURCE_AND_NOTE, "核对人": {"内容责任单位": "，{}"}}
    ignored_columns = ("地点", *national.ONLY_WRITTEN)
    parts = {
        "materials": MaterialResource,
        "steps": StepResource,
        "fees": FeeResource,
        "legal_basis": LegalBasisResource,
        "faqs": QuestionResource,
        "level_changes": LevelChangeResource,
        "translations": TranslationResource,
    }

    slug = SheetField("slug", "网址名", aliases=("slug",), example="laonianzheng")
    title = SheetField(
        "title",
        "事项名称",
        aliases=("TASK_NAME", "名称", "标题", "事项"),
        is_required=True,
        example="老年人优待证办理",
    )
    full_name = SheetField("full_name", "事项全称")
    short_title = SheetField("short_title", "简称", example="老年证")
    everyday_names = SheetField(
        "everyday_names", "俗称", aliases=("别名", "俗称/别名"), example="老年证；敬老卡"
    )
    summary = SheetField("summary", "一句话说明", aliases=("摘要",))
    base_code = SheetField(
        "base_code", "基本编码", widget=DigitsWidget(), aliases=("CATALOG_CODE",), example="999900000001"
    )
    impl_code = SheetField("impl_code", "实施编码", widget=DigitsWidget(), aliases=("TASK_CODE",))
    handle_item_code = SheetField(
        "handle_item_code", "业务办理项编码", widget=DigitsWidget(), aliases=("TASK_HANDLE_ITEM",)
    )
    item_type = SheetField("item_type", "事项类型", aliases=("TASK_TYPE",), example="公共服务")
    power_source = SheetField("power_source", "权力来源", aliases=("POWER_SOURCE",))
    exercise_levels = SheetField(
        "exercise_levels",
        "行使层级",
        widget=CodesWidget("level", names=LEVEL_NAMES),
        aliases=("USE_LEVEL",),
        example="镇街；村社区",
    )
    department = SheetField(
        "department",
        "实施主体",
        widget=DepartmentWidget(),
        aliases=("DEPT_NAME", "实施机构", "主管部门"),
        example="qu-minzheng",
    )
    department_uscc = SheetField(
        "department_uscc", "统一社会信用代码", widget=DigitsWidget(), aliases=("DEPT_CODE",)
    )
    joint_departments = SheetField("joint_departments", "联办机构")
    entrusted_by = SheetField("entrusted_by", "委托部门")
    service_objects = SheetField(
        "service_objects", "服务对象", aliases=("SERVER_TYPE", "办理对象"), example="自然人"
    )
    topics = SheetField(
        "topics",
        "主题",
        widget=ReferencesWidget("base.Topic", by=("slug", "name")),
        aliases=("主题分类",),
        example="养老",
    )
    audiences = SheetField(
        "audiences",
        "人群",
        widget=ReferencesWidget("base.Audience", by=("slug", "name")),
        aliases=("服务人群",),
        example="老年人",
    )
    conditions = SheetField(
        "conditions", "受理条件", aliases=("ACCEPT_CONDITION", "办理条件", "申请条件", "办理条件及要求")
    )
    case_type = SheetField("case_type", "办件类型", aliases=("PROJECT_TYPE",), example="即办件")
    legal_days = SheetField(
        "legal_days",
        "法定时限",
        widget=NumberWidget(is_whole=True, units=DAYS),
        aliases=("ANTICIPATE_DAY", "法定办结时限", "法定期限"),
        example="30",
    )
    legal_unit = SheetField("legal_unit", "法定时限单位", aliases=("ANTICIPATE_TYPE",), example="工作日")
    legal_note = SheetField("legal_note", "法定时限说明")
    promised_days = SheetField(
        "promised_days",
        "承诺时限",
        widget=NumberWidget(is_whole=True, units=DAYS),
        aliases=("PROMISE_DAY", "承诺办结时限", "承诺期限"),
        example="0",
    )
    promised_unit = SheetField("promised_unit", "承诺时限单位", aliases=("PROMISE_TYPE",), example="工作日")
    promised_note = SheetField("promised_note", "承诺时限说明")
    needs_no_materials = SheetField("needs_no_materials", "无需材料", example="否")
    is_charged = SheetField("is_charged", "是否收费", aliases=("IS_FEE", "收费"), example="否")
    has_online_payment = SheetField("has_online_payment", "支持网上支付", example="否")
    handle_forms = SheetField(
        "handle_forms", "办理形式", aliases=("HANDLE_TYPE", "办理方式"), example="窗口；网上"
    )
    visits = SheetField(
        "visits",
        "到现场次数",
        widget=NumberWidget(is_whole=True, units=("次",)),
        aliases=("LIMIT_SCENE_NUM", "到办事现场次数"),
        example="1",
    )
    visit_reason = SheetField(
        "visit_reason", "必须现场办理原因", aliases=("LIMIT_SCENE_EXPLAIN",), example="要当面核对本人身份"
    )
    common_scope = SheetField(
        "common_scope", "通办范围", widget=CodesWidget("common_scope", names=SCOPE_NAMES), example="全市"
    )
    has_appointment = SheetField("has_appointment", "支持预约", aliases=("可预约", "是否支持预约"))
    has_express = SheetField("has_express", "支持快递", aliases=("可快递", "是否支持快递"))
    has_self_service = SheetField("has_self_service", "支持自助", aliases=("可自助",))
    proxy_service = SheetField("proxy_service", "帮办代办")
    online_url = SheetField("online_url", "网办地址", aliases=("ONLINE_HANDLE_URL",))
    online_depth = SheetField("online_depth", "网办深度", example="咨询；受理")
    mobile_url = SheetField("mobile_url", "移动端地址", aliases=("手机办理地址",))
    offices = SheetField(
        "offices",
        "办理场所",
        widget=OfficesWidget(),
        aliases=("办理地点", "办理窗口", "TRANSACT_ADDR"),
    )
    result_type = SheetField("result_type", "结果类型", aliases=("审批结果类型",), example="出证")
    result_name = SheetField("result_name", "结果名称", aliases=("审批结果名称",))
    result_sample = SheetField(
        "result_sample", "结果样本", widget=FileWidget("wagtaildocs.Document"), aliases=("样本",)
    )
    delivery = SheetField("delivery", "送达方式", aliases=("结果送达方式",), example="当场领取")
    flow_image = SheetField("flow_image", "流程图", widget=FileWidget("wagtailimages.Image"))
    flow_image_alt = SheetField("flow_image_alt", "流程图替代文字", aliases=("流程图文字说明",))
    consult_phone = SheetField(
        "consult_phone", "咨询电话", aliases=("LINK_WAY", "联系电话"), example="0000-55551011"
    )
    complaint_phone = SheetField(
        "complaint_phone",
        "监督投诉电话",
        aliases=("SUPERVISE_WAY", "投诉电话", "监督电话"),
        example="0000-55551012",
    )
    status = SheetField(
        "status",
        "状态",
        widget=ChoiceWidget(GuidePage.Status.choices, names=national.STATES),
        aliases=("TASK_STATE", "事项状态"),
        example="在用",
    )
    effective_on = SheetField("effective_on", "生效日期", aliases=("启用日期",), example="2026-01-01")
    cancel_on = SheetField("cancel_on", "取消日期")
    checked_on = SheetField("checked_on", "最近核对日期", aliases=("核对日期",))
    checked_by = SheetField("checked_by", "核对人")
    review_due = SheetField("review_due", "下次核对日期")
    source = SheetField("source", "来源")
    is_demo = SheetField("is_demo", "演示数据", example="否")
    guid = SheetField(None, national.GUID, is_only_read=True, help_text=_lazy("国家接口里事项的标识。"))
    town = SheetField(None, "TOWN_CODE", is_only_read=True, help_text=_lazy("没有社区代码时所属的街道。"))
    by_law = SheetField(
        None, "BY_LAW", is_only_read=True, widget=TextWidget(), help_text=_lazy("设定依据，每行一条。")
    )
    handle_flow = SheetField(
        None,
        "HANDLE_FLOW",
        is_only_read=True,
        widget=TextWidget(),
        help_text=_lazy("办理流程，每行一个环节。"),
    )

    class Meta(RegionalPageResource.Meta):
        model = GuidePage

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Pages by the mark that the national interface knows them by; 0 for one that this file makes
        self.by_guid: dict[uuid.UUID, int] = {}

    # The national interface: what tells a guide, where it stands, what it says in one cell

    @property
    def part_keys(self) -> tuple[str, ...]:
        return ("slug", "guid", "handle_item_code", "impl_code", "base_code", "title")

    def expect(self, rows: Sequence[Row]) -> None:
        super().expect(rows)
        self.by_guid = {}
        for batch in batches({guid for row in rows if (guid := self.guid_in(row))}):
            pages = Page.objects.filter(translation_key__in=batch)
            self.by_guid |= dict(pages.values_list("translation_key", "pk"))

    def guid_in(self, row: Row) -> uuid.UUID | None:
        try:
            return uuid.UUID(text_of(row.get(national.GUID)))
        except ValueError:
            return None

    def find(self, row: Row, parent: Page | None) -> Any:
        guid = self.guid_in(row)
        found = self.get_queryset().filter(pk=self.by_guid.get(guid)).first() if guid else None
        return found or super().find(self.with_region(row), parent)

    def parent_for(self, row: Row) -> Page | None:
        return super().parent_for(self.with_region(row))

    def with_region(self, row: Row) -> Row:
        """Without a community's code the street's says where a guide stands."""
        region, town = self.fields["region"].title, self.fields["town"].title
        if text_of(row.get(region)) or not text_of(row.get(town)):
            return row
        return {**row, region: row[town]}

    def init_instance(self, row: Row | None = None) -> Any:
        page = super().init_instance(row)
        guid = self.guid_in(row or {})
        if guid is not None and guid not in self.by_guid:  # by which the next file finds it
            page.translation_key = guid
            self.by_guid[guid] = 0
        return page

    def import_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        if instance.pk is not None:
            row = {column: cell for column, cell in row.items() if not self.is_said(instance, column, cell)}
        super().import_instance(instance, row, **kwargs)

    def is_said(self, guide: Any, column: str, cell: Any) -> bool:
        """Whether a cell says just what the national interface would say of a guide, which holds more."""
        name = self.lossy_columns.get(column, "")
        text = " ".join(text_of(cell).split())
        return bool(name and text) and text == " ".join(national.LOSSY[name](guide).split())

    @cached_property
    def lossy_columns(self) -> dict[str, str]:
        return {self.fields[name].title: name for name in national.LOSSY}

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        super().import_parts(instance, row, **kwargs)
        for column, name, line_of, cells_of in TOLD_IN_LINES:
            text = text_of(row.get(column))
            if text and name not in self.part_rows:
                self.bring_lines(instance, kwargs.get("row_number", 0), column, name, text, line_of, cells_of)
        new = [each for each in instance.in_other_languages.all() if not each.made_from]
        note_what_was_translated(instance, new)

    def bring_lines(
        self, guide: Any, number: int, column: str, name: str, text: str, line_of: Any, cells_of: Any
    ) -> None:
        """Make the parts of a guide those that the lines of one cell tell; known lines keep all they have."""
        part = self.part_resources[name]
        known = {line_of(each): each for each in getattr(guide, part.relation).all()}
        lines = [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]
        if lines == list(known):
            return
        rows = [
            (place, told_by(part, known[line]) if line in known else cells_of(line))
            for place, line in enumerate(lines, 1)
        ]
        if part.bring(guide, rows):
            self.changes[str(part.sheet_name)] = ("", "")
        for problem in part.problems:
            message = _("格子里第 %(line)d 行：%(message)s") % {
                "line": problem.row - 1,
                "message": problem.message,
            }
            self.refuse(number, column, problem.value, message)
        part.problems = []


def told_by(part: PartResource, thing: Any) -> Row:
    """A part as the row that makes it again."""
    fields = (each for each in part.fields.values() if each.attribute and not each.readonly)
    return {each.title: each.export(thing) for each in fields}


def basis_cells(line: str) -> Row:
    """法律（文号）条款：条文, of which only the first need be there."""
    found = _BASIS.fullmatch(line)
    law, doc_no, article, text = found.groups("") if found else (line, "", "", "")
    return {"依据名称": law, "文号": doc_no, "条款": article, "内容": text}


def step_cells(line: str) -> Row:
    name, _colon, rest = line.partition("：")
    return {"环节": name, "标准": rest}


_BASIS = re.compile(
    r"([^：]+?)(?:（([^（）]*号)）)?(第[零〇一二三四五六七八九十百千\d]+条[^：]{0,40})?(?:：(.*))?"
)
# Parts that the interface tells in one cell: its name, the part, the line of one, and the cells of a line.
TOLD_IN_LINES = [
    ("BY_LAW", "legal_basis", national.basis_line, basis_cells),
    ("HANDLE_FLOW", "steps", national.step_line, step_cells),
]


class ProvisionResource(EditionRowResource):
    """Who offers which service, where and when: the rows of one community or street."""

    sheet_name = gettext_lazy("服务安排")
    ignored_columns = ("地点",)

    key = SheetField(None, "编号")
    region = RegionField()
    guide = SheetField(
        "guide",
        "指南",
        widget=ReferenceWidget("guides.GuidePage"),
        aliases=("办事指南", "事项名称", "TASK_NAME"),
        is_required=True,
        example="laonianzheng",
    )
    is_offered = SheetField("is_offered", "是否办理", aliases=("本地办理",), example="是")
    reason = SheetField("reason", "不办理原因", aliases=("不办理的原因",))
    go_to = SheetField(
        "go_to", "改去场所", widget=ReferenceWidget("places.OfficePage"), aliases=("请到这里办理",)
    )
    office = SheetField(
        "office", "办理场所", widget=ReferenceWidget("places.OfficePage"), aliases=("办理地点", "场所")
    )
    window = SheetField("window", "窗口号", widget=DigitsWidget(), aliases=("窗口",), example="1")
    hours = SheetField("hours", "办理时间", aliases=("TRANSACT_TIME",), example="周一至周五 09:00-12:00")
    phone = SheetField("phone", "电话", aliases=("LINK_WAY", "咨询电话"))
    promised_days = SheetField(
        "promised_days",
        "承诺时限",
        widget=NumberWidget(is_whole=True, units=DAYS),
        aliases=("PROMISE_DAY", "承诺办结时限"),
    )
    promised_unit = SheetField("promised_unit", "承诺时限单位", aliases=("PROMISE_TYPE",), example="工作日")
    waived_materials = SheetField("waived_materials", "免交材料", widget=ValuesWidget())
    note = SheetField("note", "说明", aliases=("备注",))

    class Meta(EditionRowResource.Meta):
        model = Provision

    def key_for(self, row: Row) -> str:
        try:
            return f"guide-{self.fields['guide'].clean(row)}"
        except ValueError:
            return ""  # said when the cell itself is read

    def import_parts(self, instance: Provision, row: Row, **kwargs: Any) -> None:
        super().import_parts(instance, row, **kwargs)
        instance.key = instance.key or row["编号"]
        number = kwargs.get("row_number", 0)
        if not instance.is_offered and not instance.reason:
            self.refuse(number, "不办理原因", "", _("不办理的，请写明原因。"))
        try:
            parse_hours(instance.hours)
        except UnreadableHours as error:
            self.refuse(number, "办理时间", instance.hours, str(error))

    def dehydrate_region(self, instance: Provision) -> str:
        return self.edition.owner.region_code or self.edition.owner.title
