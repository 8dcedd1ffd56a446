"""Compiled pages say what pages made anew would say: whatever happens to the paper, in whatever order, in two processes.

Each process is a `Store` with a follower of its own, which learns of changes only when this test lets it poll; both share
the table of compiled pages. The oracle is a page made anew from the database: no store, no shared level, no memo.

1. After a poll every page, for every reader, equals the page made anew at that moment.
2. A page that is looked at without a poll equals the one made anew at that moment either from the paper as it is, or from the
   paper as it was when that process polled last (`as_it_was` puts the rows of then back for the time of one rendering).
   Nothing in between and no mixture of both is allowed. That is sound: an entry that is served without asking stands for the
   state of the last poll, and whoever compiles polls before serving; so a look that polled by itself must equal the former.
3. Gated words are shown only where `decide` allows it, by the terms of now or of that last poll; and no page mixes two
   editions of a story. Neither asks the oracle.
4. HEAD says what GET says, and a stranger's If-None-Match is answered 304 exactly where the content is the same, be the
   tag of this process or of the other.

The state machine mixes all that can happen; the tests of one thing alone find, without luck, a page that forgets to name
what it shows. COHERENCE_EXAMPLES=1000 lets the machine run so many times, at random, and has each thing happen to several
rows.
"""

import difflib
import os
import re
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from itertools import product

