from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from imports import runs
from imports.lanes import NotNow
from imports.models import ImportRun


class Command(BaseCommand):
    help = "Bring back what was before an import. Exit 0 when all of it came back, 1 when something was left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, metavar="RUN", help="the number of the import")

    def handle(self, *, run: int, **options: Any) -> None:
        found = ImportRun.objects.filter(pk=run).first()
        if found is None:
            raise CommandError(f"没有编号为 {run} 的导入。")
        try:
            done = runs.undo(found, by=found.by)
        except NotNow as error:
            raise CommandError(str(error)) from error
        left = done.result["undo"]["left"]
        if left:
            raise CommandError("\n".join(["有些内容没有撤销：", *left]))
        self.stdout.write("已撤销。")
