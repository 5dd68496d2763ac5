"""Tokens of programs: made and revoked by their owners on screen, and good for as long as both hold."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api import tokens
from api.models import StaffToken
from staff.models import AuditEntry, Post
from tests import factories
from tests.api.conftest import RUNS, Program, token_of

pytestmark = pytest.mark.django_db

INDEX = reverse("tokens:index")
ADD = reverse("tokens:add")
TEXT = re.compile(r"doorstep_[0-9a-f]{8}_[0-9a-f]{64}")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    return answer.content.decode()


def make(client: Client, **changes: Any) -> Any:
    return client.post(ADD, {"name": "夜间上传", "days": "365", "scopes": ["imports"]} | changes)


def the_token() -> StaffToken:
    return StaffToken.objects.get()


@pytest.fixture
def importer() -> Any:
    return factories.user("importer", factories.home())


# On screen


def test_a_new_token_is_shown_once_and_works(importer: Any) -> None:
    client = signed_in(importer)

    answer = make(client)

    text = TEXT.search(text_of(answer))
    assert text is not None
    assert "只显示这一次" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Program(text[0]).get().status_code == 200
    again = text_of(client.get(INDEX))
    assert not TEXT.search(again)
    assert text[0][:17] in again
    assert "夜间上传" in again


def test_the_secret_is_kept_and_said_nowhere(importer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in(importer)
    found = TEXT.search(text_of(make(client)))
    assert found is not None
    secret = found[0].rpartition("_")[2]

    Program(found[0]).get()
    Program(found[0]).get(f"{RUNS}999/")
    client.post(reverse("tokens:revoke", args=[the_token().pk]))

    everything = [thing for model in apps.get_models() for thing in model._default_manager.all()]
    kept = serializers.serialize("json", everything)
    assert the_token().digest in kept
    assert secret not in kept
    assert not any(secret in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(("days", "lives"), [("30", 30), ("365", 365), ("730", 730)])
def test_a_token_lives_as_long_as_chosen(importer: Any, days: str, lives: int) -> None:
    make(signed_in(importer), days=days)

    assert the_token().expires_at - the_token().created_at == timedelta(days=lives)


@pytest.mark.parametrize("changes", [{"days": "731"}, {"days": "-1"}, {"days": ""}, {"name": ""}])
def test_no_other_life_and_no_nameless_token_is_given(importer: Any, changes: dict[str, str]) -> None:
    answer = make(signed_in(importer), **changes)

    assert 'role="alert"' in text_of(answer)
    assert not StaffToken.objects.exists()


def test_no_token_lives_longer_than_two_years(importer: Any) -> None:
    token, _text = tokens.make(importer, name="长", scopes=["imports"], lifetime=timedelta(days=9999))

    assert token.expires_at - token.created_at == timedelta(days=730)
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffToken.objects.update(expires_at=token.created_at)


def test_making_and_revoking_is_recorded(importer: Any) -> None:
    client = signed_in(importer)
    make(client)
    address = reverse("tokens:revoke", args=[the_token().pk])

    assert "不能恢复" in text_of(client.get(address))
    assert the_token().revoked_at is None
    for _again in range(2):
        client.post(address)

    entries = AuditEntry.objects.filter(action__endswith="_token").order_by("pk")
    assert [(entry.action_label, entry.by_id) for entry in entries] == [
        ("新建访问令牌", importer.pk),
        ("停用访问令牌", importer.pk),
    ]
    assert entries[0].detail["scopes"] == ["imports"]
    assert the_token().prefix in entries[1].label
    assert "已停用" in text_of(client.get(INDEX))


def test_a_name_is_shown_as_text(importer: Any) -> None:
    hostile = "<script>alert(1)</script>"

    answer = make(signed_in(importer), name=hostile)

    assert hostile not in text_of(answer)
    assert hostile not in text_of(signed_in(importer).get(INDEX))


def test_only_who_may_import_finds_the_way_to_tokens(importer: Any) -> None:
    auditor = signed_in(factories.user("auditor"))
    token_of(importer)

    assert INDEX in text_of(signed_in(importer).get("/admin/account/"))
    assert INDEX not in text_of(auditor.get("/admin/account/"))
    for address in (INDEX, ADD, reverse("tokens:revoke", args=[the_token().pk])):
        assert auditor.get(address).status_code in (302, 403, 404)
        assert auditor.post(address).status_code in (302, 403, 404, 405)
        assert "/login/" in Client().get(address)["Location"]
    assert StaffToken.objects.count() == 1
    assert the_token().revoked_at is None


def test_another_s_token_is_not_there(importer: Any) -> None:
    token_of(importer)
    other = signed_in(factories.user("importer", factories.home()))
    address = reverse("tokens:revoke", args=[the_token().pk])

    assert the_token().prefix not in text_of(other.get(INDEX))
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert the_token().revoked_at is None


def test_administrators_see_and_revoke_everybody_s(importer: Any) -> None:
    text = token_of(importer)
    administrator = signed_in(factories.user("administrator"))

    assert str(importer) in text_of(administrator.get(INDEX))
    administrator.post(reverse("tokens:revoke", args=[the_token().pk]))

    assert Program(text).get().status_code == 401
    entry = AuditEntry.objects.get(action="revoke_token")
    assert entry.by != importer
    assert entry.detail["owner"] == str(importer)


def test_a_form_without_its_csrf_token_is_refused(importer: Any) -> None:
    token_of(importer)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(importer)

    assert make(strict).status_code == 403
    assert strict.post(reverse("tokens:revoke", args=[the_token().pk])).status_code == 403
    assert the_token().revoked_at is None


# In use


def refusal(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "private, no-store"
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert problem["errors"] == []
    assert re.search(r"[\u4e00-\u9fff]", problem["title"])
    return answer.status_code, problem["type"].rpartition(":")[2]


UNAUTHENTICATED = (401, "unauthenticated")
FORBIDDEN = (403, "forbidden")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer doorstep_",
        "Bearer {prefix}_" + "0" * 64,
        "Bearer doorstep_00000000_" + "0" * 64,
        "Bearer {token}0",
        "Bearer {upper}",
        "Basic {token}",
        "{token}",
        "Bearer x {token}",
        "Bearer \xff\xfe",
    ],
)
def test_nothing_but_the_token_itself_opens(importer: Any, header: str) -> None:
    token = token_of(importer)
    header = header.format(token=token, prefix=token[:17], upper=token.upper())
    headers = {"Authorization": header} if header else {}

    answer = Client().get(RUNS, headers=headers)

    assert refusal(answer) == UNAUTHENTICATED
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")
    assert ("invalid_token" in answer["WWW-Authenticate"]) == bool(header)


def test_the_scheme_is_written_as_one_likes(importer: Any) -> None:
    headers = {"Authorization": f"bearer {token_of(importer)}"}

    assert Client().get(RUNS, headers=headers).status_code == 200


def test_a_browser_s_session_does_not_count(importer: Any) -> None:
    assert refusal(signed_in(importer).get(RUNS)) == UNAUTHENTICATED
    assert refusal(signed_in(importer).post(RUNS)) == UNAUTHENTICATED


def test_a_token_ends_with_its_time(importer: Any) -> None:
    program = Program(token_of(importer))
    assert program.get().status_code == 200

    now = timezone.now()
    StaffToken.objects.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))

    assert refusal(program.get()) == UNAUTHENTICATED
    assert "已过期" in text_of(signed_in(importer).get(INDEX))


def test_a_token_ends_when_its_owner_is_disabled(importer: Any) -> None:
    program = Program(token_of(importer))

    importer.is_active = False
    importer.save()

    assert refusal(program.get()) == UNAUTHENTICATED


def test_a_token_rests_while_its_owner_may_not_import(importer: Any) -> None:
    program = Program(token_of(importer))
    post = Post.objects.get(user=importer)

    post.delete()
    assert refusal(program.get()) == FORBIDDEN
    assert refusal(program.upload()) == FORBIDDEN

    Post.objects.create(user=importer, role="importer", place=post.place)
    assert program.get().status_code == 200


@pytest.mark.parametrize("scopes", [(), ("drafts",)])
def test_a_token_is_good_for_its_scopes_alone(importer: Any, scopes: tuple[str, ...]) -> None:
    program = Program(token_of(importer, scopes=scopes))

    assert refusal(program.get()) == FORBIDDEN
    assert refusal(program.upload()) == FORBIDDEN


def test_one_says_what_a_token_is_for(importer: Any) -> None:
    page = text_of(signed_in(importer).get(ADD))
    assert ("上传导入" in page, "读取草稿" in page) == (True, True)

    make(signed_in(importer), scopes=["imports", "drafts"])
    assert the_token().scopes == ["imports", "drafts"]

    assert "请至少选一样" in text_of(make(signed_in(importer), scopes=[]))
    assert "有效的选项" in text_of(make(signed_in(importer), scopes=["everything"]))


def test_the_last_use_is_noted_once_a_minute(importer: Any) -> None:
    program = Program(token_of(importer))
    program.get()
    first = the_token().last_used_at
    assert first is not None

    program.get()
    assert the_token().last_used_at == first

    StaffToken.objects.update(last_used_at=first - timedelta(minutes=1))
    program.get()
    again = the_token().last_used_at
    assert again is not None
    assert again >= first


def test_a_refused_token_is_not_noted_as_used(importer: Any) -> None:
    token = token_of(importer)

    Program(token[:-1] + ("0" if token[-1] != "0" else "1")).get()

    assert the_token().last_used_at is None
