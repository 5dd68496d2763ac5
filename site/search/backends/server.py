"""A search server as this process knows it: its connections, and whether it answers."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from search.query import Unavailable

logger = logging.getLogger("search")
LET_BE = 10.0  # seconds for which a server that did not answer is not asked again


class Server:
    def __init__(self, client: Any) -> None:
        self.client = client
        self.is_lost = False
        self.quiet_until = 0.0

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Around each request; turns whatever fails into ``Unavailable``, and says so in the log once."""
        if time.monotonic() < self.quiet_until:
            raise Unavailable("The search server did not answer a moment ago.")
        try:
            yield
        except Exception as error:
            if not _has_answered(error):
                self.quiet_until = time.monotonic() + LET_BE
            if not self.is_lost:
                logger.warning("The search server cannot be used: %s", error)
            self.is_lost = True
            raise Unavailable(str(error)) from error
        if self.is_lost:
            logger.warning("The search server can be used again.")
        self.is_lost = False


def _has_answered(error: Exception) -> bool:
    """Whether the server itself said no; a client that heard nothing names no status, or one in words."""
    return isinstance(error, Unavailable) or isinstance(getattr(error, "status_code", None), int)
