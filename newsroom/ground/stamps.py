"""The numbered log of changes, which readers' pages follow.

Whoever changes what a page shows writes a stamp in the same transaction, under a lock on one row (`hold`). The lock
lasts until the commit, so numbers become visible in their order: who has seen number n has seen all before it, however
slow a commit was. Each process follows the log in memory (`Follower`), a query a second.

A change is a pair of strings, (kind, key): ("section", "3"). What changes mean is for the rooms above to know.
"""

import os
import threading
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from newsroom.ground.models import Clock, Stamp
from newsroom.ground.prepared import Prepared

# Means every change at once: pages drop all that they hold.
EVERYTHING = ("everything", "")
# So many changes in one go are written as EVERYTHING.
MANY = 500
# A process that is further behind than so many stamps starts anew instead of reading them all.
BEHIND_MAX = 5_000
# How many stamps a process remembers: what is older than all of them is not trusted any more.
REMEMBERED = 20_000
# How long the log is kept. Whoever slept longer starts anew.
KEPT = timedelta(days=2)
ROWS_A_STATEMENT = 200
ALONE_WITHIN = 2  # seconds


def hold():
    """Take the lock under which numbers are given, until the end of the transaction that must be open. Again and again
    is harmless. Take it before any row is written: who holds a row and waits here may be waited for.

    SQLite writes one transaction at a time anyway (transaction_mode IMMEDIATE).
    """
    if connection.features.has_select_for_update and not list(Clock.objects.select_for_update().filter(pk=1)):
        _wind_up()
        list(Clock.objects.select_for_update().filter(pk=1))


def _wind_up():
    newest = Stamp.objects.order_by("-number").values_list("number", flat=True).first()
    Clock.objects.bulk_create([Clock(pk=1, number=newest or 0)], ignore_conflicts=True)


@contextmanager
def alone():
    """While nobody else changes what pages show: a transaction that holds the lock from its beginning. Raises
    OperationalError where others hold it for long (PostgreSQL: over ALONE_WITHIN)."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{ALONE_WITHIN}s'")
        hold()
        yield


def record(changes):
    """Write a stamp for each of the changes (pairs of strings), inside the transaction that makes them."""
    changes = sorted(set(changes))
    if len(changes) > MANY:
        changes = [EVERYTHING]
    if not changes:
        return
    with transaction.atomic(savepoint=False):
        hold()
        if not Clock.objects.filter(pk=1).update(number=F("number") + len(changes)):
            _wind_up()
            Clock.objects.filter(pk=1).update(number=F("number") + len(changes))
        last = Clock.objects.values_list("number", flat=True).get(pk=1)
        first, now = last - len(changes) + 1, timezone.now()
        stamps = [Stamp(number=first + n, kind=kind, key=key, at=now) for n, (kind, key) in enumerate(changes)]
        Stamp.objects.bulk_create(stamps, batch_size=ROWS_A_STATEMENT)


def forget_old_stamps(now):
    """Delete what was stamped KEPT before `now` (aware), but never the newest."""
    newest = Clock.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    Stamp.objects.filter(at__lt=now - KEPT, number__lt=newest).delete()


class Follower:
    """What one process has seen of the log.

    mark: (number, moment) of the newest stamp seen; (0, None) of an empty log. `holds` says whether something made at
    a mark still stands. Threads share a follower.
    """

    def __init__(self):
        # Called with the set of changes of each poll before the mark moves on; a set with EVERYTHING: begin anew.
        self.listeners = []
        # True while somebody polls every second; else whoever needs to know polls (`catch_up`).
        self.followed = False
        self._lock = threading.Lock()
        self.forget()

    def forget(self):
        """Know nothing, as at the start."""
        self.mark = None
        self._log = {}
        self._changed = {}
        self._floor = 0

    def forked(self):
        """Begin in a process that was just forked, where nobody would release what another thread held."""
        self._lock = threading.Lock()
        self.forget()

    def catch_up(self):
        """Poll, unless somebody does so every second."""
        if not self.followed or self.mark is None:
            self.poll()

    def poll(self):
        """Learn what came since the last time. One query, and what listeners ask. Raises DatabaseError; nothing is
        missed then, since the mark stays where it was."""
        with self._lock:
            rows = self._since(self.mark) if self.mark else None
            if rows is None:
                self._begin()
            elif rows:
                self._learn(rows)
                self._tell({(kind, key) for _number, _at, kind, key in rows})
                self.mark = rows[-1][:2]

    def holds(self, mark, changes):
        """Whether what was made at `mark` and shows these things (a set of changes) is still as it was. False also
        where that is not known: too long ago, or of a log that a backup has replaced."""
        if mark is None or mark == self.mark:
            return mark is not None
        number, at = mark
        # Looked up first: a thread that polls meanwhile takes it away last.
        changed = self._changed
        if number < self._floor or self._log.get(number, self) != at:
            return False
        return changed.get(EVERYTHING, 0) <= number and all(changed.get(change, 0) <= number for change in changes)

    def _since(self, mark):
        """The rows after a mark; None where they cannot be told: too many, or the mark itself is not in the log."""
        rows = list(_from(mark[0]))
        if mark[0]:
            known, new = bool(rows) and rows[0][:2] == mark, rows[1:]
        else:
            # An empty log goes on with number one, unless that was forgotten meanwhile.
            known, new = not rows or rows[0][0] == 1, rows
        return new if known and len(rows) <= BEHIND_MAX else None

    def _begin(self):
        rows = list(_rows().order_by("-number")[:BEHIND_MAX])[::-1]
        self._log, self._changed = {}, {}
        self._floor = rows[0][0] if rows else 0
        if len(rows) < BEHIND_MAX:
            self._log[0] = None
        self._learn(rows)
        self._tell({EVERYTHING})
        self.mark = rows[-1][:2] if rows else (0, None)

    def _learn(self, rows):
        # A mark is known only when all that changed after it is: other threads ask meanwhile.
        self._changed.update({(kind, key): number for number, _at, kind, key in rows})
        self._log.update({number: at for number, at, _kind, _key in rows})
        if len(self._log) > 2 * REMEMBERED:
            self._floor = sorted(self._log)[-REMEMBERED]
            self._log = {number: at for number, at in self._log.items() if number >= self._floor}
            self._changed = {change: n for change, n in self._changed.items() if n >= self._floor}

    def _tell(self, changes):
        for listener in self.listeners:
            listener(changes)


def _rows():
    return Stamp.objects.values_list("number", "at", "kind", "key")


_from = Prepared(lambda number: _rows().filter(number__gte=number).order_by("number")[: BEHIND_MAX + 1], int)

follower = Follower()
os.register_at_fork(after_in_child=follower.forked)
