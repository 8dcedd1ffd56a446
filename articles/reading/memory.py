"""What a process keeps in memory: compiled pages, the least lately asked for given up first, and what these share."""

import threading
from collections import OrderedDict
from contextlib import suppress

from articles.reading.basis import made

# Values that a memo keeps, the oldest given up first; a drawn card takes about 3 kB.
VALUES_MAX = 5_000


class Memo:
    """Values that many pages share, each with the basis that it rests on, as long as they stand."""

    def __init__(self, follower):
        self._follower = follower
        self._held = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key, make, parent):
        """(value, its basis) for a page that is compiled on the basis `parent`: the one held, if no stamp has touched
        it and its time has not run out, else one made now."""
        value, basis = self._held.get(key, (None, None))
        if basis is None or not self._stands(basis, parent.now):
            value, basis = made(make, parent, self)
            with self._lock:
                self._held[key] = value, basis
                self._held.move_to_end(key)
                if len(self._held) > VALUES_MAX:
                    self._held.popitem(last=False)
        return value, basis

    def clear(self):
        """Hold nothing."""
        self._held.clear()

    def _stands(self, basis, now):
        in_time = basis.now <= now and (basis.until is None or now < basis.until)
        return in_time and self._follower.holds(basis.mark, basis.changes)


class Memory:
    """{path: entries of that page, a tuple}, at most so many bytes. Threads share it."""

    def __init__(self, bytes_max):
        self.bytes_max = bytes_max
        self.bytes = 0
        self._held = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path):
        entries = self._held.get(path, ())
        if entries:
            # Another thread may have given it up in this moment.
            with suppress(KeyError):
                self._held.move_to_end(path)
        return entries

    def put(self, path, entries):
        """Hold these entries of a page in place of those held. What is larger than an eighth of all is not held: one
        page shall not push out thousands."""
        size = sum(entry.size for entry in entries)
        with self._lock:
            self._give_up(path)
            if entries and size <= self.bytes_max / 8:
                self._held[path] = tuple(entries)
                self.bytes += size
            while self.bytes > self.bytes_max:
                self._give_up(next(iter(self._held)))

    def clear(self):
        with self._lock:
            self._held.clear()
            self.bytes = 0

    def __len__(self):
        return len(self._held)

    def _give_up(self, path):
        self.bytes -= sum(entry.size for entry in self._held.pop(path, ()))
