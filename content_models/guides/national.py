"""Guides under the names of the national interface for government services, written and read.

``TASKS`` and ``MATERIALS`` are the whole mapping: each national name, the field of ours behind it and how it
is written. The resources read the same names as other headers of their columns. Codes are written as codes,
several of them with commas; what a name cannot carry whole (formatted conditions, steps as one text) is left
as it is when it comes back unchanged.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from content_models.base.managers import restricted_paths
from content_models.base.plain_workbook import write_plain_xlsx
from content_models.base.public_tables import BATCH, NOTES_SHEET
from content_models.base.spreadsheets import OutColumn, OutSheet
from content_models.base.widgets import RichTextWidget, join, plain_text
from content_models.guides.models import GuidePage, Material
from content_models.places.models import RegionPage

FORMS = ("xlsx", "json")
GUID, TASK_GUID = "ROWGUID", "TASK_GUID"
MATERIALS_KEY = "MATERIALS"
LINE = "\n"
STREET_DEPTH, COMMUNITY_DEPTH = 3, 4

STATES = {"1": GuidePage.Status.IN_USE, "2": GuidePage.Status.SUSPENDED, "3": GuidePage.Status.CANCELLED}
MATERIAL_KINDS = {"1": Material.Kind.ORIGINAL, "2": Material.Kind.COPY, "3": Material.Kind.BOTH}
MEDIA = {"1": Material.Medium.PAPER, "2": Material.Medium.ELECTRONIC, "3": Material.Medium.EITHER}


@dataclass(frozen=True)
class NationalColumn:
    """One name of the interface: what it is called in Chinese, our field behind it, how it is written."""

    name: str
    label: Any
    field: str
    write: Callable[[Any], Any]
    help_text: Any = ""


def _codes(name: str) -> Callable[[Any], str]:
    return lambda thing: ",".join(getattr(thing, name) or ())


def _plain(name: str) -> Callable[[Any], Any]:
    return lambda thing: getattr(thing, name)


def _coded(name: str, codes: dict[str, Any]) -> Callable[[Any], str]:
    by_value = {value: code for code, value in codes.items()}
    return lambda thing: by_value.get(getattr(thing, name), "")


def _file(name: str) -> Callable[[Any], str]:
    """The file's name, by which an import finds it again."""

    def write(material: Any) -> str:
        document = getattr(material, name)
        return document.file.name.rpartition("/")[2] if document else ""

    return write


def guid_of(guide: Any) -> str:
    """What tells a guide from all others for good, whatever it or its address is called."""
    return str(guide.translation_key)


def conditions_of(guide: Any) -> str:
    return plain_text(RichTextWidget().render(guide.conditions))


def department_of(guide: Any) -> str:
    return guide.department.name if guide.department_id else ""


def department_code_of(guide: Any) -> str:
    return guide.department_uscc or (guide.department.uscc if guide.department_id else "")


def offices_of(guide: Any) -> str:
    """The places that residents can read of, as people write them: name and address."""
    return join([office_text(office.title, office.address) for office in shown_offices(guide)])


def shown_offices(guide: Any) -> list[Any]:
    closed = restricted_paths()
    shown = [
        office
        for office in guide.offices.all()
        if office.live and not any(office.path.startswith(path) for path in closed)
    ]
    return sorted(shown, key=lambda office: (office.sort_name, office.pk))


def office_text(title: str, address: str) -> str:
    return f"{title}（{address}）" if address else title


def hours_of(guide: Any) -> str:
    """When the places are open, place by place."""
    return LINE.join(
        f"{office.title}：{'，'.join(f'{hours.season_text}{hours}' for hours in office.hours.all())}"
        for office in shown_offices(guide)
        if office.hours.all()
    )


def basis_line(basis: Any) -> str:
    """One ground in a line: 法律（文号）条款：条文."""
    doc_no = f"（{basis.doc_no}）" if basis.doc_no else ""
    text = f"：{basis.text}" if basis.text else ""
    return _in_line(f"{basis.law}{doc_no}{basis.article}{text}")


