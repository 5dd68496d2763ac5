"""The forms of pages: what may not be published comes back as it was typed, with the reasons above it."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from content_models.base import side_by_side
from content_models.base.checks import Finding, NotPublishable, keys_of, require_publishable, unseen_warnings

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
    has_unsaved_changes: bool

    def form_valid(self, form: forms.ModelForm[Any]) -> HttpResponse:
        findings = getattr(form, "findings", ())
        if self.action_name in GOES_PUBLIC and unseen_warnings(findings, self.request.POST.get(TICK, "")):
            self.unseen = [finding for finding in findings if finding.level == "warning"]
            return self.ask_to_look()
        return super().form_valid(form)  # type: ignore[misc]  # a mixin

    def ask_to_look(self) -> HttpResponse:
        """The form again with the reminders above it: nothing in it is wrong."""
        said = _("还没有发布：内容没有错，但有提醒要先看。看过下面的提醒，勾选“我已看过以上提醒”，再点一次。")
        messages.warning(self.request, said)
        self.has_unsaved_changes = True
        return self.render_to_response(self.get_context_data())  # type: ignore[attr-defined]  # a mixin

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

    Saved again, it does, since its reader has seen what goes, and has taken what should stay.
    """

    conflict: Sequence[side_by_side.Difference] = ()
    opened: Any = None
    latest_revision: Any

    def form_valid(self, form: forms.ModelForm[Any]) -> HttpResponse:
        asked = self.request.POST.getlist(side_by_side.TAKE)
        if self.action_name == "cancel_workflow" or not (asked or self.is_older()):
            return super().form_valid(form)
        saved, typed = self.latest_revision.as_object(), form.save(commit=False)
        self.opened = side_by_side.opened_revision(self.page, self.request.POST)
        self.conflict = self.differences(saved, typed)
        if asked:
            names = side_by_side.names_taken(asked, self.conflict)
            side_by_side.take(names, saved=saved, typed=typed)
            side_by_side.say_taken(self.request, names)
            return self.show_again(typed, self.differences(saved, typed))
        if not self.conflict:
            return super().form_valid(form)
        form.add_error(None, _("没有保存：您打开之后，这一页又被改过。请对照列出的不同，再决定是否保存。"))
        return self.form_invalid(form)

    def is_older(self) -> bool:
        """Whether somebody saved it since; who saves at the same moment waits here."""
        pages = Page.objects.select_for_update(of=("self",))
        newest = pages.values_list("latest_revision_id", flat=True).get(pk=self.page.pk)
        if self.latest_revision is not None and newest != self.latest_revision.pk:
            self.latest_revision = self.page.revisions.get(pk=newest)
            self.page.latest_revision = self.latest_revision
            self.__dict__.pop("latest_revision_created_at", None)
            return True
        return bool(self.is_out_of_date)

    def differences(self, saved: Page, typed: Page) -> list[side_by_side.Difference]:
        """The fields in which the saved page is not what was typed."""
        panel = self.edit_handler.get_bound_panel(instance=typed, request=self.request, form=None)
        opened = self.opened.as_object() if self.opened is not None else None
        return side_by_side.differences(panel, saved, typed, opened)

    def show_again(self, typed: Page, left: list[side_by_side.Difference]) -> HttpResponse:
        """The form with what was taken in it, and what still differs above; nothing is saved."""
        self.page, self.conflict, self.has_unsaved_changes = typed, left, True
        self.form = self.form_class(
            instance=typed,
            subscription=self.subscription,
            parent_page=self.parent,
            for_user=self.request.user,
        )
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.conflict:
            context |= {"opened": self.opened, "conflict_form": "page-edit-form"}
            context |= side_by_side.shown_as(self.conflict)
            context["conflict_with"] = side_by_side.said_of(self.latest_revision)
        elif self.is_out_of_date and side_by_side.TAKE not in self.request.POST:
            # Shown again for another reason: the form is still as old as it was.
            context["loaded_revision_created_at"] = self.request.POST.get("loaded_revision_created_at", "")
            context["opened"] = side_by_side.opened_revision(self.page, self.request.POST)
            context["conflict_form"] = "page-edit-form"
        return context


class PageEditView(AsksToLookFirst, KeepsWhatWasTyped, SeesWhatOthersSaved):
    """A page that exists."""
