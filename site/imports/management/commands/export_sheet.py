from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from wagtail.models import Page

from content_models.base.spreadsheets import write_csv, write_xlsx
from content_models.catalogue import KINDS
from content_models.guides import national
from imports.export import sheets_of
from imports.lanes import NotNow


class Command(BaseCommand):
    help = "Write what the site holds of a kind as a spreadsheet that imports back unchanged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT", help="where to: a name ending in .xlsx or .csv")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument(
            "--into", default="", metavar="SLUG", help="a list, or a page: only what is below"
        )
        parser.add_argument(
            "--national",
            action="store_true",
            help="guides under the names of the national interface, to a name ending in .xlsx or .json",
        )

    def handle(self, *, out: Path, kind: str, into: str, verbosity: int, **options: Any) -> None:
        if options["national"]:
            self.write_national(out, kind, page_named(into))
        else:
            self.write(out, kind, into)
        if verbosity:
            self.stdout.write(f"已导出到 {out}")

    def write_national(self, out: Path, kind: str, into: Page | None) -> None:
        form = out.suffix.lower().removeprefix(".")
        if kind != "guides":
            raise CommandError("国家接口格式只有办事指南（--kind guides）。", returncode=2)
        if form not in national.FORMS:
            raise CommandError("文件名要以 .xlsx 或 .json 结尾。", returncode=2)
        with out.open("wb") as file:
            national.write(national.public_guides(into), form, file)

    def write(self, out: Path, kind: str, into: str) -> None:
        try:
            sheets = sheets_of(kind, page_named(into))
        except NotNow as error:
            raise CommandError(str(error)) from error
        if out.suffix.lower() not in (".xlsx", ".csv"):
            raise CommandError("文件名要以 .xlsx 或 .csv 结尾。", returncode=2)
        with out.open("wb") as file:
            if out.suffix.lower() == ".csv":
                write_csv(sheets[0], file)
            else:
                write_xlsx(sheets, file)


def page_named(slug: str) -> Page | None:
    """The page of this address part; CommandError where there is none, or more than one."""
    if not slug:
        return None
    pages = list(Page.objects.filter(slug=slug)[:2])
    if len(pages) != 1:
        raise CommandError(f"{'没有' if not pages else '不止一个'}网址名为“{slug}”的页面。")
    return pages[0]
