"""What a load takes before it is answered: one of the month's free articles, or one of a gift's openings."""

from articles.reading.entry import Entry
from members.access import Reason, decide
from newsroom.ground.prefetch import is_prefetch


class NotNow(Exception):
    """A browser asks on its own for what would be taken from its reader: the reader's own visit asks again."""


def spend(request, entry: Entry, reader):
    """Take what `members.access.decide` says that this entry takes of this reader. False where it was there and is not
    any more, since another tab or another reader took the last: then this is not the reader's entry. Raises NotNow."""
    if entry.story is None or entry.variant.wall is not None:
        return True
    terms = entry.story.terms
    access = decide(terms, reader, reader.now)
    if not access.spends and access.reason is not Reason.GIFT:
        return True
    if is_prefetch(request):
        raise NotNow
    return reader.gifts.open() if access.reason is Reason.GIFT else reader.meter.spend(terms.key)
