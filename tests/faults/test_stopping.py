"""Drill 17: told to stop, the server answers what it was asked and keeps every count; killed, it loses one second of
counts and nothing else."""

from contextlib import closing
from select import select

import pytest

from tests.faults import client, processes
from tests.faults.databases import counted, sqlite
from tests.faults.servers import newsroom
from tests.faults.watching import VISIBLE_WITHIN, at_once
from tests.faults.words import PASSWORD, path, sight

pytestmark = pytest.mark.xdist_group("faults-stopping")

MANY = 48  # stories, many more than the server has threads
FEW = 5


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("stopping"), workers=2) as opened:
        yield opened


@pytest.fixture
def room(prepared):
    """A newsroom whose server runs."""
    if prepared.server.process is None:
        prepared.server.start()
    return prepared


class Asked:
    """Requests that a server has read, each on a connection of its own, and whose answers nobody has taken yet."""

    def __init__(self, room, *requests):
        port = room.server.port
        self._connections = [client.connect(port) for _request in requests]
        self._wait()
        for connection, request in zip(self._connections, requests, strict=True):
            client.send(connection, **request)
        self._wait()

    def waiting(self):
        """How many have not been answered yet."""
        socks = [connection.sock for connection in self._connections]
        return len(socks) - len(select(socks, [], [], 0)[0])

    def replies(self):
        """The answers, whole: each is as long as its Content-Length says, or its chunks have ended."""
        return [client.receive(connection) for connection in self._connections]

    def close(self):
        for connection in self._connections:
            connection.close()

    def _wait(self):
        socks = [connection.sock for connection in self._connections]
        client.wait_for(lambda: processes.taken(socks), "the server reads", every=0.001)


def publish(room, word):
    """{name: id} of new stories that nobody has read."""
    names = [f"{word}{first}{second}" for first in "abcdef" for second in "abcdefgh"]
    return room.desk("publish", stories=dict.fromkeys(names, "EVERYONE"))


def reads(room, stories):
    """{name: how often it was read} of the stories, as the database has it."""
    found = counted(room.server.folder, "read")
    return {name: found.get(str(pk), 0) for name, pk in stories.items()}


def each(stories, *more):
    """One read of each story, and one more for each time that it stands in `more`."""
    return {name: 1 + more.count(name) for name in stories}


def is_whole(reply, name):
    return reply.status == 200 and sight(reply, name).gated and reply.text.rstrip().endswith("</html>")


def test_told_to_stop_it_answers_all_that_was_asked_and_keeps_every_count(room):
    """All stories are asked for at once, none of them compiled, and the server is told to stop meanwhile."""
    stories = publish(room, "asked")
    before = list(stories)[:FEW]
    for name in before:
        room.ask(path(name))
    with closing(Asked(room, *({"path": path(name)} for name in stories))) as asked:
        # On a busy machine they may all be answered by now; the next test does not leave that to chance.
        status = room.server.stop()
        replies = asked.replies()
    assert all(is_whole(reply, name) for reply, name in zip(replies, stories, strict=True))
    assert status == 0
    assert reads(room, stories) == each(stories, *before)


def test_told_to_stop_it_waits_for_a_request_that_waits_for_the_database(room):
    """Somebody signs in while another process writes; the answer comes though the server was told to stop before."""
    form = client.sign_in_form(room.server.port, "leyla@example.com", PASSWORD)
    with sqlite(room.server.folder) as writer, closing(client.connect(room.server.port)) as idle:
        client.wait_for(lambda: processes.taken([idle.sock]), "the idle connection is open")
        writer.execute("BEGIN IMMEDIATE")
        with closing(Asked(room, form)) as asked:
            room.server.workers()
            room.server.process.terminate()
            # A connection on which nothing is asked is closed as soon as its worker stops.
            assert idle.sock.recv(1) == b""
            assert asked.waiting() == 1
            writer.execute("ROLLBACK")
            (reply,) = asked.replies()
    assert room.server.ended() == 0
    assert (reply.status, reply.headers["Location"]) == (302, "/")


def test_told_to_stop_it_keeps_every_count_though_a_client_dawdles(room):
    """Half a request, of which no more comes, holds its worker up until that is killed; what was answered before is
    counted all the same."""
    stories = publish(room, "slow")
    with closing(client.connect(room.server.port)) as dawdler:
        dawdler.sock.sendall(b"GET / HTTP/1.1\r\nHo")
        client.wait_for(lambda: processes.taken([dawdler.sock]), "the half is read")
        for name in stories:
            room.ask(path(name))
        room.server.stop()
    assert reads(room, stories) == each(stories)


def test_a_killed_worker_loses_the_counts_of_a_second_and_nothing_else(room):
    stories = publish(room, "killed")
    first, second, *_more = stories
    at_once(lambda _number: room.ask(path(first)), range(20))
    client.wait_for(lambda: reads(room, stories)[first] == 20, "reads are counted", VISIBLE_WITHIN)
    replies = [room.ask(path(second), who=room.server.worker_of) for _again in range(20)]
    killed = replies[-1].worker
    processes.kill(killed)
    survived = sum(reply.worker != killed for reply in replies)
    client.wait_for(lambda: reads(room, stories)[second] >= survived, "the other's counts come", VISIBLE_WITHIN)
    assert reads(room, stories)[first] == 20
    assert reads(room, stories)[second] <= 20
    client.wait_for(lambda: len(room.server.workers()) == 2, "another worker takes its place", 10)
    assert is_whole(room.ask(path(second)), second)


def test_killed_altogether_it_leaves_a_sound_database_and_starts_again(room):
    stories = publish(room, "sound")
    at_once(lambda name: room.ask(path(name)), stories)
    client.wait_for(lambda: reads(room, stories) == each(stories), "reads are counted", VISIBLE_WITHIN)
    with closing(Asked(room, *({"path": path(name)} for name in stories))) as asked:
        client.wait_for(lambda: asked.waiting() < MANY, "the first is answered", every=0.001)
        room.server.kill()
    with sqlite(room.server.folder) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept = reads(room, stories)
    assert set(kept.values()) <= {1, 2}
    room.server.start()
    again = list(stories)[:FEW]
    assert all(is_whole(room.ask(path(name)), name) for name in again)
    assert room.server.stop() == 0
    assert reads(room, stories) == {name: number + again.count(name) for name, number in kept.items()}
