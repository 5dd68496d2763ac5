"""REDIS_URL: one host, several, or sentinels; and pages that do not need it."""

from typing import Any

import pytest
from channels_redis.utils import create_pool, decode_hosts
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings
from redis.asyncio.sentinel import SentinelConnectionPool

from config import redis_settings
from publishing.publish import publish
from tests import factories, servers


def pools(url: str) -> list[Any]:
    hosts = redis_settings.channel_layers(url)["default"]["CONFIG"]["hosts"]
    return [create_pool(host) for host in decode_hosts(hosts)]


def test_one_host_or_several() -> None:
    [one] = pools("redis://redis.example:6380/2")
    assert (one.connection_kwargs["host"], one.connection_kwargs["port"]) == ("redis.example", 6380)
    assert one.connection_kwargs["db"] == 2

    several = pools("redis://a.example:6379/0, rediss://b.example:6379/0")
    assert [pool.connection_kwargs["host"] for pool in several] == ["a.example", "b.example"]
    cache = redis_settings.caches("redis://a.example:6379/0,redis://b.example:6379/0")["default"]
    assert cache["LOCATION"] == "redis://a.example:6379/0"


def test_sentinels_find_the_master(settings: Settings) -> None:
    url = "redis+sentinel://:ge%40heim@s1.example:26379,s2.example/doorstep/3"
    [pool] = pools(url)
    assert isinstance(pool, SentinelConnectionPool)
    assert pool.service_name == "doorstep"
    sentinels = [each.connection_pool.connection_kwargs for each in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"]) for each in sentinels] == [
        ("s1.example", 26379),
        ("s2.example", 26379),
    ]
    assert (pool.connection_kwargs["db"], pool.connection_kwargs["password"]) == (3, "ge@heim")

    settings.CACHES = redis_settings.caches(url)
    cache: Any = caches["default"]
    cache_pool = cache.client.get_client().connection_pool
    assert (cache_pool.service_name, cache_pool.connection_kwargs["db"]) == ("doorstep", 3)


@pytest.mark.parametrize("url", ["redis+sentinel://", "redis+sentinel://s1.example:26379"])
def test_an_address_that_is_not_whole_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL"):
        redis_settings.channel_layers(url)


@pytest.mark.django_db
def test_pages_are_served_and_published_while_redis_is_away(client: Client, settings: Settings) -> None:
    nowhere = f"redis://127.0.0.1:{servers.free_port()}/0"
    settings.CACHES = redis_settings.caches(nowhere)
    settings.CHANNEL_LAYERS = redis_settings.channel_layers(nowhere)

    guide = publish(factories.guide())

    assert client.get(guide.url).status_code == 200
    assert client.get("/").status_code == 200
