"""A published list, an editor with a token, and a program that carries it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from api import tokens
from content_models.policy_lists.models import PolicyListPage
from tests import factories
from tests.imports import walk

RUNS = "/api/v1/imports/"
HEADER = "编号,事项名称,类别,数量\n"
FILE = HEADER + "a,甲,取消,5\nc,丙,上收,3\n合计,,,8\n"


class Program:
    """A client of the API: it has a token and no cookies."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, address: str = RUNS, data: Any = None) -> Any:
        return self.client.get(address, data, headers=self.headers)

    def post(self, address: str, data: Any = None, *, key: str = "", **more: Any) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(address, data or {}, headers=headers, **more)

    def upload(
        self, content: str | bytes = FILE, *, name: str = "清单.csv", key: str = "", **answers: Any
    ) -> Any:
        body = content.encode() if isinstance(content, str) else content
        form = {"kind": "lists", "file": SimpleUploadedFile(name, body)} | answers
        return self.post(RUNS, {name: value for name, value in form.items() if value is not None}, key=key)


def token_of(user: Any, scopes: tuple[str, ...] = ("imports",), days: int = 365) -> str:
    return tokens.make(user, name="夜间上传", scopes=list(scopes), lifetime=timedelta(days=days))[1]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.keep_uploads_in(tmp_path, monkeypatch)


@pytest.fixture
def page() -> PolicyListPage:
    return factories.published_list()


@pytest.fixture
def editor(page: PolicyListPage) -> Any:
    return factories.user("district_editor", factories.home(), username="editor")


@pytest.fixture
def program(editor: Any) -> Program:
    return Program(token_of(editor))


@pytest.fixture
def program_of() -> Callable[[Any], Program]:
    return lambda user: Program(token_of(user))
