"""Single flight: of many threads that want a page at once, one compiles it."""

import threading
from contextlib import contextmanager


class Flights:
    """Which pages are being compiled in this process."""

    def __init__(self):
        self._under_way = {}
        self._lock = threading.Lock()

    @contextmanager
    def enter(self, path):
        """Yields None to the one that leads, and to each of the others an Event that is set when the leader is done."""
        with self._lock:
            done = self._under_way.get(path)
            leads = done is None
            if leads:
                self._under_way[path] = threading.Event()
        try:
            yield done
        finally:
            if leads:
                with self._lock:
                    self._under_way.pop(path).set()
