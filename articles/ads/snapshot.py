"""What is booked, held in memory: which advertisements come into question for a place, sorted out beforehand.

What does not change from one reader to the next of a page is looked at once (`Snapshot.tiers`); what does, by `choose`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.ads import delivery, hours, pace, places, targeting
from articles.ads.models import Creative

# Pages whose candidates are remembered; a newsroom's readers ask for few at a time.
PAGES_MAX = 2_000
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Booking:
    """A creative with what its campaign asks for, ready to be looked at. weight: the campaign's, which those of its
    creatives share that come into question (`Tier`); pk: the creative's; group: the word of its competitors, "" for
    none."""

    creative: Creative
    pk: int
    campaign: int
    tier: int
    weight: float
    group: str
    cap: int | None
    placements: frozenset
    row: object

    @classmethod
    def of(cls, creative):
        row = creative.campaign
        return cls(
            creative,
            creative.pk,
            row.pk,
            row.priority,
            row.weight,
            row.group,
            row.cap,
            frozenset(row.placements),
            row,
        )


@dataclass(slots=True, eq=False)
class Tier:
    """Bookings of one priority. sums: of their weights, up to each; those of one campaign share its weight."""

    bookings: tuple
    sums: tuple
    _without: tuple = (None, None)

    @classmethod
    def of(cls, bookings):
        of_campaign = Counter(booking.campaign for booking in bookings)
        return cls(tuple(bookings), tuple(accumulate(one.weight / of_campaign[one.campaign] for one in bookings)))

    @property
    def chances(self):
        """{booking: how likely it is, from 0 to 1}."""
        above, told = (0, *self.sums), (self.bookings, self.sums)
        return {one: (upto - above[n]) / self.sums[-1] for n, (one, upto) in enumerate(zip(*told, strict=True))}

    def without(self, spent):
        """The Tier of those whose campaign is not among the `spent` (a frozenset, which stays the same object for many
        pages: so long the answer is remembered)."""
        asked, tier = self._without
        if asked is not spent:
            tier = Tier.of([booking for booking in self.bookings if booking.campaign not in spent]) if spent else self
            self._without = spent, tier
        return tier


# What holds for a page, a slot, a reader and a moment, whoever else came by: in this order. Each gives the words of its
# refusals.


def _page(booking, slot, subject, visitor, now):
    return [] if subject.ads else [_("This page shows no advertisements")]


def _place(booking, slot, subject, visitor, now):
    takes = booking.placements
    return [] if not takes or slot[0] in takes or places.name(slot) in takes else [_("Booked for other places")]


def _size(booking, slot, subject, visitor, now):
    size = booking.creative.size
    return [] if size is None or size in places.SIZES[slot[0]] else [_("Its size does not fit this place")]


def _targets(booking, slot, subject, visitor, now):
    row = booking.row
    return targeting.refusals(row.include, row.exclude, targeting.OF_PAGE, subject)


def _reader(booking, slot, subject, visitor, now):
    row = booking.row
    return targeting.refusals(row.include, row.exclude, targeting.OF_VISITOR, visitor)


def _time(booking, slot, subject, visitor, now):
    row = booking.row
    if row.paused:
        return [_("Paused")]
    if now < row.starts_at:
        return [_("Begins later")]
    return [_("Over")] if row.ends_at is not None and row.ends_at <= now else []


def _hours(booking, slot, subject, visitor, now):
    row = booking.row
    runs = hours.runs(timezone.localtime(now), row.hour_from, row.hour_until, row.weekdays)
    return [] if runs else [_("Runs at other hours")]


RULES: tuple[Callable, ...] = (_page, _place, _size, _targets, _reader, _time, _hours)


@dataclass
class _Period:
    """What comes into question from one moment to another (aware), in which no campaign begins, ends or changes its
    hours: {(subject, state, device): {slot: tiers}}."""

    since: datetime = NEVER
    until: datetime = NEVER
    pages: dict = field(default_factory=dict)


class Snapshot:
    """bookings: all that runs or is to come. caps: {campaign: views a day and browser} of those that have a limit.
    delivery: what campaigns with a goal may have until the next poll."""

    def __init__(self, bookings=(), paced=None):
        self.bookings = tuple(bookings)
        self.caps = {one.campaign: one.cap for one in self.bookings if one.cap is not None}
        self.capped = frozenset(self.caps)
        self.delivery = paced or delivery.Delivery()
        self._dated = sorted(
            {moment for one in self.bookings for moment in (one.row.starts_at, one.row.ends_at) if moment}
        )
        self._by_the_hour = any(one.row.hour_from is not None or one.row.weekdays for one in self.bookings)
        self._period = _Period()

    @classmethod
    def load(cls, now):
        """As the database has it now. One query, and those of `delivery` where a campaign has a goal."""
        creatives = list(Creative.objects.booked(now).order_by("pk"))
        bookings = [Booking.of(one) for one in creatives]
        return cls(bookings, delivery.of(_paced({one.campaign: one.row for one in bookings}), now))

    @property
    def creatives(self):
        """All that may have to be drawn."""
        return [booking.creative for booking in self.bookings]

    def poll(self, now):
        """Learn what was delivered meanwhile."""
        self.delivery.poll(now)

    def page(self, subject, visitor):
        """What is remembered of a page at this reader's moment: {slot: tiers}, to be asked by `tiers`."""
        now, period = visitor.reader.now, self._period
        if not period.since <= now < period.until:
            period = self._period = self._period_at(now)
        key = subject, visitor.state, visitor.device
        page = period.pages.get(key)
        if page is None:
            if len(period.pages) >= PAGES_MAX:
                period.pages.clear()
            page = period.pages[key] = {}
        return page

    def tiers(self, page, slot, subject, visitor):
        """The Tiers that come into question for a slot, the first priority first."""
        found = page.get(slot)
        if found is None:
            found = page[slot] = self._tiers(slot, subject, visitor)
        return found

    def refusals(self, booking, slot, subject, visitor):
        """Why a booking does not come into question, in words; none: it does."""
        now = visitor.reader.now
        return [words for rule in RULES for words in rule(booking, slot, subject, visitor, now)]

    def _tiers(self, slot, subject, visitor):
        fit = [one for one in self.bookings if not self.refusals(one, slot, subject, visitor)]
        return tuple(Tier.of([one for one in fit if one.tier == tier]) for tier in sorted({one.tier for one in fit}))

    def _period_at(self, now):
        since = max((moment for moment in self._dated if moment <= now), default=ALWAYS)
        until = min((moment for moment in self._dated if moment > now), default=NEVER)
        if self._by_the_hour:
            # Quarters: there are time zones whose hours begin at one.
            quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
            since, until = max(since, quarter), min(until, quarter + timedelta(minutes=15))
        return _Period(since, until)


def _paced(campaigns):
    """The `delivery.Paced` of the campaigns ({id: row}) that have a goal. One query where there are any."""
    goals = {pk: goal for pk, row in campaigns.items() if (goal := pace.of_campaign(row, timezone.localtime))}
    if not goals:
        return []
    owned = {}
    for pk, campaign in Creative.objects.filter(campaign__in=goals).values_list("pk", "campaign"):
        owned.setdefault(campaign, set()).add(pk)
    return [
        delivery.Paced(pk, delivery.SERIES[campaigns[pk].goal_kind], goal, frozenset(owned[pk]))
        for pk, goal in goals.items()
    ]
