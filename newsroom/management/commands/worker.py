"""The background worker: sends mail and does whatever else is queued."""

import logging
import threading
import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from newsroom.ground.tasks import release_abandoned

PAUSE = 1  # seconds between two looks into an empty queue
LOOK_FOR_ABANDONED = 60  # seconds


def watch_leases():
    """From time to time, beside the work: queue again what a killed worker left behind."""
    while True:
        close_old_connections()
        try:
            release_abandoned(timezone.now())
        except DatabaseError:
            logging.getLogger("newsroom").warning("The queue cannot be looked through for abandoned tasks just now.")
        time.sleep(LOOK_FOR_ABANDONED)


class TidyWorker(Worker):
    def shutdown(self, signum, frame):
        """Stops after the task at hand. A second signal hurries nothing: on Ctrl-C a terminal sends one and whoever
        started the worker another."""
        if self.running:
            super().shutdown(signum, frame)

    def run_task(self, db_task_result):
        """Does a task. One that succeeded leaves nothing behind: its arguments may hold an address or a code."""
        super().run_task(db_task_result)
        type(db_task_result).objects.successful().filter(pk=db_task_result.pk).delete()


class Command(BaseCommand):
    help = "Does queued work (mail and the like) until it is stopped. A task that has begun is finished first."

    def add_arguments(self, parser):
        parser.add_argument("--batch", action="store_true", help="do what is due now, then stop")

    def handle(self, *, batch, verbosity, **options):
        logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
        worker = TidyWorker(
            queue_names=["*"],
            interval=PAUSE,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        if not batch:
            worker.configure_signals()
            threading.Thread(target=watch_leases, daemon=True).start()
        if verbosity:
            self.stdout.write("The worker waits for work.")
        worker.run()
