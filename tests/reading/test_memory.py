"""What a process keeps: so many bytes of pages and no more, and what pages share as long as it stands."""

import random
import sys
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as patient
from hypothesis import strategies as st

from articles.reading.basis import Basis
from articles.reading.entry import WEIGHT, Entry
from articles.reading.memory import Memo, Memory
from newsroom.ground import stamps

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGES = [f"/articles/{name}/" for name in "abcdefghij"]
LIMIT = 100_000
EIGHTH = LIMIT // 8


def entry(weight=WEIGHT):
    """An entry that weighs so many bytes."""
    return Entry((bytes(weight - WEIGHT),), (1, NOW), frozenset(), NOW)


weights = st.integers(WEIGHT, EIGHTH + 2 * WEIGHT)
puts = st.tuples(st.sampled_from(PAGES), st.lists(weights, max_size=3))
gets = st.sampled_from(PAGES)


@patient(deadline=None)
@given(st.lists(puts | gets | st.just(None), max_size=80))
def test_memory_holds_its_bytes_and_gives_up_first_what_was_least_lately_asked_for(asked):
    memory, expected = Memory(LIMIT), OrderedDict()
    for one in asked:
        if one is None:
            memory.clear()
            expected.clear()
        elif isinstance(one, str):
            assert sum(held.size for held in memory.get(one)) == expected.get(one, 0)
            if one in expected:
                expected.move_to_end(one)
        else:
            path, sizes = one
            memory.put(path, [entry(size) for size in sizes])
            expected.pop(path, None)
            if sizes and sum(sizes) <= EIGHTH:
                expected[path] = sum(sizes)
            while sum(expected.values()) > LIMIT:
                expected.popitem(last=False)
        assert memory.bytes == sum(expected.values()) <= LIMIT
        assert len(memory) == len(expected)
    assert {path for path in PAGES if memory.get(path)} == set(expected)


def test_a_page_that_is_asked_for_stays_and_another_goes():
    memory = Memory(8 * EIGHTH)
    for path in PAGES[:8]:
        memory.put(path, [entry(EIGHTH)])
    memory.get(PAGES[0])
    memory.put(PAGES[8], [entry(EIGHTH)])
    assert [path for path in PAGES if memory.get(path)] == [PAGES[0], *PAGES[2:9]]


def test_a_page_larger_than_an_eighth_of_all_pushes_nothing_out():
    memory = Memory(LIMIT)
    memory.put(PAGES[0], [entry()])
    memory.put(PAGES[1], [entry(EIGHTH + 1)])
    memory.put(PAGES[2], [entry(EIGHTH)])
    assert [bool(memory.get(path)) for path in PAGES[:3]] == [True, False, True]


def test_a_page_that_grew_too_large_is_not_held_in_its_old_form():
    memory = Memory(LIMIT)
    memory.put(PAGES[0], [entry()])
    memory.put(PAGES[0], [entry(EIGHTH + 1)])
    assert memory.get(PAGES[0]) == ()
    assert memory.bytes == 0


def test_what_takes_the_place_of_a_page_is_weighed_in_its_stead():
    memory, last = Memory(LIMIT), entry(5_000)
    for weight in (9_000, 3_000, 12_000):
        memory.put(PAGES[0], [entry(weight)])
    memory.put(PAGES[0], [last, entry(2_500)])
    assert memory.bytes == 7_500
    assert memory.get(PAGES[0])[0] is last
    memory.put(PAGES[0], [])
    assert (memory.bytes, len(memory)) == (0, 0)


def test_what_a_page_shows_weighs_too():
    plain, rich = (Entry((b"",), (1, NOW), frozenset(("article", str(n)) for n in range(many)), NOW) for many in (0, 9))
    assert rich.size > plain.size


@pytest.fixture
def _hurried():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hurried")
@pytest.mark.parametrize("clears", [0, 0.01])
def test_threads_that_get_put_and_clear_at_once_keep_the_sum_right(clears):
    memory, threads = Memory(LIMIT), 4
    # Made before, so that threads do nothing but meet.
    ready = [[], *([entry(weight)] for weight in range(WEIGHT, EIGHTH, 1_500)), [entry(), entry()]]
    gate = threading.Barrier(threads)

    def hammer(number):
        dice = random.Random(number)  # noqa: S311
        gate.wait(timeout=30)
        for _n in range(2_000):
            memory.put(dice.choice(PAGES[:5]), dice.choice(ready))
            memory.get(dice.choice(PAGES))
            if dice.random() < clears:
                memory.clear()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(hammer, range(threads)))
    held = [one.size for path in PAGES for one in memory.get(path)]
    assert memory.bytes == sum(held) <= LIMIT


# What pages share


@pytest.fixture
def follower(db):
    follower = stamps.Follower()
    follower.poll()
    return follower


