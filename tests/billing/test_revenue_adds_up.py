"""Whatever becomes of members at Stripe, the movements that were written add up to what memberships bring now."""

from collections import Counter

import pytest
from django.db.models import Sum
from django.utils import timezone

from members.billing import changes, revenue, switching
from members.billing.models import Movement, Payment
from members.models import User
from tests.billing.paying import joined, looked_at
from tests.billing.sandboxed import FAILS_LATER
from tests.billing.shop import price

pytestmark = pytest.mark.django_db


def adds_up():
    """{currency: amount}, by both ways, which must be one."""
    told = Movement.objects.order_by().values("currency").annotate(amount=Sum("amount"))
    moved = {row["currency"]: row["amount"] for row in told if row["amount"]}
    now = {currency: revenue.total(lines).monthly for currency, lines in revenue.now().items()}
    by_month = {currency: months[-1].after for currency, months in revenue.by_month().items() if months[-1].after}
    assert moved == now == by_month
    return now


def kinds():
    return Counter(Movement.objects.values_list("kind", flat=True))


@pytest.fixture
def reader(db):
    """reader("ana"): another account."""
    return lambda name: User.objects.create_user(f"{name}@example.com")


def test_joining_changing_leaving_and_coming_back_add_up(shop, time, reader):
    ana, beka = joined(shop, reader("ana")), joined(shop, reader("beka"), wanted=price(interval="year"))
    gia = joined(shop, reader("gia"), wanted=price(currency="USD"))
    assert adds_up() == {"EUR": 500 + 417, "USD": 600}
    friend = switching.Choice(price("Friend"), 1200)
    switching.change(ana, friend, switching.preview(ana, friend, int(timezone.now().timestamp())))
    assert adds_up() == {"EUR": 1200 + 417, "USD": 600}
    changes.end_now(beka)
    assert adds_up() == {"EUR": 1200, "USD": 600}
    changes.refund(Payment.objects.get(user=gia.user_id))
    assert adds_up() == {"EUR": 1200}
    joined(shop, beka.user)
    assert adds_up() == {"EUR": 1700}
    assert kinds() == {"new": 3, "expansion": 1, "churned": 2, "recovered": 1}


def test_so_do_payments_that_fail_and_members_who_pay_after_all(shop, time, reader):
    owing, fine = joined(shop, reader("ana"), FAILS_LATER), joined(shop, reader("beka"))
    time.passes(days=30, hours=2)
    for customer in (owing, fine):
        looked_at(customer)
    # Owed while Stripe still tries: it counts.
    assert adds_up() == {"EUR": 1000}
    time.passes(days=30)
    looked_at(owing)
    assert adds_up() == {"EUR": 500}
    assert kinds() == {"new": 2, "churned": 1}
