"""Limits on how often something may be done, counted in the database: they hold when caches are flushed or away, and
among all processes and hosts.

A count begins with the first deed and ends `per` later; then the next one begins. (At worst twice `many` deeds fall
into one `per`, around the end; in return a limit is one row and one statement.) Nothing is forbidden here: whoever asks
learns how often it was, and `challenge` slows down what is over the limit.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from newsroom.ground import batches, client
from newsroom.ground.models import Tally


@dataclass(frozen=True)
class Rule:
    """At most `many` in `per` (timedelta) for each of those that `by` tells apart: request -> str, or None where the
    rule has nothing to count."""

    name: str
    many: int
    per: timedelta
    by: object


def by_prefix(request):
    """The network that a request comes from: one household, one school."""
    return client.prefix(client.address(request))


def key(name, whom):
    """The key of a count: a digest, since its row must not tell whom it counts. Salted with SECRET_KEY, which is not in
    the database: the few million prefixes there are could otherwise be tried out."""
    return client.salted(f"{name}\0{whom}", settings.SECRET_KEY)


def count(key, per, now):
    """Count one under a `key` and return how many that makes since the count began, this one among them. per: how long
    a count lasts (timedelta); now: aware. Any number of processes at once are counted one by one."""
    began = milliseconds(now)
    return _upserted(
        "number = CASE WHEN {row}.until <= %s THEN 1 ELSE {row}.number + 1 END, "
        "until = CASE WHEN {row}.until <= %s THEN excluded.until ELSE {row}.until END",
        [key, 1, began + milliseconds(per), began, began],
    )


def line_up(key, first, step, longest, now):
    """The moment (ms since 1970) at which whoever comes now to the line of a `key` is due: `first` after now, or `step`
    after the one before, if that is later. None when that would be more than `longest` away: the line is full, and its
    next place becomes free as time goes on. All timedelta, now aware."""
    start = milliseconds(now)
    earliest, gap, latest = start + milliseconds(first), milliseconds(step), start + milliseconds(longest)
    return _upserted(
        "number = CASE WHEN {row}.number + %s > excluded.number THEN {row}.number + %s ELSE excluded.number END, "
        "until = excluded.until WHERE {row}.number + %s <= %s",
        [key, earliest, latest + gap, gap, gap, gap, latest],
    )


def milliseconds(when):
    """A moment (aware datetime) as milliseconds since 1970, or a timedelta as milliseconds."""
    seconds = when.total_seconds() if isinstance(when, timedelta) else when.timestamp()
    return round(seconds * 1000)


def forget_counts(now):
    """Delete the counts that ended before `now` (aware)."""
    batches.delete(Tally.objects.filter(until__lte=milliseconds(now)))


def _upserted(change, values):
    """The `number` of a row that is made, or else changed, in one statement; None if it was left as it is."""
    table = connection.ops.quote_name(Tally._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, number, until) VALUES (%s, %s, %s) "  # noqa: S608 (names of our own)
            f"ON CONFLICT (key) DO UPDATE SET {change.format(row=table)} RETURNING number",
            values,
        )
        row = cursor.fetchone()
    return row[0] if row else None
