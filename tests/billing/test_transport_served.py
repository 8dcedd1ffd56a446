"""The body of a note as the real server reads it: without a length, too long, and slower than anybody waits for (A 26)."""

import select
import socket
import time

import pytest

from members.billing import webhooks
from newsroom.ground import bodies
from newsroom.management.commands.serve import THREADS
from tests.billing.notes import note, signature
from tests.billing.sandboxed import SECRET, WEBHOOK
from tests.faults import client
from tests.faults.servers import newsroom

pytestmark = pytest.mark.xdist_group("billing-transport")

STRIPE = {"STRIPE_SECRET_KEY": "sk_test_of_nobody", "STRIPE_WEBHOOK_SECRET": SECRET}


@pytest.fixture(scope="module")
def room(tmp_path_factory, sandbox_process):
    served = {**STRIPE, "STRIPE_API_BASE": sandbox_process.url}
    with newsroom(tmp_path_factory.mktemp("webhook"), served=served) as room:
        yield room


def opened(room, *heads):
    """A connection on which a note is announced, and not yet sent."""
    connection = socket.create_connection(("127.0.0.1", room.server.port), timeout=30)
    lines = [f"POST {WEBHOOK} HTTP/1.1", f"Host: localhost:{room.server.port}", "Connection: close", *heads]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def posted(room, body):
    """A connection on which a whole note was sent."""
    connection = opened(room, f"Content-Length: {len(body)}", f"Stripe-Signature: {signature(body)}")
    connection.sendall(body)
    return connection


def sent(room):
    """The status of a whole note."""
    return status(posted(room, note()))


def status(connection):
    with connection:
        return int(connection.recv(65_536).split()[1])


def chunked(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a26_a_note_in_pieces_without_a_length(room):
    body = note()
    connection = opened(room, "Transfer-Encoding: chunked", f"Stripe-Signature: {signature(body)}")
    connection.sendall(chunked(body[:50], body[50:]))
    assert status(connection) == 200


def test_a26_too_much_in_pieces_without_a_length(room):
    connection = opened(room, "Transfer-Encoding: chunked", "Stripe-Signature: x")
    connection.sendall(chunked(*[b" " * 64_000] * 9))
    assert status(connection) == 413


def test_a26_too_much_is_refused_before_it_is_sent(room):
    assert status(opened(room, f"Content-Length: {webhooks.MOST + 1}")) == 413


def test_a26_who_sends_slowly_holds_neither_readers_up_nor_for_long_what_is_whole(room):
    """As many as the server has threads: those that it does not wait for are told to come again."""
    slow = [opened(room, "Content-Length: 1000") for _each in range(THREADS)]
    for connection in slow:
        connection.sendall(b"{")
    refused = []
    while len(refused) < THREADS - bodies.AT_ONCE:
        refused = select.select(slow, [], [], 10)[0]
    waited_for = [connection for connection in slow if connection not in refused]
    assert [status(connection) for connection in refused] == [503] * (THREADS - bodies.AT_ONCE)
    assert room.ask("/robots.txt").status == 200
    assert sent(room) == 503
    for connection in waited_for:
        connection.close()
    client.wait_for(lambda: sent(room) == 200, "notes are taken again")


def test_however_slow_stripe_is_readers_are_answered_and_its_notes_are_kept(room, sandbox):
    sandbox.faults({"what": "slow", "path": "/v1/checkout/sessions", "times": 99, "seconds": 4})
    told = [note("checkout.session.completed", f"cs_{number}") for number in range(3 * THREADS)]
    began = time.monotonic()
    waiting = [posted(room, body) for body in told]
    answered = []
    while len(answered) < len(waiting) - webhooks.AT_ONCE:
        answered += select.select([one for one in waiting if one not in answered], [], [], 10)[0]
    assert room.ask("/robots.txt").status == 200
    assert time.monotonic() - began < 4, "before Stripe has said anything"
    assert [status(connection) for connection in waiting] == [200] * len(waiting)
    sandbox.faults()
