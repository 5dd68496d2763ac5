"""What is typed on the way in."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import SetPasswordMixin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from wagtail.admin.forms.auth import LoginForm

from staff.sign_in import guesses

WRONG_PASSWORD = _("密码不对。15 分钟内最多试 5 次。")


class SignInForm(LoginForm):
    """Name and password. How long a sign-in lasts is the operators' to say, so nothing is remembered."""

    remember = None
    error_messages = {
        **LoginForm.error_messages,
        "invalid_login": _("用户名或密码不对，请再试一次。15 分钟内最多试 5 次；忘了密码，请联系管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Wagtail's form leaves this label to be guessed from the field's name.
        self.fields["password"].label = _("密码")

    @sensitive_variables()
    def clean(self) -> Any:
        try:
            return super().clean()
        except guesses.TooMany as refusal:
            raise ValidationError(str(refusal), code="too_many") from None


class CodeForm(forms.Form):
    """A code from the phone, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )


class AskPassword(forms.Form):
    """The present password, asked for again; counted like any other guess at it."""

    old_password = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    @sensitive_variables()
    def clean_old_password(self) -> str:
        password = self.cleaned_data["old_password"]
        try:
            found = authenticate(self.request, username=self.user.get_username(), password=password)
        except guesses.TooMany as refusal:
            raise ValidationError(str(refusal), code="too_many") from None
        if found is None or found.pk != self.user.pk:
            raise ValidationError(WRONG_PASSWORD, code="password_incorrect")
        return password


class SetUpForm(CodeForm):
    """The first code of a new phone."""


class SetUpLaterForm(AskPassword, CodeForm):
    """The same from somebody who signed in a while ago: who finds a desk unattended has no password."""

    field_order = ["code", "old_password"]


class NewPasswordForm(SetPasswordMixin, AskPassword):
    """A new password of one's own."""

    new_password1, new_password2 = SetPasswordMixin.create_password_fields(_("新密码"), _("再输入一次新密码"))
    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password2"].help_text = ""

    def clean(self) -> Any:
        # That a new password was used before is told only to who knows the present one.
        if "old_password" in self.cleaned_data:
            self.validate_passwords("new_password1", "new_password2")
            self.validate_password_for_user(self.user, "new_password2")
        return super().clean()


def was_refused(form: forms.BaseForm) -> bool:
    """Whether something was not even checked, since too much was tried."""
    return any(error.code == "too_many" for errors in form.errors.as_data().values() for error in errors)
