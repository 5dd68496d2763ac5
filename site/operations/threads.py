"""The event loop's threads for work that waits."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections


class LoopThreads(ThreadPoolExecutor):
    """Threads whose calls leave no connection to the database behind.

    Django makes error pages in the loop's threads and closes only what the request's own thread opened. Each
    would keep a connection for good, taken from the pool and dead once the database was restarted.
    """

    def submit(self, call: Callable[..., Any], /, *args: Any, **more: Any) -> "Future[Any]":
        return super().submit(_call, call, args, more)


def _call(call: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
    try:
        return call(*args, **more)
    finally:
        close_old_connections()
