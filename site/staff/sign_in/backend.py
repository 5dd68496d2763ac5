"""Where every password is checked: counted first, logged after."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.views.decorators.debug import sensitive_variables

from staff import audit
from staff.sign_in import guesses
from staff.sign_in.address import address_of


class CountedBackend(ModelBackend):
    """Django's own, behind a count; raises ``guesses.TooMany`` where a password may not be checked now."""

    @sensitive_variables("password")
    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **more: Any
    ) -> Any:
        name = username if username is not None else more.get(get_user_model().USERNAME_FIELD)
        if name is None or password is None:
            return None
        address = address_of(request)
        try:
            guess = guesses.count(guesses.of_password(name, address))
        except guesses.TooMany as refusal:
            if refusal.is_first:
                audit.record("locked_out", _whom(name), address=address)
            raise
        user = super().authenticate(request, username=name, password=password)
        if user is None:
            audit.record("sign_in_failed", _whom(name), address=address)
        else:
            guesses.forgive(guess)
        return user


def _whom(name: str) -> Any:
    """The account of that name; else a stand-in that does not tell what was typed: it may be a password."""
    accounts = get_user_model()
    found = accounts._default_manager.filter(username=name).first()
    return found or accounts(pk="", username=f"{name.strip()[:1]}•••")
