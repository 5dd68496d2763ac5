"""The second factor: who must have one does nothing before, who has one is asked, no code is good twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from staff.models import AuditEntry, RecoveryCode, SignIn, User
from staff.sign_in import guesses, second_factor
from staff.sign_in.sockets import StaffSockets
from tests import factories
from tests.staff.conftest import Clock
from tests.staff.second_factors import CODE, SET_UP, Phone, codes_in, give_password, is_in, key_in, set_up

STATE = "/admin/account/second-factor/"
REMOVE = "/admin/account/second-factor/remove/"
NEW_CODES = "/admin/account/second-factor/codes/"


@pytest.fixture
def editor(db: None) -> User:
    return factories.user("district_editor", factories.home(), username="wang.fang")


@pytest.fixture
def admin(db: None) -> User:
    return factories.user("administrator", username="admin")


@pytest.fixture
def required(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["administrator", "district_editor"]


@pytest.fixture
def phone_and_codes(editor: User, clock: Clock) -> tuple[Phone, list[str]]:
    """The editor has set up a phone, a minute ago."""
    client = Client()
    give_password(client, "wang.fang")
    made = set_up(client)
    clock(60)
    return made


@pytest.fixture
def phone(phone_and_codes: tuple[Phone, list[str]]) -> Phone:
    return phone_and_codes[0]


@pytest.fixture
def codes(phone_and_codes: tuple[Phone, list[str]]) -> list[str]:
    return phone_and_codes[1]


def half_in() -> Client:
    """The password was right, the code is still due."""
    client = Client()
    assert give_password(client, "wang.fang")["Location"] == f"{CODE}?next=%2Fadmin%2F"
    return client


def test_a_phone_is_set_up_with_a_picture_or_by_typing(editor: User) -> None:
    client = Client()
    give_password(client, "wang.fang")

    page = client.get(SET_UP).content.decode()
    phone, codes = set_up(client)

    assert "<svg" in page
    assert Phone(key_in(page)).totp.key == phone.totp.key
    assert len(set(codes)) == 10
    assert AuditEntry.objects.filter(action="set_second_factor", by=editor).count() == 1


def test_no_recovery_code_stands_in_the_database(codes: list[str]) -> None:
    kept = str(list(RecoveryCode.objects.values()))

    assert RecoveryCode.objects.count() == 10
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_a_wrong_first_code_sets_up_nothing(editor: User) -> None:
    client = Client()
    give_password(client, "wang.fang")
    phone = Phone(key_in(client.get(SET_UP).content.decode()))

    answer = client.post(SET_UP, {"code": phone.code(ago=600)})

    assert "验证码不对" in answer.content.decode()
    assert not TOTPDevice.objects.exists()


def test_who_has_a_phone_is_asked_for_its_code(phone: Phone) -> None:
    client = half_in()
    assert not is_in(client)

    answer = client.post(CODE, {"code": phone.code(), "next": "/admin/images/"})

    assert answer["Location"] == "/admin/images/"
    assert is_in(client)
    assert AuditEntry.objects.filter(action="sign_in", detail__second_factor="app").exists()


def test_the_session_gets_another_key_with_the_code(phone: Phone) -> None:
    client = half_in()
    before = client.cookies["sessionid"].value

    client.post(CODE, {"code": phone.code()})

    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/pages/",
        "/admin/account/",
        "/admin/account/password/",
        SET_UP,
        REMOVE,
        NEW_CODES,
        STATE,
    ],
)
def test_nothing_else_opens_before_the_code(phone: Phone, address: str) -> None:
    client = half_in()

    assert client.get(address)["Location"].startswith(CODE)
    assert client.post(address, {"code": "1"}).status_code == 302


def test_a_session_without_the_code_is_nobody_s_outside_of_the_admin_too(phone: Phone) -> None:
    guide = factories.guide()
    guide.live = False
    guide.save()
    draft = f"/admin/pages/{guide.pk}/edit/preview/"
    client = half_in()

    assert client.get(draft)["Location"].startswith(CODE)
    assert client.get("/admin/api/main/pages/", headers={"accept": "application/json"}).status_code == 403
    assert client.get("/admin/", headers={"x-requested-with": "XMLHttpRequest"}).status_code == 403
    assert client.get("/").wsgi_request.user.is_anonymous


def test_a_session_that_login_made_past_the_screens_owes_the_code_too(phone: Phone, editor: User) -> None:
    client = Client()
    client.force_login(editor)

    assert client.get("/admin/")["Location"].startswith(CODE)
    client.post(CODE, {"code": phone.code()})
    assert is_in(client)


def test_a_code_is_good_for_once(phone: Phone) -> None:
    code = phone.code()
    half_in().post(CODE, {"code": code})

    second = half_in()
    answer = second.post(CODE, {"code": code})

    assert "已经用过" in answer.content.decode()
    assert not is_in(second)


def test_the_code_that_set_up_the_phone_does_not_sign_in(editor: User, clock: Clock) -> None:
    client = Client()
    give_password(client, "wang.fang")
    phone, _codes = set_up(client)

    assert "已经用过" in half_in().post(CODE, {"code": phone.code()}).content.decode()


@pytest.mark.parametrize(("ago", "is_right"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_clock_may_differ_by_half_a_minute(phone: Phone, clock: Clock, ago: float, is_right: bool) -> None:
    clock(300)
    client = half_in()

    client.post(CODE, {"code": phone.code(ago=ago)})

    assert is_in(client) is is_right


def test_codes_may_be_typed_in_groups_and_in_wide_digits(phone: Phone) -> None:
    code = phone.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    client = half_in()

    client.post(CODE, {"code": f" {wide[:3]} {wide[3:]} "})

    assert is_in(client)


def test_after_five_wrong_codes_the_right_one_is_not_checked(phone: Phone, clock: Clock) -> None:
    client = half_in()
    for _each in range(5):
        assert client.post(CODE, {"code": phone.code(ago=600)}).status_code == 200

    answer = client.post(CODE, {"code": phone.code()})

    assert answer.status_code == 429
    assert "试的次数太多了" in answer.content.decode()
    assert half_in().post(CODE, {"code": phone.code()}).status_code == 429
    assert AuditEntry.objects.filter(action="locked_out", detail__stage="code").count() == 1
    clock(15 * 60 + 1)
    client.post(CODE, {"code": phone.code()})
    assert is_in(client)


def test_no_day_holds_more_than_twenty_wrong_codes(phone: Phone, clock: Clock) -> None:
    for _quarter in range(4):
        client = half_in()
        for _each in range(5):
            client.post(CODE, {"code": "none"})
        clock(15 * 60 + 1)

    assert half_in().post(CODE, {"code": phone.code()}).status_code == 429


def test_the_right_password_does_not_forgive_wrong_codes(phone: Phone) -> None:
    for _each in range(5):
        half_in().post(CODE, {"code": "none"})

    assert half_in().post(CODE, {"code": "none"}).status_code == 429


def guess_in_parallel(clients: list[Client], codes: list[str]) -> list[int]:
    together = Barrier(len(clients))

    def one(client: Client, code: str) -> int:
        together.wait(30)
        try:
            return client.post(CODE, {"code": code}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(one, clients, codes))


@factories.committed
def test_of_parallel_codes_five_are_checked_and_one_code_lets_in_once(clock: Clock) -> None:
    factories.user("district_editor", factories.home(), username="wang.fang")
    first = Client()
    give_password(first, "wang.fang")
    phone, codes = set_up(first)
    clock(60)
    clients = [half_in() for _each in range(12)]

    assert sorted(guess_in_parallel(clients, ["none"] * 12)) == [200] * 5 + [429] * 7

    clock(15 * 60 + 1)
    assert sorted(guess_in_parallel(clients[:4], [phone.code()] * 4)) == [200] * 3 + [302]
    clock(15 * 60 + 1)
    assert sorted(guess_in_parallel([half_in() for _each in range(4)], codes[:1] * 4)) == [200] * 3 + [302]


def test_a_recovery_code_lets_in_once_in_any_spelling(codes: list[str]) -> None:
    first, second = half_in(), half_in()
    first.post(CODE, {"code": codes[3].replace("-", " ").upper()})
    second.post(CODE, {"code": codes[3]})

    assert "还剩 9 个" in first.get("/admin/").content.decode()
    assert not is_in(second)
    assert AuditEntry.objects.filter(action="sign_in", detail__second_factor="recovery").exists()


def test_new_recovery_codes_are_made_for_the_password_and_end_the_old_ones(
    phone: Phone, codes: list[str]
) -> None:
    client = half_in()
    client.post(CODE, {"code": phone.code()})

    assert "密码不对" in client.post(NEW_CODES, {"old_password": "guess"}).content.decode()
    made = codes_in(client.post(NEW_CODES, {"old_password": factories.PASSWORD}).content.decode())

    assert len(set(made) - set(codes)) == 10
    assert not codes_in(client.get(STATE).content.decode())
    stale, fresh = half_in(), half_in()
    stale.post(CODE, {"code": codes[0]})
    fresh.post(CODE, {"code": made[0]})
    assert (is_in(stale), is_in(fresh)) == (False, True)


def test_removing_asks_for_the_password_counts_it_and_ends_other_sign_ins(phone: Phone, clock: Clock) -> None:
    client, other = half_in(), half_in()
    client.post(CODE, {"code": phone.code()})
    clock(60)
    other.post(CODE, {"code": phone.code()})
    for number in range(4):
        client.post(REMOVE, {"old_password": f"guess-{number}"})
    assert TOTPDevice.objects.exists()

    client.post(REMOVE, {"old_password": factories.PASSWORD})

    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert is_in(client)
    assert not is_in(other)
    assert AuditEntry.objects.filter(action="reset_second_factor").count() == 1


def test_guesses_at_the_password_from_within_are_counted(phone: Phone) -> None:
    client = half_in()
    client.post(CODE, {"code": phone.code()})
    for number in range(5):
        client.post(REMOVE, {"old_password": f"guess-{number}"})

    answer = client.post(REMOVE, {"old_password": factories.PASSWORD})

    assert answer.status_code == 429
    assert TOTPDevice.objects.exists()


@pytest.mark.usefixtures("required")
def test_who_must_have_one_cannot_remove_it(phone: Phone) -> None:
    client = half_in()
    client.post(CODE, {"code": phone.code()})

    answer = client.post(REMOVE, {"old_password": factories.PASSWORD}, follow=True)

    assert "必须用第二重验证" in answer.content.decode()
    assert TOTPDevice.objects.exists()


def test_another_phone_takes_the_place_of_the_first(phone: Phone, codes: list[str], clock: Clock) -> None:
    client, other = half_in(), half_in()
    client.post(CODE, {"code": phone.code()})
    clock(60)
    other.post(CODE, {"code": phone.code()})

    new, _codes = set_up(client)

    clock(60)
    assert TOTPDevice.objects.count() == 1
    assert is_in(client)
    assert not is_in(other)
    old, by_recovery, now = half_in(), half_in(), half_in()
    old.post(CODE, {"code": phone.code()})
    by_recovery.post(CODE, {"code": codes[0]})
    now.post(CODE, {"code": new.code()})
    assert [is_in(each) for each in (old, by_recovery, now)] == [False, False, True]


def test_long_after_signing_in_a_phone_is_set_up_for_the_password_alone(editor: User) -> None:
    """A desk left unattended must not become somebody else's account."""
    client = Client()
    client.force_login(editor)
    SignIn.objects.update(began_at=SignIn.objects.get().began_at - guesses.timedelta(minutes=20))
    phone = Phone(key_in(client.get(SET_UP).content.decode()))

    client.post(SET_UP, {"code": phone.code()})
    assert not TOTPDevice.objects.exists()
    client.post(SET_UP, {"code": phone.code(), "old_password": "guess"})
    assert not TOTPDevice.objects.exists()

    client.post(SET_UP, {"code": phone.code(), "old_password": factories.PASSWORD})
    assert TOTPDevice.objects.exists()


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("how", ["password", "force_login"])
def test_who_must_have_one_is_led_to_set_it_up_and_then_on(editor: User, how: str) -> None:
    client = Client()
    if how == "password":
        assert give_password(client, "wang.fang", next="/admin/images/")["Location"].startswith(SET_UP)
    else:
        client.force_login(editor)
    assert client.get("/admin/images/")["Location"] == f"{SET_UP}?next=%2Fadmin%2Fimages%2F"

    phone = Phone(key_in(client.get(SET_UP).content.decode()))
    answer = client.post(SET_UP, {"code": phone.code(), "next": "/admin/images/"})

    assert 'href="/admin/images/"' in answer.content.decode()
    assert client.get("/admin/images/").status_code == 200


