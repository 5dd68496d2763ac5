from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backup


class Command(BaseCommand):
    help = (
        "Write a whole backup of database and files into DIR/doorstep-<time>/ while the site runs. "
        "Exit 0 done, 1 refused with reasons, 2 wrong call."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, metavar="DIR")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="afterwards remove all but the N newest"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *, place: Path, keep: int, **options: Any) -> None:
        if keep < 0:
            raise CommandError("--keep 不能是负数。", returncode=2)
        if place.exists() and not place.is_dir():
            raise CommandError(f"“{place}”不是文件夹。", returncode=2)
        try:
            folder, made = backup.make(place, keep=keep)
        except backup.Refused as error:
            raise CommandError("\n".join(error.reasons)) from error
        if options["json"]:
            self.stdout.write(backup.as_json(folder, made))
            return
        size = sum(kept.size for kept in made.files.values()) / (1 << 20)
        self.stdout.write(
            f"已备份到 {folder}："
            f"{sum(made.counts.values())} 行数据，{len(made.files)} 个文件，{size:.1f} MB。"
        )
