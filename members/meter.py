"""The meter: how many articles a month who is no member may open for free, across the site.

Off until the newsroom sets METER. Strangers: METER_STRANGERS, kept in their own cookie (`slip`). Accounts:
METER_REGISTERED, kept in rows (`models.Opened`). Both keep digests under a key that lives outside the database for the
month and is then destroyed, and the rows with it: neither a seized phone nor a seized database tells what was read.

Its limit, said plainly: who loses, copies or refuses the cookie is a new stranger. METER_BUDGET bounds that: so many
articles a day are opened by all strangers of one network (an address prefix, as a salted digest that is gone next day).
"""

from functools import cached_property

from django.conf import settings
from django.utils import timezone

from members import crawlers
from members.models import Opened
from members.slip import DIGEST, Slip, destroy_past_keys, digest, month, month_key
from newsroom.ground import client
from newsroom.ground.budgets import Budget, today
from newsroom.ground.prepared import Prepared

budget = Budget("meter")


def of_request(request, user, now):
    """The Meter of who asks: an account, or a stranger (None). None where nothing is counted."""
    if not settings.METER:
        return None
    return StrangersMeter(request, now) if user is None else AccountsMeter(request, user, now)


class Meter:
    """limit: articles a month; spent: how many of them are opened; holds(key): whether this piece is; may_spend:
    whether this load may open one more; is_crowded: whether the reader's network has opened what it may today;
    spend(key): open it, and whether it is open now. What was opened is looked up when it is asked for the first time.
    """

    limit = spent = 0
    is_crowded = False

    @property
    def left(self):
        """How many more may be opened."""
        return max(0, self.limit - self.spent)


class StrangersMeter(Meter):
    def __init__(self, request, now):
        self.limit = settings.METER_STRANGERS
        self._request, self._now = request, now
        self.may_spend = may_open(request)

    @cached_property
    def slip(self):
        return Slip.of(self._request, self._now)

    @property
    def spent(self):
        return len(self.slip.opened)

    def holds(self, key):
        return bool(self.slip.opened) and self.slip.digest(key) in self.slip.opened

    @cached_property
    def is_crowded(self):
        return budget.spent(self._network) >= settings.METER_BUDGET

    def spend(self, key):
        """Open a piece; True: it is open now."""
        budget.take(self._network)
        self.slip.add_opened(key)
        return True

    @cached_property
    def _network(self):
        """The key of the stranger's network and day among counts."""
        day, secret = today(self._now), month_key(self._now)
        return (
            f"{day} {digest(secret, day[:DIGEST].encode(), client.prefix(client.address(self._request)) + day).hex()}"
        )


class AccountsMeter(Meter):
    def __init__(self, request, user, now):
        self.limit = settings.METER_REGISTERED
        self._user, self._now = user, now
        self.may_spend = may_open(request)

    @cached_property
    def _rows(self):
        return _rows(self._user, self._now)

    @property
    def spent(self):
        return sum(1 for place, _salt, _kept in self._rows if place > 0)

    def holds(self, key):
        if not self._rows:
            return False
        secret, kept = month_key(self._now), {row[2] for row in self._rows}
        salts = {row[1] for row in self._rows}
        return any(_sealed(self._user, digest(secret, salt, key), self._now) in kept for salt in salts)

    def spend(self, key):
        """Open a piece, unless another tab has taken the last place meanwhile; whether it is open now."""
        salt = _salt_of(self._user, self._now)
        is_open = _take(self._user, self._now, 1, salt, digest(month_key(self._now), salt, key))
        # What was looked up before is not all of it any more.
        del self._rows
        return is_open


def merge(request, user, now=None):
    """At sign-in: what the browser's slip holds comes along to the account. As many as strangers have for free cost the
    account nothing; others take its own places, while there are any."""
    if not settings.METER or settings.READER_COOKIE_NAME not in request.COOKIES:
        return
    now = now or timezone.now()
    slip = Slip.of(request, now)
    for kept in slip.opened:
        _take(user, now, 1 - settings.METER_STRANGERS, slip.salt, kept)


def may_open(request):
    """Whether a load may spend: HEAD and known bots get what they would get once the meter was spent."""
    return request.method == "GET" and not crawlers.is_bot(request)


def forget_past_months(now):
    """Delete what was opened in months before that of `now` (aware), the keys that told it, and yesterday's budgets."""
    Opened.objects.filter(month__lt=month(now)).delete()
    destroy_past_keys(now)
    budget.forget_before(today(now))


def _take(user, now, first, salt, kept):
    """Write a digest into the first place of an account's month that is free, from `first` up to its limit; whether it
    stands in one now."""
    while True:
        rows, sealed = _rows(user, now), _sealed(user, kept, now)
        if sealed in {row[2] for row in rows}:
            return True
        taken = {row[0] for row in rows}
        free = [place for place in range(first, settings.METER_REGISTERED + 1) if place not in taken]
        if not free:
            return False
        masked = _masked(user, salt, sealed, now)
        _put(Opened(user=user, month=month(now), place=free[0], salt=masked, digest=sealed))


def _put(row):
    """Write a row, unless it stands there already or another tab was quicker to take its place."""
    Opened.objects.bulk_create([row], ignore_conflicts=True)


def _rows(user, now):
    """[(place, salt, sealed digest)] of an account's month."""
    rows = [(place, bytes(salt), bytes(sealed)) for place, salt, sealed in _opened(user.pk, month(now))]
    return [(place, _masked(user, salt, sealed, now), sealed) for place, salt, sealed in rows]


def _sealed(user, kept, now):
    """A digest as an account's row keeps it: two accounts that brought it along in one browser keep another each."""
    return digest(month_key(now), _salt_of(user, now), kept.hex())


def _masked(user, salt, sealed, now):
    """A salt as the row of a sealed digest keeps it, or the one that it keeps: masked again, it is plain."""
    mask = digest(month_key(now), _salt_of(user, now), f"salt:{sealed.hex()}")
    return bytes(one ^ other for one, other in zip(salt, mask, strict=True))


def _salt_of(user, now):
    """An account's own salt of a month: two accounts that opened one article have different digests of it."""
    return digest(month_key(now), b"account", f"account:{user.pk}")


_opened = Prepared(
    lambda user, when: (
        Opened.objects.filter(user=user, month=when).order_by("place").values_list("place", "salt", "digest")
    ),
    int,
    str,
)
