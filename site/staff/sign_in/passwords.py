"""Rules for new passwords: none of the last five, and none forever where the operators say so."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from staff.sign_in.models import REMEMBERED, PastPassword, end_all, remember


class NotUsedBefore:
    """A new password is none of the last five; wherever one is set, it is remembered and all sign-ins end.

    Django calls both methods of each of AUTH_PASSWORD_VALIDATORS: the first from every form, the second
    whenever a user is saved with another password.
    """

    @sensitive_variables("password")
    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        past = PastPassword.objects.filter(user=user).values_list("password", flat=True)[:REMEMBERED]
        if any(check_password(password, used) for used in {user.password, *past}):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    @sensitive_variables("password")
    def password_changed(self, password: str, user: Any = None) -> None:
        remember(user)
        end_all(user)

    def get_help_text(self) -> str:
        return _("新密码不能和最近用过的 %(count)d 个密码相同。") % {"count": REMEMBERED}


def is_too_old(user: Any) -> bool:
    """Whether it is time for a new one, where PASSWORD_MAX_AGE_DAYS says how long one may be used."""
    if not settings.PASSWORD_MAX_AGE_DAYS or not user.has_usable_password():
        return False
    newest = PastPassword.objects.filter(user=user).first()
    set_at = newest.set_at if newest else user.date_joined
    return timezone.now() - set_at > timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
