"""Who asks, and whether they may: by token alone, so that no browser's session ever counts."""

from collections.abc import Callable
from typing import Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from wagtail.admin.auth import user_has_any_page_permission

from api import tokens
from api.models import Scope, StaffToken
from imports.destinations import may_import

REALM = 'Bearer realm="doorstep"'


def may_upload(user: Any) -> bool:
    """Whether the upload screen is open to ``user`` too."""
    return user.is_active and user.has_perm("wagtailadmin.access_admin") and may_import(user)


def may_read_drafts(user: Any) -> bool:
    """Whether ``user`` works in the admin at all; which drafts they read is asked of each."""
    return (
        user.is_active and user.has_perm("wagtailadmin.access_admin") and user_has_any_page_permission(user)
    )


RIGHTS: dict[str, Callable[[Any], bool]] = {Scope.IMPORTS: may_upload, Scope.DRAFTS: may_read_drafts}


def scopes_of(user: Any) -> list[Scope]:
    """What a token of ``user`` could be used for."""
    return [scope for scope in Scope if RIGHTS[scope](user)]


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer doorstep_…``"""

    @sensitive_variables("text")
    def authenticate(self, request: Any) -> tuple[Any, StaffToken] | None:
        scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(text.strip())
        if token is None or not token.user.is_active:
            raise AuthenticationFailed
        token.note_use()
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return f'{REALM}, error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else REALM


class HasScope(BasePermission):
    """The token is meant for what the view does, and its owner may do it today."""

    def has_permission(self, request: Any, view: Any) -> bool:
        token: StaffToken = request.auth
        return token is not None and view.scope in token.scopes and RIGHTS[view.scope](request.user)
