import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from staff import verification


class Command(BaseCommand):
    help = "Verify the chain of the audit record. Exit 0 when it is whole, 1 when an entry was altered."
    requires_system_checks: list[Any] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="first take in what an older version of the site left outside the chain during an upgrade",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["adopt"] and (adopted := verification.adopt()):
            self.stderr.write(f"已把 {adopted} 条链外的记录补进链中。")
        verdict = verification.verify()
        if options["json"]:
            self.stdout.write(
                json.dumps(asdict(verdict) | {"is_whole": verdict.is_whole}, ensure_ascii=False)
            )
        else:
            self._say(verdict)
        if not verdict.is_whole:
            raise SystemExit(1)

    def _say(self, verdict: verification.Verdict) -> None:
        if verdict.is_whole:
            self.stdout.write(
                f"操作记录完整：第 {verdict.begins_at} 至第 {verdict.whole_to} 条，共 {verdict.read} 条。"
                if verdict.read
                else "操作记录完整：没有记录。"
            )
        else:
            self.stdout.write(f"操作记录不完整：{verdict.problem}（到第 {verdict.whole_to} 条为止完整）")
        if not verdict.is_guarded:
            self.stderr.write("数据库里没有防改动的触发器，请运行 manage.py migrate。")
