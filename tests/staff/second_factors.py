"""A phone for the tests, and the ways through the screens that ask for it."""

import re
import time
from base64 import b32decode
from typing import Any

from django.test import Client
from django_otp.oath import TOTP

from tests import factories

LOGIN, CODE = "/admin/login/", "/admin/login/code/"
SET_UP = "/admin/account/second-factor/set-up/"


class Phone:
    """Shows the code of the moment for a key."""

    def __init__(self, key: str) -> None:
        self.totp = TOTP(b32decode(key.replace(" ", "")))

    def code(self, *, ago: float = 0) -> str:
        """The code of now, or of so many seconds ago; negative for one of the future."""
        self.totp.time = time.time() - ago
        return f"{self.totp.token():06d}"


def key_in(page: str) -> str:
    found = re.search(r'class="step__key">([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1]


def codes_in(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z2-9-]{19})</code></li>", page)


def set_up(client: Client) -> tuple[Phone, list[str]]:
    """Make a phone the second factor of whoever is signed in; returns it and the recovery codes."""
    phone = Phone(key_in(client.get(SET_UP).content.decode()))
    answer = client.post(SET_UP, {"code": phone.code()})
    return phone, codes_in(answer.content.decode())


def give_password(client: Client, name: str, **more: Any) -> Any:
    data = {"username": name, "password": factories.PASSWORD, "next": "/admin/"} | more
    return client.post(LOGIN, data)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200
