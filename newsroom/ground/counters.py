"""Counts of what readers do, kept in memory and written once a second: numbers only, no word of who it was.

`add` costs a request next to nothing. `flush` writes all that has come in one statement; a process that is killed
loses what came after its last flush, a second's worth at most.
"""

import os
import threading
from collections import Counter, deque

from django.db import connection
from django.db.models import CharField, OuterRef, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from newsroom.ground.models import Count

ROWS_A_STATEMENT = 200
KEY_LENGTH = Count._meta.get_field("key").max_length

_happened = deque()
_unwritten = Counter()
_lock = threading.Lock()


def add(series, key, number=1):
    """Count one of a series (a short word) for a thing (its id or path, a string), or so many at once."""
    _happened.append((series, key, number))


def flush():
    """Write what has been counted since the last time, under the hour it is now. Raises DatabaseError; nothing is lost
    then, the next flush writes it."""
    with _lock:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        # Others append meanwhile: what is there at this moment is taken, one by one.
        for _n in range(len(_happened)):
            series, key, number = _happened.popleft()
            # PostgreSQL takes no NUL, and a row that it refuses would stand in the way of all others for ever.
            _unwritten[series, key.replace("\0", "")[:KEY_LENGTH], hour] += number
        while _unwritten:
            # In one order everywhere: two processes that wait for each other's rows would never end.
            batch = sorted(_unwritten)[:ROWS_A_STATEMENT]
            _write([(*row, _unwritten[row]) for row in batch])
            for row in batch:
                del _unwritten[row]


def total(series):
    """An expression for `annotate`: how often one of a series was counted for each row, by its id."""
    rows = Count.objects.filter(series=series, key=Cast(OuterRef("pk"), CharField())).order_by().values("series")
    return Coalesce(Subquery(rows.annotate(total=Sum("number")).values("total")), 0)


def forget():
    """Drop what was not written; for tests."""
    with _lock:
        _happened.clear()
        _unwritten.clear()


def _forked():
    """Begin in a process that was just forked: what was counted before is the other one's to write."""
    global _lock
    _lock = threading.Lock()
    forget()


def _write(rows):
    table = connection.ops.quote_name(Count._meta.db_table)
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    adapt = connection.ops.adapt_datetimefield_value
    values = [value for series, key, hour, number in rows for value in (series, key, adapt(hour), number)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (series, key, hour, number) VALUES {places} "  # noqa: S608 (a name of our own)
            f"ON CONFLICT (series, key, hour) DO UPDATE SET number = {table}.number + excluded.number",
            values,
        )


os.register_at_fork(after_in_child=_forked)
