"""Drill 7: a page that everybody reads expires under 200 readers. It is built once, and nobody gets an error.

Two workers may build it once each: at most two compilations, counted by the site itself.
"""

import threading
import time

import pytest

from tests.faults.client import wait_for
from tests.faults.databases import counted
from tests.faults.servers import newsroom
from tests.faults.watching import at_once, flushed, for_all, gated_for, warm
from tests.faults.words import path, sight

pytestmark = pytest.mark.xdist_group("faults-hot-page")

READERS = 200
MOST = 100  # requests of one reader
# Old pages may be shown for one second. A request that begins so long after a change must show the new one, even where
# readers and server have two processors together.
SETTLED = 2.0
REST = 0.5  # seconds more, in which such requests begin
COMPILATIONS = 2
EARLY = 5  # seconds for which the second story is for members alone


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("hot-page"), workers=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet(room):
    """A story that nobody reads, for `flushed`: its name and its id."""
    return "quiet", room.desk("publish", stories={"quiet": "EVERYONE"})["quiet"]


class Crowd:
    """READERS who read a story again and again, each time with a new connection, from `with` until its end. seen: (when
    a request began, when it ended, its `Sight`), in seconds since the epoch."""

    def __init__(self, room, name):
        self.room, self.name = room, name
        self.seen, self.trouble = [], None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read_all)

    def __enter__(self):
        self._thread.start()
        wait_for(lambda: self.trouble or len(self.seen) >= READERS, "every reader has read once", 20)
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()
        if not any(error):
            assert not self.trouble, f"no answer: {self.trouble!r}"

    def _read_all(self):
        try:
            at_once(self._read, range(READERS))
        except Exception as error:
            self.trouble = error

    def _read(self, _number):
        for _again in range(MOST):
            reply = self.room.ask(path(self.name))
            self.seen.append((reply.began, reply.ended, sight(reply, self.name)))
            if self._over.is_set() or self.trouble:
                return


def compiled(room, quiet, name):
    flushed(room, *quiet)
    return counted(room.server.folder, "compiled").get(path(name), 0)


def test_a_page_that_is_edited_under_200_readers_is_built_once_a_process(room, quiet):
    room.desk("publish", stories={"mill": "EVERYONE"})
    warm(room, "mill", for_all(status=200, edition=1, gated=True))
    before = compiled(room, quiet, "mill")
    with Crowd(room, "mill") as crowd:
        asked = time.time()
        room.desk("edit", name="mill", edition=2)
        edited = time.time()
        pass_until(edited + SETTLED + REST)
    assert {sight.status for _began, _ended, sight in crowd.seen} == {200}
    assert {sight.edition for _began, ended, sight in crowd.seen if ended < asked} <= {1}
    assert {sight.edition for began, _ended, sight in crowd.seen if began > edited + SETTLED} == {2}
    assert 1 <= compiled(room, quiet, "mill") - before <= COMPILATIONS


def test_a_page_whose_time_runs_out_under_200_readers_fails_nobody(room, quiet):
    """Members read it first; at one moment it opens to everybody, and no process is told."""
    asked = time.time()
    room.desk("publish", stories={"fair": "EVERYONE"}, early=EARLY)
    opens = time.time() + EARLY  # or a little before: the desk counts from when it was asked
    warm(room, "fair", gated_for("leyla", "nino", status=200, edition=1))
    before = compiled(room, quiet, "fair")
    assert time.time() < asked + EARLY, "this machine is too slow to look before it opens"
    pass_until(opens - 1)
    with Crowd(room, "fair") as crowd:
        pass_until(opens + SETTLED + REST)
    assert {sight.status for _began, _ended, sight in crowd.seen} == {200}
    assert not any(sight.gated for _began, ended, sight in crowd.seen if ended < asked + EARLY)
    assert {sight.gated for began, _ended, sight in crowd.seen if began > opens + SETTLED} == {True}
    assert 1 <= compiled(room, quiet, "fair") - before <= COMPILATIONS


def pass_until(moment):
    """Let time pass until a moment, in seconds since the epoch."""
    time.sleep(max(0, moment - time.time()))
