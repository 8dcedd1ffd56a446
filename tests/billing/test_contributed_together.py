"""Many who look at one contribution at the same moment, on PostgreSQL: the later look stays, and nobody fails."""

import pytest
from django.db import transaction

from members.accounts import refunds, support
from members.billing import checkout, client, contributed
from members.billing.models import Customer, Intent, Payment
from members.billing.refresh import refresh
from members.models import User
from newsroom.ground.models import Deed
from tests.billing.test_contribute import give, gives
from tests.billing.test_races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MANY = 6


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Whoever waits for Stripe gets a turn, however slow this machine is."""
    monkeypatch.setattr(client, "PATIENCE", 60)


def test_many_first_looks_at_once_write_one_payment(shop, stranger):
    shop.pay(give(stranger).url)
    session = Intent.objects.get().session
    at_once(*[lambda: checkout.settle(session)] * MANY)
    payment = Payment.objects.get()
    assert (payment.state, payment.ticket, payment.intent) == ("paid", MANY, Intent.objects.get())
    assert Intent.objects.get().state == "paid"


@pytest.mark.parametrize("gives_with", ["stranger", "account"])
def test_while_parts_are_given_back_the_last_word_is_stripes(shop, as_, aram, stranger, gives_with):
    """Each look is begun after its part was given back, and some answers come late: of the last-begun all is known."""
    gives(stranger if gives_with == "stranger" else as_(aram), shop)
    payment = Payment.objects.get()
    shop.faults({"what": "slow", "path": "/v1/payment_intents", "times": 2, "seconds": 1, "when": "after"})

    def part(look):
        shop.client.v1.refunds.create({"payment_intent": payment.stripe_id, "amount": 100})
        look()

    looks = [lambda: contributed.recheck(payment.stripe_id)] * MANY
    if gives_with == "account":
        customer = Customer.objects.get().pk
        looks[::2] = [lambda: refresh(customer)] * len(looks[::2])
    at_once(*[lambda look=look: part(look) for look in looks])
    assert Payment.objects.get().refunded == MANY * 100


def test_no_lock_is_held_while_stripe_is_slow(shop, stranger, monkeypatch):
    gives(stranger, shop)
    payment, whole = Payment.objects.get(), contributed._taken

    def taken(key):
        with transaction.atomic():
            Payment.objects.select_for_update(nowait=True).get(pk=payment.pk)
        return whole(key)

    monkeypatch.setattr(contributed, "_taken", taken)
    at_once(lambda: contributed.recheck(payment.stripe_id))
    assert Payment.objects.get().applied == payment.applied + 1


def test_two_clicks_at_one_moment_give_a_contribution_back_once(shop, stranger):
    gives(stranger, shop)
    payment, owner = Payment.objects.get(), User.objects.create_superuser("owner@example.com")

    def click():
        try:
            refunds.give_back(owner, payment, "Asked for it.", 0, 300)
        except support.Overtaken:
            return "overtaken"

    assert sorted(filter(None, at_once(*[click] * 3))) == ["overtaken"] * 2
    assert Payment.objects.get().refunded == 300
    assert Deed.objects.filter(deed=refunds.DEED).count() == 1
