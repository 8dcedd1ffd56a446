"""Queued work is tried again, and nothing that a killed worker held is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from newsroom.ground import tasks

pytestmark = pytest.mark.django_db(transaction=True)
DONE = []


@tasks.retried
def note(word):
    DONE.append(word)


@tasks.retried
def refuse(word):
    DONE.append(word)
    raise ValueError(word)


@pytest.fixture(autouse=True)
def _nothing_done():
    DONE.clear()


def work():
    call_command("worker", batch=True, verbosity=0)


def test_a_task_is_done_once():
    note.enqueue("once")
    work()
    work()
    assert DONE == ["once"]


def test_a_task_that_fails_is_tried_again_later_and_later_and_then_left(time_machine):
    moment = datetime.now(UTC)
    time_machine.move_to(moment, tick=False)
    refuse.enqueue("again")
    work()
    for tried, pause in enumerate(tasks.BACKOFF, start=1):
        time_machine.move_to(moment + timedelta(seconds=pause - 1), tick=False)
        work()
        assert len(DONE) == tried, "not before its time"
        moment += timedelta(seconds=pause)
        time_machine.move_to(moment, tick=False)
        work()
    assert len(DONE) == 1 + len(tasks.BACKOFF)
    time_machine.move_to(moment + timedelta(days=30), tick=False)
    work()
    assert len(DONE) == 1 + len(tasks.BACKOFF)
    assert DBTaskResult.objects.failed().count() == 1 + len(tasks.BACKOFF)


def test_what_a_killed_worker_left_behind_is_done_when_its_lease_is_over():
    note.enqueue("left")
    started = datetime.now(UTC)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started)
    assert tasks.release_abandoned(started + tasks.LEASE) == 0
    work()
    assert DONE == []
    assert tasks.release_abandoned(started + tasks.LEASE + timedelta(seconds=1)) == 1
    work()
    assert DONE == ["left"]
