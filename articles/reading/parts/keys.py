"""The key of a story in newest-first lists, by when it was published or read, as addresses carry it: `?after=KEY`. No
page has a number.
"""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FORM = re.compile(r"(-?\d{1,18})-(\d{1,18})", re.ASCII)


class BadKey(ValueError):
    """An address carries a key that no list has made."""


def key_of(article):
    return key(article.published_at, article.pk)


def key(moment, pk):
    """The key of what stands in a list by a moment (aware) and, among those of one moment, by its number."""
    return f"{(moment - EPOCH) // MICROSECOND}-{pk}"


def parse(key):
    """(moment, pk) of a key. Raises BadKey."""
    found = FORM.fullmatch(key)
    if not found:
        raise BadKey(key)
    try:
        return EPOCH + int(found[1]) * MICROSECOND, int(found[2])
    except OverflowError as error:
        raise BadKey(key) from error