@pytest.mark.usefixtures("required")
def test_who_must_have_one_and_has_none_does_nothing_else(editor: User) -> None:
    guide = factories.guide()
    client = Client()
    client.force_login(editor)

    for address in (
        "/admin/account/",
        f"/admin/pages/{guide.pk}/edit/",
        f"/admin/pages/{guide.pk}/view_draft/",
    ):
        assert client.get(address)["Location"].startswith(SET_UP), address
        assert client.post(address).status_code == 302, address
    assert client.get("/admin/account/password/")["Location"].startswith(SET_UP)
    assert client.get("/admin/api/main/pages/", headers={"accept": "application/json"}).status_code == 403
    assert client.get("/").wsgi_request.user.is_anonymous
    assert client.post("/admin/logout/")["Location"] == "/admin/login/"


@pytest.mark.usefixtures("required")
def test_a_role_that_is_given_later_asks_from_the_next_request_on(editor: User) -> None:
    someone = factories.user("community_editor", factories.community())
    client = Client()
    client.force_login(someone)
    assert is_in(client)

    factories.Post.objects.create(user=someone, role="administrator")

    assert client.get("/admin/")["Location"].startswith(SET_UP)


@pytest.mark.usefixtures("required")
def test_other_roles_come_in_with_the_password_alone(db: None) -> None:
    factories.user("auditor", username="li.na")
    client = Client()

    give_password(client, "li.na")

    assert is_in(client)