def step_line(step: Any) -> str:
    """One step in a line: 环节：办理人；时限；标准；结果."""
    said = "；".join(text for text in (step.who, step.limit, step.standard, step.result) if text)
    return _in_line(f"{step.name}：{said}" if said else step.name)


def _in_line(text: str) -> str:
    return " ".join(text.split())


TASKS = [
    NationalColumn(GUID, _("事项标识"), "translation_key", guid_of, _("认出这个事项，改名、改网址也不变。")),
    NationalColumn("TASK_NAME", _("事项名称"), "title", _plain("title")),
    NationalColumn("CATALOG_CODE", _("基本编码"), "base_code", _plain("base_code")),
    NationalColumn("TASK_CODE", _("实施编码"), "impl_code", _plain("impl_code")),
    NationalColumn("TASK_HANDLE_ITEM", _("业务办理项编码"), "handle_item_code", _plain("handle_item_code")),
    NationalColumn("TASK_TYPE", _("事项类型"), "item_type", _plain("item_type"), _("代码。")),
    NationalColumn(
        "TASK_STATE", _("事项状态"), "status", _coded("status", STATES), _("1 在用，2 暂停，3 取消。")
    ),
    NationalColumn(
        "BY_LAW",
        _("设定依据"),
        "legal_basis",
        lambda guide: LINE.join(map(basis_line, guide.legal_basis.all())),
        _("每行一条：法律（文号）条款：条文。"),
    ),
    NationalColumn("POWER_SOURCE", _("权力来源"), "power_source", _plain("power_source"), _("代码。")),
    NationalColumn(
        "USE_LEVEL", _("行使层级"), "exercise_levels", _codes("exercise_levels"), _("代码，几个用逗号隔开。")
    ),
    NationalColumn("DEPT_NAME", _("实施主体"), "department", department_of),
    NationalColumn(
        "DEPT_CODE", _("实施主体编码"), "department_uscc", department_code_of, _("统一社会信用代码。")
    ),
    NationalColumn(
        "SERVER_TYPE",
        _("服务对象"),
        "service_objects",
        _codes("service_objects"),
        _("代码，几个用逗号隔开。"),
    ),
    NationalColumn(
        "PROJECT_TYPE", _("办件类型"), "case_type", _plain("case_type"), _("1 即办件，2 承诺件。")
    ),
    NationalColumn(
        "HANDLE_TYPE", _("办理形式"), "handle_forms", _codes("handle_forms"), _("代码，几个用逗号隔开。")
    ),
    NationalColumn("LIMIT_SCENE_NUM", _("到办事现场次数"), "visits", _plain("visits")),
    NationalColumn("LIMIT_SCENE_EXPLAIN", _("必须现场办理原因"), "visit_reason", _plain("visit_reason")),
    NationalColumn(
        "TRANSACT_ADDR", _("办理地点"), "offices", offices_of, _("名称（地址），几个用分号隔开。")
    ),
    NationalColumn("TRANSACT_TIME", _("办理时间"), "", hours_of, _("各办理地点的办公时间，只导出。")),
    NationalColumn("LINK_WAY", _("咨询方式"), "consult_phone", _plain("consult_phone")),
    NationalColumn("SUPERVISE_WAY", _("监督投诉方式"), "complaint_phone", _plain("complaint_phone")),
    NationalColumn("ANTICIPATE_DAY", _("法定办结时限"), "legal_days", _plain("legal_days")),
    NationalColumn(
        "ANTICIPATE_TYPE",
        _("法定办结时限单位"),
        "legal_unit",
        _plain("legal_unit"),
        _("W 工作日，N 自然日。"),
    ),
    NationalColumn("PROMISE_DAY", _("承诺办结时限"), "promised_days", _plain("promised_days")),
    NationalColumn(
        "PROMISE_TYPE",
        _("承诺办结时限单位"),
        "promised_unit",
        _plain("promised_unit"),
        _("W 工作日，N 自然日。"),
    ),
    NationalColumn("ACCEPT_CONDITION", _("受理条件"), "conditions", conditions_of, _("不带格式的文字。")),
    NationalColumn(
        "HANDLE_FLOW",
        _("办理流程"),
        "steps",
        lambda guide: LINE.join(map(step_line, guide.steps.all())),
        _("每行一个环节：环节：办理人；时限；标准；结果。"),
    ),
    NationalColumn(
        "IS_FEE",
        _("是否收费"),
        "is_charged",
        lambda guide: "1" if guide.is_charged else "0",
        _("1 是，0 否。"),
    ),
    NationalColumn(
        "FEE_BASIS",
        _("收费依据"),
        "",
        lambda guide: LINE.join(dict.fromkeys(_in_line(fee.basis) for fee in guide.fees.all() if fee.basis)),
        _("每行一条，只导出。"),
    ),
    NationalColumn("ONLINE_HANDLE_URL", _("网上办理地址"), "online_url", _plain("online_url")),
]
# Where a guide stands; written from the tree.
PLACES = [
    ("TOWN_CODE", _("所属街道代码"), "region"),
    ("TOWN_NAME", _("所属街道"), ""),
    ("VILLAGE_CODE", _("所属社区代码"), "region"),
    ("VILLAGE_NAME", _("所属社区"), ""),
]
MATERIALS = [
    NationalColumn("MATERIAL_NAME", _("材料名称"), "name", _plain("name")),
    NationalColumn(
        "MATERIAL_TYPE",
        _("材料类型"),
        "material_kind",
        _coded("material_kind", MATERIAL_KINDS),
        _("1 原件，2 复印件，3 原件和复印件。"),
    ),
    NationalColumn(
        "MATERIAL_FORMAT", _("材料形式"), "medium", _coded("medium", MEDIA), _("1 纸质，2 电子，3 均可。")
    ),
    NationalColumn("IS_NEED", _("必要性"), "necessity", _plain("necessity"), _("代码。")),
    NationalColumn("SOURCE_TYPE", _("来源渠道"), "source", _plain("source"), _("代码。")),
    NationalColumn("PAGE_NUM", _("份数"), "originals", _plain("originals")),
    NationalColumn("PAGE_FORMAT", _("规格"), "spec", _plain("spec")),
    NationalColumn("FORM_GUID", _("空白表格"), "blank_form", _file("blank_form"), _("文件名。")),
    NationalColumn("EXAMPLE_GUID", _("样表"), "sample_form", _file("sample_form"), _("文件名。")),
    NationalColumn("FILL_EXPLAIN", _("填报须知"), "fill_note", _plain("fill_note")),
    NationalColumn("ACCEPT_STAND", _("受理标准"), "accept_standard", _plain("accept_standard")),
    NationalColumn("BY_LAW", _("材料依据"), "legal_basis_note", _plain("legal_basis_note")),
    NationalColumn("ORDER_NUM", _("序号"), "sort_order", lambda material: (material.sort_order or 0) + 1),
]
ONLY_WRITTEN = ("TRANSACT_TIME", "FEE_BASIS", "TOWN_NAME", "VILLAGE_NAME")
# Names that carry less than our field: a cell that says what we would write leaves the field alone.
LOSSY = {column.field: column.write for column in TASKS if column.name in (
    "ACCEPT_CONDITION", "DEPT_NAME", "DEPT_CODE", "TRANSACT_ADDR",
)}  # fmt: skip


