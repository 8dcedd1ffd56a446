"""Compiled pages, kept: never an old one once a change is known, never half of two, and compiled by one at a time.

Each `process()` is a server's process: its own memory and its own follower of the log, which learns of changes when it
polls. What processes share is the level; what time is, the reader says.
"""

import json
import pickle
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import Http404
from django.utils import timezone

from articles import publishing
from articles.models import Article, Body
from articles.publishing import Draft
from articles.reading import recipes, shared, store
from articles.reading.flights import Flights
from articles.reading.page import Page
from articles.reading.parts import keys
from articles.reading.recipes import Recipe
from members.access import Audience
from members.reader import Reader
from newsroom.ground import counters, stamps
from newsroom.ground.models import Count
from tests.conftest import FREE_WORD, GATED_WORD

pytestmark = pytest.mark.django_db
# Threads have connections of their own, and see what is committed.
committed = pytest.mark.django_db(transaction=True)

# Noon in UTC; in the newsroom's time zone it is four in the afternoon.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MICROSECOND, SECOND, MINUTE, HOUR = (timedelta(**{unit: 1}) for unit in ("microseconds", "seconds", "minutes", "hours"))
MEGABYTE = 1024 * 1024
PATIENCE = 30  # seconds, for what should take a moment


class Shelf(shared.Table):
    """The shared level with real leases, and pages in a dictionary (`held`): threads would meet in the locks of SQLite's
    database in memory."""

    def __init__(self, folder, held):
        super().__init__(folder)
        self.held, self.refused = held, threading.Semaphore(0)

    def _get(self, key):
        return self.held.get(key)

    def _put(self, key, content):
        self.held[key] = content

    @contextmanager
    def lease(self, key):
        with super().lease(key) as taken:
            if not taken:
                self.refused.release()
            yield taken


@pytest.fixture
def shelf(tmp_path):
    """shelf() is the level as one process has it; `shelf.held` what all of them hold there."""

    def level():
        return Shelf(tmp_path, level.held)

    level.held = {}
    return level


@pytest.fixture
def process(shelf):
    """process() is a serving process that knows of all changes so far; of later ones once its `follower.poll()`."""

    def begin(level=None, bytes_max=MEGABYTE):
        pages = store.Store(stamps.Follower(), level or shelf(), bytes_max)
        pages.follower.followed = True
        pages.catch_up()
        return pages

    return begin


def watched(recipe):
    """(the recipe, the readers for whom it is compiled from now on)."""
    made = []

    def make(basis, reader):
        made.append(reader)
        return recipe.make(basis, reader)

    return replace(recipe, make=make), made


def stranger(now=NOW):
    return Reader.stranger(now)


def text(entry):
    """A page without what fills its slots."""
    return b"".join(chunk for chunk in entry.chunks if isinstance(chunk, bytes)).decode()


def read(pages, recipe, reader=None):
    return text(pages.fetch(recipe, reader or stranger()))


@pytest.fixture
def mill(story):
    """A story of two hours ago."""
    return story("The mill reopens", "<p>The mill says one.</p>", published_at=NOW - 2 * HOUR, section="Water")


def edit(article, number):
    """A new headline and a new text, which say the same number."""
    article = Article.objects.get(pk=article.pk)
    article.headline = f"The mill, edition {number}"
    publishing.save([Draft(article, f"<p>The mill says {number}.</p>")])


def edition(page):
    """Which edition of the mill's story a page is, by its headline and by its text: a set of one unless they differ."""
    said = {"one" if "The mill reopens" in page else page.partition("The mill, edition ")[2][:1]}
    return said | {page.partition("The mill says ")[2].partition(".")[0]}


# Kept


def test_a_page_is_compiled_once_and_then_served_without_a_question(process, mill, django_assert_num_queries):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    first = pages.fetch(recipe, stranger())
    with django_assert_num_queries(0):
        assert pages.fetch(recipe, stranger()) is first
        assert pages.known(recipe.path, stranger()) is first
    assert "The mill says one." in text(first)
    assert len(made) == 1


@pytest.fixture(params=["table", pytest.param("redis", marks=pytest.mark.postgres)])
def level_of(request, tmp_path, monkeypatch):
    """level_of() is the real shared level as one process has it."""
    if request.param == "table":
        return lambda: shared.Table(tmp_path)
    assert settings.REDIS_URL, "Run by: make test-postgres"
    # On a busy machine it may be slow, and is not to be taken for one that is away.
    monkeypatch.setattr(shared, "PATIENCE", 10)
    return lambda: shared.Redis(settings.REDIS_URL)


def test_what_one_process_compiled_another_takes(process, level_of, mill):
    for recipe in (recipes.article(mill.slug, "en"), recipes.front("en"), recipes.feed("en"), recipes.not_found("en")):
        recipe, made = watched(recipe)
        first = process(level_of()).fetch(recipe, stranger())
        other = process(level_of())
        taken = other.fetch(recipe, stranger())
        assert (taken is first, taken.digest, taken.status) == (False, first.digest, first.status)
        assert len(made) == 1
        assert other.fetch(recipe, stranger()) is taken


