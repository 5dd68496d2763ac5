"""How often each address of a stored page was sent: numbers in memory, that whoever joins writes down.

No cookie, no address of a reader and no question to the database; robots that say so are left out, roughly.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_script_prefix

from appearance.languages import language_of

logger = logging.getLogger("delivery")
MOST_WAITING = 20_000  # different addresses
_ROBOT = re.compile(
    rb"(?<!cu)bot\b|crawl|spider|slurp|archiver|fetch|monitor|preview|curl|wget|python|java/|go-http|scan",
    re.I,
)
Counts = dict[str, int]  # by path, below the site's own prefix
_writers: list[Callable[[Counts], None]] = []
_counts: Counter[str] = Counter()


def write_with(writer: Callable[[Counts], None]) -> Callable[[Counts], None]:
    """Hand what was counted to ``writer`` from time to time; rooms join in ``ready()``."""
    if writer not in _writers:
        _writers.append(writer)
    return writer


def note(scope: Any) -> None:
    """Count that a page was sent for this request."""
    if scope["method"] == "GET" and not is_robot(_agent(scope)):
        path = scope["path"]
        if path in _counts or len(_counts) < MOST_WAITING:
            _counts[path] += 1


def _agent(scope: Any) -> bytes:
    for name, value in scope["headers"]:
        if name == b"user-agent":
            return bytes(value)
    return b""


@lru_cache(4096)
def is_robot(agent: bytes) -> bool:
    return not agent or _ROBOT.search(agent) is not None


def write() -> None:
    """Hand over what was counted; what could not be written waits for the next time."""
    counted = {path: _counts.pop(path) for path in list(_counts)}
    if not counted or not _writers:
        return
    prefix = get_script_prefix().rstrip("/")
    pages: Counter[str] = Counter()
    for path, times in counted.items():
        pages[language_of(path.removeprefix(prefix))[1]] += times
    for writer in _writers:
        try:
            writer(dict(pages))
        except Exception as error:
            logger.warning("Counts of readings wait for the database: %s", type(error).__name__)
            _counts.update(counted)
            return


async def write_again_and_again() -> None:
    while settings.READINGS_WRITTEN_EVERY:
        await asyncio.sleep(settings.READINGS_WRITTEN_EVERY)
        await asyncio.to_thread(write_and_let_go)


def write_and_let_go() -> None:
    """The same in a thread of its own."""
    try:
        write()
    finally:
        connections.close_all()
