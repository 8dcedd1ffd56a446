"""What memberships bring in a month, and why that changed. Pure.

Counted is what is paid, or owed for less long than Stripe tries: ACTIVE and PAST_DUE. A trial brings nothing yet, a
pending cancel still does until its moment. A year counts as a twelfth a month, rounded once.
"""

from typing import NamedTuple

from members.billing.models import Movement
from members.standing import Status

COUNTED = {Status.ACTIVE, Status.PAST_DUE}
# How many of Stripe's intervals a year has: those of a day or a week come from elsewhere, or by hand.
A_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
Kind = Movement.Kind


class Worth(NamedTuple):
    """plan: its id; monthly: in the currency's smallest unit."""

    plan: int
    interval: str
    monthly: int
    currency: str


def monthly(amount, interval, interval_count=1):
    """What an amount for each `interval_count` intervals is a month, halves upwards."""
    months = 12 * interval_count
    return (2 * amount * A_YEAR[interval] + months) // (2 * months)


def worth(held):
    """The Worth of a Membership, or of a `state.State`; None where it brings nothing."""
    if held is None or held.status not in COUNTED or not held.amount:
        return None
    return Worth(held.plan_id, held.interval, monthly(held.amount, held.interval, held.interval_count), held.currency)


def movements(before, after, counted_once):
    """[(kind, Worth, change of the month's amount)] between two Worths, each perhaps None. counted_once: whether the
    account ever brought anything before."""
    if before and after and before.currency == after.currency:
        change = after.monthly - before.monthly
        kind = Kind.EXPANSION if change > 0 else Kind.CONTRACTION
        return [(kind, after, change)] if change else []
    gone = [(Kind.CHURNED, before, -before.monthly)] if before else []
    come = Kind.RECOVERED if counted_once or before else Kind.NEW
    return gone + ([(come, after, after.monthly)] if after else [])
