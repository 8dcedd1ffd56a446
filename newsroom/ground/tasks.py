"""Background work: attempts with backoff, and leases, on top of django-tasks-db's queue, which has none of its own.

A task is enqueued inside the transaction that causes it, so that it exists exactly when its cause does. Its row holds
its arguments, which may be an address or a code: what was done, or is queued again, leaves no row behind.
"""

import logging
from datetime import timedelta
from functools import wraps

from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from newsroom.ground import batches

# Seconds before the second, third … attempt; after the last the task stays failed, to be seen in the admin.
BACKOFF = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)

# How long a task may run. One that is still marked as running after it lost its worker, and is done again.
LEASE = timedelta(minutes=15)

# How long a task that failed for good can be looked at.
FAILED_KEPT = timedelta(days=7)

log = logging.getLogger("newsroom")


class QueuedAgain(Exception):
    """An attempt failed, and the next one is in the queue."""


def release_abandoned(now):
    """Put back into the queue what a killed worker left behind at `now` (aware). Returns how many tasks."""
    abandoned = DBTaskResult.objects.running().filter(started_at__lt=now - LEASE)
    return abandoned.update(status=TaskResultStatus.READY)


def forget_failed(now):
    """Delete what failed for good FAILED_KEPT before `now` (aware)."""
    batches.delete(DBTaskResult.objects.failed().filter(finished_at__lt=now - FAILED_KEPT))


def forget_settled(result):
    """Delete the row of an attempt that succeeded, or that another one follows."""
    again = f"{QueuedAgain.__module__}.{QueuedAgain.__qualname__}"
    settled = Q(status=TaskResultStatus.SUCCESSFUL) | Q(exception_class_path=again)
    DBTaskResult.objects.finished().filter(settled, pk=result.pk).delete()


def retried(function):
    """A queued task that is tried again, later and later, while it raises. Its arguments must be JSON.

    `function` must bear to be run twice: a worker may be killed after the work and before the note that it was done.
    The log is told by which class of error an attempt failed, and not what the error says: that may be an address.
    """

    @wraps(function)
    def attempt(context, *args, attempt_number=1, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            name, number, kind = queued.module_path, context.task_result.id, type(error).__name__
            log.warning("Task %s (%s) failed at attempt %s: %s.", name, number, attempt_number, kind)
            if attempt_number > len(BACKOFF):
                raise
            pause = BACKOFF[attempt_number - 1]
            later = timezone.now() + timedelta(seconds=pause)
            queued.using(run_after=later).enqueue(*args, attempt_number=attempt_number + 1, **kwargs)
            raise QueuedAgain(f"in {pause} seconds") from error

    # What is called is `attempt`, with the context first; the queue would look for it in `function`.
    del attempt.__wrapped__
    queued = task(takes_context=True)(attempt)
    return queued
