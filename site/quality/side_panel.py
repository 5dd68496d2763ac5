"""The side panel 检查 beside the form of a page: what the checks find in it while it is typed."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.preview import PreviewOnCreate, PreviewOnEdit
from wagtail.blocks import StreamValue

from content_models.base.checks import Finding, Mend, findings_in
from content_models.base.pages import ContentForm
from quality import overrides
from quality.models import LEVEL_NAMES


@dataclass(frozen=True)
class Shown:
    """A finding as the panel shows it, with the names that its fields have in the form."""

    finding: Finding
    field: str
    mends: list[tuple[Mend, str, str, str]]  # with the fields to write into and to empty, and what to write
    pass_url: str = ""  # where it may be let pass

    @property
    def level_name(self) -> Any:
        return LEVEL_NAMES[self.finding.level or "warning"]


def shown_in(form: Any) -> list[Shown]:
    """What the checks find in a form as it stands, errors first."""
    return [_shown(form, finding) for finding in findings_in(form.as_typed())]


def _shown(form: Any, finding: Finding) -> Shown:
    mends = [
        (
            mend,
            name_in(form, mend.field, mend.row),
            name_in(form, mend.clears, mend.row),
            written(form, mend),
        )
        for mend in finding.mends
    ]
    may_pass = finding.may_be_overridden and overrides.may_let_pass(form.for_user, form.instance)
    pass_url = overrides.address_of(form.instance) if may_pass else ""
    return Shown(finding, name_in(form, finding.field, finding.row), mends, pass_url)


def written(form: Any, mend: Mend) -> str:
    """What a field's own script takes for the text of a mend: formatted text is not kept as it is typed."""
    name = mend.field.partition(".")[0]
    if block := block_in(form, name, mend.row):
        widget = getattr(getattr(block[1].block, "field", None), "widget", None)
    else:
        place, field = form.place_of(mend.field, mend.row)
        widget = place.fields[field].widget if field else None
    return str(widget.format_value(mend.text)) if isinstance(widget, DraftailRichTextArea) else mend.text


def block_in(form: Any, name: str, row: int | None) -> tuple[str, Any] | None:
    """A block of a body by its place among those that will be kept: the name it has in the form, and it."""
    blocks = getattr(form.instance, name, None) if name in form.fields else None
    if row is None or not isinstance(blocks, StreamValue) or row >= len(blocks):
        return None
    number = row
    if form.is_bound:
        asked, prefix = form.data, form.add_prefix(name)
        count = asked.get(f"{prefix}-count", "")
        kept = [
            (int(asked.get(f"{prefix}-{each}-order", "") or each), each)
            for each in range(int(count) if count.isdecimal() else 0)
            if not asked.get(f"{prefix}-{each}-deleted")
        ]
        if row < len(kept):
            number = sorted(kept)[row][1]
    return f"{name}-{number}", blocks[row]


def name_in(form: Any, field: str, row: int | None) -> str:
    """The name under which the form sends a field: materials.name of row 2 is ``materials-2-name``."""
    name, _dot, inner = field.partition(".")
    if block := block_in(form, name, row):
        return "-".join(filter(None, [block[0], inner]))
    if name not in form.formsets or row is None:
        return name
    rows = form.typed_rows(name)
    if row >= len(rows):
        return name
    return "-".join(filter(None, [rows[row].prefix, inner]))


class ChecksPanel(BaseSidePanel):
    """What the checks find; its script asks again while somebody types."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = _("打开或收起检查")
        icon_name = "circle-check"
        counter_classname = "w-bg-critical-200"

        def get_context_data(self, parent_context: Any) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "count": len(self.panel.shown)}

    name = "findings"
    title = _("检查")
    order = 90
    template_name = "quality/side_panel.html"

    class Media:
        js: ClassVar[list[str]] = ["quality/findings.js"]
        css: ClassVar[dict[str, list[str]]] = {"all": ["quality/findings.css"]}

    def __init__(self, page: Any, request: HttpRequest, form: forms.ModelForm[Any]) -> None:
        super().__init__(page, request)
        self.shown = shown_in(form) if isinstance(form, ContentForm) else []

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {**super().get_context_data(parent_context), "shown": self.shown}


class AnswersFindings:
    """Answers a form as it stands by what the checks find in it; keeps nothing and refuses nothing."""

    request: HttpRequest
    object: Any

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not issubclass(self.object.get_edit_handler().get_form_class(), ContentForm):
            raise Http404
        form = PreviewOnEdit.get_form(self, request.POST)
        form.defer_required_fields()
        form.is_valid()  # which reads what was typed
        return TemplateResponse(request, "quality/findings.html", {"shown": shown_in(form)})


class FindingsOnEdit(AnswersFindings, PreviewOnEdit):
    """Of a page that exists."""


class FindingsOnCreate(AnswersFindings, PreviewOnCreate):
    """Of a page that is being made."""
