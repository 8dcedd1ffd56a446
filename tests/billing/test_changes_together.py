"""Two at once about one membership: a payment and a cancel, two clicks, the page and Stripe's own word for it."""

import threading

import pytest
from django.db import connection

from members.billing import changes, client, switching
from members.billing.models import Cancellation, Customer, Movement, Payment
from members.billing.switching import Choice
from members.models import Membership
from tests.billing.paying import joined, looked_at, subscription_of
from tests.billing.sandboxed import FAILS_LATER
from tests.billing.shop import price

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*deeds):
    """Do all of them at one moment, each in a thread with a connection of its own. What each raised, or None."""
    ready, raised = threading.Barrier(len(deeds)), [None] * len(deeds)

    def do(number, deed):
        try:
            ready.wait()
            deed()
        except (changes.Impossible, client.Refused, AssertionError) as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def known(user):
    """All that is known here of a membership, for the comparison with a fresh look."""
    membership = Membership.objects.filter(user=user).values().get()
    rows = Payment.objects.filter(user=user).order_by("stripe_id").values_list("stripe_id", "state", "amount")
    return membership, list(rows), list(Movement.objects.filter(user=user).values_list("kind", "amount"))


@pytest.mark.parametrize("turn", range(4))
def test_a38_paying_while_a_cancel_is_on_its_way(shop, time, leyla, turn):
    """Whichever comes first: who has paid is a member to the end of it, who has not owes nothing; and a fresh look
    changes nothing."""
    customer = joined(shop, leyla, FAILS_LATER, trial_period_days=1)
    time.passes(days=1, hours=2)
    customer = looked_at(customer)
    fresh = Customer.objects.get(pk=customer.pk)
    at_once(lambda: shop.pay(customer.owed_url), lambda: changes.cancel(fresh))
    looked_at(customer)
    before = known(leyla)
    looked_at(customer)
    assert known(leyla) == before
    told, membership = subscription_of(shop, customer), Membership.objects.get(user=leyla)
    paid = Payment.objects.filter(state="paid", amount=500).exists()
    if paid:
        assert told["status"] == "active"
        assert membership.ends_at == membership.renews_at
    else:
        assert told["status"] == "canceled"
        assert membership.status == "canceled"
    (owed,) = [one for one in shop.client.v1.invoices.list({"customer": customer.stripe_id}) if one.amount_due]
    assert owed.status == ("paid" if paid else "void")


def test_two_clicks_at_one_moment_cancel_once(shop, time, leyla):
    customer = joined(shop, leyla)
    row = Customer.objects.get(pk=customer.pk)
    at_once(*[lambda: changes.cancel(row, "price")] * 3)
    assert Membership.objects.get(user=leyla).ends_at is not None
    assert Cancellation.objects.filter(user=leyla).count() == 1


def test_two_clicks_at_one_moment_change_once_and_pay_once(shop, time, leyla):
    customer = joined(shop, leyla)
    choice = Choice(price("Friend"), 1200)
    row = Customer.objects.get(pk=customer.pk)
    cost = switching.preview(row, choice, int(shop.now))
    at_once(*[lambda: switching.change(row, choice, cost)] * 3)
    looked_at(customer)
    assert Membership.objects.get(user=leyla).plan.name == "Friend"
    assert Payment.objects.filter(user=leyla, state="paid").count() == 2
    assert list(Movement.objects.filter(user=leyla, kind="expansion").values_list("amount", flat=True)) == [700]


def test_two_clicks_at_one_moment_give_back_once(shop, time, leyla):
    joined(shop, leyla)
    payment = Payment.objects.get()
    at_once(*[lambda: changes.refund(payment, 200)] * 3)
    assert Payment.objects.get().refunded == 200
