"""The sandbox's one clock: the machine's, moved by what it was told, or standing still."""

import time
from calendar import monthrange
from datetime import UTC, datetime, timedelta

DAY = 86_400
LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}  # days


def now(books_settings):
    """Seconds since 1970. books_settings: a function from a setting's name to its value."""
    frozen = books_settings("frozen_at")
    return frozen if frozen is not None else int(time.time()) + (books_settings("offset") or 0)


def move(books, to, frozen=None):
    """Set the clock. frozen: whether it then stands still (None: as before)."""
    stands = books.setting("frozen_at") is not None if frozen is None else frozen
    books.set("frozen_at", to if stands else None)
    books.set("offset", to - int(time.time()))
    books.now = to


def after(anchor, interval, count):
    """The moment `count` intervals (day, week, month or year) after an anchor, in UTC; a day that a month does not have
    is its last. Counted from the anchor each time, so that the 31st returns after February."""
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in ("day", "week"):
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = start.year * 12 + start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period(anchor, interval, count, moment):
    """(start, end) of the period around a moment, of those that an anchor counts out by `count` intervals each."""
    place = (moment - anchor) // (LONGEST[interval] * count * DAY)
    while after(anchor, interval, (place + 1) * count) <= moment:
        place += 1
    while after(anchor, interval, place * count) > moment:
        place -= 1
    return after(anchor, interval, place * count), after(anchor, interval, (place + 1) * count)
