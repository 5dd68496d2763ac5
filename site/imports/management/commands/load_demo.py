from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from content_models.base import memo
from content_models.base.checks import NotPublishable
from content_models.base.resources import SheetRefused
from imports import demo, demo_accounts
from staff.models import User


class Command(BaseCommand):
    help = "Load the demo district with one account per role. Run again: nothing changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="compare every file even if loaded before")
        parser.add_argument(
            "--new-passwords", action="store_true", help="give every demo account a new password"
        )

    def handle(self, *, force: bool, new_passwords: bool, verbosity: int, **options: Any) -> None:
        given = demo_accounts.ensure([demo_accounts.ADMIN], new_passwords=new_passwords)
        if force or not demo.is_loaded():
            self.load(verbosity)
        given |= demo_accounts.ensure(
            [account for account in demo_accounts.ACCOUNTS if account is not demo_accounts.ADMIN],
            new_passwords=new_passwords,
        )
        if given:
            self.print_accounts(given)
        elif verbosity:
            self.stdout.write("演示账号已存在。忘了密码：python manage.py load_demo --new-passwords")

    def load(self, verbosity: int) -> None:
        admin = User.objects.get(username=demo_accounts.ADMIN.username)
        if verbosity:
            self.stdout.write("正在载入演示内容……")
        try:
            with memo.kept():
                number = demo.load(by=admin, say=self.say if verbosity > 1 else lambda text: None)
        except (SheetRefused, NotPublishable) as error:
            raise CommandError("\n".join(error.messages)) from error
        if verbosity:
            self.stdout.write(f"演示内容已就绪，这次发布 {number} 项。")

    def say(self, text: str) -> None:
        self.stdout.write(f"  {text}")

    def print_accounts(self, given: dict[str, str]) -> None:
        accounts = [account for account in demo_accounts.ACCOUNTS if account.username in given]
        width = max(len(account.username) for account in accounts)
        self.stdout.write("演示账号（仅供演示，密码只显示这一次）：")
        for account in accounts:
            self.stdout.write(
                f"  {account.username:<{width}}  {given[account.username]}  {account.role.label}"
            )
