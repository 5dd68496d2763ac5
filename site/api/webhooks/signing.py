"""Signatures as the Standard Webhooks specification has them (https://www.standardwebhooks.com)."""

import base64
import hmac
import secrets
from collections.abc import Iterable

from django.views.decorators.debug import sensitive_variables

MARK = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


@sensitive_variables()
def headers(message_id: str, timestamp: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """What goes with a message so that its receiver knows who sent it; one signature for each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(message_id, timestamp, body, key) for key in keys),
    }


@sensitive_variables()
def sign(message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
