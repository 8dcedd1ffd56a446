"""Somebody buys a subscription on the hosted page, from the offer to the events."""

import pytest

from tests.billing.sandboxed import DECLINED, NotPaid

SUCCESS = "http://localhost:8000/join/done/?session={CHECKOUT_SESSION_ID}"


@pytest.fixture
def session(sandbox):
    price = sandbox.price(500)
    customer = sandbox.client.v1.customers.create({"email": "leyla@example.com"})
    given = {"customer": customer.id, "success_url": SUCCESS, "cancel_url": "http://localhost:8000/join/"}
    lines = [{"price": price.id, "quantity": 1}]
    return sandbox.client.v1.checkout.sessions.create({"mode": "subscription", "line_items": lines, **given})


def test_a_card_that_works_leads_back_with_the_session(sandbox, session):
    there = sandbox.pay(session.url)

    assert there == SUCCESS.replace("{CHECKOUT_SESSION_ID}", session.id)
    after = sandbox.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    assert (after.status, after.payment_status) == ("complete", "paid")
    assert after.subscription.status == "active"
    assert after.subscription.latest_invoice.status == "paid"
    assert after.subscription.latest_invoice.parent.subscription_details.subscription == after.subscription.id


def test_a_declined_card_says_so_and_the_page_stays_open(sandbox, session):
    with pytest.raises(NotPaid, match="Your card was declined"):
        sandbox.pay(session.url, DECLINED)

    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.client.v1.subscriptions.list({"status": "all"}).data == []
    assert sandbox.pay(session.url)


def test_the_events_of_joining_come_in_their_order(sandbox, session):
    sandbox.pay(session.url)

    types = [one.type for one in sandbox.pending()]
    assert types[types.index("payment_method.attached") :] == [
        "payment_method.attached",
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice_payment.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]