@pytest.fixture
def shared(follower):
    """shared(now) asks a memo for a value that shows section 3 and reads differently in an hour; `shared.made` are the
    moments for which it was made."""
    memo = Memo(follower)

    def recall(now=NOW, key="sections"):
        def make(basis):
            recall.made.append(basis.now)
            basis.rests_on("section", 3)
            basis.lasts_until(basis.now + timedelta(hours=1))
            return f"made at {basis.now}"

        return memo.recall(key, make, Basis(now, follower.mark))

    recall.made, recall.memo = [], memo
    return recall


def changed(follower, *change):
    stamps.record([change])
    follower.poll()


def test_a_value_is_made_once_and_recalled_with_all_it_rests_on(shared):
    value, basis = shared()
    again, same = shared(NOW + timedelta(minutes=59))
    assert (value, again, len(shared.made)) == (f"made at {NOW}", value, 1)
    assert basis.changes == same.changes == {("section", "3")}
    assert basis.until == same.until == NOW + timedelta(hours=1)


def test_each_key_has_a_value_of_its_own(shared):
    shared(NOW, "sections of en")
    shared(NOW, "sections of ru")
    assert len(shared.made) == 2


def test_a_value_is_made_again_when_what_it_shows_was_changed(shared, follower):
    shared()
    changed(follower, "section", "4")
    shared()
    assert len(shared.made) == 1
    changed(follower, "section", "3")
    shared()
    shared()
    assert len(shared.made) == 2


def test_a_value_is_made_again_when_everything_was_changed(shared, follower):
    shared()
    changed(follower, *stamps.EVERYTHING)
    shared()
    assert len(shared.made) == 2


def test_a_value_is_made_again_from_the_moment_on_at_which_it_reads_differently(shared):
    shared()
    shared(NOW + timedelta(hours=1) - timedelta(microseconds=1))
    assert len(shared.made) == 1
    shared(NOW + timedelta(hours=1))
    assert len(shared.made) == 2


def test_a_value_made_for_later_is_not_shown_when_the_clock_was_set_back(shared):
    shared()
    assert shared(NOW - timedelta(microseconds=1))[0] == f"made at {NOW - timedelta(microseconds=1)}"


def test_before_anything_is_known_of_changes_nothing_is_recalled(shared, follower):
    follower.forget()
    shared()
    shared()
    assert len(shared.made) == 2


def test_what_changes_while_a_value_is_made_outdates_it(follower):
    memo = Memo(follower)

    def made_across_a_change(basis):
        basis.rests_on("section", 3)
        changed(follower, "section", "3")
        return "half and half"

    memo.recall("sections", made_across_a_change, Basis(NOW, follower.mark))
    assert memo.recall("sections", lambda basis: "whole", Basis(NOW, follower.mark))[0] == "whole"


def test_a_value_of_rows_that_were_read_before_a_change_is_not_held_as_of_after_it(follower):
    """A list fetches its rows first and has their cards drawn then; the change may come between."""
    memo, page = Memo(follower), Basis(NOW, follower.mark)
    changed(follower, "section", "3")

    def drawn_of_an_old_row(basis):
        basis.rests_on("section", 3)
        return "old"

    memo.recall("sections", drawn_of_an_old_row, page)
    assert memo.recall("sections", lambda basis: "new", Basis(NOW, follower.mark))[0] == "new"


def test_a_change_that_came_since_a_page_was_begun_outdates_what_is_made_for_it(follower):
    """Of a page that was begun before it the rows may be older."""
    memo, begun = Memo(follower), Basis(NOW, follower.mark)
    changed(follower, "section", "3")

    def make(basis):
        basis.rests_on("section", 3)
        return "of which edition"

    memo.recall("sections", make, begun)
    assert memo.recall("sections", lambda basis: "new", Basis(NOW, follower.mark))[0] == "new"


def test_what_is_made_of_other_shared_values_ends_with_them(follower):
    memo, made = Memo(follower), []

    def sections(basis):
        made.append("sections")
        basis.rests_on("section", 3)
        return "sections"

    def menu(basis):
        made.append("menu")
        return f"menu of {basis.recall('sections', sections)}"

    for _round in range(2):
        Basis(NOW, follower.mark, memo).recall("menu", menu)
        Basis(NOW, follower.mark, memo).recall("sections", sections)
        assert made == ["menu", "sections"]
    changed(follower, "section", "3")
    assert Basis(NOW, follower.mark, memo).recall("menu", menu) == "menu of sections"
    assert made == ["menu", "sections"] * 2


def test_a_memo_that_was_cleared_knows_nothing(shared):
    shared()
    shared.memo.clear()
    shared()
    assert len(shared.made) == 2


def test_a_memo_keeps_so_many_values_and_gives_up_first_what_was_made_first(shared, monkeypatch):
    monkeypatch.setattr("articles.reading.memory.VALUES_MAX", 3)
    for key in "abcd":
        shared(NOW, key)
    for key in "bcd":
        shared(NOW, key)
    assert len(shared.made) == 4
    shared(NOW, "a")
    assert len(shared.made) == 5
    shared(NOW + timedelta(hours=1), "c")
    shared(NOW + timedelta(hours=1), "e")
    shared(NOW + timedelta(hours=1), "c")
    assert len(shared.made) == 7, "what is made anew is new"