import hypothesis.strategies as st
import pytest
import time_machine
from django.db import transaction
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from articles.ads import choose
from articles.models import Article
from articles.reading import feeds, recipes, shared
from articles.reading.answer import joined
from articles.reading.basis import Basis, made
from articles.reading.entry import Entry
from articles.reading.holes import Pieces
from articles.reading.models import CompiledPage
from articles.reading.parts import frame, lists, story, words
from articles.reading.store import Store
from members.access import decide
from members.reader import Reader
from newsroom.ground import counters
from newsroom.ground.stamps import Follower
from tests.reading.coherence import (
    DAY,
    HAPPENINGS,
    HOUR,
    READERS,
    SECOND,
    START,
    Paper,
    as_it_was,
    at,
    due,
    editions,
    exist_at,
    lay_stage,
    terms_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _dice(monkeypatch):
    """Dice that always show the same, so that two pages differ by what they rest on alone."""
    monkeypatch.setattr(choose, "bookings", partial(choose.bookings, draw=lambda: 0.0))


# Lists so short that few stories reach over their ends.
SHORT = {
    lists: {"PAGE_LENGTH": 2, "LEADS": 2, "LEAD_AMONG": 2, "HOME_LENGTH": 3, "STRIP_MIN": 1, "STRIP_LENGTH": 1},
    feeds: {"LENGTH": 2},
    frame: {"MENU_MAX": 2},
    story: {"RELATED_MAX": 1},
}
THOROUGH = "COHERENCE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("COHERENCE_EXAMPLES", "20"))
MEGABYTE = 1024 * 1024
REQUESTS = RequestFactory(headers={"host": "localhost:8000"})
LONG = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
WHICH, POLLS = st.integers(0, 1), st.sampled_from([(), (0,), (1,), (0, 1)])
NAMES = st.sampled_from(sorted(READERS))
TROUBLES = ["restart", "empty", "backup", "restore", "noise", "another", "cut", "earlier"]
PLACES = st.lists(st.integers(0, 99), min_size=1, max_size=6)
GET, HEAD = REQUESTS.get("/"), REQUESTS.head("/")


@dataclass(frozen=True)
class Answer:
    """What a reader's browser would be told."""

    status: int
    headers: dict
    content: bytes

    @classmethod
    def of(cls, response):
        return cls(response.status_code, dict(response.headers), response.content)

    @classmethod
    def without_page(cls, error):
        """What a view makes of Http404 or Elsewhere."""
        path = error.path if isinstance(error, recipes.Elsewhere) else ""
        return cls(301 if path else 404, {"Location": path}, b"")


@cache
def recipe_of(address):
    kind, _colon, language = address.partition(":")
    return recipes.not_found(language) if kind == "404" else recipes.of_address(address)


def asks(paper, name, address):
    """The Reader that a view makes of who asks: for feeds and the sitemap, nobody."""
    same_for_all = address.endswith(("feed/", ".xml"))
    return Reader.stranger() if same_for_all else paper.reader(name)


class Anew:
    """Pages made anew from what the database says, at this moment."""

    def __init__(self):
        self.pieces = Pieces()
        self._terms = {at(one.language, "article", one.slug): one.terms for one in Article.objects.all()}
        self._entries, self._values = {}, {}

    def knows(self, address, reader):
        """Whether `answer` needs the database no more."""
        return (address, self.access(address, reader)) in self._entries

    def answer(self, address, reader):
        """What a view would answer. Readers of one access share what is compiled, as another test allows."""
        key = address, self.access(address, reader)
        if key not in self._entries:
            self._entries[key] = self._compiled(recipe_of(address), reader)
        entry = self._entries[key]
        return Answer.of(joined(GET, entry, reader, self.pieces)) if isinstance(entry, Entry) else entry

    def access(self, address, reader):
        """What of a reader a compiled page may depend on: nothing, but for a story's page."""
        if address not in self._terms:
            return None
        found = decide(self._terms[address], reader, reader.now)
        return found.wall, reader.known and not found.allowed

    def recall(self, key, make, now):
        """As a `Memo` does, but never anything of another state or moment."""
        if key not in self._values:
            self._values[key] = made(make, now)
        return self._values[key]

    def _compiled(self, recipe, reader):
        """The Entry of a page, or the Answer of a view that finds none."""
        try:
            page = recipe.compile(Basis(reader.now, self), reader)
        except (Http404, recipes.Elsewhere) as error:
            return Answer.without_page(error)
        return Entry(
            chunks=page.chunks,
            mark=(0, None),
            changes=frozenset(),
            made_at=reader.now,
            type=page.type,
            language=recipe.language,
            story=page.story,
            subject=page.subject,
            variant=page.variant,
            status=page.status,
        )


class Process:
    """One of the processes that serve. seen: the paper's state at its last poll; held: {address: {tag: content}} of what
    strangers got, from whichever process."""

    def __init__(self, site, bytes_max=16 * MEGABYTE):
        self.paper, self.held = site.paper, site.held
        self.seen = 0, {Article: []}
        self.follower = Follower()
        self.follower.followed = True
        self._poll, self.follower.poll = self.follower.poll, self.poll
        self.store = Store(self.follower, shared.Table(site.folder), bytes_max)

    def poll(self):
        self._poll()
        self.seen = self.paper.state()

    def answer(self, address, reader):
        try:
            entry = self.entry(address, reader)
        except (Http404, recipes.Elsewhere) as error:
            return Answer.without_page(error)
        answer = Answer.of(joined(GET, entry, reader, self.store.pieces))
        assert Answer.of(joined(HEAD, entry, reader, self.store.pieces)).headers == answer.headers
        if "ETag" in answer.headers:
            self._check_tags(address, entry, reader, answer)
        return answer

    def entry(self, address, reader):
        """By the short way, if that knows the page, else by the long one."""
        recipe = recipe_of(address)
        return self.store.known(recipe.path, reader) or self.store.fetch(recipe, reader)

    def _check_tags(self, address, entry, reader, answer):
        held, tag = self.held.setdefault(address, {}), answer.headers["ETag"]
        for old, content in [*list(held.items())[-2:], (tag, held.get(tag, answer.content))]:
            asked = REQUESTS.get("/", headers={"if-none-match": old})
            status = joined(asked, entry, reader, self.store.pieces).status_code
            assert (status == 304) == (content == answer.content), f"{old} of {address}"
        held[tag] = answer.content


class Site:
    """The paper, the processes that serve it, and the checks."""

    def __init__(self, folder, anew=None):
        self.folder, self.held = folder, {}
        self.paper = Paper()
        self.processes = [Process(self), Process(self)]
        self._anew = anew or {}
        self._earlier = {}

    def warm(self, *which):
        """Have these processes, or all, hold every page for every reader."""
        made_anew = self._anew.get(self._now())
        for process in [self.processes[one] for one in which] or self.processes:
            for address, reader, _where in self._looks():
                if made_anew and made_anew.knows(address, reader) and made_anew.answer(address, reader).status != 200:
                    continue
                with suppress(Http404, recipes.Elsewhere):
                    process.entry(address, reader)

    def poll_and_look_at_all(self):
        for which, process in enumerate(self.processes):
            process.poll()
            self.look_at_all(which)

    def poll_and_look_at_what_is_held(self, *which):
        for one in which:
            self.processes[one].poll()
            self.look_at_what_is_held(one)

    def look_at_all(self, which):
        self._look_at(self._looks(), which)

    def look_at_what_is_held(self, which):
        """At the pages alone for which the process need not ask the database."""
        known = self.processes[which].store.known
        self._look_at([look for look in self._looks() if known(recipe_of(look[0]).path, look[1])], which)

    def _look_at(self, looks, which):
        for address, reader, where in looks:
            self._look(self.processes[which], address, reader, f"{where} in process {which}")

    def look(self, which, place, name):
        address = list(self.paper.addresses)[place % len(self.paper.addresses)]
        where = f"{address} for {name} in process {which}"
        self._look(self.processes[which], address, asks(self.paper, name, address), where)

    def spoil(self, place, filling):
        """Put something else where the shared level holds a page: noise, another page, a part, or what it held when this
        was done before."""
        rows = list(CompiledPage.objects.order_by("key"))
        if not rows:
            return
        row = rows[place % len(rows)]
        fillings = {
            "noise": b"noise" * 50,
            "another": rows[place % len(rows) - 1].content,
            "cut": bytes(row.content)[: 50 * place],
            "earlier": self._earlier.get(row.key, row.content),
        }
        self._earlier |= {one.key: one.content for one in rows}
        CompiledPage.objects.filter(pk=row.key).update(content=fillings[filling])

    def anew(self, address, reader, state=None):
        """The answer made anew for a reader at this moment, from the paper as it is or as it was."""
        number, rows = state or self.paper.state()
        key = number, timezone.now()
        known = key in self._anew and self._anew[key].knows(address, reader)
        with nullcontext() if known or number == self.paper.changed else as_it_was(rows):
            self._anew[key] = self._anew.get(key) or Anew()
            return self._anew[key].answer(address, reader)

    def _now(self):
        return self.paper.changed, timezone.now()

    def _looks(self):
        """(address, reader, both in words) of all pages. What differs between readers in the corner alone, or is not there,
        is looked at by one of them, by another one each time."""
        names, exist = list(READERS), exist_at(timezone.now(), self.paper.state()[1][Article])
        stories = {at(article.language, "article", article.slug) for article in exist}
        for number, address in enumerate(self.paper.addresses):
            one = names[(number + self.paper.changed) % len(names)]
            for name in names if address in stories else [one]:
                yield address, asks(self.paper, name, address), f"{address} for {name}"

    def _look(self, process, address, reader, where):
        answer = process.answer(address, reader)
        self._check_words(process, address, reader, answer, where)
        expected = self.anew(address, reader)
        if answer != expected:
            expected = self.anew(address, reader, process.seen)
        if answer != expected:
            raise AssertionError(f"{where}:\n{difference(answer, expected)}")

    def _check_words(self, process, address, reader, answer, where):
        shown, gated = editions(answer.content)
        assert all(len(some) == 1 for some in shown.values()), f"{where} mixes editions: {shown}"
        title = re.search(rb'itemprop="headline">headline-([a-z]+)-', answer.content)
        own = title and title[1].decode()
        assert gated <= {own}, f"{where} shows gated words of other stories: {gated}"
        if own is None:
            return
        states = self.paper.state(), process.seen
        terms = [
            found[own] for _number, rows in states if own in (found := terms_of(exist_at(reader.now, rows[Article])))
        ]
        allowed = {decide(one, reader, reader.now).allowed for one in terms}
        assert bool(gated) in allowed, f"{where}: gated words {gated}, allowed {allowed}"
        open_to_all = any(decide(one, Reader.stranger(), reader.now).allowed for one in terms)
        if gated and not open_to_all:
            assert answer.headers["Cache-Control"] == "private, no-store", where


def difference(answer, expected):
    lines = [[f"{one.status} {one.headers}", *one.content.decode().splitlines()] for one in (answer, expected)]
    return "\n".join(difflib.unified_diff(*lines, "served", "made anew", lineterm="", n=0))


STEPS = {
    "a second": lambda paper: [timezone.now() + SECOND],
    "59 seconds": lambda paper: [timezone.now() + 59 * SECOND],
    "an hour": lambda paper: [timezone.now() + HOUR],
    "a day": lambda paper: [timezone.now() + DAY],
    "an hour back": lambda paper: [timezone.now() - HOUR],
    "until midnight": lambda paper: [words.today_until(timezone.now())],
    "until a second before the next beginning or end": lambda paper: [moment - SECOND for moment in due(paper)[:1]],
    "until the next beginning or end": lambda paper: due(paper)[:1],
    "until all has begun and ended": lambda paper: due(paper)[-1:],
}


@contextmanager
def undone():
    """What is done inside is not done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    counters.forget()


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as travelling:
        yield travelling


@pytest.fixture
def short_lists(monkeypatch):
    for module, lengths in SHORT.items():
        for name, length in lengths.items():
            monkeypatch.setattr(module, name, length)


@pytest.fixture
def site(db, clock, short_lists, tmp_path):
    """A site of two processes that hold every page for every reader."""
    lay_stage()
    site = Site(tmp_path)
    site.look_at_all(0)
    site.look_at_all(1)
    return site


def test_every_happening_alone(site, subtests):
    """Both processes hold everything; what they still hold when they have heard of the happening is looked at. What they
    would make anew is left to the state machine."""
    for name, number in product(HAPPENINGS, range(6) if THOROUGH else [0]):
        with subtests.test(f"{name}, {number}"), undone():
            again = Site(site.folder, dict(site._anew))
            again.warm()
            again.paper.happen(name, number)
            again.look_at_what_is_held(1)
            again.poll_and_look_at_what_is_held(0, 1)
            if THOROUGH:
                again.poll_and_look_at_all()


def test_every_step_of_time_alone(site, clock, subtests):
    for name, before in product(STEPS, [None, "all stories are withdrawn"]):
        with subtests.test(name, before=before), undone():
            clock.move_to(START, tick=False)
            again = Site(site.folder, dict(site._anew))
            if before:
                again.paper.happen(before, 0)
            again.warm()
            for moment in STEPS[name](again.paper):
                clock.move_to(moment, tick=False)
            again.look_at_all(0)
            again.look_at_all(1)


def test_a_page_is_compiled_alike_for_all_of_one_access(site):
    anew = Anew()
    for address in site.paper.addresses:
        made = {}
        for name in READERS:
            reader = asks(site.paper, name, address)
            with suppress(Http404):
                chunks = recipe_of(address).compile(Basis(reader.now), reader).chunks
                assert made.setdefault(anew.access(address, reader), chunks) == chunks, f"{address} for {name}"


class Newsroom(RuleBasedStateMachine):
    """A newsroom at work: things happen, time passes, processes poll and are asked, in any order. stage: the `Site` that it
    begins with; clock: of time_machine."""

    stage = clock = None

    def __init__(self):
        super().__init__()
        self.undoing = ExitStack()
        self.undoing.enter_context(undone())
        self.clock.move_to(START, tick=False)
        self.site = Site(self.stage.folder, dict(self.stage._anew))
        self.site.warm()
        self.backup = self.site.paper.backup()

    @rule(
        names=st.lists(st.sampled_from(sorted(HAPPENINGS)), min_size=1, max_size=3),
        number=st.integers(0, 5),
        polls=POLLS,
    )
    def things_happen(self, names, number, polls):
        for name in names:
            self.site.paper.happen(name, number)
        self.site.poll_and_look_at_what_is_held(*polls)

    @rule(name=st.sampled_from(sorted(HAPPENINGS)), number=st.integers(0, 5), which=WHICH)
    def a_thing_happens_where_all_is_held(self, name, number, which):
        self.site.warm(which)
        self.things_happen([name], number, [which])

    @rule(step=st.sampled_from(sorted(STEPS)), polls=POLLS)
    def time_passes(self, step, polls):
        for moment in STEPS[step](self.site.paper):
            self.clock.move_to(moment, tick=False)
        self.site.poll_and_look_at_what_is_held(*polls)

    @rule(which=WHICH, places=PLACES, name=NAMES)
    def a_process_is_asked(self, which, places, name):
        for place in places:
            self.site.look(which, place, name)

    @rule(trouble=st.sampled_from(TROUBLES), which=WHICH, place=st.integers(0, 99))
    def there_is_trouble(self, trouble, which, place):
        if trouble == "restart":
            self.site.processes[which] = Process(self.site, MEGABYTE if place % 2 else MEGABYTE // 4)
        elif trouble == "empty":
            shared.forget_all()
        elif trouble == "backup":
            self.backup = self.site.paper.backup()
        elif trouble == "restore":
            # Restoring takes its time, and no two stamps are made in one microsecond.
            self.clock.shift(7 * SECOND + timedelta(microseconds=1))
            self.site.paper.restore(self.backup)
        else:
            self.site.spoil(place, trouble)

    def teardown(self):
        with self.undoing:
            self.site.poll_and_look_at_what_is_held(0, 1)


def test_a_newsroom_at_work(site, clock):
    class Staged(Newsroom):
        pass

    Staged.stage, Staged.clock = site, clock
    run_state_machine_as_test(Staged, settings=LONG)
