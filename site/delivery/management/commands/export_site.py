"""Writes the whole public site as plain files."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery.export import Busy, NotOurs, export


class Command(BaseCommand):
    help = "Writes the public site as plain files into DIR; again, only what has changed since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", metavar="DIR", type=Path)
        parser.add_argument("--whole", action="store_true", help="copy every page anew")
        parser.add_argument("--json", action="store_true", help="say what was done as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = export(options["dir"], whole=options["whole"])
        except NotOurs as error:
            raise CommandError(
                f"{error} holds other files than a copy of this site. Choose an empty folder.", returncode=2
            ) from None
        except Busy as error:
            raise CommandError(f"Another export is writing to {error}. Try again later.") from None
        except OSError as error:
            raise CommandError(
                f"Could not write the copy: {error}. What stood there is still whole."
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
        else:
            numbers = f"{done.written} pages written, {done.removed} removed, {done.files} files"
            self.stdout.write(f"{numbers}; {done.pages} pages in all")
        if done.failed:
            some = ", ".join(done.failed[:5])
            raise CommandError(f"{len(done.failed)} pages could not be made and stay as they were: {some}")
