"""What REDIS_URL says, as Channels and the cache want to hear it.

``redis://host:6379/0``, several of them separated by commas (live messages are spread over all, the cache
is on the first), or ``redis+sentinel://[:password@]host:26379,host:26379/master/0``.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.backoff import NoBackoff
from redis.retry import Retry

SENTINEL = "redis+sentinel"
CACHE_WITHIN = 0.5  # seconds; a page does not wait longer for what it can find out itself


@dataclass(frozen=True)
class Master:
    """A server that sentinels know under a name."""

    sentinels: list[tuple[str, int]]
    name: str
    db: int
    password: str | None


def check(text: str) -> None:
    """Raise ValueError where the text is no address of Redis."""
    if text.startswith(SENTINEL):
        _master(text)
        return
    for address in _addresses(text):
        parts = urlsplit(address)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise ValueError(f"{address.rpartition('@')[2]} is not an address of Redis.")
        _ = parts.port  # raises where it is none


def channel_layers(text: str) -> dict[str, Any]:
    """Live messages by publish and subscribe: the plain layer drops the newest of a burst."""
    options: dict[str, Any] = {
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 15,
    }
    if text.startswith(SENTINEL):
        master = _master(text)
        known = {"sentinels": master.sentinels, "master_name": master.name, "db": master.db}
        hosts = [options | known | ({"password": master.password} if master.password else {})]
    else:
        hosts = [options | {"address": address} for address in _addresses(text)]
    return {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": hosts}}
    }


def caches(text: str) -> dict[str, Any]:
    """A cache that counts as empty while Redis is away: pages are served all the same."""
    options: dict[str, Any] = {
        "IGNORE_EXCEPTIONS": True,
        "SOCKET_CONNECT_TIMEOUT": CACHE_WITHIN,
        "SOCKET_TIMEOUT": CACHE_WITHIN,
        "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
    }
    location = _addresses(text)[0]
    if text.startswith(SENTINEL):
        master = _master(text)
        location = f"redis://{master.name}/{master.db}"
        options |= {"CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory"}
        options |= {"SENTINELS": master.sentinels, "PASSWORD": master.password}
    return {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": location, "OPTIONS": options}}


def page_shelf(text: str) -> dict[str, Any] | None:
    """Where processes share finished pages: as the cache, on the first of several."""
    if not text:
        return None
    if not text.startswith(SENTINEL):
        return {"url": _addresses(text)[0]}
    master = _master(text)
    return {
        "sentinels": master.sentinels, "name": master.name, "db": master.db, "password": master.password
    }  # fmt: skip


def _addresses(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _master(text: str) -> Master:
    """The parts of a sentinel address. Raises ValueError for one that is not whole."""
    address = urlsplit(text)
    user, _at, hosts = address.netloc.rpartition("@")
    name, _slash, db = address.path.strip("/").partition("/")
    if not hosts or not name:
        raise ValueError("REDIS_URL: redis+sentinel://host:26379,host:26379/name/0")
    sentinels = [
        (host, int(port or 26379))
        for host, _colon, port in (each.partition(":") for each in hosts.split(","))
    ]
    return Master(sentinels, name, int(db or 0), unquote(user.partition(":")[2]) or None)
