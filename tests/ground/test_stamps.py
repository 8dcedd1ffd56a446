"""The numbered log of changes: what is written into it, and what one process knows from it."""

import itertools
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.ground import stamps
from newsroom.ground.models import Clock, Stamp
from newsroom.ground.stamps import EVERYTHING, Follower, record
from tests.ground.scripts import run

pytestmark = pytest.mark.django_db

SPORT, CITY, RIVER = ("section", "1"), ("section", "2"), ("section", "3")


class Undone(Exception):
    pass


def undo(changes):
    """Record changes in a transaction that is rolled back."""
    with suppress(Undone), transaction.atomic():
        record(changes)
        raise Undone


def log():
    """(number, change) of all stamps, in order."""
    rows = Stamp.objects.order_by("number").values_list("number", "kind", "key")
    return [(number, (kind, key)) for number, kind, key in rows]


def following():
    """A follower that knows the log as it is, and the list of what it is told from now on."""
    follower, told = Follower(), []
    follower.listeners.append(told.append)
    follower.poll()
    told.clear()
    return follower, told


def backup():
    return list(Clock.objects.values("pk", "number")), list(Stamp.objects.values())


def restore(saved):
    clocks, rows = saved
    Clock.objects.all().delete()
    Stamp.objects.all().delete()
    Clock.objects.bulk_create(Clock(**row) for row in clocks)
    Stamp.objects.bulk_create(Stamp(**row) for row in rows)


# What is written.


def test_numbers_follow_each_other():
    record({SPORT, CITY})
    record({SPORT})
    record({RIVER})
    assert log() == [(1, SPORT), (2, CITY), (3, SPORT), (4, RIVER)]


def test_a_change_named_twice_is_one_stamp_and_no_change_is_none():
    record([SPORT, SPORT])
    record([])
    record([CITY])
    assert log() == [(1, SPORT), (2, CITY)]


def test_what_is_rolled_back_leaves_no_stamp_and_no_gap():
    follower, told = following()
    undo({SPORT})
    with transaction.atomic():
        record({CITY})
        undo({SPORT})
        record({RIVER})
    follower.poll()
    assert log() == [(1, CITY), (2, RIVER)]
    assert told == [{CITY, RIVER}]


def test_more_than_many_changes_are_one_that_means_everything(monkeypatch):
    monkeypatch.setattr(stamps, "MANY", 3)
    articles = [("article", str(n)) for n in range(4)]
    record(articles[:3])
    record(articles)
    assert log() == [*enumerate(articles[:3], start=1), (4, EVERYTHING)]


def test_many_changes_are_all_written():
    articles = [("article", f"{n:03}") for n in range(stamps.MANY)]
    record(articles)
    assert log() == list(enumerate(articles, start=1))


def test_numbers_begin_where_there_is_no_clock():
    with stamps.alone():
        stamps.hold()
    Clock.objects.all().delete()
    with stamps.alone():
        record({SPORT})
        stamps.hold()
        record({CITY})
    assert log() == [(1, SPORT), (2, CITY)]


def test_numbers_go_on_where_the_clock_is_lost_and_stamps_are_left():
    record({SPORT, CITY})
    follower, told = following()
    Clock.objects.all().delete()
    record({RIVER})
    follower.poll()
    assert log() == [(1, SPORT), (2, CITY), (3, RIVER)]
    assert told == [{RIVER}]


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_is_stamped_from_the_beginning():
    record({SPORT})
    follower, told = following()
    old = follower.mark
    call_command("flush", interactive=False, verbosity=0)
    record({CITY})
    follower.poll()
    assert log() == [(1, CITY)]
    assert told == [{EVERYTHING}]
    assert not follower.holds(old, {RIVER})


def test_old_stamps_are_forgotten_but_never_the_newest(now):
    record({SPORT})
    record({CITY})
    Stamp.objects.update(at=now - stamps.KEPT - timedelta(seconds=1))
    record({RIVER})
    stamps.forget_old_stamps(now)
    assert log() == [(3, RIVER)]
    stamps.forget_old_stamps(now + timedelta(days=365))
    record({SPORT})
    assert log() == [(3, RIVER), (4, SPORT)], "whoever is up to date knows its place by the newest"


def test_stamps_that_are_not_old_are_kept(now):
    record({SPORT})
    record({CITY})
    Stamp.objects.filter(number=1).update(at=now - stamps.KEPT)
    stamps.forget_old_stamps(now)
    assert len(log()) == 2


# What a process knows.


def test_a_follower_is_told_once_what_came():
    record({RIVER})
    follower, told = following()
    record({SPORT, CITY})
    record({SPORT})
    follower.poll()
    follower.poll()
    record({RIVER})
    follower.poll()
    assert told == [{SPORT, CITY}, {RIVER}]


