"""Offers: whether one can be taken, and if not, why. The rules stand in order; the first that refuses is what the
reader is told, and the normal prices stay."""

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.billing.models import Intent, Offer
from members.billing.quotes import takes_money_off


class Gone(Exception):
    """Somebody else was quicker: the offer cannot be taken any more. Its words are for the reader."""


def found(code):
    """The Offer of a code, written in whatever letters; None: there is none."""
    code = code.strip()
    is_code = code.isprintable() and len(code) <= Offer._meta.get_field("code").max_length
    return Offer.objects.filter(code__iexact=code).first() if is_code else None


def refusal(offer, user, now):
    """Why nobody, or this account (None for a stranger), can take an offer at `now` (aware), in words; "": it can be
    taken. offer: None for a code that there is not."""
    if offer is None:
        return _("There is no such offer. Look at how the code is written.")
    return next(filter(None, (rule(offer, user, now) for rule in RULES)), "")


def holds_for(offer, price):
    """Whether an offer is one for a price: of the plans it names, and in its currency."""
    plans = {plan.pk for plan in offer.plans.all()}
    return (not plans or price.plan_id in plans) and offer.currency in ("", price.currency)


def _archived(offer, user, now):
    return _("This offer is no longer made.") if offer.archived_at else ""


def _not_yet(offer, user, now):
    begins = offer.starts_at and offer.starts_at > now
    return _("This offer begins on %(day)s.") % {"day": _day(offer.starts_at)} if begins else ""


def _over(offer, user, now):
    over = offer.ends_at and offer.ends_at <= now
    return _("This offer ended on %(day)s.") % {"day": _day(offer.ends_at)} if over else ""


def hold(offer, user, now):
    """Hold an offer's row until the transaction ends, so that of two who take the last one at once the second is told.
    Raises Gone. offer: None where nothing is taken."""
    if offer is not None:
        held = Offer.objects.select_for_update().get(pk=offer.pk)
        if said := refusal(held, user, now):
            raise Gone(said)


def _used_up(offer, user, now):
    if offer.times is None or _held(offer, user, now) < offer.times:
        return ""
    said = ngettext(
        "This offer was for %(n)d person, who has taken it.", "This offer was for %(n)d people, who have taken it.",
        offer.times,
    )  # fmt: skip
    return said % {"n": offer.times}


def _taken_before(offer, user, now):
    return _("You have taken this offer before.") if user and _taken(offer).filter(user=user).exists() else ""


RULES = (_archived, _not_yet, _over, _used_up, _taken_before)


def _held(offer, user, now):
    """How many have taken an offer. Of one that gives free days alone Stripe knows nothing, so whoever has its page
    open counts; what takes money off Stripe counts itself, when it is paid."""
    if takes_money_off(offer):
        return _taken(offer).count()
    may_be_paid = Q(state=Intent.State.OPEN) & (Q(expires_at=None) | Q(expires_at__gt=now))
    own = Q(user=user) if user else Q(pk=None)
    return Intent.objects.filter(Q(state=Intent.State.PAID) | may_be_paid, offer=offer).exclude(own).count()


def _taken(offer):
    return Intent.objects.filter(offer=offer, state=Intent.State.PAID)


def _day(moment):
    return date_format(localtime(moment), "DATE_FORMAT")
