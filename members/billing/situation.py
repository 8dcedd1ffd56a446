"""How a membership stands, as its member's own page tells it, and what its member can do about it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from members.models import Interval
from members.standing import PAID, Status


class Kind(StrEnum):
    TRIAL = "trial"
    RUNNING = "running"
    # Set to end; until then as it was.
    ENDING = "ending"
    # Paid for until a moment, and paused from there.
    PAUSING = "pausing"
    PAUSED = "paused"
    # A payment failed: everything stays open for the days of grace, and then not.
    FAILED = "failed"
    OWING = "owing"
    SUSPENDED = "suspended"
    # Its first payment never went through.
    UNBEGUN = "unbegun"
    ENDED = "ended"
    # Made by the newsroom itself, and known at Stripe to nobody.
    BY_HAND = "by hand"


class Act(StrEnum):
    CHANGE = "change"
    PAUSE = "pause"
    CANCEL = "cancel"
    RESUME = "resume"
    PAY = "pay"
    PORTAL = "portal"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Situation:
    """until: the moment (aware) up to which it is so, None where that is not known. acts: what can be done."""

    kind: Kind
    until: datetime | None = None
    acts: frozenset = frozenset()


GOING_ON = frozenset({Act.CHANGE, Act.CANCEL, Act.PORTAL})
OWES = frozenset({Act.PAY, Act.CANCEL, Act.PORTAL})
BACK = frozenset({Act.RESUME, Act.PORTAL})
AGAIN = frozenset({Act.JOIN})


def of(membership, now, grace):
    """The Situation of a `members.models.Membership` at `now` (aware). grace: a timedelta."""
    ends = membership.ends_at
    if not membership.stripe_subscription:
        return Situation(Kind.BY_HAND, ends)
    if membership.status in {Status.CANCELED, Status.INCOMPLETE_EXPIRED} or (ends and ends <= now):
        return Situation(Kind.ENDED, ends, AGAIN)
    if membership.status in PAID:
        return _paid(membership)
    return _unpaid(membership, now, grace)


def _paid(membership):
    if membership.ends_at:
        return Situation(Kind.ENDING, membership.ends_at, BACK)
    if membership.paused_until:
        return Situation(Kind.PAUSING, membership.paused_until, BACK | {Act.CANCEL})
    if membership.status == Status.TRIALING:
        return Situation(Kind.TRIAL, membership.trial_ends_at, GOING_ON)
    return Situation(
        Kind.RUNNING, membership.renews_at, GOING_ON | ({Act.PAUSE} if _by_the_month(membership) else set())
    )


def _unpaid(membership, now, grace):
    if membership.status == Status.PAUSED:
        return Situation(Kind.PAUSED, membership.paused_until, BACK | {Act.CANCEL})
    if membership.status == Status.SUSPENDED:
        return Situation(Kind.SUSPENDED, None, frozenset({Act.CANCEL, Act.PORTAL}))
    if membership.status == Status.INCOMPLETE:
        return Situation(Kind.UNBEGUN, None, AGAIN)
    until = membership.failed_at + grace if membership.failed_at else None
    if membership.status == Status.PAST_DUE and until and now < until:
        return Situation(Kind.FAILED, until, OWES)
    return Situation(Kind.OWING, None, OWES)


def _by_the_month(membership):
    """A year is paid ahead: what would be paused of it?"""
    return membership.interval == Interval.MONTH and membership.interval_count == 1