@pytest.mark.parametrize("who_first", [0, 1])
def test_an_edit_is_seen_whole_once_a_process_has_heard_of_it_and_not_at_all_before(process, level_of, mill, who_first):
    processes = [process(level_of()), process(level_of())]
    recipe, made = watched(recipes.article(mill.slug, "en"))
    assert [edition(read(pages, recipe)) for pages in processes] == [{"one"}] * 2
    edit(mill, 2)
    assert [edition(read(pages, recipe)) for pages in processes] == [{"one"}] * 2
    first, second = processes[who_first], processes[1 - who_first]
    first.follower.poll()
    assert edition(read(first, recipe)) == {"2"}
    assert edition(read(second, recipe)) == {"one"}
    second.follower.poll()
    assert edition(read(second, recipe)) == {"2"}
    assert len(made) == 2, "each edition once"


def test_while_nothing_was_ever_published_pages_are_each_processs_own(process, shelf):
    """The shared level may be another paper's too, and two empty logs look the same."""
    for pages in (process(), process()):
        recipe, made = watched(recipes.front("en"))
        for _round in range(2):
            read(pages, recipe)
        assert (len(made), shelf.held) == (1, {})


def test_who_is_not_told_of_changes_every_second_asks_each_time(process, mill):
    pages = process()
    pages.follower.followed = False
    recipe, made = watched(recipes.article(mill.slug, "en"))
    for number in (2, 3):
        read(pages, recipe)
        edit(mill, number)
        assert edition(read(pages, recipe)) == {str(number)}
    assert len(made) == 3


def test_what_a_page_does_not_show_does_not_touch_it(process, mill, story):
    pages = process()
    recipe = recipes.article(mill.slug, "en")
    first = pages.fetch(recipe, stranger())
    story("Another story", section="Water", published_at=NOW - HOUR)
    stamps.record([("article", f"{mill.pk}0"), ("list", "ru")])
    pages.follower.poll()
    assert pages.fetch(recipe, stranger()) is first
    assert "Another story" in read(pages, recipes.front("en")), "but the lists that it stands in"


@pytest.mark.parametrize("change", [None, stamps.EVERYTHING])
def test_what_a_page_shows_and_everything_at_once_do(process, mill, change):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(pages, recipe)
    stamps.record([change or ("article", str(mill.pk))])
    pages.follower.poll()
    assert pages.known(recipe.path, stranger()) is None
    read(pages, recipe)
    assert len(made) == 2


def test_a_withdrawn_story_is_gone_with_the_next_poll(process, mill):
    pages = process()
    recipe = recipes.article(mill.slug, "en")
    read(pages, recipe)
    publishing.withdraw([mill])
    pages.follower.poll()
    assert pages.known(recipe.path, stranger()) is None
    with pytest.raises(Http404):
        read(pages, recipe)
    with pytest.raises(Http404):
        read(process(), recipe)


def test_a_story_of_another_language_stands_elsewhere(process, story):
    found = story("Мост", published_at=NOW - HOUR, language="ru")
    with pytest.raises(recipes.Elsewhere) as elsewhere:
        process().fetch(recipes.article(found.slug, "en"), stranger())
    assert elsewhere.value.path == found.get_absolute_url()


# One page, several variants


@pytest.fixture
def readers(aram, leyla):
    """Who gets three variants of a story for members, and whether it is the whole of it."""
    return [
        (stranger(), False),
        (Reader(Audience.REGISTERED, NOW, user=aram), False),
        (Reader(Audience.MEMBERS, NOW, user=leyla), True),
    ]


@pytest.fixture
def vault(story):
    return story("The vault", published_at=NOW - HOUR, audience=Audience.MEMBERS)


def test_variants_of_a_page_live_side_by_side_and_one_change_ends_them_all(process, vault, readers):
    pages = process()
    recipe, made = watched(recipes.article(vault.slug, "en"))
    for _round in range(3):
        for reader, whole in readers:
            page = read(pages, recipe, reader)
            assert FREE_WORD in page
            assert (GATED_WORD in page) == whole
    assert len(made) == len(readers)
    stamps.record([("article", str(vault.pk))])
    pages.follower.poll()
    assert [pages.known(recipe.path, reader) for reader, _whole in readers] == [None] * len(readers)
    for reader, _whole in readers * 2:
        read(pages, recipe, reader)
    assert len(made) == 2 * len(readers)


def test_a_process_takes_all_variants_of_a_page_along(process, level_of, vault, readers):
    recipe, made = watched(recipes.article(vault.slug, "en"))
    pages = process(level_of())
    for reader, _whole in readers:
        read(pages, recipe, reader)
    other = process(level_of())
    read(other, recipe)
    for reader, whole in readers:
        assert (GATED_WORD in text(other.known(recipe.path, reader))) == whole
    assert len(made) == len(readers)


