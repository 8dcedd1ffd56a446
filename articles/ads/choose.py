"""Which advertisement stands in which place of a page: chosen from what is held in memory, asking nobody.

A place goes to the first priority that has anything for it; within one the dice fall by weight. `explain` walks the
same rules and says of every campaign why not, or how likely it is.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from secrets import SystemRandom

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.ads.models import Campaign, Creative
from articles.ads.snapshot import Snapshot, Tier
from members.habits import ADS_MAX

__all__ = ["HOUSE", "Odds", "Snapshot", "choose", "explain", "house"]

# The id, to counts, of the paper's own word.
HOUSE = "house"
# From 0 up to 1.
DICE = SystemRandom().random
# The dice are thrown so often before those that may not are sorted out.
THROWS = 3
ABOVE = gettext_lazy("A campaign of higher priority takes this place")
NO_COOKIE = gettext_lazy("Its limit a day cannot be kept count of here")
NO_ROOM = gettext_lazy("The reader’s cookie has no room to count another campaign")
CAPPED = gettext_lazy("Shown to this browser as often today as it may be")
NOT_DUE = gettext_lazy("Ahead of its pace, or its goal is met")


@dataclass(frozen=True, slots=True)
class Odds:
    """What there is to say of a creative at a place. chance: 0 to 1; refusals: lazy words."""

    creative: Creative
    campaign: Campaign
    chance: float
    refusals: list = field(default_factory=list)


def house():
    """The paper's own word for itself, in the language of the moment, for a place that nobody booked. Not stored."""
    return Creative(
        name=HOUSE,
        headline=_("This place is free"),
        text=_(
            "Readers pay for this paper, and so can a neighbour’s business: its members see who stands beside them."
        ),
        button=_("How the paper is paid for"),
        url=reverse("join"),
    )


def choose(slots, subject, visitor, snapshot, draw=DICE):
    """A Creative for each of a page's slots, (kind, number), or None where nobody booked it (see `bookings`)."""
    return [booking and booking.creative for booking in bookings(slots, subject, visitor, snapshot, draw)]


def bookings(slots, subject, visitor, snapshot, draw=DICE):
    """A `snapshot.Booking` for each of a page's slots, (kind, number), or None where nobody booked it.

    All slots of a page at once: no creative stands on it twice, and no two of one group of competitors. What campaigns
    with a goal get is taken off their allowance. draw() gives a number from 0 up to 1.
    """
    if not snapshot.bookings or not subject.ads:
        return [None] * len(slots)
    taken = _Taken(snapshot, visitor)
    page = snapshot.page(subject, visitor)
    return [_for_slot(snapshot.tiers(page, slot, subject, visitor), taken, draw) for slot in slots]


def explain(slot, subject, visitor, snapshot):
    """Odds of every creative that runs or is to come, for one slot of an otherwise empty page."""
    taken = _Taken(snapshot, visitor)
    refused = {
        one: snapshot.refusals(one, slot, subject, visitor) + _refusals(one, snapshot, visitor, taken)
        for one in snapshot.bookings
    }
    fit = [one for one in snapshot.bookings if not refused[one]]
    first = min((one.tier for one in fit), default=None)
    chances = Tier.of([one for one in fit if one.tier == first]).chances
    return [
        Odds(
            one.creative,
            one.row,
            chances.get(one, 0.0),
            refused[one] or ([] if one.tier == first else [ABOVE]),
        )
        for one in snapshot.bookings
    ]


class _Taken:
    """What of a snapshot this page may not have any more. spent: campaigns that no page may have now; campaigns: those
    that this one may not; creatives, groups: that stand on it; views: of campaigns with a limit, today, this page's
    among them."""

    def __init__(self, snapshot, visitor):
        self._snapshot, self._counted = snapshot, visitor.counted
        self.views = visitor.habits.ads if visitor.habits is not None else None
        self.spent = snapshot.delivery.spent
        self.campaigns, self.creatives, self.groups = set(), set(), set()
        if snapshot.capped:
            self._refuse_capped()

    def _refuse_capped(self):
        caps = self._snapshot.caps
        if self.views is None:
            self.campaigns |= self._snapshot.capped
            return
        self.views = dict(self.views)
        self.campaigns.update(pk for pk, views in self.views.items() if pk in caps and views >= caps[pk])
        self._refuse_without_room()

    def _refuse_without_room(self):
        if len(self.views) >= ADS_MAX:
            self.campaigns.update(self._snapshot.capped - self.views.keys())

    def may(self, booking):
        return (
            booking.campaign not in self.campaigns
            and booking.pk not in self.creatives
            and booking.group not in self.groups
        )

    def note(self, booking):
        """It stands on the page."""
        self.creatives.add(booking.pk)
        if booking.group:
            self.groups.add(booking.group)
        if booking.cap is not None:
            self.views[booking.campaign] = self.views.get(booking.campaign, 0) + 1
            if self.views[booking.campaign] >= booking.cap:
                self.campaigns.add(booking.campaign)
            self._refuse_without_room()
        if self._counted and not self._snapshot.delivery.take(booking.campaign):
            self.campaigns.add(booking.campaign)


def _for_slot(tiers, taken, draw):
    for tier in tiers:
        booking = _from_tier(tier.without(taken.spent), taken, draw)
        if booking is not None:
            taken.note(booking)
            return booking
    return None


def _from_tier(tier, taken, draw):
    """One of a tier's bookings that may stand here, by weight; None where none may."""
    for _throw in range(THROWS if tier.bookings else 0):
        booking = _thrown(tier.bookings, tier.sums, draw)
        if taken.may(booking):
            return booking
    # Throwing again what may not is as fair as sorting it out, but may go on for long.
    left = Tier.of([booking for booking in tier.bookings if taken.may(booking)])
    return _thrown(left.bookings, left.sums, draw) if left.bookings else None


def _thrown(bookings, sums, draw):
    # A product may round up to the whole.
    return bookings[min(bisect_right(sums, draw() * sums[-1]), len(bookings) - 1)]


def _refusals(booking, snapshot, visitor, taken):
    """Why this reader is not shown it now, though it is meant for page and reader."""
    if booking.campaign not in taken.campaigns and booking.campaign not in taken.spent:
        return []
    return [words for refuses, words in SPENT if refuses(booking, snapshot, visitor.habits)]


# Of a campaign that this reader may not be shown now: which of these is why.
SPENT = (
    (lambda one, snapshot, habits: one.campaign in snapshot.delivery.spent, NOT_DUE),
    (lambda one, snapshot, habits: one.cap is not None and habits is None, NO_COOKIE),
    (lambda one, snapshot, habits: one.cap is not None and habits and not habits.has_room_for(one.campaign), NO_ROOM),
    (
        lambda one, snapshot, habits: one.cap is not None and habits and habits.ads.get(one.campaign, 0) >= one.cap,
        CAPPED,
    ),
)
