"""What programs send, read as forms; and what is asked of the person who makes a token."""

import json
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from api.models import Scope
from api.problems import Problem
from imports import runs
from imports.destinations import DESTINATIONS, Destination, offered
from imports.forms import SheetFileField
from imports.models import ImportRun

YES_OR_NO = {"": False, "false": False, "0": False, "true": True, "1": True}
CHOICES = gettext_lazy("没有“%(value)s”这一项。")


class YesOrNo(forms.Field):
    """true or false, 1 or 0; a box that is not ticked is sent as nothing."""

    def to_python(self, value: Any) -> bool:
        answer = YES_OR_NO.get(str(value or "").lower())
        if answer is None:
            raise forms.ValidationError(_("请写 true 或 false。"))
        return answer


def choice(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False, error_messages={"invalid_choice": CHOICES})


class AnswersForm(forms.Form):
    """How a run is to be written; what is not said stays as it was."""

    outcome = choice(ImportRun.Outcome.choices)
    accept = choice(ImportRun.Accept.choices)
    missing = choice(ImportRun.Missing.choices)
    title = forms.CharField(max_length=100, required=False)
    effective_on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("请写成 2026-01-31 这样的日期。")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in sorted({*self.data, *self.files} - {*self.fields}):
            self.add_error(None, forms.ValidationError(CHOICES % {"value": name[:40]}))
        return data

    @property
    def answers(self) -> dict[str, Any]:
        """Those that were given, by field of the run."""
        return {name: self.cleaned_data[name] for name in AnswersForm.base_fields if self.cleaned_data[name]}

    def require(self) -> None:
        """Refuse, with the sentence for each field, what cannot be used."""
        if self.is_valid():
            return
        errors = [
            {"field": "" if field == "__all__" else field, "message": message}
            for field, messages in self.errors.items()
            for message in messages
        ]
        is_large = self.has_error("file", "too_large")
        raise Problem("too-large" if is_large else "invalid", errors[0]["message"], errors=errors)


class UploadForm(AnswersForm):
    """A file with its kind and its place."""

    file = SheetFileField()
    kind = forms.ChoiceField(
        error_messages={"required": gettext_lazy("请选择要导入什么。"), "invalid_choice": CHOICES}
    )
    into = forms.CharField(required=False, max_length=255)
    sheet = forms.CharField(required=False, max_length=200)
    masks = YesOrNo(required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(found.kind, found.label) for found in offered()]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "kind" in data and "into" in data:
            try:
                data["into"] = place_for(DESTINATIONS[data["kind"]], data["into"], self.user)
            except forms.ValidationError as error:
                self.add_error("into", error)
        return data

    @property
    def body(self) -> str:
        """A digest of all that was sent, equal for what means the same."""
        said = {name: str(value) for name, value in self.cleaned_data.items() if name not in ("file", "into")}
        said |= {"into": self.cleaned_data["into"].pk, "file": runs.hash_of(self.cleaned_data["file"])}
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def receive(self) -> ImportRun:
        """The run that begins with this; Refused when the file is no spreadsheet."""
        data = self.cleaned_data
        file = data["file"]
        run = runs.receive(file, name=file.name, kind=data["kind"], into=data["into"], by=self.user)
        answers = self.answers | {"sheet": data["sheet"], "masks": data["masks"]}
        for name, answer in answers.items():
            setattr(run, name, answer)
        run.save(update_fields=list(answers))
        return run


def place_for(destination: Destination, named: str, user: Any) -> Page:
    """The page with this number or address part among those the user looks after; the only one for none."""
    pages = destination.existing(user)
    if named:
        found = list(pages.filter(pk=int(named))) if named.isascii() and named.isdecimal() else []
        found = found or list(pages.filter(slug=named)[:2])
    else:
        found = list(pages[:2])
    if len(found) == 1:
        return found[0]
    if found and named:
        raise forms.ValidationError(_("不止一个页面的网址名是“%(name)s”。请写页面编号。") % {"name": named})
    if named:
        raise forms.ValidationError(_("没有“%(name)s”，或者您不能导入到那里。") % {"name": named})
    if found:
        raise forms.ValidationError(_("请写明导入到哪里：页面编号，或网址名。"))
    raise forms.ValidationError(_("您没有可以导入到的地方。请让管理员安排。"))


class TokenForm(forms.Form):
    """What a new token is for and how long it holds."""

    name = forms.CharField(
        label=gettext_lazy("用途"),
        max_length=60,
        help_text=gettext_lazy("哪个程序用它，如“街道业务系统每晚上传”。以后凭它认出这个令牌。"),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("可以做什么"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选一样。")},
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("有效期"),
        coerce=int,
        initial=365,
        choices=[
            (30, gettext_lazy("30 天")),
            (180, gettext_lazy("半年")),
            (365, gettext_lazy("一年")),
            (730, gettext_lazy("两年")),
        ],
    )

    def __init__(self, *args: Any, scopes: Sequence[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope.value, scope.label) for scope in scopes]
        field.initial = [scope.value for scope in scopes[:1]]

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class PreviewForm(forms.Form):
    """How long a preview link holds."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("有效期"),
        coerce=int,
        initial=7,
        choices=[(1, gettext_lazy("1 天")), (7, gettext_lazy("7 天")), (30, gettext_lazy("30 天"))],
    )

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
