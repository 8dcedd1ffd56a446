"""Budgets of a day hold over all processes, without a question to the database when they are asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from newsroom.ground import budgets, counters
from newsroom.ground.budgets import Budget, today
from newsroom.ground.models import Count

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "2026-11-24 a"


@pytest.fixture(autouse=True)
def _nothing_counted():
    counters.forget()
    yield
    counters.forget()


def process():
    """The budget as another process has it; what both count comes to one table."""
    return Budget("meter")


def written():
    return {one.key: one.number for one in Count.objects.filter(series="meter")}


def test_what_is_taken_counts_at_once_and_costs_no_question(django_assert_num_queries):
    budget = process()
    with django_assert_num_queries(0):
        assert budget.spent(KEY) == 0
        for _again in range(3):
            budget.take(KEY)
        budget.take("2026-11-24 b")
        assert (budget.spent(KEY), budget.spent("2026-11-24 b"), budget.spent("2026-11-24 c")) == (3, 1, 0)


def test_it_counts_on_after_it_was_written_and_is_written_once():
    budget = process()
    budget.take(KEY)
    for _again in range(3):
        budget.poll()
        assert (budget.spent(KEY), written()) == (1, {KEY: 1})
    budget.take(KEY)
    assert budget.spent(KEY) == 2


def test_processes_learn_of_each_other_by_a_poll():
    first, second = process(), process()
    for _again in range(5):
        first.take(KEY)
    first.poll()
    second.take(KEY)
    assert second.spent(KEY) == 1
    second.poll()
    assert second.spent(KEY) == 6
    first.take(KEY)
    first.poll()
    assert first.spent(KEY) == 7


def test_a_limit_is_passed_by_no_more_than_what_is_given_away_between_two_polls():
    processes, limit = [process() for _n in range(4)], 10
    given = 0
    for _second in range(20):
        for one in processes:
            for _visitor in range(3):
                if one.spent(KEY) < limit:
                    one.take(KEY)
                    given += 1
        for one in processes:
            one.poll()
    assert limit <= given <= limit + 4 * 3


def test_a_new_process_learns_with_the_first_that_it_gives_away():
    old, new = process(), process()
    for _again in range(9):
        old.take(KEY)
    old.poll()
    new.take(KEY)
    new.poll()
    assert new.spent(KEY) == 10


def test_a_database_that_is_away_loses_nothing_and_opens_nothing_anew():
    budget = process()
    for _again in range(3):
        budget.take(KEY)

    def away(execute, *query):
        raise DatabaseError("away")

    with connection.execute_wrapper(away):
        for _again in range(2):
            with pytest.raises(DatabaseError):
                budget.poll()
            assert budget.spent(KEY) == 3
        budget.take(KEY)
    budget.poll()
    assert (budget.spent(KEY), written()) == (4, {KEY: 4})


def test_a_table_that_lost_its_counts_gives_nothing_back_to_who_knows_better():
    """As after a backup was put back at noon."""
    budget = process()
    for _again in range(3):
        budget.take(KEY)
    budget.poll()
    Count.objects.all().delete()
    budget.take(KEY)
    budget.poll()
    assert (budget.spent(KEY), written()) == (4, {KEY: 1})


def test_a_poll_costs_two_questions_and_none_when_nothing_was_taken(django_assert_num_queries):
    budget = process()
    for number in range(100):
        budget.take(f"2026-11-24 {number}")
    with django_assert_num_queries(2):
        budget.poll()
    with django_assert_num_queries(0):
        budget.poll()


def test_a_day_ends_with_its_key(time_machine):
    budget = process()
    time_machine.move_to(NOON, tick=False)
    for moment in (NOON, NOON + timedelta(days=1)):
        time_machine.move_to(moment, tick=False)
        budget.take(f"{today(moment)} a")
        budget.poll()
    assert written() == {"2026-11-24 a": 1, "2026-11-25 a": 1}
    counters.add("read", "2026-11-24 a")
    counters.flush()
    budget.forget_before("2026-11-25")
    assert written() == {"2026-11-25 a": 1}
    assert Count.objects.filter(series="read").count() == 1


def test_a_day_that_begins_at_half_past_loses_nothing_of_itself(time_machine):
    """Counts are kept by the hour, in UTC: in India an hour belongs to two days."""
    budget = process()
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        for minute in (15, 45):
            time_machine.move_to(datetime(2026, 11, 24, 18, minute, tzinfo=UTC), tick=False)
            budget.take(f"{today(timezone.now())} a")
            budget.poll()
        budget.forget_before(today(timezone.now()))
    assert written() == {"2026-11-25 a": 1}


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Tbilisi", "2026-11-24T19:59:59+00:00", "2026-11-24"),
        ("Asia/Tbilisi", "2026-11-24T20:00+00:00", "2026-11-25"),
        ("America/New_York", "2026-11-24T04:59+00:00", "2026-11-23"),
        ("Asia/Tbilisi", "2026-12-31T20:00+00:00", "2027-01-01"),
    ],
)
def test_a_day_is_the_newsrooms(zone, moment, day):
    with timezone.override(ZoneInfo(zone)):
        assert today(datetime.fromisoformat(moment)) == day


def test_a_process_remembers_so_many_and_learns_of_the_others_anew(monkeypatch):
    monkeypatch.setattr(budgets, "KEYS_MAX", 3)
    budget = process()
    for name in "abcde":
        budget.take(f"2026-11-24 {name}")
        budget.poll()
    assert [budget.spent(f"2026-11-24 {name}") for name in "abcde"] == [0, 0, 1, 1, 1]
    budget.take("2026-11-24 a")
    budget.poll()
    assert budget.spent("2026-11-24 a") == 2


def test_threads_that_take_while_another_polls_lose_nothing():
    budget, begin = process(), threading.Barrier(5)

    def visit():
        begin.wait(timeout=30)
        for _n in range(500):
            budget.take(KEY)

    with ThreadPoolExecutor(4) as threads:
        visiting = [threads.submit(visit) for _n in range(4)]
        begin.wait(timeout=30)
        while not all(one.done() for one in visiting):
            budget.poll()
        for one in visiting:
            one.result()
    budget.poll()
    assert (budget.spent(KEY), written()) == (2000, {KEY: 2000})
