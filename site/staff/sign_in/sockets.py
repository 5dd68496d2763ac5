"""Sockets of staff see the same users as pages do, and are closed once a sign-in is over."""

from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from staff.sign_in.sessions import standing_of

SIGNED_OUT = 4401


class StaffSockets:
    """Within Channels' authentication: who is signed in by halves, or no longer, is nobody here too.

    A socket may outlive its session, so each message to it asks again.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        user, is_closed = await _admitted(scope), False

        async def send_while_signed_in(message: Any) -> None:
            nonlocal is_closed
            if is_closed:
                return
            if message["type"] == "websocket.send" and (await _admitted(scope)).is_anonymous:
                is_closed, message = True, {"type": "websocket.close", "code": SIGNED_OUT}
            await send(message)

        return await self.application({**scope, "user": user}, receive, send_while_signed_in)


@database_sync_to_async
def _admitted(scope: Any) -> Any:
    known = scope["user"]
    if not known.is_authenticated:
        return AnonymousUser()
    return standing_of(scope["session"], known).admitted