def test_a_variant_that_one_process_adds_drops_none_of_anothers(process, level_of, vault, readers):
    recipe, made = watched(recipes.article(vault.slug, "en"))
    for reader, _whole in readers:
        read(process(level_of()), recipe, reader)
    last = process(level_of())
    for reader, _whole in readers:
        read(last, recipe, reader)
    assert len(made) == len(readers)


def test_terms_that_were_tightened_lock_who_read_before(process, story):
    open_story = story("Open", published_at=NOW - HOUR)
    pages, other = process(), process()
    recipe = recipes.article(open_story.slug, "en")
    assert GATED_WORD in read(pages, recipe)
    read(other, recipe)
    Article.objects.filter(pk=open_story.pk).update(audience=Audience.MEMBERS)
    publishing.save([Draft(Article.objects.get(pk=open_story.pk), revise=True)])
    for each in (pages, other):
        each.follower.poll()
        assert GATED_WORD not in read(each, recipe)


# What is too much, or asked for by whoever


def test_a_page_that_memory_does_not_hold_is_taken_from_the_level_each_time(process, mill):
    pages = process(bytes_max=10)
    recipe, made = watched(recipes.article(mill.slug, "en"))
    for _round in range(3):
        assert edition(read(pages, recipe)) == {"one"}
    assert (len(made), len(pages.memory)) == (1, 0)


def test_a_made_up_key_is_served_and_not_kept(process, shelf, story):
    newest, *_others = [story(f"Story {n}", published_at=NOW - n * MINUTE, section="Water") for n in range(4)]
    pages, made_up = process(), keys.key_of(newest) + "99"
    for recipe in (recipes.front("en", made_up), recipes.topic("section", "water", "en", made_up)):
        recipe, made = watched(recipe)
        for _round in range(2):
            assert "Story 1" in read(pages, recipe)
        assert (len(made), len(pages.memory), len(shelf.held)) == (2, 0, 0)


def test_made_up_keys_leave_no_row_each_among_the_counts(process, story):
    newest, *_others = [story(f"Story {n}", published_at=NOW - n * MINUTE) for n in range(4)]
    pages = process()
    for number in range(5):
        read(pages, recipes.front("en", f"{keys.key_of(newest)}{number}"))
    counters.flush()
    assert not Count.objects.filter(key__contains="after=").exists()


def test_a_key_that_a_list_has_made_is_kept(process, story):
    newest, *_others = [story(f"Story {n}", published_at=NOW - n * MINUTE) for n in range(4)]
    pages = process()
    recipe, made = watched(recipes.front("en", keys.key_of(newest)))
    for _round in range(2):
        assert "Story 1" in read(pages, recipe)
    assert (len(made), len(pages.memory)) == (1, 1)


@pytest.mark.parametrize("key", ["", "x", "1", "--1-1", "9" * 18 + "-1", "0-1"])
def test_a_key_of_no_page_is_not_found_and_not_kept(process, shelf, mill, key):
    pages = process()
    with pytest.raises(Http404):
        pages.fetch(recipes.front("en", key), stranger())
    assert (len(pages.memory), len(shelf.held)) == (0, 0)


# Time


def test_a_story_that_is_scheduled_appears_at_its_microsecond(process, mill, story):
    due = NOW + 90 * SECOND
    later = story("The dam opens", published_at=due, section="Dams", tags=["River"])
    pages = process()
    lists = [recipes.front("en"), recipes.feed("en")]
    topics = [recipes.topic("section", "dams", "en"), recipes.topic("tag", "river", "en")]
    page = recipes.article(later.slug, "en")
    for at in (NOW, due - MICROSECOND):
        assert not any("The dam opens" in read(pages, recipe, stranger(at)) for recipe in lists)
        for recipe in (*topics, page):
            with pytest.raises(Http404):
                read(pages, recipe, stranger(at))
    for recipe in (*lists, *topics, page):
        assert "The dam opens" in read(pages, recipe, stranger(due))
    assert pages.known(page.path, stranger(due - MICROSECOND)) is None, "nor did it exist before, once it is compiled"


def test_the_menu_names_a_section_from_its_first_storys_moment_on(process, mill, story):
    story("The dam opens", published_at=NOW + MINUTE, section="Dams")
    pages = process()
    recipe = recipes.article(mill.slug, "en")
    assert "/sections/dams/" not in read(pages, recipe, stranger(NOW + MINUTE - MICROSECOND))
    assert "/sections/dams/" in read(pages, recipe, stranger(NOW + MINUTE))


