"""The way in: guesses are counted before they are checked, and everybody hears the same."""

import json
import re
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import close_old_connections, connection, connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from publishing import schedule
from staff.models import AuditEntry, GuessCount, SignIn, User
from staff.sign_in import guesses
from staff.sign_in.address import network_of
from tests import factories

ROOT = Path(__file__).parents[2]
LOGIN = "/admin/login/"
ACTIONS = [
    *["sign_in", "sign_in_failed", "locked_out", "sign_out", "end_sessions", "change_password"],
    *["set_second_factor", "reset_second_factor", "disable_user", "enable_user"],
]
REFUSED = "试的次数太多了"


@pytest.fixture
def editor(db: None) -> User:
    return factories.user("district_editor", factories.home(), username="wang.fang")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is really hashed, in order; the hasher does its work as ever."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def noted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    return hashed


def try_password(password: str, *, name: str = "wang.fang", client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(
        LOGIN, {"username": name, "password": password, "next": "/admin/"}, **more
    )


def guess(times: int, **more: Any) -> None:
    for number in range(times):
        try_password(f"guess-{number}", **more)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def said(answer: Any) -> str:
    return "".join(re.findall(r'<li class="error">(.*?)</li>', answer.content.decode(), re.DOTALL))


def later(minutes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many minutes after the test began, as far as guesses are concerned."""
    monkeypatch.setattr(guesses, "time", SimpleNamespace(time=lambda: time.time() + minutes * 60))


def test_name_and_password_let_in(editor: User) -> None:
    client = Client()

    answer = try_password(factories.PASSWORD, client=client)

    assert answer.status_code == 302
    assert is_in(client)


def test_signing_in_gives_the_session_another_key(editor: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = 1
    session.save()
    planted = session.session_key or ""
    client.cookies["sessionid"] = planted

    try_password(factories.PASSWORD, client=client)

    assert client.cookies["sessionid"].value != planted


def test_five_wrong_guesses_and_not_even_the_right_one_is_checked(editor: User, checks: list[str]) -> None:
    guess(5)
    before = len(checks)

    answer = try_password(factories.PASSWORD)

    assert len(checks) == before
    assert answer.status_code == 429
    assert REFUSED in said(answer)
    until = timezone.localtime(timezone.now() + timedelta(minutes=15))
    assert re.search(rf"请在 ({until:%H:%M}|{until - timedelta(minutes=1):%H:%M}) 以后再来", said(answer))


def test_after_a_quarter_of_an_hour_there_are_five_more(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(5)

    later(14.9, monkeypatch)
    assert try_password(factories.PASSWORD).status_code == 429

    later(15.1, monkeypatch)
    assert try_password(factories.PASSWORD).status_code == 302


def test_no_quarter_of_an_hour_holds_more_than_five(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that begins anew at a set time would let nine through around it."""
    guess(1)
    later(14, monkeypatch)
    guess(4)

    later(15.5, monkeypatch)
    answers = [try_password(f"more-{number}").status_code for number in range(3)]

    assert answers == [200, 429, 429]


def test_coming_in_forgets_the_wrong_guesses(editor: User) -> None:
    guess(4)
    assert try_password(factories.PASSWORD).status_code == 302

    guess(4)

    assert try_password(factories.PASSWORD).status_code == 302


def test_another_address_and_another_name_are_not_held_up(editor: User) -> None:
    factories.user("auditor", username="li.na")
    guess(5)

    assert try_password(factories.PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302
    assert try_password(factories.PASSWORD, name="li.na").status_code == 302


def test_capitals_and_wide_letters_count_as_the_same_name(editor: User) -> None:
    for name in ("wang.fang", "Wang.Fang", "ＷＡＮＧ.fang", " wang.fang ", "wang．fang"):
        try_password("guess", name=name)

    assert try_password(factories.PASSWORD).status_code == 429


def test_one_address_may_not_try_every_name(editor: User, settings: Settings) -> None:
    settings.SIGN_IN_PER_ADDRESS = 20
    for number in range(20):
        try_password("guess", name=f"name-{number}")

    assert try_password(factories.PASSWORD).status_code == 429
    assert try_password(factories.PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_who_comes_in_does_not_count_against_the_address(editor: User, settings: Settings) -> None:
    settings.SIGN_IN_PER_ADDRESS = 3
    for _each in range(6):
        assert try_password(factories.PASSWORD).status_code == 302


def test_who_is_refused_leaves_nothing_behind(editor: User, settings: Settings) -> None:
    """Names without end would fill the database."""
    settings.SIGN_IN_PER_ADDRESS = 3
    for number in range(4):
        try_password("guess", name=f"name-{number}")
    before = GuessCount.objects.count()

    for number in range(4, 20):
        try_password("guess", name=f"name-{number}")

    assert GuessCount.objects.count() == before


def test_many_addresses_may_not_share_the_guessing_but_cannot_lock_out_the_office(editor: User) -> None:
    try_password(factories.PASSWORD, REMOTE_ADDR="10.0.0.1")
    for number in range(guesses.PER_NAME):
        assert try_password("guess", REMOTE_ADDR=f"10.1.0.{number}").status_code == 200

    assert try_password("guess", REMOTE_ADDR="10.1.1.1").status_code == 429
    assert try_password(factories.PASSWORD, REMOTE_ADDR="10.0.0.1").status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_line_of_ipv6_is_one_place(address: str, network: str) -> None:
    assert network_of(address) == network


def test_addresses_of_one_ipv6_line_count_together(editor: User) -> None:
    for number in range(1, 6):
        try_password("guess", REMOTE_ADDR=f"2001:db8:1:2::{number}")

    assert try_password(factories.PASSWORD, REMOTE_ADDR="2001:db8:1:2:9:9:9:9").status_code == 429
    assert try_password(factories.PASSWORD, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_a_header_of_the_reader_s_own_changes_nothing(editor: User) -> None:
    for number in range(5):
        try_password("guess", HTTP_X_FORWARDED_FOR=f"10.9.9.{number}", HTTP_X_REAL_IP=f"10.9.9.{number}")

    assert try_password(factories.PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.77").status_code == 429


def test_a_name_that_nobody_has_is_answered_and_hashed_alike(editor: User, checks: list[str]) -> None:
    answers = {
        name: [try_password(f"guess-{n}", name=name) for n in range(7)] for name in ("wang.fang", "nobody")
    }

    known, unknown = ([(each.status_code, said(each)) for each in some] for some in answers.values())
    assert known == unknown
    assert [status for status, _words in known] == [200] * 5 + [429] * 2
    assert "用户名或密码不对" in known[0][1]
    assert len(checks) == 10


def test_a_disabled_account_is_answered_like_one_that_does_not_exist(editor: User) -> None:
    User.objects.filter(pk=editor.pk).update(is_active=False)

    assert said(try_password(factories.PASSWORD)) == said(try_password("guess", name="nobody"))


def count_parallel(times: int) -> list[int]:
    """The answers to so many guesses at once."""
    together = Barrier(16)

    def one(number: int) -> int:
        try:
            if number < 16:
                together.wait(30)
            return try_password(f"guess-{number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as threads:
        return list(threads.map(one, range(times)))


@factories.committed
@pytest.mark.parametrize("times", [40, pytest.param(1000, marks=pytest.mark.long)])
def test_of_many_parallel_guesses_five_are_checked(times: int, checks: list[str]) -> None:
    factories.user("district_editor", factories.home(), username="wang.fang")
    checks.clear()

    statuses = count_parallel(times)

    assert len(checks) == 5
    assert sorted(statuses) == [200] * 5 + [429] * (times - 5)
    tried = AuditEntry.objects.exclude(action="create_account").order_by("action")
    actions = list(tried.values_list("action", flat=True))
    assert actions == ["locked_out"] + ["sign_in_failed"] * 5


@factories.committed
def test_no_lock_is_held_and_nothing_is_lost_while_a_password_is_hashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The count is committed before the check begins, and stays if the check never comes to an end."""
    factories.user("district_editor", factories.home(), username="wang.fang")
    seen: list[Any] = []

    def interrupted(self: Any, password: str, salt: str) -> str:
        seen.append(connection.in_atomic_block)
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(counted).result(timeout=10))
        raise RuntimeError("the process ends here")

    def counted() -> list[int]:
        close_old_connections()
        try:
            GuessCount.objects.update(last_at=timezone.now())  # waits for a lock, were one held
            return [len(row.moments) for row in GuessCount.objects.all()]
        finally:
            connections.close_all()

    monkeypatch.setattr(MD5PasswordHasher, "encode", interrupted)
    with pytest.raises(RuntimeError, match="ends here"):
        try_password("guess")

    assert seen == [False, [1, 1, 1]]
    assert [len(row.moments) for row in GuessCount.objects.all()] == [1, 1, 1]


def test_what_was_tried_is_in_the_log_and_what_was_typed_is_not(editor: User) -> None:
    try_password("guess")
    try_password("guess", name="Mein-Passwort-1")
    guess(5)
    guess(3)
    try_password(factories.PASSWORD, REMOTE_ADDR="10.0.0.1")

    tried = AuditEntry.objects.exclude(action="create_account").order_by("pk")
    entries = [(each.action, each.label, each.by) for each in tried]
    assert entries == [
        ("sign_in_failed", "wang.fang", None),
        ("sign_in_failed", "M•••", None),
        *[("sign_in_failed", "wang.fang", None)] * 4,
        ("locked_out", "wang.fang", None),
        ("sign_in", "wang.fang", editor),
    ]
    assert "Passwort" not in str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.filter(action="sign_in_failed", detail={"address": "127.0.0.1"}).count() == 6
    assert "Mein" not in str(list(GuessCount.objects.values()))


def test_every_action_of_signing_in_has_its_words(editor: User) -> None:
    for action in ACTIONS:
        assert re.search("[一-鿿]", AuditEntry(action=action).action_label)


def test_signing_out_is_noted_and_ends_the_sign_in(editor: User) -> None:
    client = Client()
    try_password(factories.PASSWORD, client=client)

    client.post("/admin/logout/")

    assert not is_in(client)
    assert SignIn.objects.get().ended_at is not None
    assert AuditEntry.objects.filter(action="sign_out", by=editor).count() == 1


def test_after_signing_in_one_is_where_one_wanted_to_be_on_this_site_alone(editor: User) -> None:
    for wanted, got in [("/admin/images/", "/admin/images/"), ("https://evil.example/", "/admin/")]:
        answer = Client().post(
            LOGIN, {"username": "wang.fang", "password": factories.PASSWORD, "next": wanted}
        )
        assert answer["Location"] == got


def test_the_form_offers_no_longer_sign_in_than_the_operators_allow(db: None) -> None:
    shown = Client().get(LOGIN).content.decode()

    assert 'name="remember"' not in shown
    assert "工作人员登录" in shown


def test_there_is_one_way_in(editor: User) -> None:
    assert Client().get("/_util/login/?next=/notices/")["Location"] == "/admin/login/?next=/notices/"
    assert Client().post("/_util/login/", {"username": "wang.fang", "password": "guess"}).status_code == 302
    assert not GuessCount.objects.exists()


def test_guesses_at_the_password_of_a_page_are_counted(db: None) -> None:
    page = factories.plain_page()
    restriction = PageViewRestriction.objects.create(
        page=page, restriction_type="password", password="kennwort"
    )
    other = PageViewRestriction.objects.create(
        page=factories.plain_page("另一页"), restriction_type="password", password="kennwort"
    )

    def opens(restriction: PageViewRestriction, password: str, **more: Any) -> int:
        address = f"/_util/authenticate_with_password/{restriction.pk}/{restriction.page_id}/"
        return Client().post(address, {"password": password, "return_url": "/"}, **more).status_code

    assert [opens(restriction, f"guess-{number}") for number in range(5)] == [200] * 5
    assert opens(restriction, "kennwort") == 429
    assert opens(restriction, "kennwort", REMOTE_ADDR="10.0.0.9") == 302
    assert opens(other, "kennwort") == 302


def test_guesses_at_the_password_of_a_folder_of_documents_are_counted(db: None) -> None:
    folder = Collection.get_first_root_node().add_child(name="内部")
    restriction = CollectionViewRestriction.objects.create(
        collection=folder, restriction_type="password", password="kennwort"
    )
    address = f"/documents/authenticate_with_password/{restriction.pk}/"

    for number in range(5):
        Client().post(address, {"password": f"guess-{number}", "return_url": "/"})
    answer = Client().post(address, {"password": "kennwort", "return_url": "/"})

    assert answer.status_code == 429
    assert REFUSED in answer.content.decode()


def test_old_counts_and_sign_ins_are_forgotten_by_the_schedule(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_password("guess")
    try_password(factories.PASSWORD)
    SignIn.objects.update(began_at=timezone.now() - timedelta(days=31))
    GuessCount.objects.update(last_at=timezone.now() - timedelta(days=3))
    try_password("guess", REMOTE_ADDR="10.0.0.1")
    monkeypatch.setattr(schedule, "_last_run", {})

    schedule.run_due()

    assert not SignIn.objects.exists()
    assert GuessCount.objects.count() == 3


def production(folder: Any, **environment: str) -> dict[str, Any]:
    """What production's settings say of signing in, read by a process of their own."""
    program = (
        "import json, config.settings.production as p; print(json.dumps({name: getattr(p, name) for name in"
        " ['SESSION_COOKIE_NAME', 'SESSION_COOKIE_SECURE', 'SECOND_FACTOR_ROLES']}))"
    )
    given = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "www.example.gov.cn",
        "BASE_URL": "https://www.example.gov.cn",
        "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "DATA_DIR": str(folder),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=given | environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_production_names_its_cookie_so_that_no_other_host_can_set_it(tmp_path: Any) -> None:
    settings = production(tmp_path)

    assert settings["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECOND_FACTOR_ROLES"] == ["administrator"]
    assert production(tmp_path, SECOND_FACTOR_ROLES="")["SECOND_FACTOR_ROLES"] == []
