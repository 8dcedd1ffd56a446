"""What joining costs: now, as long as an offer lasts, and from then on. Pure."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.billing.models import Offer
from members.models import Interval, Price
from newsroom.ground.money import money, parsed, share

# How many times the least a member may name as a price: more is a slip of the finger.
OWN_TIMES = 100
MONTHS = {Interval.MONTH: 1, Interval.YEAR: 12}


@dataclass(frozen=True)
class Quote:
    """Amounts in the smallest unit of the price's currency. amount: for each interval; offer: None where none is taken;
    trial_days: before the first payment."""

    price: Price
    amount: int
    offer: Offer | None = None
    trial_days: int = 0

    @property
    def reduced(self):
        """What a payment costs as long as the offer lasts; the amount itself where nothing is taken off."""
        if self.offer is None:
            return self.amount
        return max(self.amount - share(self.amount, self.offer.percent or 0) - (self.offer.amount or 0), 0)

    @property
    def payments(self):
        """How many payments the offer is taken off: 0 where there is none, None for all."""
        if self.reduced == self.amount:
            return 0
        if self.offer.lasts == Offer.Lasts.FOREVER:
            return None
        months = MONTHS[self.price.interval] * self.price.interval_count
        return 1 if self.offer.lasts == Offer.Lasts.ONCE else -(-self.offer.months // months)

    @property
    def is_free(self):
        """Whether nothing is ever to be paid: no card is asked for."""
        return self.reduced == 0 and self.payments is None


def quote(price, offer=None, amount=None, is_new=True):
    """The Quote of a `Price`. amount: what the member names, where the plan lets them; is_new: whether the account was
    never a member before, since a trial is given once. What takes money off comes in place of the plan's own trial:
    the days would use it up."""
    days = 0
    if is_new:
        days = (
            offer.trial_days if takes_money_off(offer) else max(price.plan.trial_days, offer.trial_days if offer else 0)
        )
    return Quote(price, amount or price.amount, offer, days)


def named(price, typed):
    """The amount that somebody typed for a price that its members name, within its bounds. Raises ValidationError, in
    words for the reader."""
    amount, least, most = parsed(typed, price.currency), price.amount, OWN_TIMES * price.amount
    if not least <= amount <= most:
        told = {"least": money(least, price.currency), "most": money(most, price.currency)}
        raise ValidationError(_("Take a price from %(least)s to %(most)s.") % told)
    return amount


def takes_money_off(offer):
    return offer is not None and bool(offer.percent or offer.amount)


def saving(month, year):
    """How much less a year costs than twelve months of the same plan, by two `Price`s, each perhaps None; 0: no
    less."""
    if month is None or year is None or month.currency != year.currency:
        return 0
    return max(12 * month.amount - year.amount, 0)
