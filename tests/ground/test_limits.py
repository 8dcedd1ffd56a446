"""Limits count exactly, for each by himself, in rows that tell nothing and go away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory

from newsroom.ground import batches, challenge, limits
from newsroom.ground.limits import by_prefix, count, forget_counts, line_up, milliseconds
from newsroom.ground.models import Count, Tally
from newsroom.ground.rollup import BY_THE_HOUR, roll_up_counts

pytestmark = pytest.mark.django_db

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
THREADS = 8


def test_each_deed_counts_one_until_the_time_is_over(now):
    assert [count("a", MINUTE, now + n * SECOND) for n in range(3)] == [1, 2, 3]
    assert count("a", MINUTE, now + timedelta(seconds=59)) == 4
    assert count("a", MINUTE, now + MINUTE) == 1
    assert count("a", MINUTE, now + MINUTE + SECOND) == 2


def test_each_is_counted_by_himself(now):
    assert [count(key, MINUTE, now) for key in ("a", "b", "a")] == [1, 1, 2]


def test_a_limit_holds_when_the_cache_is_flushed(now):
    count("a", MINUTE, now)
    cache.clear()
    assert count("a", MINUTE, now) == 2


def test_neighbours_in_one_network_count_together_and_others_do_not():
    asked = [RequestFactory().get("/", REMOTE_ADDR=one) for one in ("203.0.113.7", "203.0.113.9", "203.0.114.7")]
    assert by_prefix(asked[0]) == by_prefix(asked[1]) != by_prefix(asked[2])


def test_a_row_tells_neither_the_limit_nor_whom_it_counts(now, settings):
    one = limits.key("sign-in", "203.0.113.0/24")
    count(one, MINUTE, now)
    row = Tally.objects.get()
    assert (row.key, len(one)) == (one, 32)
    settings.SECRET_KEY = "another"
    assert limits.key("sign-in", "203.0.113.0/24") != one


def test_what_is_over_is_forgotten_and_what_runs_is_not(now, monkeypatch):
    monkeypatch.setattr(batches, "MANY", 2)
    for number in range(5):
        count(f"old-{number}", MINUTE, now - 2 * MINUTE)
    count("running", MINUTE, now)
    forget_counts(now)
    assert list(Tally.objects.values_list("key", flat=True)) == ["running"]


def lined_up(key, now, longest=MINUTE):
    due = line_up(key, 30 * SECOND, 5 * SECOND, longest, now)
    return due and (due - milliseconds(now)) / 1000


def test_those_in_one_line_are_due_one_after_the_other(now):
    assert [lined_up("a", now) for _n in range(3)] == [30, 35, 40]
    assert lined_up("b", now) == 30
    assert lined_up("a", now + 20 * SECOND) == 30
    assert lined_up("a", now + timedelta(hours=1)) == 30


def test_a_full_line_takes_the_next_as_soon_as_time_has_gone_on(now):
    assert [lined_up("a", now, 40 * SECOND) for _n in range(5)] == [30, 35, 40, None, None]
    assert [lined_up("a", now + 5 * SECOND, 40 * SECOND) for _n in range(2)] == [40, None]


def test_a_line_is_forgotten_once_nobody_stands_in_it(now):
    lined_up("a", now)
    forget_counts(now + 60 * SECOND)
    assert Tally.objects.exists()
    forget_counts(now + 2 * MINUTE)
    assert not Tally.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deed", ["count", "line"])
def test_nobody_slips_by_where_many_come_at_once(deed, now):
    gate = Barrier(THREADS)

    def come(_number):
        gate.wait(timeout=30)
        try:
            return [
                count("a", MINUTE, now) if deed == "count" else lined_up("a", now, 999 * SECOND) for _n in range(20)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        numbers = sorted(number for some in pool.map(come, range(THREADS)) for number in some)
    every = range(THREADS * 20)
    assert numbers == ([n + 1 for n in every] if deed == "count" else [30 + 5 * n for n in every])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_many_send_at_once_is_good_for_one(now):
    gate = Barrier(THREADS)
    ticket = challenge.Ticket("a" * 32, ("key",), 8, 1, "signed")

    def send(_number):
        gate.wait(timeout=30)
        try:
            return challenge._is_unused(ticket, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(send, range(THREADS))) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_add_up_the_same_day_once(now):
    day = now - BY_THE_HOUR - timedelta(days=3)
    hours = [day.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in range(6, 12)]
    Count.objects.bulk_create(
        Count(series="read", key=str(key), hour=hour, number=1) for key in range(50) for hour in hours
    )
    gate = Barrier(THREADS)

    def roll(_number):
        gate.wait(timeout=30)
        try:
            roll_up_counts(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(roll, range(THREADS)))
    assert sorted(Count.objects.values_list("number", flat=True)) == [len(hours)] * 50
