"""The worker and the scheduler as supervised threads of the server process (the embedded default)."""

import logging
import threading
from collections.abc import Callable

from django.db import connections
from django_tasks_db.management.commands.db_worker import Worker

from publishing import schedule

logger = logging.getLogger("publishing")
SCHEDULE_EVERY = 10.0  # seconds
RESTART_AFTER = 5.0


class Background:
    """Runs the task worker and the schedule until stopped; a thread that dies is started again."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.worker: Worker | None = None
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for job in (self._work, self._run_schedule):
            thread = threading.Thread(target=self._supervise, args=(job,), name=job.__name__, daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        self.stopping.set()
        if self.worker is not None:
            self.worker.running = False
        for thread in self.threads:
            thread.join(timeout=5)

    def _supervise(self, job: Callable[[], None]) -> None:
        while not self.stopping.is_set():
            try:
                job()
            except Exception:
                logger.exception("%s stopped and is started again", job.__name__)
                self.stopping.wait(RESTART_AFTER)
            finally:
                connections.close_all()

    def _work(self) -> None:
        self.worker = Worker(
            queue_names=["*"],
            interval=1.0,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"embedded-{threading.get_ident()}",
            excluded_queue_names=[],
        )
        if not self.stopping.is_set():
            self.worker.run()

    def _run_schedule(self) -> None:
        schedule.run_rounds(self.stopping, every=SCHEDULE_EVERY)
