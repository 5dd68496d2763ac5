"""The life of a token: made, shown once, found by its text, revoked."""

import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from api.models import MARK, StaffToken
from staff import audit

PREFIX_BYTES = 4
SECRET_BYTES = 32
TEXT = re.compile(rf"{MARK}_([0-9a-f]{{{2 * PREFIX_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
LONGEST = timedelta(days=2 * 365)


@sensitive_variables("secret")
def make(user: Any, *, name: str, scopes: list[str], lifetime: timedelta) -> tuple[StaffToken, str]:
    """A new token and its text, which nobody can have again. It lives two years at most."""
    now = timezone.now()
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_hex(SECRET_BYTES)
    with transaction.atomic():
        token = StaffToken.objects.create(
            user=user,
            name=name,
            scopes=scopes,
            prefix=prefix,
            digest=_digest(secret),
            created_at=now,
            expires_at=now + min(lifetime, LONGEST),
        )
        expires_on = timezone.localdate(token.expires_at).isoformat()
        audit.record("create_token", token, by=user, scopes=scopes, expires_on=expires_on)
    return token, f"{MARK}_{prefix}_{secret}"


@sensitive_variables("text", "parts", "secret")
def find(text: str) -> StaffToken | None:
    """The usable token with this text; a wrong secret takes as long as the right one."""
    parts = TEXT.fullmatch(text)
    if parts is None:
        return None
    prefix, secret = parts.groups()
    token = StaffToken.objects.select_related("user").filter(prefix=prefix).first()
    is_right = secrets.compare_digest(_digest(secret), token.digest if token else _digest(""))
    return token if token and is_right and token.is_usable else None


def revoke(token: StaffToken, *, by: Any) -> None:
    """Stop a token for good; nothing happens to one that was stopped before."""
    with transaction.atomic():
        now = timezone.now()
        if StaffToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            audit.record("revoke_token", token, by=by, owner=str(token.user))


def _digest(secret: str) -> str:
    return sha256(bytes.fromhex(secret)).hexdigest()
