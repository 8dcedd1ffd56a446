"""Which mails a membership calls for at a moment. Pure: the same state calls for the same mails, however often it is
asked, and `models.Notice` keeps that each is written once."""

from datetime import timedelta
from typing import NamedTuple

from members.standing import PAID, Status


class Letter(NamedTuple):
    """kind: which mail, as `members.emails` names it; about: what it is about, so that the same about the next payment
    is another one."""

    kind: str
    about: str


# A membership that is older when it is first seen was taken over from elsewhere: its member needs no welcome.
NEW_FOR = timedelta(days=3)
ENDS_SOON = timedelta(days=7)
# What ended longer ago than this, and was not told then, is news no more.
ENDED_FOR = timedelta(days=14)
WIN_BACK = timedelta(days=30), timedelta(days=60)
CARD_EXPIRES = timedelta(days=30)
NEVER_BEGUN = {Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED}


def due(membership, customer, now, grace):
    """The Letters that are called for at `now` (aware). membership: a `members.models.Membership` by way of Stripe;
    customer: a `models.Customer`, for the card and for what is owed; grace: a timedelta."""
    return [letter for rule in RULES for letter in rule(membership, customer, now, grace)]


def _welcome(membership, customer, now, grace):
    if membership.status in PAID and membership.started_at > now - NEW_FOR:
        yield Letter("welcome", membership.stripe_subscription)


def _failed(membership, customer, now, grace):
    """A bank that asks for a word of its customer is told apart from one that refuses: the remedy is another."""
    if membership.status == Status.PAST_DUE and membership.failed_at and now < membership.failed_at + grace:
        kind = "action_required" if customer.owes_a_word else "payment_failed"
        yield Letter(kind, _about(membership, membership.failed_at))


def _ending(membership, customer, now, grace):
    ends = membership.ends_at
    if membership.status in PAID and ends and now < ends <= now + ENDS_SOON:
        yield Letter("ending_soon", _about(membership, ends))


def _ended(membership, customer, now, grace):
    ended = ended_at(membership, now, grace)
    if ended and ended > now - ENDED_FOR:
        yield Letter("ended", _end(membership))


def _win_back(membership, customer, now, grace):
    """Asked for by nobody, so it can be switched off."""
    ended, (after, until) = ended_at(membership, now, grace), WIN_BACK
    if customer.user.told_of_offers and ended and now - until < ended <= now - after:
        yield Letter("win_back", _end(membership))


def _card(membership, customer, now, grace):
    """Only where another payment is to come."""
    expires = customer.card_expires_on
    goes_on = membership.status in PAID and membership.ends_at is None
    if goes_on and expires and now.date() <= expires <= (now + CARD_EXPIRES).date():
        yield Letter("card_expiring", f"{customer.card_last4} {expires:%Y-%m}")


RULES = (_welcome, _failed, _ending, _ended, _win_back, _card)


def _about(membership, moment):
    return f"{membership.stripe_subscription} {moment:%Y-%m-%dT%H:%M:%SZ}"


def _end(membership):
    """What an end is known by. A subscription ends once; only one that nobody paid can be paid after all, and fail
    again. Both when its grace is over and when Stripe gives up it is the same end."""
    if membership.failed_at:
        return _about(membership, membership.failed_at)
    return membership.stripe_subscription


def ended_at(membership, now, grace):
    """When a membership that was one ended, at `now` at the latest; None while it lasts, and where it never began. What
    nobody paid ended with the grace, or when Stripe gave up, if that was sooner."""
    ends = [membership.ends_at] if membership.ends_at and membership.ends_at <= now else []
    if membership.failed_at:
        over = membership.failed_at + grace
        ends += [min(over, now)] if membership.status == Status.UNPAID or over <= now else []
    return min(ends, default=None) if membership.status not in NEVER_BEGUN else None
