"""What readers do is counted: nothing is lost, nothing is counted twice, and nobody waits."""

import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection

from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.ground.scripts import run

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_counted():
    counters.forget()
    yield
    counters.forget()


def another_process():
    """The counters of another process: the same code, with a memory of its own."""
    spec = importlib.util.find_spec("newsroom.ground.counters")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def counted():
    return {(one.series, one.key, one.hour): one.number for one in Count.objects.all()}


def total():
    return {(one.series, one.key): one.number for one in Count.objects.all()}


def test_what_is_added_is_summed_up(time_machine):
    time_machine.move_to(NOON.replace(minute=59, second=59), tick=False)
    for key in ("7", "8", "7"):
        counters.add("read", key)
    counters.add("ad", "7")
    counters.flush()
    assert counted() == {("read", "7", NOON): 2, ("read", "8", NOON): 1, ("ad", "7", NOON): 1}


def test_nothing_is_written_before_it_is_flushed_nor_twice(django_assert_num_queries):
    with django_assert_num_queries(0):
        counters.add("read", "7")
        counters.forget()
        counters.flush()
    counters.add("read", "7")
    counters.flush()
    with django_assert_num_queries(0):
        counters.flush()
    assert total() == {("read", "7"): 1}


def test_each_hour_has_a_count_of_its_own(time_machine):
    for moment in (NOON, NOON.replace(minute=30), NOON.replace(hour=13), NOON.replace(day=24)):
        time_machine.move_to(moment, tick=False)
        counters.add("read", "7")
        counters.flush()
    assert counted() == {
        ("read", "7", NOON): 2,
        ("read", "7", NOON.replace(hour=13)): 1,
        ("read", "7", NOON.replace(day=24)): 1,
    }


def test_the_counts_of_several_processes_are_summed_up(time_machine):
    time_machine.move_to(NOON, tick=False)
    other = another_process()
    for process in (counters, other, other):
        process.add("read", "7")
    other.add("read", "8")
    counters.flush()
    other.flush()
    assert counted() == {("read", "7", NOON): 3, ("read", "8", NOON): 1}


def test_a_database_that_is_away_loses_nothing_and_counts_nothing_twice(time_machine, monkeypatch):
    monkeypatch.setattr(counters, "ROWS_A_STATEMENT", 2)
    time_machine.move_to(NOON, tick=False)
    for key in "abcde":
        counters.add("read", key)
    trouble = iter([False, True, False, True])

    def sometimes_away(execute, *query):
        if next(trouble, False):
            raise DatabaseError("away")
        return execute(*query)

    with connection.execute_wrapper(sometimes_away):
        for _again in range(2):
            with pytest.raises(DatabaseError):
                counters.flush()
            counters.add("read", "a")
        time_machine.move_to(NOON.replace(hour=13), tick=False)
        counters.flush()
    assert counted() == {
        **{("read", key, NOON): 1 for key in "bcde"},
        ("read", "a", NOON): 2,
        ("read", "a", NOON.replace(hour=13)): 1,
    }


def test_threads_that_add_while_others_flush_lose_nothing():
    begin = threading.Barrier(9)

    def read(number):
        begin.wait(timeout=30)
        for n in range(1000):
            counters.add("read", str(n % 3 + number % 2))

    with ThreadPoolExecutor(8) as threads:
        reading = [threads.submit(read, number) for number in range(8)]
        begin.wait(timeout=30)
        while not all(one.done() for one in reading):
            counters.flush()
        for one in reading:
            one.result()
    counters.flush()
    assert sum(total().values()) == 8000
    assert total()["read", "0"] == 4 * 334


def test_many_keys_cost_one_statement(django_assert_num_queries):
    for n in range(counters.ROWS_A_STATEMENT):
        counters.add("read", str(n))
    with django_assert_num_queries(1):
        counters.flush()
    for n in range(counters.ROWS_A_STATEMENT + 1):
        counters.add("read", str(n))
    with django_assert_num_queries(2):
        counters.flush()
    assert set(total().values()) == {1, 2}


def test_a_long_key_is_cut_and_one_that_no_database_takes_is_mended():
    long = "/" + "x" * 500
    counters.add("read", long + "1")
    counters.add("read", long + "2")
    counters.add("read", "/a\0b/")
    counters.flush()
    assert total() == {("read", long[:200]): 2, ("read", "/ab/"): 1}


def test_a_forked_process_does_not_write_what_was_counted_before():
    assert run(
        """
        from newsroom.ground import counters

        counters._write = lambda rows: print(*((key, number) for _series, key, _hour, number in rows))
        counters.add("read", "before")

        def count():
            counters.add("read", "after")
            counters.flush()

        with counters._lock:
            fork(count)
        counters.flush()
        """
    ) == ["('after', 1)", "('before', 1)"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_processes_that_flush_at_once_do_not_wait_for_each_other_for_ever():
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    processes, gate = [another_process() for _n in range(4)], threading.Barrier(4)

    def flush(number):
        try:
            for _again in range(20):
                keys = [str(n) for n in range(200)]
                for key in keys if number % 2 else reversed(keys):
                    processes[number].add("read", key)
                gate.wait(timeout=30)
                processes[number].flush()
        except BaseException:
            gate.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for one in [threads.submit(flush, number) for number in range(4)]:
            one.result(timeout=60)
    assert sum(total().values()) == 4 * 20 * 200
