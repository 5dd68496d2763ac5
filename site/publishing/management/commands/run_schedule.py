import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from publishing import schedule


class Command(BaseCommand):
    help = "Publish and expire what is due and send the outbox, again and again (--once for a single round)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            close_old_connections()
            counts = schedule.run_due()
            if any(counts.values()):
                self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))
            if options["once"]:
                return
            time.sleep(options["every"])
