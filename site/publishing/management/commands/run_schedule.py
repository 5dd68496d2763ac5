import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from publishing import schedule

logger = logging.getLogger("publishing")


class Command(BaseCommand):
    help = "Publish and expire what is due and send the outbox, again and again (--once for a single round)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            if done := said(schedule.run_due()):
                self.stdout.write(done)
            return
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # for all threads: waited for below
        stopping = threading.Event()
        rounds = threading.Thread(
            target=schedule.run_rounds,
            args=(stopping,),
            kwargs={"every": options["every"], "told": log},
            name="schedule",
        )
        logger.info("The scheduler starts; a round every %s seconds", options["every"])
        rounds.start()
        signal.sigwait(ends)
        stopping.set()
        rounds.join()  # the round that is under way is finished
        logger.info("The scheduler has ended in order")


def log(counts: dict[str, int]) -> None:
    if done := said(counts):
        logger.info("Done on schedule: %s", done)


def said(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)
