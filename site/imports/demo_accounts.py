"""One account per role for the demo, with what each may do and where."""

import os
import secrets
from dataclasses import dataclass

from django.db import transaction
from wagtail.models import Page

from content_models.places.models import RegionPage
from staff.models import Post, User
from staff.roles import Role

DISTRICT, STREET, COMMUNITY = "999901000000", "999901001000", "999901001001"


@dataclass(frozen=True)
class Account:
    """A demo account: its name, role and the code of the region it is for."""

    username: str
    role: Role
    region_code: str = ""


ADMIN = Account("admin", Role.ADMINISTRATOR)
ACCOUNTS = [
    ADMIN,
    Account("district_editor", Role.DISTRICT_EDITOR, DISTRICT),
    Account("street_editor", Role.STREET_EDITOR, STREET),
    Account("community_editor", Role.COMMUNITY_EDITOR, COMMUNITY),
    Account("importer", Role.IMPORTER, DISTRICT),
    Account("reviewer", Role.REVIEWER, DISTRICT),
    Account("auditor", Role.AUDITOR),
]


def new_password() -> str:
    return os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)


@transaction.atomic
def ensure(accounts: list[Account], *, new_passwords: bool = False) -> dict[str, str]:
    """Make the accounts that are missing; returns the passwords given, by user name."""
    given = {}
    for account in accounts:
        user = User.objects.filter(username=account.username).first()
        if user is None or new_passwords:
            user = user or User(username=account.username, display_name=str(account.role.label))
            given[account.username] = new_password()
            user.set_password(given[account.username])
            user.save()
        place = _place(account.region_code)
        if not Post.objects.filter(user=user, role=account.role, place=place).exists():
            Post.objects.create(user=user, role=account.role, place=place)
    return given


def _place(region_code: str) -> Page | None:
    """The page a post is for; the post itself points at the tree, not at a kind of region."""
    region = RegionPage.objects.filter(region_code=region_code).first() if region_code else None
    return Page.objects.get(pk=region.pk) if region is not None else None
