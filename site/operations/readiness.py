"""Whether the site does its work: the database, messages between processes, and what has to be in time."""

import asyncio
import time
from functools import cache
from typing import Any

import redis
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import connection
from django_redis import get_redis_connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from operations import standing
from operations.watched import NoAnswer, Watched

WITHIN = 1.5  # seconds for each part; all are asked at once
HOLDS = 1.0  # seconds for which an answer is given again
OUTBOX_LATE, SCHEDULE_LATE = 60.0, 300.0  # seconds


class Late(Exception):
    """Something has waited for too long."""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _messages() -> None:
    """Send a message through each Redis that carries live messages, and hear it."""
    layer = get_channel_layer()
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return  # within this process nothing can be lost
    for client in _clients():
        with client.pubsub() as listener:
            listener.subscribe("ready")
            listener.get_message(timeout=1)
            client.publish("ready", b"1")
            until = time.monotonic() + 1
            while (heard := listener.get_message(timeout=1)) is None or heard["type"] != "message":
                if time.monotonic() > until:
                    raise Late("a message did not come back")


@cache
def _clients() -> "list[redis.Redis]":
    hosts = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    options: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    options |= {"retry": Retry(NoBackoff(), 0)}
    if any("sentinels" in host for host in hosts):
        return [get_redis_connection("default")]
    return [redis.Redis.from_url(host["address"], **options) for host in hosts]


def _outbox() -> float:
    return _in_time(standing.outbox_delay(), OUTBOX_LATE)


def _schedule() -> float:
    return _in_time(standing.overdue(), SCHEDULE_LATE)


def _in_time(waits: float, most: float) -> float:
    if waits > most:
        raise Late(f"waiting for {waits:.0f} s")
    return waits


PARTS: dict[str, Watched[Any]] = {
    name: Watched(ask, holds=HOLDS)
    for name, ask in {
        "database": _database, "channel_layer": _messages, "outbox": _outbox, "schedule": _schedule
    }.items()
}  # fmt: skip


async def look(names: list[str]) -> dict[str, str]:
    """What is wrong with each of these parts, in a few words; empty where nothing is."""
    return dict(zip(names, await asyncio.gather(*map(_state, names)), strict=True))


async def _state(name: str) -> str:
    try:
        await PARTS[name].within(WITHIN)
    except NoAnswer:
        return f"no answer within {WITHIN} s"
    except Late as error:
        return str(error)
    except Exception as error:
        return type(error).__name__
    return ""
