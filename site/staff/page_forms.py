"""The forms of pages: what may not be published comes back as it was typed, with the reasons above it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from content_models.base.checks import NotPublishable, require_publishable


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


class PageCreateView(KeepsWhatWasTyped, CreateView):
    """A new page."""


class PageEditView(KeepsWhatWasTyped, EditView):
    """A page that exists."""