@pytest.mark.parametrize("audience", [Audience.EVERYONE, Audience.REGISTERED])
def test_early_access_ends_at_its_microsecond(process, story, aram, audience):
    until = NOW + MINUTE
    early = story("First for members", published_at=NOW - HOUR, audience=audience, early_access_until=until)
    pages, recipe = process(), recipes.article(early.slug, "en")

    def walls(now):
        """What a stranger and Aram meet, and whether they get the whole text."""
        found = [pages.fetch(recipe, reader) for reader in (stranger(now), Reader(Audience.REGISTERED, now, user=aram))]
        assert all((entry.variant.wall is None) == (GATED_WORD in text(entry)) for entry in found)
        return [entry.variant.wall and entry.variant.wall.value for entry in found]

    then = [None if audience == Audience.EVERYONE else "register", None]
    assert walls(NOW) == walls(until - MICROSECOND) == ["wait", "wait"]
    assert walls(until) == walls(until + HOUR) == then
    assert "Members first" in read(pages, recipes.front("en"), stranger(until - MICROSECOND))
    assert "Members first" not in read(pages, recipes.front("en"), stranger(until))


def test_an_age_turns_without_anybody_doing_anything(process, story):
    story("The mill", published_at=NOW - 59 * MINUTE)
    pages = process()
    recipe, made = watched(recipes.front("en"))
    turns = NOW + MINUTE
    for at, age in (
        (NOW, "59 minutes ago"),
        (turns - MICROSECOND, "59 minutes ago"),
        (turns, "an hour ago"),
        (turns + HOUR - MICROSECOND, "an hour ago"),
        (turns + HOUR, "2 hours ago"),
    ):
        assert age in read(pages, recipe, stranger(at))
    assert len(made) == 3
    assert pages.known(recipe.path, stranger(turns + HOUR)) is not None
    assert pages.known(recipe.path, stranger(turns + 2 * HOUR)) is None


def test_todays_date_turns_at_the_newsrooms_midnight(process, story):
    old = story("The mill", published_at=NOW - timedelta(days=40))
    pages = process()
    recipe, made = watched(recipes.article(old.slug, "en"))
    midnight = datetime(2026, 11, 20, 20, tzinfo=UTC)
    assert "Friday 20 November" in read(pages, recipe, stranger(NOW))
    assert "Friday 20 November" in read(pages, recipe, stranger(midnight - MICROSECOND))
    assert len(made) == 1
    assert "Saturday 21 November" in read(pages, recipe, stranger(midnight))
    assert len(made) == 2


def test_when_the_clock_was_set_back_pages_are_made_for_what_it_shows(process, story, time_machine):
    story("The mill", published_at=NOW - 30 * MINUTE)
    pages, other = process(), process()
    recipe, made = watched(recipes.front("en"))
    for at, age in ((NOW, "30 minutes ago"), (NOW - 20 * MINUTE, "10 minutes ago"), (NOW, "30 minutes ago")):
        time_machine.move_to(at, tick=False)
        assert pages.known(recipe.path, Reader.stranger()) is None
        assert age in read(pages, recipe, Reader.stranger())
        assert age in read(other, recipe, Reader.stranger()), "nor what another process made for later"
    assert len(made) == 3


def test_a_browser_sees_time_pass(serving, story, as_, time_machine):
    story("The mill", published_at=NOW - 59 * MINUTE)
    story("The dam", published_at=NOW + 30 * SECOND)
    serving()
    browser, seen = as_(None), []
    for seconds in (0, 29, 30, 60):
        time_machine.move_to(NOW + seconds * SECOND, tick=False)
        page = browser.get("/").content.decode()
        seen.append(("The dam" in page, "59 minutes ago" in page, "an hour ago" in page))
    assert seen == [(False, True, False), (False, True, False), (True, True, False), (True, False, True)]


# Many at once


class Slow:
    """A page that takes until `go` is set to compile, shows article 1 and reads differently from LATER on. It says how
    often it was compiled."""

    def __init__(self, refuses=()):
        self.made, self.begun, self.go = [], threading.Semaphore(0), threading.Event()
        self.refuses = refuses
        self.recipe = Recipe("/slow/", "en", self._make)

    def _make(self, basis, reader):
        basis.rests_on("article", "1")
        basis.lasts_until(LATER if reader.now < LATER else None)
        self.made.append(reader)
        number = len(self.made)
        self.begun.release()
        assert self.go.wait(PATIENCE)
        if number in self.refuses:
            raise ZeroDivisionError(number)
        return Page((f"compiled {number}".encode(),), visible_from=NOW - MINUTE)


LATER = NOW + MINUTE


@pytest.fixture
def slow(db):
    # A log that tells this paper from another.
    stamps.record([("section", "77")])
    page = Slow()
    yield page
    page.go.set()


@pytest.fixture
def entered(monkeypatch):
    """entered(n) waits until n more asked for a page that was not there: one that leads, and others."""
    came = threading.Semaphore(0)

    class Watched(Flights):
        @contextmanager
        def enter(self, path):
            with super().enter(path) as others:
                came.release()
                yield others

    monkeypatch.setattr(store, "Flights", Watched)
    # Waiting for a busy machine, nobody loses patience.
    monkeypatch.setattr(store, "PATIENCE", PATIENCE)
    return lambda number: [awaited(came) for _n in range(number)]


