"""What a request reads again and again is read once, also under ASGI, where Django hops between threads."""

from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from pytest_django import Settings

from content_models.base import memo

asked: list[str] = []


def load() -> int:
    asked.append("asked")
    return len(asked)


def twice(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{memo.remember('test', load)} {memo.remember('test', load)}")


urlpatterns = [path("twice/", twice)]


def threads(address: str) -> bytes:
    return Client().get(address).content


def asgi(address: str) -> bytes:
    return async_to_sync(AsyncClient().get)(address).content


@pytest.mark.parametrize("get", [threads, asgi])
def test_each_request_reads_once_and_the_next_anew(settings: Settings, get: Callable[[str], bytes]) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "memo" in name]
    asked.clear()

    assert get("/twice/").split() == [b"1", b"1"]
    assert get("/twice/").split() == [b"2", b"2"]


def test_outside_of_requests_nothing_is_kept() -> None:
    asked.clear()

    assert [memo.remember("test", load), memo.remember("test", load)] == [1, 2]
