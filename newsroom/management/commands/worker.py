"""The background worker: sends mail and does whatever else is queued."""

import itertools
import logging
import threading
import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from members.billing.inbox import run_due
from members.billing.reconcile import daily
from members.billing.statement import learn_statement
from members.prompts.reminders import send_reminders
from newsroom.ground import counters
from newsroom.ground.beat import Beat
from newsroom.ground.tasks import forget_settled, release_abandoned
from newsroom.management.commands import _retention as retention

PAUSE = 1  # seconds between two looks into an empty queue
# What is done beside the work, and how often: in rounds of ROUND seconds.
ROUND = 60
CHORES = {release_abandoned: 1, send_reminders: 5, **retention.CHORES}
# What asks Stripe, however long that takes: in threads of their own, so that the others come in time, and the events of
# a day on which everybody is compared too.
EVENTS = {run_due: 1}
PAYMENTS = {learn_statement: 60, daily: 60}

log = logging.getLogger("newsroom")


def do_chores(chores):
    """Beside the work, as long as the worker lives. chores: functions of now, each with its rounds."""
    for number in itertools.count():
        for chore in [chore for chore, rounds in chores.items() if number % rounds == 0]:
            close_old_connections()
            try:
                chore(timezone.now())
            except (DatabaseError, OSError):
                log.warning("The worker cannot %s just now.", chore.__name__)
            except Exception:
                # Whatever it was, the others and the next round come: without this thread nothing is ever forgotten.
                log.exception("The worker cannot %s.", chore.__name__)
        time.sleep(ROUND)


class TidyWorker(Worker):
    def shutdown(self, signum, frame):
        """Stops after the task at hand. A second signal hurries nothing: on Ctrl-C a terminal sends one and whoever
        started the worker another."""
        if self.running:
            super().shutdown(signum, frame)

    def run_task(self, db_task_result):
        super().run_task(db_task_result)
        forget_settled(db_task_result)


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
            Beat(counters.flush).start()
            for chores in (CHORES, EVENTS, PAYMENTS):
                threading.Thread(target=do_chores, args=[chores], daemon=True).start()
        if verbosity:
            self.stdout.write("The worker waits for work.")
        try:
            worker.run()
        finally:
            counters.flush()
