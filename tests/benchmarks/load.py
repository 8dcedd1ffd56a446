"""A load generator that leaves the processor to the server: one thread, raw sockets, one request at a time on each.

It trusts no answer: anything but status 200, or another length than the answer promised, ends the measurement.
"""

import re
import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache

from tests.benchmarks.environment import HOST

CONNECTIONS = 8
SECONDS_MAX = 2.0
PATIENCE = 30  # seconds that an answer may take
PIECE = 256 * 1024
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


class NotMeasurable(Exception):
    """What a row is about cannot be measured; its words say why."""


class NotHere(NotMeasurable):
    """What a row needs is not on this machine: that is no fault of the site's."""


class Wrong(NotMeasurable):
    """The site answered what it never may: no number makes up for that."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was asked and answered: how many requests, in how many seconds. body: that of the last answer."""

    requests: int
    seconds: float
    body: bytes


def run(port, paths, *, cookie="", connections=CONNECTIONS, seconds=SECONDS_MAX, check=None):
    """Ask a server of this machine for each of the paths, until they or the seconds end; returns the Load. In place of
    a path may stand the bytes of a whole request.

    The connections are all open before the first request, and kept alive. check(body) is called with each answer and
    may raise NotMeasurable.
    """
    waiting = (path if isinstance(path, bytes) else request(path, cookie) for path in paths)
    with ExitStack() as stack:
        opened = [stack.enter_context(_Connection(port)) for _ in range(connections)]
        ready = stack.enter_context(selectors.DefaultSelector())
        began = time.monotonic()
        for one, asked in zip(opened, waiting, strict=False):
            one.ask(asked)
            ready.register(one.socket, selectors.EVENT_READ, one)
        done, body = _answered(ready, waiting, began + seconds, check)
        return Load(done, time.monotonic() - began, body)


def _answered(ready, waiting, deadline, check):
    """Read answers and ask on; how many came, and the last one's body."""
    done, body = 0, b""
    while ready.get_map():
        events = ready.select(PATIENCE)
        if not events:
            raise NotMeasurable(f"no answer in {PATIENCE} seconds")
        for key, _events in events:
            one = key.data
            if not one.read():
                continue
            done, body = done + 1, one.body
            if check:
                check(body)
            asked = next(waiting, None) if time.monotonic() < deadline else None
            if asked is None:
                ready.unregister(one.socket)
            else:
                one.ask(asked)
    if not done:
        raise NotMeasurable("nothing was asked")
    return done, body


def fetch(port, path, *, cookie=""):
    """One answer of 200 over a connection of its own: ([(name, value)] of its headers, body)."""
    with _Connection(port) as one:
        one.ask(request(path, cookie))
        while not one.read():
            pass
        lines = one.head.decode("latin-1").split("\r\n")[1:]
        return [tuple(line.split(": ", 1)) for line in lines if line], one.body


@lru_cache(maxsize=1024)
def request(path, cookie=""):
    """The bytes of a GET as a browser sends it, without the headers that say nothing to us."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "Accept: text/html", "Accept-Language: en"]
    return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()


class _Connection:
    """A connection with at most one request under way."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def ask(self, asked):
        self._received, self._start, self._end = bytearray(), 0, 0
        self.socket.sendall(asked)

    def read(self):
        """Take what has come; True once the answer is whole."""
        piece = self.socket.recv(PIECE)
        if not piece:
            raise NotMeasurable("the server closed the connection")
        self._received += piece
        if not self._end:
            self._measure()
        if self._end and len(self._received) > self._end:
            raise NotMeasurable("the server sent more than it promised")
        return bool(self._end) and len(self._received) == self._end

    def _measure(self):
        start = self._received.find(b"\r\n\r\n") + 4
        if start < 4:
            return
        head = bytes(self._received[: start - 2])
        if not head.startswith(b"HTTP/1.1 200 "):
            raise NotMeasurable(f"the server answered {head.splitlines()[0].decode('latin-1')}")
        length = LENGTH.search(head)
        if not length:
            raise NotMeasurable("the server does not say how long its answer is")
        self._start, self._end = start, start + int(length[1])

    @property
    def head(self):
        return bytes(self._received[: self._start])

    @property
    def body(self):
        return bytes(self._received[self._start :])