def awaited(semaphore):
    assert semaphore.acquire(timeout=PATIENCE), "it never came to that"


@pytest.fixture
def start():
    """start(work, …) does it in a thread; `.result()` waits for it."""
    with ThreadPoolExecutor(32) as threads:

        def run(work, *args):
            try:
                return work(*args)
            finally:
                connection.close()

        yield lambda work, *args: threads.submit(run, work, *args)


def results(*started):
    return [each.result(PATIENCE) for each in started]


@committed
def test_many_who_come_at_once_to_a_cold_page_have_it_compiled_once(entered, process, slow, start):
    pages = process()
    readers = [start(read, pages, slow.recipe) for _n in range(20)]
    entered(20)
    slow.go.set()
    assert set(results(*readers)) == {"compiled 1"}
    assert len(slow.made) == 1


@committed
def test_who_came_a_moment_before_the_one_that_compiles_does_not_have_it_compiled_again(entered, process, slow, start):
    """A reader's moment is when the request began: on a busy machine another one's, a little later, may be first."""
    here, there = process(), process()
    readers = []
    for number in range(10):
        readers.append(start(read, here, slow.recipe, stranger(NOW - number * MICROSECOND)))
        entered(1)
    readers.append(start(read, there, slow.recipe, stranger(NOW - 10 * MICROSECOND)))
    awaited(there.level.refused)
    slow.go.set()
    assert set(results(*readers)) == {"compiled 1"}
    assert len(slow.made) == 1


@committed
def test_two_processes_compile_a_page_once(entered, process, slow, start):
    here, there = process(), process()
    readers = [start(read, here, slow.recipe) for _n in range(5)]
    awaited(slow.begun)
    readers += [start(read, there, slow.recipe) for _n in range(5)]
    awaited(there.level.refused)
    slow.go.set()
    assert set(results(*readers)) == {"compiled 1"}
    assert len(slow.made) == 1


@committed
def test_while_time_alone_outdated_a_page_others_get_it_as_it_was(entered, process, slow, start):
    here, there = process(), process()
    slow.go.set()
    assert read(here, slow.recipe) == read(there, slow.recipe) == "compiled 1"
    slow.go.clear()
    leader = start(read, here, slow.recipe, stranger(LATER))
    [awaited(slow.begun) for _n in range(2)]
    assert read(here, slow.recipe, stranger(LATER)) == "compiled 1", "in the process that compiles it"
    assert read(there, slow.recipe, stranger(LATER)) == "compiled 1", "and in another"
    slow.go.set()
    assert results(leader) == ["compiled 2"]
    assert read(here, slow.recipe, stranger(LATER)) == read(there, slow.recipe, stranger(LATER)) == "compiled 2"
    assert len(slow.made) == 2


@committed
def test_after_the_clock_was_set_back_nobody_gets_what_does_not_exist_yet(entered, process, slow, start):
    pages, before = process(), stranger(NOW - 2 * MINUTE)
    slow.go.set()
    read(pages, slow.recipe)
    slow.go.clear()
    entered(1)
    readers = [start(read, pages, slow.recipe, before) for _n in range(3)]
    entered(3)
    slow.go.set()
    # The recipe of a real story says that there is none.
    assert "compiled 1" not in results(*readers)


@committed
def test_once_a_change_is_known_nobody_gets_the_page_as_it_was(entered, process, slow, start):
    here, there = process(), process()
    slow.go.set()
    assert read(here, slow.recipe) == read(there, slow.recipe) == "compiled 1"
    slow.go.clear()
    entered(2)
    stamps.record([("article", "1")])
    here.follower.poll()
    there.follower.poll()
    # Time has outdated it too.
    readers = [start(read, here, slow.recipe, stranger(LATER)) for _n in range(4)]
    [awaited(slow.begun) for _n in range(2)]
    readers += [start(read, there, slow.recipe, stranger(LATER)) for _n in range(4)]
    awaited(there.level.refused)
    entered(8)
    assert not any(reader.done() for reader in readers)
    slow.go.set()
    assert set(results(*readers)) == {"compiled 2"}
    assert len(slow.made) == 2


@committed
def test_one_that_fails_lets_the_next_one_try_and_holds_up_nobody(entered, process, start):
    slow, pages = Slow(refuses={1, 2}), process()
    readers = [start(read, pages, slow.recipe) for _n in range(6)]
    entered(6)
    slow.go.set()
    errors = [reader.exception(PATIENCE) for reader in readers]
    assert sorted(str(error) for error in errors if error) == ["1", "2"]
    assert {reader.result() for reader in readers if not reader.exception()} == {"compiled 3"}
    assert len(slow.made) == 3


@committed
def test_where_there_is_no_page_everybody_is_told_so(entered, process, start):
    pages, recipe = process(), recipes.article("nowhere", "en")
    readers = [start(read, pages, recipe) for _n in range(10)]
    assert [type(reader.exception(PATIENCE)) for reader in readers] == [Http404] * 10


