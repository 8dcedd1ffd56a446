"""Drill 2: the database is restarted, or away for a while.

Readers get what is compiled, or an honest 503; nobody gets a wrong answer. Once it is back all is as before, and what
was written meanwhile is seen. The server reaches its database through a wire that is cut; the desk has one of its own.
"""

import time

import psycopg
import pytest

from tests.faults.client import wait_for
from tests.faults.databases import postgres
from tests.faults.servers import CAST, newsroom
from tests.faults.watching import VISIBLE_WITHIN, for_all, gated_for, hold, settle, warm
from tests.faults.words import path, sight

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("faults-database")]

KNOWN = [name for name in CAST if name != "stranger"]
MAY_READ = ["leyla", "nino"]
SOON = 5  # seconds for any answer
AWAY = 2.5  # seconds, long enough for what is done every second to fail more than once


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A newsroom whose one worker reaches its database through `room.relay`."""
    with postgres("database") as (url, through, relay):
        served, written = {"DATABASE_URL": through}, {"DATABASE_URL": url}
        with newsroom(tmp_path_factory.mktemp("database"), served=served, written=written) as room:
            room.desk("publish", stories={"mill": "EVERYONE", "vault": "MEMBERS"})
            room.relay, room.database = relay, url
            yield room


@pytest.fixture
def room(built):
    """The database is there, and the front page and two stories have been compiled for everybody."""
    built.relay.open()
    wait_for(lambda: built.ask("/").status == 200, "the database is there", VISIBLE_WITHIN)
    warm(built, "mill", for_all(status=200, gated=True))
    warm(built, "vault", gated_for(*MAY_READ, status=200))
    return built


def answer(room, at, reader="stranger"):
    """The reply, which comes soon and never with what the reader may not read."""
    reply = room.ask(at, reader)
    assert reply.took < SOON
    assert reader in MAY_READ or "gated-vault-" not in reply.text
    return reply


def is_honest(reply):
    """Whether it says that there is no answer just now, when to ask again, and nothing of a story."""
    return reply.status == 503 and int(reply.headers.get("Retry-After", 0)) > 0 and "free-" not in reply.text


def while_away():
    """Again and again, until `AWAY` seconds have passed since the first time."""
    end = time.monotonic() + AWAY
    while time.monotonic() < end:
        yield
        time.sleep(0.1)


def test_the_first_request_after_a_restart_is_answered(room):
    """Whoever it is, and whichever of the worker's threads, each with a connection that is gone."""
    room.desk("publish", stories={"early": "EVERYONE", "later": "EVERYONE"})
    asked = [("/", "stranger"), (path("mill"), "stranger"), (path("early"), "stranger"), (path("later"), "stranger")]
    asked += [("/accounts/login/", "stranger"), ("/readyz", "stranger")]
    asked += [(at, reader) for reader in KNOWN for at in ("/", path("vault"))]
    for at, reader in asked:
        room.relay.cut()
        room.relay.open()
        assert (answer(room, at, reader).status, at, reader) == (200, at, reader)


def test_while_it_is_away_strangers_read_what_is_compiled(room):
    room.relay.cut()
    for _round in while_away():
        for name, gated in (("mill", True), ("vault", False)):
            seen = sight(answer(room, path(name)), name)
            assert (seen.status, seen.edition is not None, seen.gated) == (200, True, gated)
        assert answer(room, "/").status == 200


def test_while_it_is_away_all_else_is_an_honest_503(room):
    """Who signed in cannot be known again without it: they are not taken for strangers."""
    room.desk("publish", stories={"attic": "EVERYONE"})
    room.relay.cut()
    for _round in while_away():
        assert is_honest(answer(room, path("attic")))
        for reader in KNOWN:
            for at in ("/", path("mill"), path("vault")):
                assert is_honest(answer(room, at, reader))


def test_while_it_is_away_the_process_lives_and_is_not_ready(room):
    room.relay.cut()
    for _round in while_away():
        alive, ready = answer(room, "/healthz"), answer(room, "/readyz")
        assert (alive.status, alive.text.strip()) == (200, "ok")
        assert ready.status == 503
        assert "database" in ready.text.lower()


def test_what_was_written_while_it_was_away_is_seen_when_it_is_back(room):
    room.desk("publish", stories={"cellar": "EVERYONE", "garden": "EVERYONE"})
    for name in ("cellar", "garden"):
        warm(room, name, for_all(status=200, edition=1, gated=True))
    room.relay.cut()
    room.desk("edit", name="cellar", edition=2)
    room.desk("terms", name="garden", audience="MEMBERS")
    assert sight(answer(room, path("cellar")), "cellar").edition == 1
    room.relay.open()
    settle(room, "cellar", for_all(status=200, edition=2, gated=True))
    settle(room, "garden", gated_for(*MAY_READ, status=200, edition=1))
    hold(room, "vault", gated_for(*MAY_READ, status=200))
    assert answer(room, "/readyz").status == 200


def test_counts_that_must_wait_keep_no_change_from_the_pages(room):
    """Whoever locks the counts, a dump or a migration, must not keep a withdrawn story on the site."""
    room.desk("publish", stories={"barn": "EVERYONE"})
    warm(room, "barn", for_all(status=200, gated=True))
    with psycopg.connect(room.database) as other:
        other.execute("LOCK TABLE ground_count IN ACCESS EXCLUSIVE MODE")
        assert answer(room, path("barn")).status == 200
        time.sleep(AWAY / 2)  # by now what was read waits to be counted
        room.desk("withdraw", name="barn")
        settle(room, "barn", for_all(status=404))
