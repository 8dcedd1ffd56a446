"""Goals are met evenly: simulated weeks of uneven traffic, in one process and in two that hear of each other late."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import pi, sin

import pytest
import time_machine
from django.utils import timezone

from articles.ads import choose as ads
from articles.ads import delivery, hours, pace
from articles.ads.models import Campaign, Creative
from articles.ads.snapshot import Snapshot
from articles.reading import store
from members.reader import Reader
from members.visit import Subject, Visitor
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.ads.bookings import book, dice

# A Monday, at midnight.
START = datetime(2026, 11, 2, tzinfo=UTC)
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
NUMBER = 10_000
STEP = timedelta(seconds=5)
PAGE = Subject(7, "en")


def goal(number=NUMBER, start=START, end=START + WEEK, runs=None):
    return pace.Goal.of(number, start, end, runs)


def traffic(at, thrown):
    """How many could be shown in STEP: many by day, few by night, uneven as readers are."""
    day = 1 + 0.9 * sin(2 * pi * (at.hour + at.minute / 60 - 9) / 24)
    return int(thrown.expovariate(1) * 1.5 * day)


def simulated(one, thrown, processes=1, runs=None, readers=traffic):
    """[(moment, how many were shown)] step by step. Each process is told what all have shown at the beginning of each
    step, and knows of the others nothing meanwhile."""
    done, by_hour, told = 0, Counter(), []
    at = one.starts_at
    while at < one.ends_at:
        shown = 0
        if runs is None or runs(at):
            hour = at.replace(minute=0, second=0)
            allowed = pace.allowance(one, done, by_hour[hour], at)
            shown = sum(min(allowed, readers(at, thrown)) for _process in range(processes))
            done += shown
            by_hour[hour] += shown
        told.append((at, shown))
        at += STEP
    return told


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_a_goal_is_met_within_two_per_cent_over_a_week_of_uneven_traffic(seed, processes):
    told = simulated(goal(), dice(seed), processes)
    assert abs(sum(shown for _at, shown in told) - NUMBER) <= 0.02 * NUMBER


def test_the_hours_are_even_where_there_are_readers():
    hourly = Counter()
    for at, shown in simulated(goal(), dice(1)):
        hourly[at.replace(minute=0, second=0)] += shown
    even = NUMBER / (7 * 24)
    assert all(abs(shown - even) <= 0.1 * even + 1 for at, shown in hourly.items() if 12 <= at.hour <= 22)


def test_what_a_dead_night_left_undone_is_caught_up_at_twice_the_pace():
    def dead_by_night(at, thrown):
        return 0 if at.hour < 6 else 4

    hourly = Counter()
    for at, shown in simulated(goal(), dice(1), readers=dead_by_night):
        hourly[at.replace(minute=0, second=0)] += shown
    even = NUMBER / (7 * 24)
    assert abs(sum(hourly.values()) - NUMBER) <= 0.02 * NUMBER
    first = [hourly[START + hour * HOUR] for hour in range(24)]
    assert max(first) <= pace.CATCH_UP * even * 1.05
    assert max(hourly.values()) <= pace.CATCH_UP * even * 1.4, "of what is left on the last morning"
    assert hourly[START + 7 * HOUR] > 1.8 * even
    assert abs(hourly[START + 20 * HOUR] - even) <= 0.1 * even


def test_a_goal_is_never_passed_however_many_readers_come():
    told = simulated(goal(), dice(1), readers=lambda at, thrown: 1_000_000)
    assert sum(shown for _at, shown in told) <= NUMBER


def test_where_there_are_too_few_readers_all_of_them_are_shown_it():
    told = simulated(goal(), dice(1), readers=lambda at, thrown: at.minute % 10 == at.second == 0)
    assert 7 * 24 * 6 - 1 <= sum(shown for _at, shown in told) <= 7 * 24 * 6, "all but the very first"


def test_hours_of_the_week_are_what_its_time_is():
    def runs(at):
        return hours.runs(at, 8, 20, [0, 1, 2, 3, 4])

    one = goal(runs=runs)
    assert one.whole == 5 * 12 * 3600
    assert one.due(START + 8 * HOUR) == 0
    assert one.due(START + 14 * HOUR) == pytest.approx(NUMBER / 10)
    assert one.due(START + 23 * HOUR) == pytest.approx(NUMBER / 5)
    assert one.due(START + 6 * DAY) == NUMBER
    told = simulated(one, dice(1), runs=runs)
    assert abs(sum(shown for _at, shown in told) - NUMBER) <= 0.02 * NUMBER
    assert all(runs(at) for at, shown in told if shown)


def test_due_begins_at_nothing_and_ends_at_the_goal():
    one = goal()
    assert [one.due(START - DAY), one.due(START), one.due(START + WEEK / 2)] == [0, 0, NUMBER / 2]
    assert one.due(START + 2 * WEEK) == NUMBER


def test_an_allowance_is_what_is_due_and_not_more_than_a_poll_should_bring():
    one = goal()
    middle = START + WEEK / 2
    assert pace.allowance(one, NUMBER / 2, 0, middle) == 0
    assert pace.allowance(one, NUMBER / 2 - 1, 0, middle) == 1
    assert pace.allowance(one, 0, 0, middle) == 1, "as if nothing had been shown: still no more than a poll brings"
    assert pace.allowance(one, 0, NUMBER, middle) == 0, "not all in one hour"
    assert pace.allowance(one, NUMBER, 0, middle) == 0
    assert pace.allowance(goal(NUMBER * 1000), 0, 0, middle) > 50


def test_the_last_hour_may_bring_what_is_left():
    one = goal()
    assert pace.allowance(one, NUMBER - 50, 60, START + WEEK - MINUTE) == 4
    assert pace.allowance(one, NUMBER - 50, 60, START + WEEK - timedelta(seconds=2)) == 49


def test_how_far_it_is_beside_its_line():
    one = goal()
    assert pace.standing(one, 0, START) is None
    assert pace.standing(one, NUMBER / 4, START + WEEK / 2) == 0.5


def test_a_campaign_without_goal_or_dates_has_no_pace():
    for fields in ({"goal": None}, {"starts_at": None}, {"ends_at": None}):
        campaign = Campaign(**{"goal": 5, "starts_at": START, "ends_at": START + DAY, **fields})
        assert pace.of_campaign(campaign, timezone.localtime) is None


# With counts and processes.


def visitor(at, counted=True):
    return Visitor(Reader.stranger(at), counted=counted)


def shown(snapshot, at, times, counts=True):
    """How often the campaign is shown to so many who ask at a moment."""
    found = 0
    for _reader in range(times):
        (one,) = ads.choose([("inline", 1)], PAGE, visitor(at, counts), snapshot)
        if one is not None:
            found += 1
            counters.add("ad", f"{one.pk}:inline1")
    return found


@pytest.mark.django_db
def test_two_processes_that_poll_each_second_meet_the_goal_together():
    """Two snapshots, each with a memory of its own, over an hour of seconds; each writes and polls once a second."""
    book("Bread", goal=2_000, starts_at=START, ends_at=START + HOUR)
    with time_machine.travel(START, tick=False) as clock:
        snapshots = [Snapshot.load(START), Snapshot.load(START)]
        found, thrown = 0, dice(2)
        for second in range(3600):
            at = START + timedelta(seconds=second)
            clock.move_to(at)
            for snapshot in snapshots:
                counters.flush()
                snapshot.poll(at)
                found += shown(snapshot, at, thrown.randrange(4))
    assert abs(found - 2_000) <= 40


@pytest.mark.django_db
def test_many_readers_within_one_second_get_no_more_than_the_second_allows():
    book("Bread", goal=36_000, starts_at=START, ends_at=START + 10 * HOUR)
    with time_machine.travel(START + HOUR, tick=False):
        snapshot = Snapshot.load(START + HOUR)
        allowed = snapshot.delivery.left[Campaign.objects.get().pk]
        assert 1 <= allowed <= 10
        assert shown(snapshot, START + HOUR, 200) == allowed
        (odds,) = ads.explain(("inline", 1), PAGE, visitor(START + HOUR), snapshot)
        assert [str(words) for words in odds.refusals] == ["Ahead of its pace, or its goal is met"]


@pytest.mark.django_db
def test_one_page_does_not_take_more_than_is_left():
    bread = book("Bread", goal=10, starts_at=START, ends_at=START + 10 * HOUR)
    Creative.objects.create(campaign=bread.campaign, name="Rolls", headline="Rolls", url="/join/")
    snapshot = Snapshot.load(START + HOUR)
    assert snapshot.delivery.left == {bread.campaign_id: 1}
    chosen = ads.choose([("inline", 1), ("top", 1)], PAGE, visitor(START + HOUR), snapshot)
    assert sum(one is not None for one in chosen) == 1


@pytest.mark.django_db
def test_what_is_not_counted_takes_nothing_of_the_allowance():
    bread = book("Bread", goal=10, starts_at=START, ends_at=START + 10 * HOUR)
    snapshot = Snapshot.load(START + HOUR)
    ads.choose([("inline", 1)], PAGE, visitor(START + HOUR, counted=False), snapshot)
    assert snapshot.delivery.left == {bread.campaign_id: 1}


@pytest.mark.django_db
def test_counts_of_all_hours_and_of_creatives_that_are_off_are_known():
    bread = book("Bread", goal=1_000, starts_at=START, ends_at=START + WEEK)
    off = Creative.objects.create(campaign=bread.campaign, name="Rolls", url="/join/", headline="R", active=False)
    other = book("Nails")
    for key, hour, number in (
        (f"{bread.pk}:inline1", START, 5),
        (f"{bread.pk}:top", START + 2 * HOUR, 7),
        (f"{off.pk}:end", START + 40 * HOUR, 11),
        (f"{bread.pk}", START + 41 * HOUR, 13),
        (f"{bread.pk}:inline1", START + 42 * HOUR, 17),
        (f"{other.pk}:inline1", START + 42 * HOUR, 1000),
        ("house:inline1", START + 42 * HOUR, 1000),
    ):
        Count.objects.create(series="ad", key=key, hour=hour, number=number)
    Count.objects.create(series="ad-click", key=f"{bread.pk}:inline1", hour=START, number=500)
    at = START + 42 * HOUR + MINUTE
    snapshot = Snapshot.load(at)
    assert snapshot.delivery.done == {bread.campaign_id: 53}
    Count.objects.filter(key=f"{bread.pk}:inline1", hour=START + 42 * HOUR).update(number=18)
    snapshot.poll(at)
    snapshot.poll(at + HOUR)
    assert snapshot.delivery.done == {bread.campaign_id: 54}, "the hours that closed meanwhile are counted once"
    snapshot.poll(at + 3 * HOUR)
    assert snapshot.delivery.done == {bread.campaign_id: 54}


@pytest.mark.django_db
def test_a_goal_of_clicks_goes_by_clicks():
    bread = book("Bread", goal=10, goal_kind="clicks", starts_at=START, ends_at=START + 10 * HOUR)
    at = START + HOUR + MINUTE
    snapshot = Snapshot.load(at)
    assert shown(snapshot, at, 50) == 50
    Count.objects.create(series="ad-click", key=f"{bread.pk}:inline1", hour=START + HOUR, number=1)
    snapshot.poll(at)
    assert shown(snapshot, at, 50) == 0
    snapshot.poll(START + 2 * HOUR + MINUTE)
    assert shown(snapshot, START + 2 * HOUR + MINUTE, 5) == 5


@pytest.mark.django_db
def test_a_poll_is_one_query_and_one_more_each_hour(django_assert_num_queries):
    book("Bread", goal=10, starts_at=START, ends_at=START + 10 * HOUR)
    snapshot = Snapshot.load(START + HOUR)
    with django_assert_num_queries(2):
        snapshot.poll(START + HOUR + MINUTE)
    with django_assert_num_queries(3):
        snapshot.poll(START + 2 * HOUR)


@pytest.mark.django_db
def test_without_goals_a_poll_asks_nothing(django_assert_num_queries):
    book("Bread")
    snapshot = Snapshot.load(START)
    with django_assert_num_queries(0):
        snapshot.poll(START)


@pytest.mark.django_db
def test_the_beat_keeps_up_the_snapshot_that_pages_are_chosen_from():
    bread = book("Bread", goal=100, starts_at=START, ends_at=START + 100 * HOUR)
    with time_machine.travel(START + HOUR + MINUTE, tick=False):
        store.default.catch_up()
        snapshot = store.default.pieces.inserts.booked
        Snapshot.load(timezone.now())
        assert shown(snapshot, timezone.now(), 5) == 1
        counters.flush()
    with time_machine.travel(START + 2 * HOUR + MINUTE, tick=False):
        store.default.poll_inserts()
        assert snapshot.delivery.done == {bread.campaign_id: 1}
        assert shown(snapshot, timezone.now(), 5) == 1


KEYS = [("17:inline1", 17), ("17", 17), ("house:inline1", None), ("house", None), ("", None), ("²:x", None)]


@pytest.mark.parametrize(("key", "creative"), KEYS)
def test_a_counts_key_names_its_creative(key, creative):
    assert delivery.creative_of(key) == creative
