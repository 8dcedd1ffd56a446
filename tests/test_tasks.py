"""Queued work is tried again, and nothing that a killed worker held is lost."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from members.billing import inbox, reconcile, statement
from members.prompts import reminders
from newsroom.ground import tasks
from newsroom.ground.cache import forget_expired
from newsroom.management.commands import _retention as retention
from newsroom.management.commands import worker

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
        (waiting,) = DBTaskResult.objects.all()
        assert waiting.status == TaskResultStatus.READY, "of the attempts that failed nothing is kept"
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
    (failed,) = DBTaskResult.objects.all()
    assert failed.status == TaskResultStatus.FAILED
    assert failed.exception_class_path == "builtins.ValueError"


def test_what_failed_for_good_can_be_looked_at_for_a_week(time_machine):
    failed_at = datetime.now(UTC)
    for status in (TaskResultStatus.FAILED, TaskResultStatus.READY, TaskResultStatus.RUNNING):
        result = DBTaskResult.objects.get(pk=note.enqueue(status).id)
        result.status, result.finished_at = status, failed_at if status == TaskResultStatus.FAILED else None
        result.save()
    tasks.forget_failed(failed_at + timedelta(days=7))
    assert DBTaskResult.objects.count() == 3
    tasks.forget_failed(failed_at + timedelta(days=7, seconds=1))
    assert not DBTaskResult.objects.failed().exists()
    assert DBTaskResult.objects.count() == 2


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


def test_limits_that_are_over_leave_no_readers_address_behind():
    cache.set("over:203.0.113.9", 1, 60)
    cache.set("running:203.0.113.9", 1, 3600)
    forget_expired(datetime.now(UTC) + timedelta(minutes=2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        kept = [key for (key,) in cursor.fetchall()]
    assert kept == [cache.make_key("running:203.0.113.9")]


def test_beside_its_work_the_worker_looks_each_minute_for_what_was_left_and_each_hour_for_what_is_old(monkeypatch):
    asked, minutes = [], iter(range(60))
    assert {tasks.release_abandoned: 1, reminders.send_reminders: 5, **retention.CHORES} == worker.CHORES
    assert set(retention.CHORES.values()) == {60, 24 * 60}
    assert {inbox.run_due: 1} == worker.EVENTS, "beside the comparison, which may take hours"
    assert {statement.learn_statement: 60, reconcile.daily: 60} == worker.PAYMENTS

    faults = itertools.cycle([DatabaseError("locked"), OSError("disk full"), KeyError("whatever it is")])

    def chore(name):
        def asks(now):
            asked.append(name)
            raise next(faults)

        return asks

    rounds = {chore(done.__name__): often for done, often in worker.CHORES.items()}
    monkeypatch.setattr(worker.time, "sleep", lambda seconds: next(minutes))
    with pytest.raises(StopIteration):
        worker.do_chores(rounds)
    assert worker.ROUND == 60
    times = {chore.__name__: 60 // rounds + 1 for chore, rounds in retention.CHORES.items()}
    assert {name: asked.count(name) for name in asked} == {"release_abandoned": 61, "send_reminders": 13, **times}