def test_a_poll_is_one_query(django_assert_num_queries):
    follower, _told = following()
    for _again in range(2):
        record({SPORT})
        with django_assert_num_queries(1):
            follower.poll()
    with django_assert_num_queries(1):
        follower.poll()


def test_what_was_made_holds_until_something_that_it_shows_is_changed():
    record({SPORT})
    follower, _told = following()
    mark = follower.mark
    assert follower.holds(mark, {SPORT, CITY}), "changed before it was made"
    record({RIVER})
    follower.poll()
    assert follower.holds(mark, {SPORT, CITY})
    assert not follower.holds(mark, {SPORT, RIVER})
    assert follower.holds(follower.mark, {SPORT, RIVER})
    record({SPORT})
    follower.poll()
    assert not follower.holds(mark, {SPORT, CITY})
    assert follower.holds(mark, {CITY}), "the same mark, and nothing of it was touched"


def test_everything_touches_all_that_was_made_before():
    record({SPORT})
    follower, _told = following()
    mark = follower.mark
    record({EVERYTHING})
    follower.poll()
    assert not follower.holds(mark, {CITY})
    assert not follower.holds(mark, set())
    later = follower.mark
    record({SPORT})
    follower.poll()
    assert follower.holds(later, {CITY})


def test_what_was_made_before_the_first_stamp_holds_until_it_is_touched():
    follower, told = following()
    mark = follower.mark
    assert mark == (0, None)
    record({SPORT})
    follower.poll()
    assert told == [{SPORT}]
    assert follower.holds(mark, {CITY})
    assert not follower.holds(mark, {SPORT})


def test_nothing_holds_that_was_made_with_no_knowledge():
    follower = Follower()
    assert not follower.holds(follower.mark, {CITY})
    assert not follower.holds((0, None), {CITY})


def test_a_new_process_vouches_for_marks_of_the_log_that_it_has_read():
    record({SPORT})
    old, _told = following()
    mark = old.mark
    record({CITY})
    new, _told = following()
    assert new.holds(mark, {SPORT})
    assert not new.holds(mark, {CITY})
    assert not new.holds((0, None), {RIVER}), "who knows what was done before the first stamp"


def test_whoever_is_told_asks_while_the_old_mark_still_stands():
    record({SPORT})
    follower, _told = following()
    mark, seen = follower.mark, []
    follower.listeners.append(lambda _changes: seen.append(follower.mark))
    record({CITY})
    follower.poll()
    assert seen == [mark]
    assert follower.mark > mark


def test_nobody_polls_twice_where_somebody_polls_every_second(django_assert_num_queries):
    follower = Follower()
    follower.followed = True
    follower.catch_up()
    assert follower.mark == (0, None), "the first time it must be asked for"
    with django_assert_num_queries(0):
        follower.catch_up()
    follower.followed = False
    record({SPORT})
    follower.catch_up()
    assert follower.mark[0] == 1


# A log that is not what it was.


def test_after_a_backup_of_before_nothing_made_since_holds():
    record({SPORT})
    follower, told = following()
    first, saved = follower.mark, backup()
    record({CITY})
    record({SPORT})
    follower.poll()
    told.clear()
    last = follower.mark
    restore(saved)
    follower.poll()
    assert told == [{EVERYTHING}]
    assert not follower.holds(last, {RIVER})
    assert follower.mark == first
    assert follower.holds(first, {SPORT})
    record({RIVER})
    follower.poll()
    assert not follower.holds(first, {RIVER})


def test_a_number_that_is_given_again_after_a_backup_is_another():
    record({SPORT})
    saved = backup()
    record({CITY})
    follower, told = following()
    old = follower.mark
    restore(saved)
    record({SPORT})
    record({RIVER})
    follower.poll()
    assert told == [{EVERYTHING}]
    assert (old[0], follower.mark[0]) == (2, 3)
    assert not follower.holds(old, {CITY})
    assert not follower.holds(old, set())


def test_a_backup_of_a_later_time_is_caught_up_with():
    record({SPORT})
    follower, told = following()
    mark, early = follower.mark, backup()
    record({CITY})
    late = backup()
    restore(early)
    follower.poll()
    restore(late)
    follower.poll()
    assert told == [{CITY}]
    assert not follower.holds(mark, {CITY})
    assert follower.holds(mark, {SPORT})


