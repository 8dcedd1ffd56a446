"""A drill is only as good as the wire that it breaks."""

import socket
import socketserver
import threading
import time
from contextlib import suppress

import pytest

from tests.faults.relay import Relay

SHORT = 0.3  # seconds in which nothing must come


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        # A connection that is cut ends here too.
        with suppress(ConnectionError):
            while piece := self.request.recv(1000):
                self.request.sendall(piece)


class Echoes(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def relay():
    with Echoes(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            with Relay(server.server_address) as wire:
                yield wire
        finally:
            server.shutdown()
            thread.join()


def connected(relay):
    return socket.create_connection(("127.0.0.1", relay.port), timeout=5)


def echo(sock, word=b"word"):
    sock.sendall(word)
    return sock.recv(1000)


def test_open_it_forwards_both_ways_until_both_have_ended(relay):
    with connected(relay) as one, connected(relay) as other:
        assert echo(one, b"one") == b"one"
        assert echo(other, b"other") == b"other"
        one.shutdown(socket.SHUT_WR)
        assert one.recv(1000) == b""


def test_cut_it_resets_what_is_open_and_refuses_what_comes_until_it_is_open_again(relay):
    with connected(relay) as sock:
        assert echo(sock) == b"word"
        relay.cut()
        with pytest.raises(ConnectionResetError):
            sock.recv(1000)
    with pytest.raises(ConnectionRefusedError):
        connected(relay)
    relay.open()
    with connected(relay) as sock:
        assert echo(sock) == b"word"


def test_stalled_it_takes_connections_and_forwards_nothing_until_it_is_open_again(relay):
    with connected(relay) as before:
        assert echo(before) == b"word"
        relay.stalled()
        with connected(relay) as sock:
            for one in (before, sock):
                one.settimeout(SHORT)
                with pytest.raises(TimeoutError):
                    echo(one)
            relay.open()
            for one in (before, sock):
                one.settimeout(5)
                assert one.recv(1000) == b"word"


def test_delayed_each_piece_comes_later(relay):
    relay.delayed(SHORT)
    with connected(relay) as sock:
        began = time.monotonic()
        assert echo(sock) == b"word"
    assert time.monotonic() - began >= 2 * SHORT


def test_no_thread_and_no_port_is_left_behind():
    before = set(threading.enumerate())
    with Relay(("127.0.0.1", 9)) as relay:
        port = relay.port
    assert set(threading.enumerate()) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
