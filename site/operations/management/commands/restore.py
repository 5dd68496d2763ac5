import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.backup import Refused
from operations.drill import drill
from operations.restore import Restored, restore


class Command(BaseCommand):
    help = (
        "Put back the backup in DIR (or the newest one below it), checked first and looked at afterwards. "
        "Exit 0 done, 1 refused with reasons, 2 wrong call."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, metavar="DIR")
        parser.add_argument("--replace", action="store_true", help="also where there is content already")
        parser.add_argument(
            "--anyway", action="store_true", help="keep what was put back even if a check fails afterwards"
        )
        parser.add_argument(
            "--drill", action="store_true", help="try it in an empty place of its own, which is removed again"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *, place: Path, replace: bool, anyway: bool, **options: Any) -> None:
        if not place.is_dir():
            raise CommandError(f"没有文件夹“{place}”。", returncode=2)
        self.is_json = options["json"]
        try:
            if options["drill"]:
                self.report(drill(place))
                return
            done = restore(place, replace=replace, anyway=anyway, tell=self.tell)
        except Refused as error:
            if self.is_json:
                self.stdout.write(json.dumps({"refused": error.reasons}, ensure_ascii=False))
            raise CommandError("\n".join(error.reasons)) from error
        self.report(done.as_json(), done)

    def tell(self, sentence: str) -> None:
        if not self.is_json:
            self.stdout.write(sentence)

    def report(self, facts: dict[str, Any], done: Restored | None = None) -> None:
        if self.is_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        verb = "已恢复" if done is not None else "演练成功，可以恢复"
        self.stdout.write(
            f"{verb} {facts['backup']}（{facts['made_at']}）："
            f"{facts['rows']} 行数据，{facts['files']} 个文件。"
        )
        for sentence in [*facts["remarks"], *facts["checks"]]:
            self.stdout.write(f"  {sentence}")
