"""The plans side by side, in words: what each gives, and what a reader would pay for it, now and later.

Every way to pay stands beside the others with the same weight: nothing is chosen beforehand, and nothing that comes
later is left out.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.billing import offers, quotes
from members.billing.models import Intent, Offer
from members.models import Interval, Membership, Plan, Price
from newsroom.ground.money import each, money, written


@dataclass(frozen=True)
class Buyer:
    """Who compares. currency: in which (three capital letters); offer: one that can be taken, or None; is_new: never a
    member before, so that a trial is given."""

    currency: str
    offer: Offer | None = None
    is_new: bool = True

    def quote(self, price, amount=None):
        offer = self.offer if self.offer and offers.holds_for(self.offer, price) else None
        return quotes.quote(price, offer, amount, self.is_new)


def is_new(user):
    """Whether an account (None: a stranger, who is taken for a new one) never was a member by way of Stripe."""
    if user is None:
        return True
    paid = Intent.objects.filter(user=user, kind=Intent.Kind.MEMBERSHIP, state=Intent.State.PAID)
    return not (paid.exists() or Membership.objects.filter(user=user).exclude(stripe_subscription=None).exists())


def sold():
    """The `Price`s at which somebody can join now."""
    return Price.objects.offered().filter(plan__archived_at=None).select_related("plan")


def currencies():
    """Those in which a plan is sold, the site's own first."""
    found = set(sold().values_list("currency", flat=True))
    return sorted(found, key=lambda currency: (currency != settings.CURRENCY, currency))


def plans(buyer):
    """[{name, text, perks, choices}] of the plans on offer, each perhaps without a choice in this currency."""
    priced = Price.objects.offered().filter(currency=buyer.currency)
    found = list(Plan.objects.offered().prefetch_related(Prefetch("prices", priced, to_attr="priced")))
    for plan in found:
        for price in plan.priced:
            price.plan = plan
    return [
        {"name": plan.name, "text": plan.text, "perks": perks(plan, found), "choices": _choices(plan, buyer)}
        for plan in found
    ]


def perks(plan, others):
    """What a plan gives, in lines: what the next lower of the `others` does is said by its name."""
    lower = max((one for one in others if one.level < plan.level), key=lambda one: one.level, default=None)
    includes = [_("Everything in “%(plan)s”") % {"plan": lower.name}] if lower else []
    return [*includes, *plan.perk_list, *([_("No advertisements")] if plan.ad_free else [])]


def _choices(plan, buyer):
    by_interval = {price.interval: price for price in plan.priced}
    saved = quotes.saving(by_interval.get(Interval.MONTH), by_interval.get(Interval.YEAR))
    found = [choice(buyer.quote(by_interval[name])) for name in Interval if name in by_interval]
    for one in found:
        if one["interval"] == Interval.YEAR and saved:
            price = money(saved, buyer.currency)
            one["saving"] = _("%(price)s a year less than by the month") % {"price": price}
    return found


def choice(quote, is_named=False):
    """A way to pay in words: {price: its id, interval, each, terms, button, offer: the code or "", amount, least}.
    amount: as typed into a field, "" where the price is fixed; least: the smallest that can be named, "" where there is
    nothing to name, or is_named: it was."""
    price = quote.price
    own = price.plan.names_own_price and not is_named
    return {
        "price": price.pk,
        "interval": price.interval,
        "each": each(quote.amount, price.currency, price.interval, price.interval_count),
        "terms": _terms_of_own(quote) if own else terms(quote),
        "button": _("Join for this price") if own else button(quote),
        "offer": quote.offer.code if quote.offer else "",
        "amount": written(quote.amount, price.currency) if price.plan.names_own_price else "",
        "least": money(price.amount, price.currency) if own else "",
    }


def _terms_of_own(quote):
    """Without an amount: that is what the reader says."""
    said = []
    if quote.trial_days:
        days = ngettext(
            "%(n)d day free; you can cancel until then.",
            "%(n)d days free; you can cancel until then.",
            quote.trial_days,
        )
        said.append(days % {"n": quote.trial_days})
    if quote.payments != 0:
        said.append(f"{_off(quote.offer)}.")
    return " ".join(said)


def terms(quote):
    """What is paid when, in a sentence; "" where it is the same each time from the first day on."""
    return " ".join(filter(None, [_trial(quote), _reduction(quote)]))


def _trial(quote):
    if not quote.trial_days:
        return ""
    said = ngettext(
        "%(n)d day free, then %(then)s; you can cancel until then.",
        "%(n)d days free, then %(then)s; you can cancel until then.",
        quote.trial_days,
    )
    return said % {"n": quote.trial_days, "then": _then(quote, _lasting(quote))}


def _reduction(quote):
    if quote.payments == 0:
        return ""
    now, full = _then(quote, quote.reduced), _then(quote, quote.amount)
    if quote.payments is None:
        return _("%(now)s as long as you are a member, in place of %(full)s.") % {"now": now, "full": full}
    if quote.payments == 1:
        first = money(quote.reduced, quote.price.currency)
        return _("%(first)s for the first payment, then %(full)s.") % {"first": first, "full": full}
    said = ngettext(
        "%(now)s for the first %(n)d payment, then %(full)s.",
        "%(now)s for the first %(n)d payments, then %(full)s.",
        quote.payments,
    )
    return said % {"now": now, "n": quote.payments, "full": full}


def _lasting(quote):
    """What is paid in the end, again and again."""
    return quote.reduced if quote.payments is None else quote.amount


def _then(quote, amount):
    return each(amount, quote.price.currency, quote.price.interval, quote.price.interval_count)


def button(quote):
    """What happens when it is pressed: what is paid at once, and again and again."""
    full = _then(quote, _lasting(quote))
    if quote.trial_days:
        said = ngettext("Try %(n)d day, then pay %(full)s", "Try %(n)d days, then pay %(full)s", quote.trial_days)
        return said % {"n": quote.trial_days, "full": full}
    if quote.payments:
        first = money(quote.reduced, quote.price.currency)
        return _("Join for %(first)s, then %(full)s") % {"first": first, "full": full}
    return _("Join for %(full)s") % {"full": full}


def given(offer):
    """What an offer gives, in words: "50% off for the first payment"."""
    parts = [_off(offer)] if quotes.takes_money_off(offer) else []
    if offer.trial_days:
        parts.append(ngettext("%(n)d day free", "%(n)d days free", offer.trial_days) % {"n": offer.trial_days})
    return ", ".join(parts)


def _off(offer):
    less = f"{offer.percent}%" if offer.percent else money(offer.amount, offer.currency)
    if offer.lasts == Offer.Lasts.FOREVER:
        return _("%(less)s off each payment") % {"less": less}
    if offer.lasts == Offer.Lasts.ONCE:
        return _("%(less)s off the first payment") % {"less": less}
    said = ngettext(
        "%(less)s off for the first %(n)d month", "%(less)s off for the first %(n)d months", offer.months
    )  # fmt: skip
    return said % {"less": less, "n": offer.months}
