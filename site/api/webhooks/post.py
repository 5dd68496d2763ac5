"""One message to an endpoint: to an address that was checked, soon over, and without following anywhere."""

import time
from dataclasses import dataclass
from http.client import HTTPException

from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from api.webhooks.addresses import places_of
from api.webhooks.models import EXCERPT
from outside.addresses import Refused, target_of
from outside.exchange import FAILED, UNTRUSTED, exchange

OVER_WITHIN = 10.0  # seconds, all in all
USUAL = {"Content-Type": "application/json", "User-Agent": "Doorstep-Webhooks/1"}


@dataclass(frozen=True)
class Outcome:
    """What came of it: the status of the answer and its beginning, or why there is none."""

    status: int | None = None
    error: str = ""
    duration_ms: int = 0
    response: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send ``body``; whatever goes wrong is in the outcome."""
    began = time.monotonic()
    status, error, excerpt = None, "", ""
    try:
        status, excerpt = _exchange(url, body, headers)
        error = _what_is_wrong(status)
    except Refused as refusal:
        error = str(refusal)
    except UNTRUSTED:
        error = _("对方的证书有问题，没有发送。")
    except FAILED as failure:
        is_late = time.monotonic() - began >= OVER_WITHIN or isinstance(failure, TimeoutError)
        error = _("对方没有及时回答。") if is_late else _("连接不上，或者连接中断。")
    return Outcome(status, error, round((time.monotonic() - began) * 1000), excerpt)


def _what_is_wrong(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("对方要转到别的地址（%(status)d），这里不跟随。请填最终的地址。") % {"status": status}
    return _("对方回答 %(status)d。") % {"status": status}


def _exchange(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    target = target_of(url)
    return exchange(
        "POST",
        target,
        places_of(target),
        headers=USUAL | headers,
        body=body,
        within=OVER_WITHIN,
        read=lambda response: (response.status, _beginning(response)),
    )


def _beginning(response: BaseHTTPResponse) -> str:
    """As much of the answer as is there, for people to read; nobody waits for more."""
    try:
        text = response.read1(EXCERPT, decode_content=False).decode("utf-8", "replace")
    except (HTTPError, HTTPException, OSError, ValueError):
        return ""
    return "".join(char if char.isprintable() or char in "\n\t" else "·" for char in text)[:EXCERPT]
