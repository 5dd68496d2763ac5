"""New passwords: long enough, not used before, and in time another one."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from staff.models import AuditEntry, PastPassword, User
from tests import factories
from tests.admin_forms import submit
from tests.staff.second_factors import give_password, is_in

CHANGE = "/admin/account/password/"
USED = "不能和最近用过的 5 个密码相同"


@pytest.fixture
def editor(db: None) -> User:
    return factories.user("district_editor", factories.home(), username="wang.fang")


@pytest.fixture
def client(editor: User) -> Client:
    client = Client()
    give_password(client, "wang.fang")
    return client


def change(
    client: Client, new: str, *, old: str = factories.PASSWORD, again: str | None = None, **more: Any
) -> Any:
    data = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(CHANGE, data | more)


def password(number: int) -> str:
    return f"Jedes-Mal-neu-{number}"


def test_a_new_password_is_taken_and_noted(client: Client, editor: User) -> None:
    assert change(client, password(1), next="/admin/images/")["Location"] == "/admin/images/"

    assert give_password(Client(), "wang.fang", password=password(1)).status_code == 302
    assert AuditEntry.objects.get(action="change_password").by == editor
    assert AuditEntry.objects.filter(action="change_account").latest("pk").by == editor


@pytest.mark.parametrize(
    ("new", "reason"),
    [("Kurz-2026", "10"), ("7391846205", "数字"), ("password1234", "常见"), ("wang.fang.1", "相似")],
)
def test_weak_ones_are_refused_with_the_reason(client: Client, new: str, reason: str) -> None:
    answer = change(client, new)

    errors = " ".join(answer.context["form"].errors["new_password2"])
    assert reason in errors
    assert give_password(Client(), "wang.fang").status_code == 302


def test_both_must_be_the_same(client: Client) -> None:
    assert change(client, password(1), again=password(2)).context["form"].errors["new_password2"]


def test_none_of_the_last_five_is_taken_again(client: Client) -> None:
    used = [factories.PASSWORD, *(password(number) for number in range(5))]
    for old, new in pairwise(used):
        assert change(client, new, old=old).status_code == 302

    for again in used[1:]:
        assert USED in change(client, again, old=used[-1]).content.decode()
    assert change(client, used[0], old=used[-1]).status_code == 302


def test_a_wrong_present_password_learns_nothing_of_the_used_ones(client: Client) -> None:
    answer = change(client, factories.PASSWORD, old="guess")

    shown = answer.content.decode()
    assert "密码不对" in shown
    assert "new_password2" not in answer.context["form"].errors


def test_the_present_password_is_counted_like_any_guess(client: Client) -> None:
    for number in range(5):
        assert change(client, password(1), old=f"guess-{number}").status_code == 200

    answer = change(client, password(1))

    assert answer.status_code == 429
    assert "试的次数太多了" in answer.content.decode()
    assert give_password(Client(), "wang.fang").status_code == 429


def test_it_holds_where_an_administrator_sets_one(editor: User) -> None:
    admin = Client()
    admin.force_login(factories.user("administrator"))
    address = f"/admin/users/edit/{editor.pk}/"

    used = submit(admin, address, password1=factories.PASSWORD, password2=factories.PASSWORD)
    assert USED in used.content.decode()

    submit(admin, address, password1=password(1), password2=password(1))
    assert User.objects.get(pk=editor.pk).check_password(password(1))
    assert AuditEntry.objects.get(action="change_password").object_id == str(editor.pk)


def test_it_holds_where_one_is_set_by_mail(editor: User) -> None:
    number = urlsafe_base64_encode(force_bytes(editor.pk))
    link = f"/admin/password_reset/confirm/{number}/{default_token_generator.make_token(editor)}/"
    client = Client()
    address = client.get(link)["Location"]

    used = client.post(address, {"new_password1": factories.PASSWORD, "new_password2": factories.PASSWORD})
    assert USED in used.content.decode()

    client.post(address, {"new_password1": password(1), "new_password2": password(1)})
    assert User.objects.get(pk=editor.pk).check_password(password(1))
    assert AuditEntry.objects.get(action="change_password").detail["how"] == "mail"
    assert not is_in(client)


def test_only_hashes_of_five_are_kept(editor: User) -> None:
    for number in range(8):
        editor.set_password(password(number))
        editor.save()

    kept = PastPassword.objects.filter(user=editor)
    assert kept.count() == 5
    assert "Jedes-Mal" not in str(list(kept.values()))
    assert editor.password in kept.values_list("password", flat=True)


def test_saving_a_user_without_a_new_password_remembers_and_ends_nothing(
    client: Client, editor: User
) -> None:
    user = User.objects.get(pk=editor.pk)
    user.phone = "0592-2020001"
    user.save()

    assert PastPassword.objects.filter(user=editor).count() == 1
    assert is_in(client)


def test_administrators_change_their_own_by_the_screen_that_asks_for_the_present_one(db: None) -> None:
    admin = factories.user("administrator", username="admin")
    client = Client()
    client.force_login(admin)
    address = f"/admin/users/edit/{admin.pk}/"
    assert 'name="password1"' not in client.get(address).content.decode()

    submit(client, address, display_name="管理员", password1=password(1), password2=password(1))

    changed = User.objects.get(pk=admin.pk)
    assert changed.display_name == "管理员"
    assert changed.check_password(factories.PASSWORD)


def test_the_account_screen_leads_to_the_one_for_passwords(client: Client) -> None:
    shown = client.get("/admin/account/").content.decode()

    assert CHANGE in shown
    assert 'type="password"' not in shown


def test_passwords_grow_old_only_where_the_operators_say_so(client: Client, settings: Settings) -> None:
    PastPassword.objects.update(set_at=timezone.now() - timedelta(days=91))
    assert is_in(client)

    settings.PASSWORD_MAX_AGE_DAYS = 90

    assert client.get("/admin/images/")["Location"] == f"{CHANGE}?next=%2Fadmin%2Fimages%2F"


def test_an_old_password_leads_to_a_new_one_and_then_on(client: Client, settings: Settings) -> None:
    settings.PASSWORD_MAX_AGE_DAYS = 90
    PastPassword.objects.update(set_at=timezone.now() - timedelta(days=91))
    newcomer = Client()
    assert give_password(newcomer, "wang.fang")["Location"] == f"{CHANGE}?next=%2Fadmin%2F"
    assert "用了超过 90 天" in newcomer.get(CHANGE).content.decode()
    for address in ("/admin/account/", "/admin/account/second-factor/set-up/"):
        assert newcomer.get(address)["Location"].startswith(CHANGE)

    change(newcomer, password(1))

    assert is_in(newcomer)
    assert not is_in(client)
