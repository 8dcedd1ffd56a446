"""What memberships bring in a month, and by which movements that changes: equal to the cent, whatever comes in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.billing.ledger import Worth, monthly, movements, worth
from members.models import Membership
from members.standing import Status

FIVE = Worth(1, "month", 500, "EUR")
TEN = Worth(1, "month", 1000, "EUR")
DOLLARS = Worth(1, "month", 600, "USD")


@pytest.mark.parametrize(("amount", "interval", "count", "told"), [
    (500, "month", 1, 500), (5000, "year", 1, 417), (1500, "month", 3, 500), (6, "year", 1, 1), (5, "year", 1, 0),
    (100, "week", 1, 433), (1, "day", 1, 30), (2400, "year", 2, 100), (0, "month", 1, 0),
])  # fmt: skip
def test_a_month_of_any_interval(amount, interval, count, told):
    assert monthly(amount, interval, count) == told


@pytest.mark.parametrize(("status", "counts"), [
    (Status.ACTIVE, True), (Status.PAST_DUE, True), (Status.TRIALING, False), (Status.UNPAID, False),
    (Status.PAUSED, False), (Status.SUSPENDED, False), (Status.CANCELED, False), (Status.INCOMPLETE, False),
])  # fmt: skip
def test_what_is_paid_or_may_still_be_counts(status, counts):
    held = Membership(status=status, amount=500, currency="EUR", interval="month", plan_id=1)
    assert worth(held) == (FIVE if counts else None)


def test_what_costs_nothing_and_what_the_newsroom_made_by_hand_bring_nothing():
    assert worth(Membership(status=Status.ACTIVE, amount=0, interval="month")) is None
    assert worth(Membership(status=Status.ACTIVE, amount=None)) is None
    assert worth(None) is None


@pytest.mark.parametrize(("before", "after", "once", "told"), [
    (None, FIVE, False, [("new", 500)]), (None, FIVE, True, [("recovered", 500)]), (FIVE, None, True, [("churned", -500)]),
    (FIVE, TEN, True, [("expansion", 500)]), (TEN, FIVE, True, [("contraction", -500)]), (FIVE, FIVE, True, []),
    (None, None, False, []),
])  # fmt: skip
def test_each_change_has_its_name(before, after, once, told):
    assert [(kind, change) for kind, _worth, change in movements(before, after, once)] == told


def test_a52_another_currency_is_a_movement_in_each():
    told = movements(FIVE, DOLLARS, True)
    assert [(kind, one.currency, change) for kind, one, change in told] == [
        ("churned", "EUR", -500), ("recovered", "USD", 600),
    ]  # fmt: skip


WORTHS = st.none() | st.builds(
    Worth, st.just(1), st.just("month"), st.integers(1, 10_000), st.sampled_from(["EUR", "USD"])
)


@settings(derandomize=True, deadline=None)
@given(st.lists(WORTHS))
def test_all_movements_together_are_what_comes_in(worths):
    held, totals, once = None, {}, False
    for after in worths:
        for _kind, one, change in movements(held, after, once):
            totals[one.currency] = totals.get(one.currency, 0) + change
            once = True
        held = after
    assert {currency: sum_ for currency, sum_ in totals.items() if sum_} == (
        {held.currency: held.monthly} if held else {}
    )
