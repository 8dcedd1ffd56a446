"""What a page that is being compiled rests on: one moment, the rows it shows, and how long its words stay true.

Whatever puts something on a page says so here. A row or a list that is forgotten would be shown in its old form until
the page is compiled for another reason; tests/reading/test_coherence.py looks for such.
"""


class Basis:
    """now: the moment (aware) that the page is compiled for. mark: the newest stamp known when that began; what is
    asked of the database is at least as new. memo: a `memory.Memo`. changes: those of stamps that make the page
    outdated. until: the moment from which on it reads differently though nothing was changed; None: never."""

    def __init__(self, now, mark=None, memo=None):
        self.now = now
        self.mark = mark
        self._memo = memo
        self.changes = set()
        self.until = None

    def rests_on(self, kind, key):
        self.changes.add((kind, str(key)))

    def shows(self, *rows):
        """These rows (of Stamped models; a None among them is passed over) stand on the page."""
        self.changes |= {(row.stamp_kind, str(row.pk)) for row in rows if row is not None}

    def lasts_until(self, moment):
        """From this moment on the page reads differently. None and moments past: it does not, for this reason."""
        if moment is not None and moment > self.now and (self.until is None or moment < self.until):
            self.until = moment

    def recall(self, key, make):
        """What `make(basis)` gave for an earlier page, if it still stands, else made now: for what many pages share.
        Without a memo it is made each time."""
        value, other = self._memo.recall(key, make, self) if self._memo else made(make, self)
        self.changes |= other.changes
        self.lasts_until(other.until)
        return value


def made(make, parent, memo=None):
    """(value, its basis), made while a page with the basis `parent` is compiled: of rows read since that began."""
    basis = Basis(parent.now, parent.mark, memo)
    return make(basis), basis