@committed
def test_one_that_is_stuck_is_not_waited_for_for_ever(process, slow, start, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    here, there = process(), process()
    stuck = start(read, here, slow.recipe)
    awaited(slow.begun)
    others = [start(read, here, slow.recipe), start(read, there, slow.recipe)]
    [awaited(slow.begun) for _n in others]
    assert not stuck.done()
    slow.go.set()
    results(stuck, *others)


@pytest.mark.postgres
@committed
@pytest.mark.parametrize("kind", ["table", "redis"])
def test_a_real_page_is_compiled_once_for_many_at_once_in_two_processes(
    process, mill, start, tmp_path, monkeypatch, kind
):
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    monkeypatch.setattr(shared, "PATIENCE", 10)
    monkeypatch.setattr(store, "PATIENCE", PATIENCE)
    level_of = {"table": lambda: shared.Table(tmp_path), "redis": lambda: shared.Redis(settings.REDIS_URL)}[kind]
    processes = [process(level_of()), process(level_of())]
    recipe, made = watched(recipes.article(mill.slug, "en"))
    gate = threading.Barrier(20)

    def ask(number):
        gate.wait(PATIENCE)
        return edition(read(processes[number % 2], recipe))

    for number in ("one", "2", "3"):
        if number != "one":
            edit(mill, number)
            for pages in processes:
                pages.follower.poll()
        assert results(*[start(ask, n) for n in range(20)]) == [{number}] * 20
    assert len(made) == 3


# Changed while it is compiled


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(act) has act() done each time after a story's headline was read and before its text is."""

    def arrange(act):
        usual = Body.of

        def of(pk):
            act()
            return usual(pk)

        monkeypatch.setattr(Body, "of", of)

    return arrange


def test_a_story_that_is_edited_while_it_is_compiled_is_compiled_again(process, mill, meanwhile):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    edits = [2]
    meanwhile(lambda: edits and edit(mill, edits.pop()))
    entry = pages.fetch(recipe, stranger())
    assert edition(text(entry)) == {"2"}
    assert len(made) == 2
    assert pages.fetch(recipe, stranger()) is entry, "and is as new as it looks"
    assert edition(read(process(), recipe)) == {"2"}, "for others too"
    assert len(made) == 2


def test_a_page_that_fails_because_of_a_change_meanwhile_is_compiled_again(process, mill, meanwhile):
    """A row that was there a query ago is gone."""
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    troubles = [True]

    def vanish():
        if troubles:
            troubles.clear()
            stamps.record([("article", str(mill.pk))])
            raise LookupError

    meanwhile(vanish)
    assert edition(read(pages, recipe)) == {"one"}
    assert len(made) == 2


def test_a_page_that_fails_of_itself_is_not_tried_again(process, mill, meanwhile):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    meanwhile(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read(pages, recipe)
    assert (len(made), len(pages.memory)) == (1, 0)


def test_what_a_page_does_not_show_may_change_while_it_is_compiled(process, mill, meanwhile):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    meanwhile(lambda: stamps.record([("article", f"{mill.pk}0")]))
    read(pages, recipe)
    read(pages, recipe)
    assert len(made) == 1


def test_a_story_that_is_edited_again_and_again_is_compiled_while_nobody_writes(process, mill, meanwhile, monkeypatch):
    numbers, nobody_writes = iter(range(2, 9)), []

    @contextmanager
    def alone(usual=stamps.alone):
        with usual():
            nobody_writes.append(True)
            yield

    monkeypatch.setattr(stamps, "alone", alone)
    meanwhile(lambda: nobody_writes or edit(mill, next(numbers)))
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    entry = pages.fetch(recipe, stranger())
    assert edition(text(entry)) == {str(1 + store.TRIES)}
    assert len(made) == store.TRIES + 1
    assert pages.fetch(recipe, stranger()) is entry


@pytest.mark.postgres
@committed
def test_an_editor_waits_while_a_page_is_compiled_alone(process, mill, meanwhile, start):
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    numbers, started = iter(range(2, 9)), []

    def edit_or_wait():
        started.append(start(edit, mill, next(numbers)))
        while not started[-1].done() and not _waits_for_a_lock():
            pass

    meanwhile(edit_or_wait)
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    page = read(pages, recipe)
    assert edition(page) == {str(1 + store.TRIES)}
    assert len(made) == store.TRIES + 1
    results(*started)
    meanwhile(lambda: None)
    pages.follower.poll()
    assert pages.known(recipe.path, stranger()) is None


def _waits_for_a_lock():
    with connection.cursor() as cursor:
        # In a transaction PostgreSQL says again what it said before.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_what_pages_share_is_not_kept_across_a_change(process, mill, story, meanwhile):
    """The menu, say, which one page read before a section was renamed and another after."""
    pages, edits = process(), [1]
    article = recipes.article(mill.slug, "en")

    def rename():
        if edits:
            edits.clear()
            mill.section.name = "Rivers"
            mill.section.save()

    meanwhile(rename)
    for recipe in (article, recipes.front("en")):
        page = read(pages, recipe)
        assert "Rivers" in page
        assert ">Water<" not in page


# What lies in the shared level


def of_other_code(pages, recipe, monkeypatch):
    """What a process of an older release put there."""
    with monkeypatch.context() as older:
        older.setattr(store, "fingerprint", lambda: "0" * 32)
        before = set(pages.level.held)
        pages.fetch(replace(recipe, make=lambda basis, reader: Page((b"<p>of another release</p>",))), stranger())
    (key,) = set(pages.level.held) - before
    return pages.level.held.pop(key)


RUBBISH = {
    "nothing": lambda good: b"",
    "one byte": lambda good: good[:1],
    "half": lambda good: good[: len(good) // 2],
    "a bit changed": lambda good: good[:-1] + bytes([good[-1] ^ 1]),
    "noise": lambda good: secrets.token_bytes(len(good)),
    "a pickle": lambda good: pickle.dumps({"chunks": [b"<p>not ours</p>"]}),
    "JSON": lambda good: json.dumps({"chunks": ["<p>not ours</p>"]}).encode(),
    "HTML": lambda good: b"<p>not ours</p>",
    "twice": lambda good: good * 2,
}


@pytest.fixture
def _never_unpickled(monkeypatch):
    def opened(*args, **kwargs):
        raise SystemExit("A pickle was opened.")

    monkeypatch.setattr(pickle, "loads", opened)
    monkeypatch.setattr(pickle, "load", opened)


@pytest.mark.usefixtures("_never_unpickled")
@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_dropped_and_the_right_page_compiled_and_put_there(process, shelf, mill, rubbish):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(process(), recipe)
    ((key, good),) = shelf.held.items()
    shelf.held[key] = rubbish(good)
    assert edition(read(process(), recipe)) == {"one"}
    assert len(made) == 2
    assert edition(read(process(), recipe)) == {"one"}
    assert len(made) == 2, "what was compiled took its place"


def test_another_pages_bytes_are_not_served(process, shelf, mill, vault):
    pages = [recipes.article(mill.slug, "en"), recipes.article(vault.slug, "en")]
    first = process()
    for recipe, reader in zip(pages, (stranger(), Reader(Audience.MEMBERS, NOW)), strict=True):
        read(first, recipe, reader)
    (here, mills), (there, vaults) = shelf.held.items()
    shelf.held |= {here: vaults, there: mills}
    other = process()
    assert edition(read(other, pages[0])) == {"one"}
    page = read(other, pages[1])
    assert FREE_WORD in page
    assert GATED_WORD not in page


def test_what_was_signed_with_another_key_is_not_served(process, shelf, mill, settings):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(process(), recipe)
    settings.SECRET_KEY += "!"
    read(process(), recipe)
    assert len(made) == 2


def test_what_another_release_put_there_is_not_served(process, shelf, mill, monkeypatch):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    old = of_other_code(process(), recipe, monkeypatch)
    assert b"of another release" in old
    read(process(), recipe)
    (key,) = shelf.held
    shelf.held[key] = old
    assert edition(read(process(), recipe)) == {"one"}
    assert len(made) == 2


def test_two_releases_side_by_side_do_not_undo_each_others_work(process, shelf, mill, monkeypatch):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(process(), recipe)
    with monkeypatch.context() as older:
        older.setattr(store, "fingerprint", lambda: "0" * 32)
        read(process(), recipe)
    read(process(), recipe)
    assert (len(made), len(shelf.held)) == (2, 2)


def test_what_was_put_there_before_a_change_is_not_taken(process, mill):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(process(), recipe)
    edit(mill, 2)
    assert edition(read(process(), recipe)) == {"2"}
    assert len(made) == 2


def test_what_a_process_ahead_put_there_is_taken_and_its_change_heard_of(process, mill):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    ahead, behind = process(), process()
    edit(mill, 2)
    ahead.follower.poll()
    read(ahead, recipe)
    assert behind.follower.mark != ahead.follower.mark
    assert edition(read(behind, recipe)) == {"2"}
    assert behind.follower.mark == ahead.follower.mark
    assert len(made) == 1


def test_what_was_made_under_numbers_that_a_backup_took_back_is_not_taken(process, shelf, mill):
    recipe = recipes.article(mill.slug, "en")
    pages = process()
    stamps.record([("section", "77")])
    pages.follower.poll()
    read(pages, recipe)
    # The backup does not know the last change, and another takes its number.
    stamps.Stamp.objects.filter(kind="section", key="77").delete()
    stamps.Clock.objects.update(number=stamps.Stamp.objects.order_by("-number")[0].number)
    edit(mill, 2)
    assert edition(read(process(), recipe)) == {"2"}
    pages.follower.poll()
    assert edition(read(pages, recipe)) == {"2"}


def test_what_another_process_made_for_a_moment_that_is_over_is_not_taken(process, story):
    story("The mill", published_at=NOW - 30 * MINUTE)
    recipe, made = watched(recipes.front("en"))
    assert "30 minutes ago" in read(process(), recipe)
    assert "31 minutes ago" in read(process(), recipe, stranger(NOW + MINUTE))
    assert len(made) == 2


class Away(shared.Table):
    def _get(self, key):
        raise shared.Lost

    def _put(self, key, content):
        raise shared.Lost


def test_where_the_level_is_away_a_process_compiles_for_itself(process, mill, tmp_path):
    recipe, made = watched(recipes.article(mill.slug, "en"))
    pages = process(Away(tmp_path))
    for _round in range(2):
        assert edition(read(pages, recipe)) == {"one"}
    assert len(made) == 1
    edit(mill, 2)
    pages.follower.poll()
    assert edition(read(pages, recipe)) == {"2"}


# The database, away


def _gone(*args, **kwargs):
    raise OperationalError("the server closed the connection")


@pytest.fixture
def away(monkeypatch):
    """away() has the database not answer any more, whoever asks."""

    return lambda: monkeypatch.setattr(BaseDatabaseWrapper, "cursor", _gone)


def test_while_the_database_is_away_what_is_known_is_served(process, mill, away):
    pages, recipe = process(), recipes.article(mill.slug, "en")
    read(pages, recipe)
    away()
    with pytest.raises(OperationalError):
        pages.follower.poll()
    assert edition(text(pages.known(recipe.path, stranger()))) == {"one"}
    assert edition(read(pages, recipe)) == {"one"}


def test_while_the_database_is_away_what_time_alone_outdated_is_served_on(process, story, away):
    """Else a front page with ages in minutes would be gone a minute later."""
    story("The mill", published_at=NOW - 30 * MINUTE)
    pages, recipe = process(), recipes.front("en")
    read(pages, recipe)
    away()
    assert "30 minutes ago" in read(pages, recipe, stranger(NOW + MINUTE))


def test_while_the_database_is_away_what_a_change_outdated_is_not_served(process, mill, away):
    pages, recipe = process(), recipes.article(mill.slug, "en")
    read(pages, recipe)
    edit(mill, 2)
    pages.follower.poll()
    away()
    with pytest.raises(OperationalError):
        read(pages, recipe)


def test_while_the_database_is_away_what_is_not_known_is_an_error_and_leaves_nothing_behind(process, mill, monkeypatch):
    pages, recipe = process(), recipes.article(mill.slug, "en")
    with monkeypatch.context() as trouble:
        trouble.setattr(pages.follower, "poll", _gone)
        with pytest.raises(OperationalError):
            read(pages, recipe)
        assert len(pages.memory) == 0
    assert edition(read(pages, recipe)) == {"one"}, "it is back"


def test_a_change_that_was_missed_while_it_was_away_is_heard_of_when_it_is_back(process, mill, monkeypatch):
    pages, recipe = process(), recipes.article(mill.slug, "en")
    read(pages, recipe)
    with monkeypatch.context() as trouble:
        trouble.setattr(BaseDatabaseWrapper, "cursor", _gone)
        with pytest.raises(OperationalError):
            pages.follower.poll()
    edit(mill, 2)
    pages.follower.poll()
    assert edition(read(pages, recipe)) == {"2"}


def test_a_process_that_never_heard_of_the_log_knows_nothing(shelf, mill):
    pages = store.Store(stamps.Follower(), shelf(), MEGABYTE)
    pages.follower.followed = True
    recipe = recipes.article(mill.slug, "en")
    assert pages.known(recipe.path, stranger()) is None
    read(pages, recipe)
    assert pages.known(recipe.path, stranger()) is not None


def test_who_is_not_told_of_changes_every_second_knows_nothing_without_asking(process, mill):
    pages, recipe = process(), recipes.article(mill.slug, "en")
    read(pages, recipe)
    pages.follower.followed = False
    assert pages.known(recipe.path, stranger()) is None


def test_a_process_that_forgot_all_begins_as_a_new_one(process, mill):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(pages, recipe)
    pages.forget()
    assert pages.known(recipe.path, stranger()) is None
    read(pages, recipe)
    assert len(made) == 1, "it is in the shared level"


def test_a_forked_process_has_nothing_under_way_and_trusts_nothing_until_it_has_polled(process, mill):
    pages = process()
    recipe, made = watched(recipes.article(mill.slug, "en"))
    read(pages, recipe)
    with pages._flights.enter(recipe.path):
        # What another thread of the parent had begun is nobody's to end here.
        pages.follower.forked()
        pages.forked()
        assert pages.known(recipe.path, stranger()) is None
        assert edition(read(pages, recipe)) == {"one"}
    assert len(made) == 1, "it is in the shared level"


def test_a_reader_of_now_is_served_without_saying_when(process, story):
    """Outside tests the moment is the clock's."""
    found = story("The mill", published_at=timezone.now() - HOUR)
    assert "The mill" in read(process(), recipes.article(found.slug, "en"), Reader.stranger())
