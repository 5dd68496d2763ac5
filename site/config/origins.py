"""Which pages may open a socket: those of this very site, by scheme, host and port."""

from typing import Any

from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.request import split_domain_port, validate_host


class OwnOriginOnly:
    """Lets a socket through only from the full origin it is opened on.

    Channels' own validator for allowed hosts lets any port and scheme of them through.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await OriginValidator(self.application, _own_origin(scope))(scope, receive, send)


def _own_origin(scope: Any) -> list[str]:
    """The origin of the address that was called; none for a host that is not ours."""
    headers = {name.lower(): value.decode("latin1") for name, value in scope.get("headers", [])}
    host = headers.get(b"host", "")
    domain, _port = split_domain_port(host)
    if not (domain and validate_host(domain, settings.ALLOWED_HOSTS)):
        return []
    return [f"{'https' if _is_secure(scope, headers) else 'http'}://{host}"]


def _is_secure(scope: Any, headers: dict[bytes, str]) -> bool:
    proxied = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if proxied:
        name, secure = proxied
        sent = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode())
        if sent is not None:
            return sent.split(",")[0].strip() == secure
    return scope.get("scheme") == "wss"
