"""Budgets of a day: how often something may still be done for a key, over all processes, without a question to the
database when it is asked.

What is taken is counted by `counters`, written and read back once a second (`poll`). So a budget is overdrawn at most
by what all processes give away in about a second.
"""

import threading
from collections import OrderedDict

from django.db.models import Sum
from django.utils import timezone

from newsroom.ground import counters
from newsroom.ground.models import Count

# Keys that a process remembers; who is forgotten is asked for anew within a second of the next time.
KEYS_MAX = 50_000
ROWS_A_QUERY = 500


class Budget:
    """series: its name among the counts. A key begins with its day (`today`), so that a new day is a new key."""

    def __init__(self, series):
        self.series = series
        self._written = OrderedDict()
        self._taken = {}
        self._lock = threading.Lock()

    def spent(self, key):
        """How often it was taken, as far as is known here."""
        return self._written.get(key, 0) + self._taken.get(key, 0)

    def take(self, key):
        """Take one."""
        with self._lock:
            self._taken[key] = self._taken.get(key, 0) + 1
        counters.add(self.series, key)

    def poll(self):
        """Write what was taken, and learn what others took of the same keys. Raises DatabaseError; then what was taken
        here still counts here."""
        with self._lock:
            taken, self._taken = self._taken, {}
            for key in taken:
                self._remember(key, self._written.get(key, 0) + taken[key])
        counters.flush()
        keys = sorted(taken)
        for start in range(0, len(keys), ROWS_A_QUERY):
            self._read(keys[start : start + ROWS_A_QUERY])

    def forget(self):
        """Know nothing, as a new process."""
        with self._lock:
            self._written.clear()
            self._taken.clear()

    def forget_before(self, day):
        """Delete the counts of days before this one (as `today` writes it)."""
        # By their keys: where days begin at half past, an hour belongs to two of them.
        Count.objects.filter(series=self.series, key__lt=day).delete()

    def _read(self, keys):
        rows = Count.objects.filter(series=self.series, key__in=keys).order_by().values_list("key")
        found = dict(rows.annotate(total=Sum("number")))
        with self._lock:
            for key in keys:
                self._remember(key, max(found.get(key, 0), self._written.get(key, 0)))

    def _remember(self, key, number):
        self._written[key] = number
        self._written.move_to_end(key)
        if len(self._written) > KEYS_MAX:
            self._written.popitem(last=False)


def today(now):
    """The day of a moment (aware) in the newsroom's time zone, as a key holds it: "2026-11-24"."""
    return timezone.localtime(now).date().isoformat()