# Writing


def public_guides(into: Any = None) -> Any:
    """Guides that residents can read, below ``into`` where given, with all that is written of them."""
    guides = GuidePage.objects.live().public()
    if into is not None:
        guides = guides.descendant_of(into, inclusive=True)
    return guides.order_by("path")


class Places:
    """Street and community of a guide by its place in the tree."""

    @cached_property
    def regions(self) -> dict[str, tuple[int, str, str]]:
        found = RegionPage.objects.live().public().values_list("path", "depth", "region_code", "title")
        return {path: (depth, code, title) for path, depth, code, title in found}

    def of(self, guide: Any) -> dict[str, str]:
        said = dict.fromkeys((name for name, _label, _field in PLACES), "")
        for depth, prefix in ((STREET_DEPTH, "TOWN"), (COMMUNITY_DEPTH, "VILLAGE")):
            path = guide.path[: depth * guide.steplen]
            if path in self.regions:
                _depth, said[f"{prefix}_CODE"], said[f"{prefix}_NAME"] = self.regions[path]
        return said


def tasks(guides: Any, *parts: str) -> Any:
    """``(guide, {name: value})`` of each, read in batches."""
    places = Places()
    related = ("offices__hours", "steps", "legal_basis", "fees", *parts)
    rows = guides.select_related("department").prefetch_related(*related)
    for guide in rows.iterator(chunk_size=BATCH):
        yield guide, {**_written(TASKS, guide), **places.of(guide)}


