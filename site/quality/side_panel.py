"""The side panel 检查 beside the form of a page: what the checks find in it while it is typed."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.preview import PreviewOnCreate, PreviewOnEdit

from content_models.base.checks import Finding, Mend, findings_in
from content_models.base.pages import ContentForm

LEVEL_NAMES = {"error": _("必须改"), "warning": _("看过再发布"), "hint": _("建议")}


@dataclass(frozen=True)
class Shown:
    """A finding as the panel shows it, with the names that its fields have in the form."""

    finding: Finding
    field: str
    mends: list[tuple[Mend, str, str]]  # with the name of the field to write into, and of that to empty

    @property
    def level_name(self) -> Any:
        return LEVEL_NAMES[self.finding.level or "warning"]


def shown_in(form: Any) -> list[Shown]:
    """What the checks find in a form as it stands, errors first."""
    return [_shown(form, finding) for finding in findings_in(form.as_typed())]


def _shown(form: Any, finding: Finding) -> Shown:
    mends = [
        (mend, name_in(form, mend.field, mend.row), name_in(form, mend.clears, mend.row))
        for mend in finding.mends
    ]
    return Shown(finding, name_in(form, finding.field, finding.row), mends)


def name_in(form: Any, field: str, row: int | None) -> str:
    """The name under which the form sends a field: materials.name of row 2 is ``materials-2-name``."""
    name, _dot, inner = field.partition(".")
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
