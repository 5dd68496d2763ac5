"""The signed time in a form: when it was given out, and which form it is."""

import time
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.utils.crypto import get_random_string

_signer = Signer(salt="feedback.stamps")


@dataclass(frozen=True)
class Stamp:
    """A form that was given out: its own name, and how many seconds ago that was."""

    name: str
    age: float


def new() -> str:
    """A stamp to lay into a form that is given out now."""
    return _signer.sign_object([get_random_string(24), round(time.time(), 1)])


def read(text: str) -> Stamp | None:
    """What a stamp says; None for one that is not ours."""
    try:
        name, at = _signer.unsign_object(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return Stamp(name, time.time() - at)
