"""How long a sign-in lasts, what ends it, and the list of one's own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api import tokens
from publishing import schedule
from staff.models import AuditEntry, SignIn, User
from staff.sign_in.models import SignInQuerySet
from tests import factories
from tests.admin_forms import submit
from tests.staff.second_factors import give_password, is_in

OWN = "/admin/account/sign-ins/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 MicroMessenger/8.0.50"
NEW = "Ganz-anderes-2027"


@pytest.fixture
def editor(db: None) -> User:
    return factories.user("district_editor", factories.home(), username="wang.fang")


@pytest.fixture
def admin(db: None) -> User:
    return factories.user("administrator", username="admin")


def signed_in(user: User, **more: Any) -> Client:
    client = Client(**more)
    give_password(client, user.username)
    assert is_in(client)
    return client


def age(sign_in: SignIn | None = None, *, idle: float = 0, began: float = 0) -> None:
    """Let so many minutes have passed since something was done, and since signing in."""
    now = timezone.now()
    (SignIn.objects.filter(pk=sign_in.pk) if sign_in else SignIn.objects).update(
        last_active_at=now - timedelta(minutes=idle), began_at=now - timedelta(minutes=began)
    )


def test_half_an_hour_without_doing_anything_ends_it(editor: User) -> None:
    client = signed_in(editor)

    age(idle=29, began=60)
    assert is_in(client)
    age(idle=30, began=60)
    answer = client.get("/admin/images/")

    assert answer["Location"] == "/admin/login/?next=/admin/images/"
    shown = client.get(answer["Location"]).content.decode()
    assert "太久没有操作" in shown
    assert 'value="/admin/images/"' in shown


def test_eight_hours_end_it_whatever_is_done(editor: User) -> None:
    client = signed_in(editor)

    age(began=8 * 60 - 1)
    assert is_in(client)
    age(began=8 * 60)
    assert not is_in(client)


def test_the_limits_are_settings(editor: User, settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS, settings.SESSION_LONGEST_SECONDS = 120, 600
    client = signed_in(editor)

    age(idle=1, began=9)
    assert is_in(client)
    age(idle=3, began=9)
    assert not is_in(client)


def test_one_that_has_run_out_does_not_come_back(editor: User) -> None:
    client = signed_in(editor)
    kept = client.cookies["sessionid"].value
    age(idle=31)
    assert not is_in(client)

    age(idle=0)
    client.cookies["sessionid"] = kept

    assert not is_in(client)


def test_signing_in_again_leads_back(editor: User) -> None:
    guide = factories.guide()
    client = signed_in(editor)
    age(idle=31)
    there = f"/admin/pages/{guide.pk}/edit/"

    answer = client.post(there, {"title": "改到一半"})

    assert answer["Location"] == f"/admin/login/?next={there}"
    assert give_password(client, "wang.fang", next=there)["Location"] == there


def test_what_is_done_keeps_it(editor: User) -> None:
    client = signed_in(editor)
    for _each in range(3):
        age(idle=20, began=100)
        assert is_in(client)

    assert timezone.now() - SignIn.objects.get().last_active_at < timedelta(minutes=1)


def test_typing_keeps_it(editor: User) -> None:
    client = signed_in(editor)
    age(idle=20)

    assert (
        client.post("/admin/account/active/", headers={"x-requested-with": "XMLHttpRequest"}).status_code
        == 204
    )

    assert timezone.now() - SignIn.objects.get().last_active_at < timedelta(minutes=1)


def test_typing_into_a_page_whose_sign_in_is_over_is_told_so(editor: User) -> None:
    client = signed_in(editor)
    age(idle=31)

    answer = client.post("/admin/account/active/", headers={"x-requested-with": "XMLHttpRequest"})

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["ping", "autosave", "readers"])
def test_what_a_page_asks_by_itself_does_not_keep_it(editor: User, name: str) -> None:
    guide = factories.guide()
    client = signed_in(editor)
    page = client.get(f"/admin/pages/{guide.pk}/edit/")
    ping = page.context["editing_sessions"].ping_url
    age(idle=20)

    headers = {"accept": "application/json"}
    as_sent = {"accept": "*/*", "x-requested-with": "XMLHttpRequest"}  # by Wagtail's script for the ping
    answer = {
        "ping": lambda: client.post(ping, headers=as_sent),
        "autosave": lambda: client.post(f"/admin/pages/{guide.pk}/edit/", {"title": "新"}, headers=headers),
        "readers": lambda: client.get(f"/admin/live/{guide.pk}/", headers=headers),
    }[name]()

    assert answer.status_code in (200, 400)
    assert timezone.now() - SignIn.objects.get().last_active_at > timedelta(minutes=19)


def test_not_every_request_writes(editor: User, django_assert_max_num_queries: Any) -> None:
    client = signed_in(editor)

    with django_assert_max_num_queries(100) as asked:
        for _each in range(3):
            client.get("/admin/account/")
    assert not [each for each in asked.captured_queries if each["sql"].startswith("UPDATE")]

    age(idle=2)
    with django_assert_max_num_queries(100) as asked:
        client.get("/admin/account/")
    assert len([each for each in asked.captured_queries if each["sql"].startswith("UPDATE")]) == 1


def test_a_database_that_is_busy_does_not_turn_staff_away(editor: User, monkeypatch: Any) -> None:
    client = signed_in(editor)
    age(idle=5)
    monkeypatch.setattr(SignInQuerySet, "update", busy)

    assert is_in(client)


def busy(self: Any, **values: Any) -> int:
    raise OperationalError("database is locked")


def test_readers_without_a_session_ask_the_session_table_nothing(
    db: None, django_assert_max_num_queries: Any
) -> None:
    Client().get("/")
    with django_assert_max_num_queries(60) as asked:
        answer = Client().get("/")

    assert "Cookie" not in answer.get("Vary", "") or "session" not in str(asked.captured_queries)
    assert not [
        each for each in asked.captured_queries if "session" in each["sql"] or "signin" in each["sql"]
    ]


# What ends all of them

Ending = Callable[[User, User], Any]


def change_own(editor: User, admin: User) -> None:
    answer = signed_in(editor).post(
        "/admin/account/password/",
        {"old_password": factories.PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )
    assert answer.status_code == 302


def set_by_administrator(editor: User, admin: User) -> None:
    submit(signed_in(admin), f"/admin/users/edit/{editor.pk}/", password1=NEW, password2=NEW)


def set_by_command(editor: User, admin: User) -> None:
    editor.set_password(NEW)
    editor.save()


def set_past_everything(editor: User, admin: User) -> None:
    User.objects.filter(pk=editor.pk).update(password=make_password(NEW))


def disable_by_screen(editor: User, admin: User) -> None:
    client = signed_in(admin)
    address = f"/admin/users/edit/{editor.pk}/"
    data = {"username": editor.username, "display_name": "王芳", "password1": "", "password2": ""}
    client.post(address, data, follow=True)


def disable_in_bulk(editor: User, admin: User) -> None:
    address = f"/admin/bulk/staff/user/set_active_state/?id={editor.pk}&next=/admin/users/"
    signed_in(admin).post(address, {"mark_as_active": "False"})


def disable_by_command(editor: User, admin: User) -> None:
    editor.is_active = False
    editor.save()


def disable_past_everything(editor: User, admin: User) -> None:
    User.objects.filter(pk=editor.pk).update(is_active=False)
    schedule._last_run.clear()
    schedule.run_due()


def end_by_administrator(editor: User, admin: User) -> None:
    client = signed_in(admin)
    address = f"/admin/users/{editor.pk}/end-sign-ins/"
    assert address in client.get(f"/admin/users/edit/{editor.pk}/").content.decode()
    client.post(address)


CHANGES = [change_own, set_by_administrator, set_by_command, set_past_everything]
DISABLING = [disable_by_screen, disable_in_bulk, disable_by_command, disable_past_everything]


@pytest.mark.parametrize(
    "ending", [*CHANGES, *DISABLING, end_by_administrator], ids=lambda each: each.__name__
)
def test_all_sign_ins_end(editor: User, admin: User, ending: Ending) -> None:
    clients = [signed_in(editor) for _each in range(2)]

    ending(User.objects.get(pk=editor.pk), admin)

    assert [is_in(client) for client in clients] == [False, False]


@pytest.mark.parametrize("ending", DISABLING, ids=lambda each: each.__name__)
def test_they_do_not_come_back_with_the_account(editor: User, admin: User, ending: Ending) -> None:
    client = signed_in(editor)
    ending(User.objects.get(pk=editor.pk), admin)
    assert not User.objects.get(pk=editor.pk).is_active

    User.objects.filter(pk=editor.pk).update(is_active=True)

    assert not is_in(client)


def test_a_session_met_while_the_account_is_disabled_is_over_for_good(editor: User) -> None:
    client = signed_in(editor)
    User.objects.filter(pk=editor.pk).update(is_active=False)
    kept = client.cookies["sessionid"].value
    assert not is_in(client)

    User.objects.filter(pk=editor.pk).update(is_active=True)
    client.cookies["sessionid"] = kept

    assert not is_in(client)


def test_the_one_in_which_the_password_is_changed_stays(editor: User) -> None:
    client, other = signed_in(editor), signed_in(editor)

    client.post(
        "/admin/account/password/",
        {"old_password": factories.PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert is_in(client)
    assert not is_in(other)
    assert editor.sign_ins.open().count() == 1


def test_tokens_of_a_disabled_account_open_nothing(admin: User) -> None:
    importer = factories.user("importer", factories.home())
    _token, text = tokens.make(importer, name="业务系统", scopes=["imports"], lifetime=timedelta(days=1))
    program = Client(headers={"authorization": f"Bearer {text}"})
    assert program.get("/api/v1/imports/").status_code == 200

    importer.is_active = False
    importer.save()

    assert program.get("/api/v1/imports/").status_code == 401


@pytest.mark.parametrize(
    ("ending", "action"),
    [
        (disable_by_screen, "disable_user"),
        (disable_in_bulk, "disable_user"),
        (end_by_administrator, "end_sessions"),
    ],
)
def test_what_administrators_do_is_noted(editor: User, admin: User, ending: Ending, action: str) -> None:
    signed_in(editor)

    ending(editor, admin)

    entry = AuditEntry.objects.get(action=action)
    assert (entry.by, entry.object_id) == (admin, str(editor.pk))


def test_enabling_is_noted(editor: User, admin: User) -> None:
    User.objects.filter(pk=editor.pk).update(is_active=False)

    submit(signed_in(admin), f"/admin/users/edit/{editor.pk}/", is_active="on")

    assert AuditEntry.objects.get(action="enable_user").by == admin


def test_only_administrators_end_the_sign_ins_of_others(editor: User) -> None:
    client = signed_in(editor)

    signed_in(factories.user("reviewer", factories.home(), username="li.na")).post(
        f"/admin/users/{editor.pk}/end-sign-ins/"
    )

    assert is_in(client)


# The list of one's own


def test_the_list_says_where_and_with_what_one_is_signed_in(editor: User, admin: User) -> None:
    here = signed_in(editor, headers={"user-agent": CHROME}, REMOTE_ADDR="10.0.0.1")
    signed_in(editor, headers={"user-agent": WECHAT}, REMOTE_ADDR="10.0.0.2")
    signed_in(admin, REMOTE_ADDR="10.0.0.3")

    shown = here.get(OWN).content.decode()

    assert "Chrome（Windows）" in shown
    assert "微信（iPhone）" in shown
    assert "10.0.0.1" in shown
    assert "10.0.0.2" in shown
    assert "10.0.0.3" not in shown
    assert shown.count("就是这里") == 1
    assert OWN in here.get("/admin/account/").content.decode()


def test_one_of_them_or_all_others_can_be_ended(editor: User) -> None:
    here, second, third, fourth = [signed_in(editor) for _each in range(4)]
    number = second.session["staff_sign_in"]

    here.post(OWN, {"sign_in": str(number)})
    assert [is_in(each) for each in (here, second, third, fourth)] == [True, False, True, True]

    here.post(OWN)
    assert [is_in(each) for each in (here, third, fourth)] == [True, False, False]
    assert [
        each.detail["count"] for each in AuditEntry.objects.filter(action="end_sessions").order_by("pk")
    ] == [1, 2]


@pytest.mark.parametrize("number", ["0", "x", "999999999999"])
def test_nobody_ends_another_s_sign_in(editor: User, admin: User, number: str) -> None:
    client, other = signed_in(editor), signed_in(admin)

    client.post(OWN, {"sign_in": str(other.session["staff_sign_in"])})
    client.post(OWN, {"sign_in": number})

    assert is_in(other)
    assert is_in(client)


def test_the_database_knows_no_key_of_a_session_but_the_session(editor: User) -> None:
    client = signed_in(editor)

    assert client.cookies["sessionid"].value not in str(list(SignIn.objects.values()))


def test_a_session_whose_sign_in_is_forgotten_is_over(editor: User) -> None:
    client = signed_in(editor)

    SignIn.objects.all().delete()

    assert not is_in(client)
