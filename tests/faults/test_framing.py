"""Where a request ends is told by one rule: nobody hides a second request in the body of a first, to have it answered
to whoever comes next on the same connection of a proxy."""

import re
import socket

import pytest

from tests.faults.servers import newsroom

pytestmark = pytest.mark.xdist_group("faults-framing")

# A form without its token: its body is read, and it is refused (403).
FIRST = (
    b"POST /healthz HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Cookie: csrftoken=0123456789abcdefghijklmnopqrstuv\r\n"
)
# A whole request, after which the server hangs up. It is a body, or the next request, according to what the head says.
NEXT = b"GET /robots.txt HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n"
CHUNKED, LAST = b"Transfer-Encoding: chunked", b"0\r\n\r\n"
# Heads that two servers might read differently, and what comes before the next request. Ours refuses them.
AMBIGUOUS = {
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 66", b""),
    "two lengths in one line": (b"Content-Length: 0, 66", b""),
    "a length that is none": (b"Content-Length: 0x42", b""),
    "a length with a sign": (b"Content-Length: +0", b""),
    "chunks in disguise": (b"Transfer-Encoding: xchunked\r\nContent-Length: 0", b""),
    "chunks, then something else": (b"Transfer-Encoding: chunked, identity", LAST),
    "a space before the colon": (b"Transfer-Encoding : chunked\r\nContent-Length: 0", b""),
    "a chunk of no number": (CHUNKED, b"zz\r\n\r\n"),
    "a line that goes on": (b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 0", b""),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("framing")) as room:
        yield room.server.port


def answers(port, head, body):
    """The statuses of all that comes back, until the server hangs up, to a POST and another request behind it."""
    sent = b"%sHost: localhost:%d\r\n%s\r\n\r\n%s%s" % (FIRST, port, head, body, NEXT % port)
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        while piece := connection.recv(65_536):
            came += piece
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", came)]


@pytest.mark.parametrize(
    ("head", "body"), [(b"Content-Length: 3", b"a=b"), (CHUNKED, b"3\r\na=b\r\n" + LAST)], ids=["length", "chunks"]
)
def test_what_is_whole_is_answered_and_so_is_the_next(port, head, body):
    assert answers(port, head, body) == [403, 200]


@pytest.mark.parametrize("lines", [(b"Content-Length: 71", CHUNKED), (CHUNKED, b"Content-Length: 71")])
def test_where_both_are_told_the_length_counts_for_nothing(port, lines):
    """As RFC 9112 (6.3) wants it, or refused altogether."""
    assert answers(port, b"\r\n".join(lines), LAST) in ([403, 200], [403], [400])


@pytest.mark.parametrize(("head", "body"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_two_servers_might_read_differently_is_refused(port, head, body):
    """At most one answer, and none to what was hidden."""
    found = answers(port, head, body)
    assert len(found) <= 1, found
    assert 200 not in found
