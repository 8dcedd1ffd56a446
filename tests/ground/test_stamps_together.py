"""Several who write and several who follow, at once, on PostgreSQL: real threads, real commits."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from articles import publishing
from articles.models import Article, Section
from articles.publishing import Draft
from newsroom.ground import stamps
from newsroom.ground.models import Stamp
from newsroom.ground.stamps import EVERYTHING, Follower, record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITERS, FOLLOWERS, ROUNDS = 6, 2, 12
PATIENCE = 60  # seconds, for what should take a moment


@pytest.fixture(autouse=True)
def _on_postgresql():
    assert connection.vendor == "postgresql", "Run by: make test-postgres"


class Undone(Exception):
    pass


class Polling:
    """A process that polls all the time, in a thread of its own, until `stop`.

    told: the set of changes of each poll that brought some. `looked` waits until it has polled twice from beginning to
    end.
    """

    def __init__(self):
        self.follower, self.told = Follower(), []
        self.follower.listeners.append(self.told.append)
        self._polls = threading.Condition()
        self._count = 0
        self._end = Event()

    def run(self):
        try:
            while not self._end.is_set():
                self.poll()
            self.poll()
        finally:
            connection.close()

    def poll(self):
        self.follower.poll()
        with self._polls:
            self._count += 1
            self._polls.notify_all()

    def looked(self):
        with self._polls:
            # One may be under way, so that it is the third that ends which began after this.
            until = self._count + 3
            assert self._polls.wait_for(lambda: self._count >= until, timeout=PATIENCE), "the follower waits"

    def stop(self):
        self._end.set()


def closing(work, *args):
    try:
        return work(*args)
    finally:
        connection.close()


def at_once(*works):
    """Run these in threads of their own; the first error of theirs, if there is one."""
    with ThreadPoolExecutor(len(works)) as threads:
        for run in [threads.submit(closing, work) for work in works]:
            run.result(timeout=2 * PATIENCE)


def waiting():
    """How many connections wait for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def wait_until(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def write(number, gate, look):
    """A writer's rounds: commits, slow commits, and transactions that come to nothing. Returns what it committed."""
    committed = []
    gate.wait(timeout=PATIENCE)
    for n in range(ROUNDS):
        parts = [{("story", f"{number}-{n}-{part}-{m}") for m in range(1 + (number + part) % 3)} for part in range(2)]
        kept = (number + n) % 4 != 3
        with suppress(Undone), transaction.atomic():
            record(parts[0])
            if (number + n) % 3 == 0:
                # A slow commit: those who follow look while these numbers are given and not to be seen.
                look()
            record(parts[1])
            if not kept:
                raise Undone
        if kept:
            committed += [*parts[0], *parts[1]]
    return committed


def test_every_change_is_told_to_every_follower_once_and_in_order():
    followers = [Polling() for _n in range(FOLLOWERS)]
    for one in followers:
        one.poll()
    gate = Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS + FOLLOWERS) as threads:
        polling = [threads.submit(one.run) for one in followers]
        try:
            look = lambda: [one.looked() for one in followers]  # noqa: E731
            writing = [threads.submit(closing, write, number, gate, look) for number in range(WRITERS)]
            committed = [change for done in writing for change in done.result(timeout=2 * PATIENCE)]
        finally:
            for one in followers:
                one.stop()
        for done in polling:
            done.result(timeout=PATIENCE)

    numbers = {(kind, key): number for number, kind, key in Stamp.objects.values_list("number", "kind", "key")}
    assert sorted(numbers) == sorted(committed)
    assert sorted(numbers.values()) == list(range(1, len(committed) + 1)), "numbers without holes"
    for one in followers:
        beginning, *told = one.told
        assert beginning == {EVERYTHING}
        assert [number for changes in told for number in sorted(numbers[change] for change in changes)] == sorted(
            numbers.values()
        )
        assert len(told) > 1, "it followed while they wrote"


def test_a_slow_commit_makes_writers_wait_and_nobody_who_follows():
    follower, told, recorded, go = Follower(), [], Event(), Event()
    record({("story", "first")})
    follower.poll()
    follower.listeners.append(told.append)

    def slow():
        with transaction.atomic():
            record({("story", "slow")})
            recorded.set()
            assert go.wait(timeout=PATIENCE)

    def quick():
        assert recorded.wait(timeout=PATIENCE)
        record({("story", "quick")})

    def watch():
        assert recorded.wait(timeout=PATIENCE)
        try:
            wait_until(lambda: waiting() == 1)
            follower.poll()
            assert told == []
            assert Stamp.objects.count() == 1
        finally:
            go.set()

    at_once(slow, quick, watch)
    follower.poll()
    assert told == [{("story", "slow"), ("story", "quick")}]
    assert list(Stamp.objects.order_by("number").values_list("key", flat=True)) == ["first", "slow", "quick"]


def test_whoever_began_in_the_middle_vouches_for_no_mark_that_it_has_not_read(monkeypatch):
    monkeypatch.setattr(stamps, "BEHIND_MAX", 40)
    stories = [("story", str(n)) for n in range(5)]
    half, again = Barrier(WRITERS + 1), Barrier(WRITERS + 1)

    def writer(number):
        for n in range(ROUNDS):
            if n == ROUNDS // 2:
                half.wait(timeout=PATIENCE)
                again.wait(timeout=PATIENCE)
            record({stories[(number + n) % 5], stories[(number * n) % 5]})

    late = Follower()

    def begin():
        half.wait(timeout=PATIENCE)
        late.poll()
        again.wait(timeout=PATIENCE)
        for _again in range(5):
            late.poll()

    at_once(begin, *(lambda number=number: writer(number) for number in range(WRITERS)))
    late.poll()
    log = list(Stamp.objects.order_by("number"))
    last = {(stamp.kind, stamp.key): stamp.number for stamp in log}
    vouched = [stamp for stamp in log if late.holds((stamp.number, stamp.at), {("story", "untouched")})]
    assert 40 <= len(vouched) < len(log)
    assert vouched == log[-len(vouched) :]
    for stamp in log:
        for story in stories:
            fresh = stamp in vouched and last[story] <= stamp.number
            assert late.holds((stamp.number, stamp.at), {story}) == fresh
    strange = [(stamp.number, other.at) for stamp, other in zip(log, log[20:], strict=False) if stamp.at != other.at]
    assert not any(late.holds(mark, {("story", "untouched")}) for mark in strange)


def rounds(first, second):
    """first(n) and second(n) set off together, fifty times."""
    gate = Barrier(2)

    def turns(work):
        for n in range(50):
            gate.wait(timeout=PATIENCE)
            try:
                work(n)
            except BaseException:
                gate.abort()
                raise

    at_once(lambda: turns(first), lambda: turns(second))


def rename(n):
    """As the admin saves a form: read, changed and saved in one transaction."""
    with transaction.atomic():
        section = Section.objects.get()
        section.name, section.slug = f"News {n}", f"news-{n}"
        section.save()


def test_a_section_is_saved_while_stories_are_published_in_it_and_neither_waits_for_ever(story):
    section = story("The first", section="News").section

    def publish(n):
        publishing.publish([Draft(Article(headline=f"Story {n}", section=section), "<p>x</p>")])

    rounds(rename, publish)
    assert Article.objects.filter(section=section).count() == 51
    assert Section.objects.get().name == "News 49"


def test_a_section_is_made_or_changed_while_another_hand_saves_it_and_neither_waits_for_ever(story):
    section = story("The first", section="News").section
    rounds(rename, lambda n: Section.objects.update_or_create(pk=section.pk, defaults={"description": str(n)}))
    assert Section.objects.get().name == "News 49"
