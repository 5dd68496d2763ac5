"""Django's own ASGI application, which notes what a request was for."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

from operations.asked import current

# Parts of addresses by which one gets in: of preview links, and of mails for a new password.
SECRET_PARTS = ("text", "token", "uidb64")


class Handler(ASGIHandler):
    """No middleware is needed for that: each would be a further hop between threads."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        prefix = scope.get("root_path", "")
        # What stands before Django knows addresses without the path of a parent portal.
        await super().__call__(scope | {"path": prefix + scope["path"]} if prefix else scope, receive, send)

    def resolve_request(self, request: HttpRequest) -> Any:
        match = super().resolve_request(request)
        if asked := current.get():
            asked.view = match.view_name or "unnamed"
            asked.secrets += [str(match.kwargs[part]) for part in SECRET_PARTS if part in match.kwargs]
        return match

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        if asked := current.get():
            asked.view = "none"
        try:
            return await super().get_response_async(request)
        finally:
            if asked:
                # Whose session it is, where somebody wanted to know: no question to the database for this.
                asked.user = getattr(getattr(request, "_cached_user", None), "pk", None)
