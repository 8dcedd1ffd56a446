"""Refunds, invoices, payment methods, customers."""

import pytest
from stripe import CardError, InvalidRequestError

from tests.billing.sandbox.contract.conftest import buyer


@pytest.fixture
def charge(api, membership):
    invoice = api.invoices.retrieve(membership.latest_invoice, {"expand": ["payments.data.payment.payment_intent"]})
    return api.charges.retrieve(invoice.payments.data[0].payment.payment_intent.latest_charge)


def test_a_charge_is_refunded_in_parts_and_no_more_than_it_was(api, charge):
    part = api.refunds.create({"charge": charge.id, "amount": 200, "reason": "requested_by_customer"})
    assert (part.status, part.amount, part.payment_intent) == ("succeeded", 200, charge.payment_intent)
    after = api.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (200, False)

    with pytest.raises(InvalidRequestError):
        api.refunds.create({"charge": charge.id, "amount": 400})
    rest = api.refunds.create({"payment_intent": charge.payment_intent})
    assert rest.amount == 300
    assert api.charges.retrieve(charge.id).refunded is True
    with pytest.raises(InvalidRequestError) as caught:
        api.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"
    assert [one.id for one in api.refunds.list({"payment_intent": charge.payment_intent}).data] == [rest.id, part.id]


def test_an_open_invoice_can_be_paid_by_another_card(api, unique, price):
    customer = buyer(api, unique, "pm_card_chargeCustomerFail")
    subscription = api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    with pytest.raises(CardError):
        api.invoices.pay(subscription.latest_invoice)

    card = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    paid = api.invoices.pay(subscription.latest_invoice, {"payment_method": card.id})

    assert (paid.status, paid.amount_remaining) == ("paid", 0)
    assert api.subscriptions.retrieve(subscription.id).status == "active"


def test_an_open_invoice_can_be_voided(api, unique, price):
    customer = buyer(api, unique, "pm_card_chargeCustomerFail")
    subscription = api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})

    assert api.invoices.void_invoice(subscription.latest_invoice).status == "void"
    with pytest.raises(InvalidRequestError):
        api.invoices.pay(subscription.latest_invoice)


def test_invoices_are_listed_by_customer_subscription_and_status(api, leyla, membership):
    def found(**by):
        return [one.id for one in api.invoices.list(by).data]

    assert found(customer=leyla.id) == found(subscription=membership.id) == [membership.latest_invoice]
    assert found(customer=leyla.id, status="open") == []


def test_a_card_that_must_be_authenticated_waits_for_its_owner(api, unique, price):
    customer = buyer(api, unique, "pm_card_authenticationRequired")
    subscription = api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    path = "payments.data.payment.payment_intent"
    invoice = api.invoices.retrieve(subscription.latest_invoice, {"expand": [path]})

    intent = invoice.payments.data[0].payment.payment_intent
    assert (subscription.status, intent.status) == ("incomplete", "requires_action")
    assert intent.next_action is not None


def test_a_declined_card_cannot_be_attached(api, unique):
    customer = api.customers.create({"email": f"{unique('aram')}@example.com"})
    with pytest.raises(CardError) as caught:
        api.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert caught.value.code == "card_declined"


def test_a_detached_card_is_nobody_s_default(api, leyla):
    method = leyla.invoice_settings.default_payment_method
    assert [one.id for one in api.customers.payment_methods.list(leyla.id).data] == [method]

    assert api.payment_methods.detach(method).customer is None
    assert api.customers.retrieve(leyla.id).invoice_settings.default_payment_method is None
    assert api.payment_methods.list({"customer": leyla.id}).data == []


def test_a_customer_keeps_what_it_is_told(api, unique):
    email = f"{unique('nino')}@example.com"
    made = api.customers.create({"email": email, "metadata": {"user": "k1"}, "preferred_locales": ["ka"]})
    changed = api.customers.update(made.id, {"name": "Nino", "address": {"country": "GE", "city": "Tbilisi"}})

    assert (changed.name, changed.address.city, changed.metadata.to_dict()) == ("Nino", "Tbilisi", {"user": "k1"})
    assert [one.id for one in api.customers.list({"email": email}).data] == [made.id]


def test_a_deleted_customer_has_no_subscription_and_buys_no_more(api, leyla, membership, price):
    assert api.customers.delete(leyla.id).deleted is True

    assert api.customers.retrieve(leyla.id).to_dict() == {"id": leyla.id, "object": "customer", "deleted": True}
    assert api.subscriptions.retrieve(membership.id).status == "canceled"
    with pytest.raises(InvalidRequestError):
        api.subscriptions.create({"customer": leyla.id, "items": [{"price": price.id}]})