def test_whoever_is_too_far_behind_begins_anew(monkeypatch):
    monkeypatch.setattr(stamps, "BEHIND_MAX", 5)
    record({SPORT})
    follower, told = following()
    mark = follower.mark
    for _n in range(4):
        record({CITY})
    follower.poll()
    assert told == [{CITY}]
    assert follower.holds(mark, {SPORT})
    mark = follower.mark
    for _n in range(6):
        record({CITY})
    follower.poll()
    assert told[1:] == [{EVERYTHING}]
    assert not follower.holds(mark, {SPORT}), "of that log only the newest stamps were read"
    assert follower.mark[0] == 11


def test_whoever_slept_until_its_place_was_forgotten_begins_anew(now):
    record({SPORT})
    follower, told = following()
    mark = follower.mark
    record({CITY})
    Stamp.objects.update(at=now - stamps.KEPT - timedelta(seconds=1))
    record({RIVER})
    stamps.forget_old_stamps(now)
    follower.poll()
    assert told == [{EVERYTHING}]
    assert not follower.holds(mark, {CITY})


def test_whoever_slept_over_the_first_stamps_until_they_were_forgotten_begins_anew(now):
    follower, told = following()
    mark = follower.mark
    record({SPORT})
    Stamp.objects.update(at=now - stamps.KEPT - timedelta(seconds=1))
    record({CITY})
    stamps.forget_old_stamps(now)
    follower.poll()
    assert told == [{EVERYTHING}]
    assert not follower.holds(mark, {SPORT})


def test_what_is_older_than_all_that_is_remembered_does_not_hold(monkeypatch):
    monkeypatch.setattr(stamps, "REMEMBERED", 3)
    follower, told = following()
    made, things = [], [SPORT, CITY, RIVER]
    for n in range(9):
        record({things[n % 3]})
        follower.poll()
        made.append((follower.mark, things[n % 3]))
        for n, (mark, _thing) in list(enumerate(made))[-3:]:
            later = {thing for _mark, thing in made[n + 1 :]}
            assert [follower.holds(mark, {thing}) for thing in things] == [thing not in later for thing in things]
    assert not follower.holds(made[0][0], {EVERYTHING})
    assert told == [{thing} for _mark, thing in made], "nobody begins anew for that"


# Things that fail.


class Unreachable:
    """Stands before the database: after `lets` queries all others fail."""

    def __init__(self, lets=0):
        self.lets = lets

    def __call__(self, execute, *query):
        if not self.lets:
            raise DatabaseError("away")
        self.lets -= 1
        return execute(*query)


@pytest.fixture(params=[0, 1])
def away(request):
    """A database that is away at once, or after the first query."""
    return connection.execute_wrapper(Unreachable(request.param))


def test_a_poll_that_fails_is_made_up_for_by_the_next():
    record({SPORT})
    follower, told = following()
    mark = follower.mark
    record({CITY})
    with connection.execute_wrapper(Unreachable()), pytest.raises(DatabaseError):
        follower.poll()
    assert (follower.mark, told) == (mark, [])
    assert follower.holds(mark, {CITY}), "what is not known to be outdated is served on"
    record({RIVER})
    follower.poll()
    assert told == [{CITY, RIVER}]
    assert not follower.holds(mark, {CITY})


def test_a_beginning_that_fails_is_made_up_for_by_the_next_poll(away):
    record({SPORT})
    saved = backup()
    record({CITY})
    follower, told = following()
    old = follower.mark
    restore(saved)
    with away, pytest.raises(DatabaseError):
        follower.poll()
    follower.poll()
    assert told[-1:] == [{EVERYTHING}]
    assert not follower.holds(old, {RIVER})


def test_a_listener_that_failed_is_told_again():
    follower, told = following()
    failing = [RuntimeError("ear"), RuntimeError("ear")]

    def ear(changes):
        if failing:
            raise failing.pop()
        heard.append(changes)

    heard = []
    follower.listeners.append(ear)
    mark = follower.mark
    record({SPORT})
    for _again in range(2):
        with pytest.raises(RuntimeError):
            follower.poll()
        assert follower.mark == mark
    record({CITY})
    follower.poll()
    assert heard == [{SPORT, CITY}]
    assert told[-1] == {SPORT, CITY}
    assert not follower.holds(mark, {SPORT})


def test_a_listener_that_failed_at_a_beginning_is_told_again():
    follower, heard = Follower(), []
    failing = [RuntimeError("ear")]

    def ear(changes):
        if failing:
            raise failing.pop()
        heard.append(changes)

    follower.listeners.append(ear)
    record({SPORT})
    with pytest.raises(RuntimeError):
        follower.poll()
    follower.poll()
    assert heard == [{EVERYTHING}]
    assert follower.mark[0] == 1


