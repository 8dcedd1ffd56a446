"""What came in a span of time, counted from the books."""

from datetime import UTC, datetime, timedelta

import pytest

from members.billing.brought import Brought, between
from members.billing.models import Intent, Payment

pytestmark = pytest.mark.django_db

START, END = datetime(2026, 11, 10, 6, tzinfo=UTC), datetime(2026, 12, 10, 14, tzinfo=UTC)
MIDDLE = datetime(2026, 11, 24, 12, tzinfo=UTC)


def joined(user, at=MIDDLE, subscription="sub_1", **fields):
    return Intent.objects.create(
        user=user, kind="membership", amount=500, currency="EUR", subscription=subscription, made_at=at,
        **{"state": "paid", **fields},
    )  # fmt: skip


def pay(number, amount=500, at=MIDDLE, **fields):
    fields = {"kind": "membership", "subscription": "sub_1", "state": "paid", "currency": "EUR", **fields}
    return Payment.objects.create(stripe_id=f"pi_{number}", amount=amount, at=at, **fields)


def test_who_joined_counts_and_so_does_what_they_pay(aram, leyla):
    joined(aram)
    pay(1)
    pay(2, at=END - timedelta(days=1))
    joined(leyla, subscription="sub_2", state="open")
    assert between(START, END) == Brought(1, {"EUR": 1000})


@pytest.mark.parametrize("at", [START - timedelta(seconds=1), END])
def test_what_came_before_or_after_does_not(aram, at):
    joined(aram, at=at)
    pay(1, at=at)
    assert between(START, END) == Brought(0, {})


def test_what_older_memberships_renew_was_not_brought_by_it(aram):
    joined(aram, at=START - timedelta(days=1))
    pay(1)
    assert between(START, END) == Brought(0, {})


def test_contributions_count_and_what_is_given_back_does_not():
    pay(1, 2000, kind="contribution", subscription="")
    pay(2, 700, kind="contribution", subscription="", currency="USD")
    pay(3, 1000, kind="contribution", subscription="", refunded=400)
    pay(4, 900, kind="contribution", subscription="", state="refunded", refunded=900)
    pay(5, 900, kind="contribution", subscription="", state="pending")
    pay(6, 900, kind="contribution", subscription="", state="lost")
    pay(7, 300, kind="contribution", subscription="", refunded=300, currency="GEL")
    assert between(START, END) == Brought(0, {"EUR": 2600, "USD": 700})


def test_each_account_counts_once(aram):
    joined(aram)
    joined(aram, subscription="sub_2")
    assert between(START, END).members == 1
