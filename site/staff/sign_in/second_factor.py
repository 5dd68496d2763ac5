"""The second factor: a code from the phone, or one of ten recovery codes."""

import secrets
import time
import unicodedata
from base64 import b32encode
from hashlib import sha256
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_variables
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from staff.roles import Role
from staff.sign_in.models import RecoveryCode

CODES = 10
# Without 0, o, 1, i and l, which people copy wrongly. 16 of these are 79 bits: no digest gives them away.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP = 4, 4


def check_roles() -> None:
    """A role that is misspelt would leave its people without a second factor: stop the start."""
    if unknown := set(settings.SECOND_FACTOR_ROLES) - set(Role.values):
        known = ", ".join(Role.values)
        raise ImproperlyConfigured(f"SECOND_FACTOR_ROLES: no role {', '.join(unknown)}. There are: {known}.")


def must_have(user: Any) -> bool:
    """Whether one of the person's roles is among SECOND_FACTOR_ROLES."""
    roles = settings.SECOND_FACTOR_ROLES
    if not roles:
        return False
    return ("administrator" in roles and user.is_superuser) or user.posts.filter(role__in=roles).exists()


def device_of(user: Any) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def new_key() -> str:
    return default_key()


def new_device(user: Any, key: str) -> TOTPDevice:
    """One that is not saved, to be shown and tried out."""
    return TOTPDevice(user=user, name="手机", key=key)


def picture_of(device: TOTPDevice) -> SafeString:
    """The QR code for the phone's app, as SVG to stand in the page."""
    drawn = segno.make(device.config_url, error="m", micro=False)
    text = drawn.svg_inline(
        scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="step__picture"
    )
    return mark_safe(text)  # made of squares alone


def text_of(device: TOTPDevice) -> str:
    """The same key in groups of four letters, for typing."""
    letters = b32encode(device.bin_key).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


@sensitive_variables("code", "codes")
def set_up(user: Any, device: TOTPDevice, code: str) -> list[str] | None:
    """Take ``device`` in place of whatever there was if ``code`` shows that the phone has it.

    Returns the ten new recovery codes, or None for a wrong code.
    """
    if not device_accepts(device, code):
        return None
    with transaction.atomic():
        # One set-up after the other: two at once would leave two phones.
        get_user_model().objects.select_for_update().get(pk=user.pk)
        TOTPDevice.objects.filter(user=user).delete()
        device.confirmed = True
        device.save(force_insert=True)
        return make_codes(user)


def device_accepts(device: TOTPDevice, code: str) -> bool:
    """Whether an unsaved device shows this code now; it will not take the same again."""
    typed = plain(code)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    if not _is_digits(typed) or not totp.verify(int(typed), device.tolerance):
        return False
    device.drift, device.last_t = totp.drift, totp.t()
    return True


@sensitive_variables("code", "typed")
def accepts(user: Any, code: str) -> str:
    """Use up a code: "app" or "recovery" for a right one, nothing for a wrong one. Each is good for once."""
    typed = plain(code)
    device = device_of(user)
    if _is_digits(typed):
        return "app" if device is not None and verify_token(user, device.persistent_id, typed) else ""
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(typed), used_at=None)
    return "recovery" if unused.update(used_at=timezone.now()) else ""


@sensitive_variables("codes")
def make_codes(user: Any) -> list[str]:
    """Ten new recovery codes, to be shown once; those of before are good for nothing."""
    codes = ["".join(secrets.choice(LETTERS) for _each in range(GROUPS * GROUP)) for _code in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return ["-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP)) for code in codes]


def codes_left(user: Any) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def remove(user: Any) -> bool:
    """Forget phone and recovery codes; False if there were none."""
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        return bool(TOTPDevice.objects.filter(user=user).delete()[0])


def plain(code: str) -> str:
    """A code as typed by anybody: full-width, in groups, in capitals."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", code).lower() if letter.isalnum())


def _is_digits(typed: str) -> bool:
    return len(typed) == 6 and typed.isascii() and typed.isdecimal()


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
