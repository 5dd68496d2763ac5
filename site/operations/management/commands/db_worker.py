import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError, connections
from django_tasks_db.management.commands import db_worker

from operations.heartbeat import Beating, Work

logger = logging.getLogger("operations")
AGAIN_AFTER = 5.0  # seconds


class Command(db_worker.Command):
    """The worker as it comes, which also gives signs of life and outlives a restart of the database."""

    help = "Do the tasks that the site left for the background, of all queues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(queue_name="*")

    def handle(self, *, batch: bool, **options: Any) -> None:
        beating = Beating(Work.WORKER).begin()
        try:
            while True:
                try:
                    super().handle(batch=batch, **options)
                except OperationalError as error:
                    if batch:
                        raise
                    logger.warning("The database is away, trying again in %s seconds: %s", AGAIN_AFTER, error)
                    connections.close_all()
                    time.sleep(AGAIN_AFTER)
                else:
                    return
        finally:
            beating.stop()
