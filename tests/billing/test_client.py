"""How Stripe is asked, and what becomes of what it answers."""

import pytest
import stripe
from django.db import transaction

from members.billing import client
from members.billing.models import Comparison, Customer, Event, Intent, Movement, Notice, Payment

pytestmark = pytest.mark.django_db


def test_without_a_key_nothing_is_asked(settings):
    settings.STRIPE_SECRET_KEY = ""
    assert not client.is_set()
    with pytest.raises(client.Unset, match="Set STRIPE_SECRET_KEY"):
        client.ask("customers.retrieve", "cus_1")


def test_what_is_not_there_is_missing(shop):
    with pytest.raises(client.Missing) as caught:
        client.ask("customers.retrieve", "cus_of_nobody")
    assert caught.value.code == "resource_missing"


def test_what_makes_no_sense_is_refused(shop):
    with pytest.raises(client.Refused) as caught:
        client.ask("customers.create", nonsense="x")
    assert not isinstance(caught.value, client.Missing)


def test_a_card_that_does_not_pay_is_declined_by_its_banks_own_word(shop):
    customer = client.ask("customers.create")["id"]
    method = client.ask("payment_methods.attach", "pm_card_chargeCustomerFail", customer=customer)["id"]
    price = shop.price(500).id
    with pytest.raises(client.Declined) as caught:
        client.ask(
            "subscriptions.create", customer=customer, items=[{"price": price}], default_payment_method=method,
            payment_behavior="error_if_incomplete",
        )  # fmt: skip
    assert caught.value.code


def test_a_key_that_stripe_does_not_take_is_told_as_such(shop, settings, monkeypatch):
    def refuse():
        raise stripe.AuthenticationError("Invalid API Key provided: sk_test_****1234")

    with pytest.raises(client.Refused, match="Look at STRIPE_SECRET_KEY") as caught:
        client._answer(refuse)
    assert "1234" not in str(caught.value)


def test_a_key_makes_one_thing_of_two_requests(shop):
    made = [client.ask("customers.create", key="one", name="Leyla")["id"] for _again in range(2)]
    assert made[0] == made[1]


def test_a_long_list_is_read_to_its_end_page_by_page(shop, monkeypatch):
    monkeypatch.setattr(client, "PAGE", 2)
    made = [client.ask("customers.create")["id"] for _number in range(5)]
    last = shop.requests()[-1]["id"]
    assert [one["id"] for one in client.every("customers")] == made[::-1]
    assert len(shop.requests("GET", after=last)) == 3
    first = next(client.each("customers"))
    assert isinstance(first, dict)
    assert len(shop.requests("GET", after=last)) == 4, "no page is asked for before it is needed"


def test_no_more_is_asked_at_the_same_time_than_leaves_readers_a_thread(shop, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE", 0)
    for _each in range(client.AT_ONCE):
        assert client._turns.acquire(blocking=False)
    try:
        with pytest.raises(client.Unavailable, match="Others wait"):
            client.ask("customers.create")
    finally:
        for _each in range(client.AT_ONCE):
            client._turns.release()
    assert client.ask("customers.create")


def test_stripe_is_never_asked_inside_a_transaction(shop):
    """A row's lock would be held for the network's time."""
    for ask in (lambda: client.ask("customers.create"), lambda: client.every("invoices")):
        with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
            ask()
    assert not shop.requests("POST", "/v1/customers")


def test_rows_have_names_that_tell_them_apart(aram, now):
    customer = Customer(user=aram)
    assert str(customer) == "(Aram)"
    assert str(Customer(user=aram, stripe_id="cus_1")) == "cus_1"
    assert str(Event(type="invoice.paid", stripe_id="evt_1")) == "invoice.paid evt_1"
    assert str(Intent(user=aram, kind="membership", state="open")) == "membership · Aram · open"
    assert str(Payment(amount=500, currency="EUR", state="paid")) == "500 EUR · paid"
    assert str(Movement(kind="new", amount=500, currency="EUR")) == "new 500 EUR"
    assert str(Notice(kind="welcome", about="sub_1")) == "welcome · sub_1"
    assert str(Comparison(started_at=now)) == str(now)
