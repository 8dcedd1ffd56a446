"""A wire that the tests can break: it stands between a server and its database or cache, on this machine alone."""

import contextlib
import selectors
import socket
import struct
import threading
import time
from collections import deque

CHUNK = 65536
PATIENCE = 5  # seconds for a peer to take what is forwarded, and for the relay's own thread to obey
NEVER = float("inf")
# Close by a reset (SO_LINGER on, zero seconds), as when the other machine is gone.
RESET = struct.pack("ii", 1, 0)


class Relay:
    """Forwards each connection to its port on to `target` (host, port), by one thread that ends with the `with` block.

    open(): as if it were not there. cut(): open connections are reset and new ones refused. stalled(): connections are
    taken and nothing is forwarded; what came meanwhile goes on with the next open(). delayed(seconds): each piece comes
    so much later. Each returns once it holds. The port stays the relay's own through all of it.
    """

    def __init__(self, target):
        self.target = target
        self._wishes, self._seconds = deque(), 0
        self._pieces, self._peers, self._done = deque(), {}, set()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._listener, self.port = None, 0
        self._reserve()
        self._listen()
        self._thread = threading.Thread(target=self._run, name=f"relay to {target}")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._wish(self._end)
        self._thread.join(PATIENCE)
        self._bell.close()

    def open(self):
        self._wish(lambda: self._pass(0))

    def delayed(self, seconds):
        self._wish(lambda: self._pass(seconds))

    def stalled(self):
        self._wish(lambda: self._pass(NEVER))

    def cut(self):
        self._wish(self._refuse)

    def _wish(self, change):
        """Let the relay's thread, which owns all sockets, make the change, and wait until it has."""
        done = threading.Event()
        self._wishes.append((change, done))
        self._bell.send(b"!")
        if not done.wait(PATIENCE):
            raise TimeoutError("The relay does not obey.")

    # What follows runs in the thread.

    def _run(self):
        while self._selector.get_map():
            due = self._pieces[0][0] - time.monotonic() if self._pieces else NEVER
            for key, _events in self._selector.select(None if due == NEVER else max(0, due)):
                if key.fileobj is self._ear:
                    self._obey()
                elif key.fileobj is self._listener:
                    self._accept()
                else:
                    self._take(key.fileobj)
            self._forward()

    def _obey(self):
        self._ear.recv(CHUNK)
        while self._wishes:
            change, done = self._wishes.popleft()
            change()
            done.set()

    def _pass(self, seconds):
        self._seconds = seconds
        self._pieces = deque((time.monotonic() + seconds, peer, piece) for _due, peer, piece in self._pieces)
        if self._listener not in self._selector.get_map():
            self._listen()

    def _refuse(self):
        while self._peers:
            self._drop(next(iter(self._peers)))
        if self._listener in self._selector.get_map():
            self._selector.unregister(self._listener)
            self._listener.close()
            self._reserve()

    def _end(self):
        self._refuse()
        self._listener.close()
        self._selector.unregister(self._ear)
        self._ear.close()

    def _reserve(self):
        """Hold the port without listening: who connects is refused, and nobody else gets it."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]

    def _listen(self):
        self._listener.listen(128)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self):
        near, _address = self._listener.accept()
        # Where the target itself is away, the connection is closed as it came.
        try:
            far = socket.create_connection(self.target, PATIENCE)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            one.settimeout(PATIENCE)
            self._peers[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _take(self, peer):
        """Read a piece from a peer; the end of what it says is a piece too, of no bytes."""
        if peer not in self._peers:
            return
        try:
            piece = peer.recv(CHUNK)
        except OSError:
            self._drop(peer)
            return
        if not piece:
            self._selector.unregister(peer)
        self._pieces.append((time.monotonic() + self._seconds, self._peers[peer], piece))

    def _forward(self):
        while self._pieces and self._pieces[0][0] <= time.monotonic():
            _due, peer, piece = self._pieces.popleft()
            if peer not in self._peers:
                continue
            try:
                peer.sendall(piece) if piece else self._finish(peer)
            except OSError:
                self._drop(peer)

    def _finish(self, peer):
        """Nothing more comes to this peer; when the other has had its last word too, the connection is over."""
        peer.shutdown(socket.SHUT_WR)
        self._done.add(peer)
        if self._peers[peer] in self._done:
            self._drop(peer)

    def _drop(self, peer):
        """Reset a connection on both sides."""
        for one in (peer, self._peers[peer]):
            with contextlib.suppress(KeyError):
                self._selector.unregister(one)
            self._peers.pop(one)
            self._done.discard(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            one.close()