def _written(columns: list[NationalColumn], thing: Any) -> dict[str, Any]:
    return {column.name: column.write(thing) for column in columns}


def write_json(guides: Any, file: IO[bytes]) -> None:
    """An array of tasks, each with an array of its materials; a task a line."""
    before = b"[\n"
    for guide, task in tasks(guides, "materials__blank_form", "materials__sample_form"):
        task[MATERIALS_KEY] = [_written(MATERIALS, material) for material in guide.materials.all()]
        file.write(before + json.dumps(task, ensure_ascii=False).encode())
        before = b",\n"
    file.write((b"[" if before == b"[\n" else b"\n") + b"]\n")


def write_sheets(guides: Any, file: IO[bytes], *, about: Any = ()) -> None:
    """Two sheets, tasks and materials, and a third that explains their columns."""
    task_columns = [column.name for column in TASKS] + [name for name, _label, _field in PLACES]
    material_columns = [column.name for column in MATERIALS]
    tasks_sheet = OutSheet(
        str(_("办事指南")),
        [OutColumn(name, width=20) for name in task_columns],
        ([task[name] for name in task_columns] for _guide, task in tasks(guides)),
    )
    materials_sheet = OutSheet(
        str(_("申请材料")),
        [OutColumn(name, width=20) for name in (TASK_GUID, *material_columns)],
        (
            [guid_of(material.page), *_written(MATERIALS, material).values()]
            for material in _materials(guides)
        ),
    )
    notes = [[label, text, ""] for _key, label, text in about if text]
    notes += [[name, label, help_text] for name, label, help_text in explained()]
    notes_sheet = OutSheet(
        str(NOTES_SHEET), [OutColumn(title, width=36) for title in ("项目", "内容", "说明")], notes
    )
    write_plain_xlsx([tasks_sheet, materials_sheet, notes_sheet], file)


def _materials(guides: Any) -> Any:
    rows = Material.objects.filter(page__in=guides.order_by().values("pk"))
    rows = rows.select_related("page", "blank_form", "sample_form").order_by("page__path", "sort_order")
    return rows.iterator(chunk_size=BATCH)


def explained() -> list[tuple[str, str, str]]:
    """``[(name, Chinese name, explanation)]`` of every column of both sheets."""
    columns = [(column.name, str(column.label), str(column.help_text)) for column in TASKS]
    columns += [(name, str(label), "") for name, label, _field in PLACES]
    columns.append((TASK_GUID, str(_("材料所属事项")), str(_("等于那个事项的 ROWGUID；只在表格里有。"))))
    return columns + [(column.name, str(column.label), str(column.help_text)) for column in MATERIALS]


def write(guides: Any, form: str, file: IO[bytes], *, about: Any = ()) -> None:
    if form == "json":
        write_json(guides, file)
    else:
        write_sheets(guides, file, about=about)
