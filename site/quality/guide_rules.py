"""The rules of DOMAIN 4 for guides, each a check; and how complete a guide is.

Some of them the guide also keeps by itself, whatever is set here: charges need fees (6), the two phones are
not the same text (7), the promised limit keeps within the legal one of the same unit (11).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.checks import Finding, Level, Mend
from content_models.base.widgets import plain_text
from content_models.guides.models import GuidePage
from quality.review import check, found
from quality.text_rules import catch_alls, is_vague

# Codes of the code lists in content_models/base; editors may change their labels, not their meaning.
LICENCE = "1"  # item_type
NATURAL_PERSON = "1"  # service_object
INSTANT = "1"  # case_type
ONLINE, BY_POST = "2", "3"  # handle_form
HANDLED_ONLINE = "5"  # online_depth
CERTIFICATE_ISSUED = "1"  # result_type
WORKDAYS, DAYS = "W", "N"

LICENCE_STEPS = 5
NOTHING = ("", "无")
PERSONAL_TOPICS = re.compile("养老|老年|生育|婚姻|殡葬|助残|残疾|救助|低保|退役军人|户籍")
BUSINESS_TOPICS = re.compile("企业|法人")
# A landline with its area code, and one that may lack it: seven or eight digits that nothing stands before.
_WITH_AREA_CODE = re.compile(r"(?<![0-9])0[0-9]{2,3}[ )）\-]{0,2}[0-9]{3,4}[ \-]?[0-9]{4}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9\-])[0-9]{3,4}[ \-]?[0-9]{4}(?![0-9\-])")
_SHORT_CODE = re.compile(r"(?:400|800)[ \-]?[0-9]{3}[ \-]?[0-9]{4}")


@dataclass(frozen=True)
class MaterialFacts:
    name: str
    fill_note: str = ""
    accept_standard: str = ""
    condition: str = ""
    has_form: bool = False


@dataclass(frozen=True)
class StepFacts:
    name: str
    standard: str = ""


@dataclass(frozen=True)
class FeeFacts:
    name: str
    standard: str = ""
    basis: str = ""


@dataclass(frozen=True)
class GuideFacts:
    """What a guide says, as plain data; codes as stored, rich text as text."""

    title: str
    department: str = ""
    item_type: str = ""
    service_objects: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()
    conditions: str = ""
    case_type: str = ""
    legal_days: int | None = None
    legal_unit: str = WORKDAYS
    legal_note: str = ""
    promised_days: int | None = None
    promised_unit: str = WORKDAYS
    promised_note: str = ""
    needs_no_materials: bool = False
    materials: tuple[MaterialFacts, ...] = ()
    steps: tuple[StepFacts, ...] = ()
    is_charged: bool = False
    has_online_payment: bool = False
    fees: tuple[FeeFacts, ...] = ()
    handle_forms: tuple[str, ...] = ()
    visits: int | None = None
    visit_reason: str = ""
    has_express: bool = False
    online_url: str = ""
    online_depth: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    has_hours: bool = False
    result_type: str = ""
    result_name: str = ""
    has_result_sample: bool = False
    delivery: tuple[str, ...] = ()
    consult_phone: str = ""
    complaint_phone: str = ""
    faqs: tuple[str, ...] = ()

    @property
    def is_online(self) -> bool:
        return bool(self.online_url) or ONLINE in self.handle_forms

    @property
    def is_wholly_online(self) -> bool:
        return HANDLED_ONLINE in self.online_depth or set(self.handle_forms) == {ONLINE}


def of_page(guide: Any, *, with_places: bool = True) -> GuideFacts:
    """What a GuidePage says, also one that is still a draft; its department and offices only if asked for."""
    offices = list(guide.offices.all()) if with_places else []
    return GuideFacts(
        title=guide.title,
        department=str(guide.department or "") if with_places else "",
        item_type=guide.item_type,
        service_objects=tuple(guide.service_objects),
        topics=tuple(topic.name for topic in guide.topics.all()),
        audiences=tuple(audience.name for audience in guide.audiences.all()),
        legal_basis=tuple(basis.law for basis in guide.legal_basis.all()),
        conditions=plain_text(guide.conditions),
        case_type=guide.case_type,
        legal_days=guide.legal_days,
        legal_unit=guide.legal_unit,
        legal_note=guide.legal_note,
        promised_days=guide.promised_days,
        promised_unit=guide.promised_unit,
        promised_note=guide.promised_note,
        needs_no_materials=guide.needs_no_materials,
        materials=tuple(
            MaterialFacts(
                name=material.name,
                fill_note=material.fill_note,
                accept_standard=material.accept_standard,
                condition=material.condition,
                has_form=material.blank_form_id is not None,
            )
            for material in guide.materials.all()
        ),
        steps=tuple(StepFacts(step.name, step.standard) for step in guide.steps.all()),
        is_charged=guide.is_charged,
        has_online_payment=guide.has_online_payment,
        fees=tuple(FeeFacts(fee.name, fee.standard, fee.basis) for fee in guide.fees.all()),
        handle_forms=tuple(guide.handle_forms),
        visits=guide.visits,
        visit_reason=guide.visit_reason,
        has_express=guide.has_express,
        online_url=guide.online_url or guide.mobile_url,
        online_depth=tuple(guide.online_depth),
        offices=tuple(office.title for office in offices),
        has_hours=any(office.hours.all() for office in offices),
        result_type=guide.result_type,
        result_name=guide.result_name,
        has_result_sample=guide.result_sample_id is not None,
        delivery=tuple(guide.delivery),
        consult_phone=guide.consult_phone,
        complaint_phone=guide.complaint_phone,
        faqs=tuple(question.question for question in guide.faqs.all()),
    )


def of_guide(thing: Any) -> GuideFacts | None:
    return of_page(thing, with_places=False) if isinstance(thing, GuidePage) else None


Rule = Callable[[GuideFacts], Iterator[Finding]]


def rule(code: str, name: Any, wants: Any, *, level: Level = "warning") -> Callable[[Rule], Rule]:
    """Make a function of what a guide says a check of guides."""

    def register(ask: Rule) -> Rule:
        check(code, name, level=level, wants=wants, of=of_guide)(ask)
        return ask

    return register


@rule(
    "guide-instant",
    gettext_lazy("即办件与承诺时限"),
    gettext_lazy("承诺当场办结的是即办件，即办件承诺当场办结。"),
)
def instant_cases(guide: GuideFacts) -> Iterator[Finding]:
    if guide.promised_days is None or not guide.case_type:
        return
    if guide.promised_days == 0 and guide.case_type != INSTANT:
        yield found(
            _("承诺当场办结，“办件类型”请改为“即办件”；不是当场办结，请写明天数。"),
            "case_type",
            mend=Mend(_("改为即办件"), "case_type", INSTANT),
        )
    if guide.promised_days > 0 and guide.case_type == INSTANT:
        yield found(
            _("即办件要当场办结，“承诺办结时限”请填 0，或把“办件类型”改为“承诺件”。"),
            "promised_days",
            mend=Mend(_("时限改为 0"), "promised_days", "0"),
        )


@rule(
    "guide-certificate-result",
    gettext_lazy("办理结果是证的选“出证”"),
    gettext_lazy("结果名称以“证”结尾，结果类型就是出证。"),
)
def certificate_results(guide: GuideFacts) -> Iterator[Finding]:
    if guide.result_name.strip().endswith("证") and guide.result_type != CERTIFICATE_ISSUED:
        yield found(
            _("办理结果是一种证，“审批结果类型”请选“出证”。"),
            "result_type",
            mend=Mend(_("选“出证”"), "result_type", CERTIFICATE_ISSUED),
        )


@rule(
    "guide-visit-reason",
    gettext_lazy("必须到现场的原因"),
    gettext_lazy("要到现场的写明原因；不用到现场的，原因填“无”。"),
)
def visit_reasons(guide: GuideFacts) -> Iterator[Finding]:
    reason = guide.visit_reason.strip()
    if guide.visits and reason in NOTHING:
        yield found(_("要到现场办理，请写明“必须现场办理原因”。"), "visit_reason")
    if guide.visits == 0 and reason != "无":
        yield found(
            _("不用到现场，“必须现场办理原因”请填“无”。"),
            "visit_reason",
            mend=Mend(_("填“无”"), "visit_reason", "无"),
        )


@rule(
    "guide-express",
    gettext_lazy("不到现场的要能快递"),
    gettext_lazy("不用到现场、又不能网上办的，要支持快递。"),
)
def express_without_visits(guide: GuideFacts) -> Iterator[Finding]:
    by_post = guide.has_express or BY_POST in guide.handle_forms
    if guide.visits == 0 and not guide.is_online and not by_post:
        yield found(
            _("不用到现场，也不能网上办，请勾选“可快递”，或更正“到现场次数”。"),
            "has_express",
            mend=Mend(_("勾选“可快递”"), "has_express", "1"),
        )


@rule(
    "guide-wholly-online",
    gettext_lazy("全程网办不到现场"),
    gettext_lazy("全程网上办理的，到现场次数是 0。"),
)
def online_without_visits(guide: GuideFacts) -> Iterator[Finding]:
    if guide.is_wholly_online and guide.visits != 0:
        yield found(
            _("全程网上办理，“到现场次数”请填 0；还要到现场，请更正“网办深度”或“办理形式”。"),
            "visits",
            mend=Mend(_("次数改为 0"), "visits", "0"),
        )


@rule(
    "guide-charges",
    gettext_lazy("收费写明项目和依据"),
    gettext_lazy(
        "收费的列出项目和依据；不收费的，不列收费项目，也不能支持网上支付。勾了收费就要有收费项目，停用后也一样。"
    ),
    level="error",
)
def charges(guide: GuideFacts) -> Iterator[Finding]:
    if not guide.is_charged and guide.has_online_payment:
        yield found(
            _("不收费的事项不能“支持网上支付”，请去掉勾选。"),
            "has_online_payment",
            mend=Mend(_("去掉勾选"), "has_online_payment", ""),
        )
    if not guide.is_charged and guide.fees:
        yield found(
            _("列了收费项目，请勾选“是否收费”，或删去收费项目。"),
            "is_charged",
            mend=Mend(_("勾选“是否收费”"), "is_charged", "1"),
        )
    for row, fee in enumerate(guide.fees):
        if not fee.basis.strip():
            yield found(_("请写明“%(fee)s”的收费依据。") % {"fee": fee.name}, "fees.basis", row=row)


PHONES = {"consult_phone": gettext_lazy("咨询电话"), "complaint_phone": gettext_lazy("监督投诉电话")}


@rule(
    "guide-area-code",
    gettext_lazy("电话带区号"),
    gettext_lazy("座机写上区号；12345 等短号、400 电话和手机不用。"),
)
def area_codes(guide: GuideFacts) -> Iterator[Finding]:
    for field, name in PHONES.items():
        if lacks_area_code(getattr(guide, field)):
            yield found(_("“%(field)s”请带上区号，例如 0592-2020001。") % {"field": name}, field)


@rule(
    "guide-phones-differ",
    gettext_lazy("咨询和投诉是两个电话"),
    gettext_lazy("监督投诉电话与咨询电话不是同一个号码。写得一模一样的，停用后也不能保存。"),
    level="error",
)
def two_phones(guide: GuideFacts) -> Iterator[Finding]:
    consult, complaint = (re.sub(r"\D", "", getattr(guide, field)) for field in PHONES)
    if consult and consult == complaint and guide.consult_phone != guide.complaint_phone:
        yield found(_("“监督投诉电话”与“咨询电话”是同一个号码，请换一个。"), "complaint_phone")


def lacks_area_code(phone: str) -> bool:
    """Whether a landline stands without area code; 12345, 400 numbers and mobiles have none."""
    if _WITH_AREA_CODE.search(phone):
        return False  # the others of the list share it
    return bool(_LANDLINE.search(_SHORT_CODE.sub("", phone)))


@rule(
    "guide-objects-topics",
    gettext_lazy("服务对象与分类一致"),
    gettext_lazy("给个人办的分类，服务对象有自然人；给企业办的，有企业。"),
)
def objects_and_topics(guide: GuideFacts) -> Iterator[Finding]:
    if not guide.service_objects:
        return
    people = [*guide.audiences, *filter(PERSONAL_TOPICS.search, guide.topics)]
    if people and NATURAL_PERSON not in guide.service_objects:
        yield found(
            _("“%(topic)s”是给个人办的，“服务对象”请加上“自然人”，或更正分类。")
            % {"topic": "、".join(people)},
            "service_objects",
            mend=Mend(_("加上“自然人”"), "service_objects", NATURAL_PERSON),
        )
    firms = list(filter(BUSINESS_TOPICS.search, guide.topics))
    if firms and set(guide.service_objects) == {NATURAL_PERSON}:
        yield found(
            _("“%(topic)s”是给企业办的，“服务对象”请加上企业，或更正分类。") % {"topic": "、".join(firms)},
            "service_objects",
        )


@rule(
    "guide-licence",
    gettext_lazy("行政许可写全环节和问答"),
    gettext_lazy("行政许可至少有一个常见问题、五个办理环节。"),
)
def licences(guide: GuideFacts) -> Iterator[Finding]:
    if guide.item_type != LICENCE:
        return
    if not guide.faqs:
        yield found(_("行政许可事项请写至少一个“常见问题”。"), "faqs")
    if len(guide.steps) < LICENCE_STEPS:
        yield found(
            _("行政许可事项的“办理流程”请写全 %(wanted)d 个环节，现有 %(number)d 个。")
            % {"wanted": LICENCE_STEPS, "number": len(guide.steps)},
            "steps",
        )


@rule("guide-result-sample", gettext_lazy("办理结果有样本"), gettext_lazy("写了结果名称的，上传结果样本。"))
def result_samples(guide: GuideFacts) -> Iterator[Finding]:
    if guide.result_name.strip() not in NOTHING and not guide.has_result_sample:
        yield found(_("写了结果名称，请上传“结果样本”。"), "result_sample")


@rule(
    "guide-limits",
    gettext_lazy("承诺时限不超过法定时限"),
    gettext_lazy(
        "承诺的天数不比法定的多；一个按工作日、一个按自然日时也比较。单位相同的，停用后也不能保存。"
    ),
    level="error",
)
def limits_across_units(guide: GuideFacts) -> Iterator[Finding]:
    """So many working days are never fewer than as many days; the other way round nothing is certain."""
    if guide.legal_days is None or guide.promised_days is None:
        return
    if (guide.promised_unit, guide.legal_unit) == (WORKDAYS, DAYS) and guide.promised_days > guide.legal_days:
        yield found(_("承诺的工作日换算后超过“法定办结时限”，请核对两个时限和单位。"), "promised_days")


@rule(
    "guide-vague",
    gettext_lazy("没有写清的内容"),
    gettext_lazy("不只写“按规定”“符合条件”“详见附件”“待定”，要写具体内容。"),
    level="error",
)
def vague_values(guide: GuideFacts) -> Iterator[Finding]:
    for field, row, name, text in _worded(guide):
        if is_vague(text):
            message = _("%(name)s只写了“%(text)s”，居民看不懂，请写具体内容。")
            yield found(message % {"name": name, "text": text.strip()}, field, row=row)


@rule(
    "guide-catch-all",
    gettext_lazy("兜底条款"),
    gettext_lazy("不写“法律、法规规定的其他条件”“其他相关材料”，要逐条写明。"),
)
def open_ends(guide: GuideFacts) -> Iterator[Finding]:
    for field, row, name, text in _worded(guide):
        if is_vague(text):
            continue
        for phrase in catch_alls(text):
            message = _("%(name)s里的“%(text)s”没有说清，请逐条写明，或删去。")
            yield found(message % {"name": name, "text": phrase}, field, row=row)


def _worded(guide: GuideFacts) -> Iterator[tuple[str, int | None, str, str]]:
    """Every value a resident reads: its field and row, what to call it, its text."""
    yield "conditions", None, _("“受理条件”"), guide.conditions
    yield "legal_note", None, _("“法定时限说明”"), guide.legal_note
    yield "promised_note", None, _("“承诺时限说明”"), guide.promised_note
    yield "visit_reason", None, _("“必须现场办理原因”"), guide.visit_reason
    yield "result_name", None, _("“审批结果名称”"), guide.result_name
    for row, law in enumerate(guide.legal_basis):
        yield "legal_basis.law", row, _("“设定依据”"), law
    for row, material in enumerate(guide.materials):
        name = {"material": material.name}
        yield "materials.name", row, _("“材料名称”"), material.name
        yield "materials.fill_note", row, _("材料“%(material)s”的填报须知") % name, material.fill_note
        yield (
            "materials.accept_standard",
            row,
            _("材料“%(material)s”的受理标准") % name,
            material.accept_standard,
        )
        yield "materials.condition", row, _("材料“%(material)s”的适用情形") % name, material.condition
    for row, step in enumerate(guide.steps):
        yield "steps.standard", row, _("环节“%(step)s”的标准") % {"step": step.name}, step.standard
    for row, fee in enumerate(guide.fees):
        yield "fees.standard", row, _("“%(fee)s”的收费标准") % {"fee": fee.name}, fee.standard
        yield "fees.basis", row, _("“%(fee)s”的收费依据") % {"fee": fee.name}, fee.basis


# Without one of these a guide is one that an inspection fails the site for (DOMAIN 5); the others only count.
INSPECTED = (
    gettext_lazy("事项名称"),
    gettext_lazy("办理条件"),
    gettext_lazy("申请材料"),
    gettext_lazy("办理流程"),
    gettext_lazy("办理时限"),
    gettext_lazy("办理地点"),
    gettext_lazy("办理时间"),
    gettext_lazy("咨询电话"),
)


@dataclass(frozen=True)
class Completeness:
    """How much of the core a guide tells: ``present`` of ``total`` elements, and the names of the others."""

    present: int
    total: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        return 100 * self.present // self.total


def completeness(guide: GuideFacts) -> Completeness:
    """The core elements of a guide (DOMAIN 4), each simply there or not."""
    core = {
        _("事项名称"): guide.title,
        _("实施主体"): guide.department,
        _("办理条件"): guide.conditions,
        _("申请材料"): guide.materials or guide.needs_no_materials,
        _("办理流程"): guide.steps,
        _("办理时限"): guide.promised_days is not None,
        _("收费标准"): guide.fees or not guide.is_charged,
        _("办理地点"): guide.offices,
        _("咨询电话"): guide.consult_phone,
        _("监督电话"): guide.complaint_phone,
        _("网办深度"): guide.online_depth or not guide.is_online,
        _("办理时间"): guide.has_hours,
        _("结果送达方式"): guide.delivery,
        _("表格下载"): guide.needs_no_materials or any(material.has_form for material in guide.materials),
    }
    missing = tuple(name for name, value in core.items() if not value)
    return Completeness(present=len(core) - len(missing), total=len(core), missing=missing)
