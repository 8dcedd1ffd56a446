"""Drill 1: the shared cache is gone, slow, emptied, or filled with rubbish.

It holds what may be lost: every page is answered all the same, with the right story and nothing that the reader may not
read; and the limits that guard sign-in, which are not in it, hold.
"""

import itertools
import pickle
import secrets
from functools import partial

import pytest

from tests.faults.client import sign_in, wait_for
from tests.faults.databases import own_redis, postgres
from tests.faults.servers import CAST, another, newsroom
from tests.faults.watching import VISIBLE_WITHIN, for_all, settle
from tests.faults.words import PASSWORD, path, sight

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("faults-cache")]

MAY_READ = ["leyla", "nino"]
SOON = 5  # seconds for a page, however slow the cache is
NUMBERS = itertools.count(1)
GUESSES = 10  # wrong passwords for one address, after which who tries another is challenged first


# What may befall it


def cut(room):
    room.relay.cut()


def stalled(room):
    room.relay.stalled()


def slow(room):
    room.relay.delayed(0.3)


def emptied(room):
    room.cache.flushdb()


TROUBLES = [cut, stalled, slow, emptied]


# What may stand in it: a function of all values, {key: value}, that gives others


def noise(values):
    return {key: secrets.token_bytes(len(value)) for key, value in values.items()}


def nothing(values):
    return dict.fromkeys(values, b"")


def halves(values):
    return {key: value[: len(value) // 2] for key, value in values.items()}


def strange_pickles(values):
    return dict.fromkeys(values, pickle.dumps({"chunks": [b"gated-"], "status": 200, "until": None}))


def pickles_of_unknown_things(values):
    # The class `Thing` of a module that is not there.
    return dict.fromkeys(values, b"\x80\x04\x8c\x07nowhere\x8c\x05Thing\x93.")


def each_others(values):
    """A sound value, but another key's: say, the members' page under the strangers' key."""
    keys = sorted(values)
    return {key: values[other] for key, other in zip(keys, keys[1:] + keys[:1], strict=True)}


RUBBISH = [noise, nothing, halves, strange_pickles, pickles_of_unknown_things, each_others]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A newsroom whose servers and desk reach the cache through `room.relay`; `room.cache` reaches it directly.
    `room.other` is a second server of the same site, which remembers pages of its own."""
    with postgres("cache") as (url, through, _wire), own_redis() as (cache, redis_url, relay):
        served = {"DATABASE_URL": through, "REDIS_URL": redis_url}
        with newsroom(tmp_path_factory.mktemp("cache"), served=served, written={"DATABASE_URL": url}) as room:
            room.relay, room.cache = relay, cache
            room.desk("publish", stories={"bell": "EVERYONE"})
            with another(room.server) as room.other:
                yield room


@pytest.fixture
def room(built):
    """The cache is there and empty, and both servers use it: after trouble they leave it alone for a while."""
    built.relay.open()
    for server in (built.server, built.other):
        built.cache.flushdb()
        wait_for(partial(fills, built, server), "the server uses its cache", 10, every=0.2)
    built.cache.flushdb()
    return built


def fills(room, server):
    """Whether a page that the server compiles comes into the cache."""
    name = f"probe{next(NUMBERS)}"
    room.desk("publish", stories={name: "EVERYONE"})
    assert server.ask(path(name)).status == 200
    return room.cache.dbsize() > 0


@pytest.fixture
def stories(room, request):
    """Four new stories, two of them compiled by the first server for everybody: {name: its audience}."""
    word = "".join(letter for letter in request.node.callspec.id if letter.isalpha())
    known = {f"{word}open": "EVERYONE", f"{word}closed": "MEMBERS"}
    unknown = {f"{word}new": "EVERYONE", f"{word}newclosed": "MEMBERS"}
    room.desk("publish", stories=known | unknown)
    check(room.server, room, known)
    return known | unknown


def check(server, room, stories):
    """Every story is answered soon, and shows everybody what they may read and no more."""
    for name, audience in stories.items():
        for reader in CAST:
            reply = server.ask(path(name), cookie=room.cookies[reader])
            seen = sight(reply, name)
            gated = audience == "EVERYONE" or reader in MAY_READ
            assert (name, reader, seen.status, seen.edition, seen.gated) == (name, reader, 200, 1, gated)
            assert reply.took < SOON
    assert server.ask("/").status == 200


def spoil(room, rubbish):
    """Write rubbish in the place of every value; how many there were."""
    keys = room.cache.keys("*")
    values = dict(zip(keys, room.cache.mget(keys), strict=True)) if keys else {}
    for key, value in rubbish(values).items():
        room.cache.set(key, value, keepttl=True)
    return len(keys)


@pytest.mark.parametrize("befalls", TROUBLES)
def test_pages_are_answered_and_edits_are_seen_though_the_cache_is(room, stories, befalls):
    befalls(room)
    check(room.server, room, stories)
    check(room.other, room, stories)
    assert room.ask("/healthz").status == 200
    first, *_more = stories
    room.desk("edit", name=first, edition=2)
    settle(room, first, for_all(status=200, edition=2, gated=True))


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_a_cache_that_is_full_of_rubbish_changes_no_page(room, stories, rubbish):
    """What one server compiled is spoiled before the other, which has none of it, looks there."""
    hear(room, edition=2 + RUBBISH.index(rubbish))
    assert spoil(room, rubbish), "the cache holds compiled pages"
    check(room.other, room, stories)
    check(room.server, room, stories)


def hear(room, edition):
    """Wait until the other server has heard of all that was published until now: it trusts no page from a time that it
    has not heard of."""
    room.desk("edit", name="bell", edition=edition)

    def heard():
        return sight(room.other.ask(path("bell")), "bell").edition == edition

    wait_for(heard, "the other server has heard", VISIBLE_WITHIN)


# Signing in


def signs_in(room, name, password, source):
    """(whether somebody gets in, whether a puzzle or a wait comes first)."""
    reply = sign_in(room.server.port, f"{name}@example.com", password, source=source)
    return reply.status == 302, reply.status == 429


def restart(room):
    room.server.stop()
    room.server.start()


def test_who_has_guessed_too_often_is_challenged_through_all_of_it(room):
    """The limit is kept where nothing is lost: no trouble with the cache and no restart gives new guesses."""
    challenged = (False, True)
    for _guess in range(GUESSES):
        assert signs_in(room, "guessed", "not the password", "127.0.0.2") == (False, False)
    assert signs_in(room, "guessed", PASSWORD, "127.0.0.2") == challenged
    spoil(room, noise)
    assert signs_in(room, "guessed", PASSWORD, "127.0.0.2") == challenged
    for befalls in (emptied, stalled, cut):
        befalls(room)
        assert signs_in(room, "guessed", PASSWORD, "127.0.0.2") == challenged
    restart(room)
    assert signs_in(room, "guessed", PASSWORD, "127.0.0.2") == challenged
    assert signs_in(room, "aram", PASSWORD, "127.0.0.4") == (True, False)


def test_guesses_are_counted_through_all_of_it(room):
    """Guesses in each trouble: together they are as many as may be made, though the server was restarted meanwhile."""

    def spoiled(room):
        spoil(room, noise)

    troubles = (spoiled, emptied, cut, stalled, restart)
    for befalls in troubles:
        befalls(room)
        for _guess in range(GUESSES // len(troubles)):
            assert signs_in(room, "pressed", "not the password", "127.0.0.3") == (False, False)
    assert signs_in(room, "pressed", PASSWORD, "127.0.0.3") == (False, True)