@pytest.fixture
def _threads_take_turns():
    """Threads that wait for each other's turn get theirs within microseconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_take_turns")
def test_what_is_outdated_does_not_hold_while_another_thread_reads_the_log():
    """Whoever asks between two stamps that are learned would hear of the first alone."""
    record({SPORT})
    follower, _told = following()
    old = follower.mark
    for n in range(9):
        record({("article", f"{n}-{m}") for m in range(stamps.MANY)})
    record({CITY})
    wrong, done = [], threading.Event()

    def ask():
        while not done.is_set():
            if follower.holds(old, {CITY}):
                wrong.append(old)

    asking = threading.Thread(target=ask)
    rows = list(Stamp.objects.order_by("number").values_list("number", "at", "kind", "key"))
    follower.poll()
    asking.start()
    for _again in range(100):
        follower.forget()
        follower._learn(rows)
    done.set()
    asking.join()
    assert not wrong


def test_a_forked_process_polls_though_a_poll_was_under_way_at_its_fork():
    assert run(
        """
        from newsroom.ground.stamps import follower

        follower.mark = (7, None)
        follower._since = lambda mark: None
        follower._begin = lambda: print("polled, knowing", follower.mark)
        with follower._lock:
            fork(follower.poll)
        """
    ) == ["polled, knowing None"]


# Anything, in any order.

THINGS = [("article", str(n)) for n in range(5)]
STEPS = st.one_of(
    st.tuples(st.just("change"), st.sets(st.sampled_from(THINGS), min_size=1)),
    st.tuples(st.just("undo"), st.sets(st.sampled_from(THINGS), min_size=1)),
    st.tuples(st.just("make"), st.sets(st.sampled_from(THINGS), min_size=1)),
    st.tuples(st.sampled_from(["poll", "poll", "forget", "backup", "restore", "begin"]), st.none()),
)


@dataclass
class Made:
    """Something that was made at a mark from what the things said. `sure`: nothing can excuse that it does not hold."""

    mark: tuple
    said: dict
    sure: bool


class Paper:
    """The database, one process that follows it, and what that made. What a thing says is never said twice."""

    def __init__(self):
        restore(([], []))
        self.words = itertools.count(1)
        self.said = dict.fromkeys(THINGS, 0)
        self.saved = []
        self.made = []
        self.untold = set()
        self.restored = False
        self.begin(None)

    def begin(self, _things):
        """A process begins; what another one made lies in a cache that they share."""
        self.follower = Follower()
        self.follower.listeners.append(self.hear)
        self.poll(None)

    def change(self, things):
        with transaction.atomic():
            record(things)
        self.said |= {thing: next(self.words) for thing in things}
        self.untold |= things
        if len(things) > stamps.MANY:
            self.doubt()

    def undo(self, things):
        undo(things)

    def make(self, things):
        # Of two backups that are put in within one second the follower need not know.
        if not self.restored:
            basis, words = self.follower.mark, {thing: self.said[thing] for thing in things}
            # As the store does: what is made bears the mark that is known once it is made, and of what has changed
            # since the basis nothing is kept.
            self.poll(None)
            if self.follower.holds(basis, things):
                self.made.append(Made(self.follower.mark, words, sure=True))

    def forget(self, _things):
        middle = list(Stamp.objects.order_by("number"))
        if middle:
            stamps.forget_old_stamps(middle[len(middle) // 2].at + stamps.KEPT)

    def backup(self, _things):
        self.saved.append((backup(), dict(self.said)))

    def restore(self, _things):
        if self.saved and not self.restored:
            saved, said = self.saved[len(self.saved) // 2]
            restore(saved)
            self.said = dict(said)
            self.restored = True

    def hear(self, changes):
        if EVERYTHING in changes:
            self.doubt()
        elif not self.restored:
            assert changes == self.untold

    def doubt(self):
        for one in self.made:
            one.sure = False

    def poll(self, _things):
        self.follower.poll()
        newest = self.follower.mark[0]
        self.untold.clear()
        self.restored = False
        for one in self.made:
            stands = all(self.said[thing] == words for thing, words in one.said.items())
            holds = self.follower.holds(one.mark, set(one.said))
            assert stands or not holds, "outdated, and served"
            remembered = one.mark[0] > newest - stamps.REMEMBERED
            assert holds or not (stands and one.sure and remembered), "good, and dropped"


@pytest.mark.parametrize("limits", [{}, {"MANY": 3, "BEHIND_MAX": 4, "REMEMBERED": 5}], ids=["large", "small"])
def test_what_holds_is_as_it_was_whatever_happened(limits, monkeypatch):
    for name, number in limits.items():
        monkeypatch.setattr(stamps, name, number)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(STEPS, max_size=25))
    def anything(steps):
        paper = Paper()
        for name, things in steps:
            getattr(paper, name)(things)
        paper.poll(None)

    anything()
