import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from content_models.catalogue import KINDS
from imports import runs, steps
from imports.kinds import lane_of
from imports.lanes import NotNow
from imports.management.commands.export_sheet import page_named
from imports.models import ImportRun, StagedRow
from imports.reading.refusals import Refused
from staff.models import User

ERRORS_SHOWN = 20
BAR = 40


class Command(BaseCommand):
    help = (
        "Import a spreadsheet with the engine of the import room: --check only looks, --yes writes. "
        "Exit 0 done, 1 refused with reasons, 2 wrong call."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument("--into", default="", metavar="PAGE_OR_LIST_SLUG")
        parser.add_argument("--sheet", default="", metavar="NAME")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="in whose name; default: an administrator"
        )
        parser.add_argument("--title", default="", help="name of the new edition")
        parser.add_argument("--outcome", choices=ImportRun.Outcome.values, default=ImportRun.Outcome.DRAFT)
        parser.add_argument("--accept", choices=ImportRun.Accept.values, default=ImportRun.Accept.ALL)
        parser.add_argument("--missing", choices=ImportRun.Missing.values, default=ImportRun.Missing.KEEP)
        parser.add_argument("--masks", action="store_true", help="mask personal data in public columns")
        parser.add_argument("--check", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--yes", action="store_true", help="write without asking")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *, file: Path, kind: str, into: str, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"没有文件“{file}”。", returncode=2)
        self.is_json, self.verbosity = options["json"], options["verbosity"]
        user = self.user(options["by"])
        try:
            with file.open("rb") as opened:
                run = runs.receive(opened, name=file.name, kind=kind, into=page_named(into), by=user)
        except Refused as error:
            raise CommandError(str(error)) from error
        for name in ("sheet", "title", "outcome", "accept", "missing", "masks"):
            setattr(run, name, options[name])
        run.save()
        try:
            self.look(run)
            self.report(run)
            if run.state != ImportRun.State.CHECKED:
                raise NotNow(run.message)
            if options["check"]:
                if run.count("refused"):
                    raise NotNow(f"{run.count('refused')} 行有错误。")
                return
            if not options["yes"] and not self.agreed():
                self.stdout.write("没有写入。")
                return
            run = runs.confirm(run, by=user)
        except (NotNow, Refused) as error:
            raise CommandError(str(error)) from error
        self.done(run)

    def user(self, name: str) -> Any:
        users = User.objects.filter(is_active=True)
        user = users.filter(username=name).first() if name else users.filter(is_superuser=True).first()
        if user is None:
            raise CommandError(f"没有账号“{name}”。" if name else "还没有管理员账号。", returncode=2)
        return user

    def look(self, run: ImportRun) -> None:
        placed = steps.place_columns(run, lane_of(run))
        if placed.missing:
            raise NotNow(f"文件里没有必填的列：{'、'.join(placed.missing)}。")
        run.on_beat = self.draw
        runs.check(run)

    def draw(self, run: ImportRun) -> None:
        """A bar on the error stream, where somebody is looking."""
        if self.is_json or not self.verbosity or not sys.stderr.isatty():
            return
        part = min(1.0, run.rows_read / max(run.rows_expected, 1))
        done = int(BAR * part)
        self.stderr.write(f"\r[{'#' * done}{'.' * (BAR - done)}] {run.rows_read} 行", ending="")
        self.stderr.flush()

    def report(self, run: ImportRun) -> None:
        refused = run.rows.filter(status=StagedRow.Status.REFUSED)
        errors = [
            f"第 {row.number} 行“{column}”（{value}）：{message}"
            if column
            else f"第 {row.number} 行：{message}"
            for row in refused[:ERRORS_SHOWN]
            for column, value, message in row.problems
        ]
        if self.is_json:
            self.stdout.write(
                json.dumps(
                    {
                        "run": run.pk,
                        "state": run.state,
                        "message": run.message,
                        "counts": run.counts,
                        "columns": run.mapping,
                        "errors": errors,
                        "remarks": run.remarks,
                    },
                    ensure_ascii=False,
                )
            )
            return
        counts = run.counts
        self.stdout.write(
            f"导入 {run.pk}：新增 {counts.get('new', 0)}，有变化 {counts.get('changed', 0)}，"
            f"没有变化 {counts.get('same', 0)}，有错误 {counts.get('refused', 0)}，"
            f"文件里没有 {counts.get('missing', 0)}，没有读 {counts.get('skipped', 0)}。"
        )
        for sentence in [*run.remarks, *errors]:
            self.stdout.write(f"  {sentence}")
        if run.count("refused") > ERRORS_SHOWN:
            self.stdout.write("  ……还有更多。")

    def agreed(self) -> bool:
        return input("写入吗？[y/N] ").strip().lower() in ("y", "yes", "是")

    def done(self, run: ImportRun) -> None:
        if not self.is_json:
            self.stdout.write(f"已写入。撤销：python manage.py undo_import {run.pk}")
