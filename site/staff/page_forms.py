"""The forms of pages: what may not be published comes back as it was typed, with the reasons above it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from content_models.base.checks import Finding, NotPublishable, keys_of, require_publishable, unseen_warnings

SEEN = re.compile(r"\b(addition|deletion)\b")  # how Wagtail marks what differs
TICK = "seen-warnings"
GOES_PUBLIC = ("publish", "submit", "restart-workflow")
_beside: list[Callable[[Page, HttpRequest, Any], Any]] = []


def show_beside(panel: Callable[[Page, HttpRequest, Any], Any]) -> None:
    """Show a side panel beside every form of a page; it is made of the page, the request and the form."""
    _beside.append(panel)


class AsksToLookFirst:
    """A form that goes public with warnings comes back once, so that whoever publishes has seen them.

    The tick says which warnings were seen: one that is new wants a new tick.
    """

    request: HttpRequest
    page: Page
    form: forms.ModelForm[Any]
    action_name: str
    unseen: Sequence[Finding] = ()

    def form_valid(self, form: forms.ModelForm[Any]) -> HttpResponse:
        findings = getattr(form, "findings", ())
        if self.action_name in GOES_PUBLIC and unseen_warnings(findings, self.request.POST.get(TICK, "")):
            self.unseen = [finding for finding in findings if finding.level == "warning"]
            form.add_error(None, _("还没有发布：请先看过上面的提醒，勾选“我已看过以上提醒”，再点一次。"))
            return self.form_invalid(form)  # type: ignore[attr-defined]  # a mixin
        return super().form_valid(form)  # type: ignore[misc]  # a mixin

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()  # type: ignore[misc]  # a mixin
        panels += [panel(self.page, self.request, self.form) for panel in _beside]
        return panels

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(  # type: ignore[misc]  # a mixin
            **kwargs, unseen=self.unseen, unseen_keys=keys_of(self.unseen), tick=TICK
        )


class KeepsWhatWasTyped:
    """Answers a refusal that comes only from publishing itself like any other error of the form."""

    request: HttpRequest
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    page: Page
    action_name: str
    refusal: Sequence[str] = ()

    def form_valid(self, form: forms.ModelForm[Any]) -> HttpResponse:
        for problem in self.refusal:
            form.add_error(None, problem)
        if self.refusal:
            return self.form_invalid(form)  # type: ignore[attr-defined]  # a mixin
        try:
            with transaction.atomic():
                response = super().form_valid(form)  # type: ignore[misc]  # a mixin
                if self.action_name == "submit":
                    # Who wrote it hears of it, not only who is asked to approve it.
                    require_publishable(self.page.get_latest_revision().as_object())
                return response
        except NotPublishable as error:
            # From the start, since the refused attempt has already changed the page in memory.
            again = type(self).as_view(refusal=error.problems)  # type: ignore[attr-defined]  # a mixin
            return again(self.request, *self.args, **self.kwargs)


class PageCreateView(AsksToLookFirst, KeepsWhatWasTyped, CreateView):
    """A new page."""


class SeesWhatOthersSaved(EditView):
    """A form that was opened before somebody else saved the page does not silently win: the two are compared.

    Saved again, it does, since its reader has seen what goes.
    """

    conflict: Sequence[tuple[str, Any]] = ()

    def form_valid(self, form: forms.ModelForm[Any]) -> HttpResponse:
        if self.is_out_of_date and self.action_name != "cancel_workflow":
            self.conflict = self.differences(form)
        if self.conflict:
            form.add_error(
                None, _("没有保存：您打开之后，这一页又被改过。请对照列出的不同，再决定是否保存。")
            )
            return self.form_invalid(form)
        return super().form_valid(form)

    def differences(self, form: forms.ModelForm[Any]) -> list[tuple[str, Any]]:
        """``[(label, difference)]`` of the fields in which the saved page is not what was typed."""
        saved, typed = self.latest_revision.as_object(), form.save(commit=False)
        panel = self.edit_handler.get_bound_panel(instance=typed, request=self.request, form=None)
        compared = [compare(saved, typed) for compare in panel.get_comparison()]
        differing = [(each.field_label(), shown(each)) for each in compared if each.has_changed()]
        # Rich text also differs by keys of its blocks, which nobody sees.
        return [(label, text) for label, text in differing if SEEN.search(text)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.conflict:
            context |= {"conflict": self.conflict, "conflict_with": self._said_of_the_other()}
        elif self.request.method == "POST" and self.is_out_of_date:
            # Shown again for another reason: the form is still as old as it was.
            context["loaded_revision_created_at"] = self.request.POST.get("loaded_revision_created_at", "")
        return context

    def _said_of_the_other(self) -> str:
        """Who saved it meanwhile, and when."""
        revision = self.latest_revision
        who = revision.user or _("系统")
        moment = formats.date_format(timezone.localtime(revision.created_at), "DATETIME_FORMAT")
        return _("%(who)s 在 %(moment)s 保存过。") % {"who": who, "moment": moment}


def shown(compared: Any) -> SafeString:
    """What differs in one field, or in the parts of one kind (materials, windows) of a page, as HTML."""
    if compared.is_field:
        return format_html("{}", compared.htmldiff())
    parts = [part for part in compared.get_child_comparisons() if part.has_changed()]
    return format_html_join("", '<div class="{}">{}</div>', [(_mark(part), _fields(part)) for part in parts])


def _mark(part: Any) -> str:
    """Whether a part came or went, in Wagtail's words for it."""
    kind = "addition" if part.is_addition() else "deletion" if part.is_deletion() else ""
    return f"comparison__child-object {kind}".strip()


def _fields(part: Any) -> SafeString:
    fields = [each for each in part.get_field_comparisons() if each.has_changed()]
    return format_html_join("", "<p>{}：{}</p>", [(each.field_label(), each.htmldiff()) for each in fields])


class PageEditView(AsksToLookFirst, KeepsWhatWasTyped, SeesWhatOthersSaved):
    """A page that exists."""
