"""What an account's membership and grants come to at a moment. Pure.

Rules of the statuses: those of Stripe's subscriptions, as DESIGN and the payments' list of faults read them. A payment
that failed leaves a member in peace for the days of grace; whatever never was paid, or is over, gives nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    TRIALING = "trialing", _("On trial")
    ACTIVE = "active", _("Active")
    PAST_DUE = "past_due", _("Payment failed")
    UNPAID = "unpaid", _("Unpaid")
    INCOMPLETE = "incomplete", _("Never begun")
    INCOMPLETE_EXPIRED = "incomplete_expired", _("Never begun, given up")
    PAUSED = "paused", _("Paused")
    CANCELED = "canceled", _("Ended")
    # Ours alone: a payment is disputed, and the bank has not said yet who is right.
    SUSPENDED = "suspended", _("Suspended by a dispute")


PAID = {Status.TRIALING, Status.ACTIVE}
# Of these a payment would make a member again.
OWING = {Status.PAST_DUE, Status.UNPAID}
NEVER_BEGUN = {Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED}


class Rank(NamedTuple):
    """A plan, by its id, and its level: a higher plan includes every lower one."""

    plan: int
    level: int


@dataclass(frozen=True, slots=True)
class Standing:
    """member: whether it makes a member. plans: the `Rank`s held. grace_until: the moment (aware) until which a failed
    payment changes nothing, while it does not. owes: not a member, but a payment away from being one. lapsed: was one,
    by a membership that is over."""

    member: bool = False
    plans: frozenset = frozenset()
    grace_until: datetime | None = None
    owes: bool = False
    lapsed: bool = False


NONE = Standing()
LAPSED = Standing(lapsed=True)


def of_membership(status, failed_at, ends_at, rank, now, grace):
    """The Standing of one membership at `now`. failed_at: when its payment first failed; ends_at: when it was ended for
    (both aware or None); grace: a timedelta."""
    if status == Status.CANCELED or (ends_at is not None and ends_at <= now):
        return NONE if status in NEVER_BEGUN else LAPSED
    if status in PAID:
        return Standing(True, frozenset({rank}))
    if status == Status.PAST_DUE and failed_at is not None and now < failed_at + grace:
        return Standing(True, frozenset({rank}), failed_at + grace)
    return Standing(owes=status in OWING)


def with_grant(standing, rank):
    """The Standing where a grant runs beside it. rank: of the grant's plan, None for membership alone."""
    return Standing(True, standing.plans | ({rank} if rank else set()), standing.grace_until)