def test_a_role_that_does_not_exist_stops_the_start(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["administrator", "editor"]

    with pytest.raises(ImproperlyConfigured, match="no role editor"):
        second_factor.check_roles()


def test_an_administrator_resets_the_phone_of_another(phone: Phone, admin: User, editor: User) -> None:
    inside = half_in()
    inside.post(CODE, {"code": phone.code()})
    client = Client()
    client.force_login(admin)
    address = f"/admin/users/{editor.pk}/reset-second-factor/"
    assert address in client.get(f"/admin/users/edit/{editor.pk}/").content.decode()
    assert "请先确认是本人" in client.get(address).content.decode()

    client.post(address)

    assert not TOTPDevice.objects.exists()
    assert not is_in(inside)
    entry = AuditEntry.objects.filter(action="reset_second_factor").get()
    assert (entry.by, entry.object_id) == (admin, str(editor.pk))


def test_nobody_else_resets_a_phone(phone: Phone, editor: User) -> None:
    client = Client()
    client.force_login(factories.user("reviewer", factories.home()))

    client.post(f"/admin/users/{editor.pk}/reset-second-factor/")

    assert TOTPDevice.objects.exists()


def test_administrators_remove_their_own_by_their_own_screen_alone(admin: User, clock: Clock) -> None:
    client = Client()
    client.force_login(admin)
    set_up(client)

    answer = client.post(f"/admin/users/{admin.pk}/reset-second-factor/")

    assert answer["Location"] == STATE
    assert TOTPDevice.objects.exists()


def test_the_code_leads_on_within_this_site_alone(phone: Phone) -> None:
    assert (
        half_in().post(CODE, {"code": phone.code(), "next": "https://evil.example/"})["Location"] == "/admin/"
    )


@pytest.mark.parametrize("address", [CODE, SET_UP, STATE, REMOVE, NEW_CODES, "/admin/account/password/"])
def test_a_stranger_is_sent_to_sign_in(db: None, address: str) -> None:
    for answer in (Client().get(address), Client().post(address)):
        assert re.match(r"/admin/login/\?next=", answer["Location"])


@factories.committed
@pytest.mark.asyncio
async def test_a_socket_sees_nobody_before_the_code_and_ends_with_the_sign_in(settings: Settings) -> None:
    seen: list[Any] = []
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["user"])
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "one"})
        await database_sync_to_async(SignIn.objects.all().end)()
        await send({"type": "websocket.send", "text": "two"})
        await send({"type": "websocket.send", "text": "three"})

    async def keep(message: Any) -> None:
        sent.append(message)

    editor, session = await database_sync_to_async(signed_in)()
    scope = {"user": editor, "session": session}
    settings.SECOND_FACTOR_ROLES = ["district_editor"]
    await StaffSockets(application)(scope, None, keep)
    assert isinstance(seen[0], AnonymousUser)

    sent.clear()
    settings.SECOND_FACTOR_ROLES = []
    await database_sync_to_async(SignIn.objects.update)(ended_at=None)
    await StaffSockets(application)(scope, None, keep)
    assert seen[1] == editor
    assert [message.get("text", message["type"]) for message in sent] == [
        "websocket.accept",
        "one",
        "websocket.close",
    ]


def signed_in() -> tuple[User, Any]:
    editor = factories.user("district_editor", factories.home())
    client = Client()
    client.force_login(editor)
    return editor, client.session
