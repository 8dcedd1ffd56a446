"""Debits that take days: the subscription begins at once, and the money comes, or does not."""

import pytest

from tests.billing.sandboxed import SLOW, SLOW_AND_FAILS


def _state(sandbox, session):
    v1 = sandbox.client.v1
    after = v1.checkout.sessions.retrieve(session.id)
    told = v1.subscriptions.retrieve(session.subscription.id, {"expand": ["latest_invoice"]})
    return after.payment_status, told.status, told.latest_invoice.status


@pytest.mark.parametrize(
    ("account", "after", "event"),
    [
        (SLOW, ("paid", "active", "paid"), "checkout.session.async_payment_succeeded"),
        (SLOW_AND_FAILS, ("unpaid", "past_due", "open"), "checkout.session.async_payment_failed"),
    ],
    ids=["succeeds", "fails"],
)
def test_a_debit_ends_days_later(sandbox, account, after, event):
    session = sandbox.subscribe(account)
    assert _state(sandbox, session) == ("unpaid", "active", "open")
    (completed,) = sandbox.pending("checkout.session.completed")
    assert completed.told["data"]["object"]["payment_status"] == "unpaid"

    sandbox.advance(days=2)
    assert _state(sandbox, session) == ("unpaid", "active", "open")
    sandbox.advance(days=2)
    assert _state(sandbox, session) == after
    assert len(sandbox.pending(event)) == 1


@pytest.mark.parametrize(("outcome", "status"), [("succeeds", "paid"), ("fails", "open")])
def test_the_control_ends_a_debit_at_once(sandbox, outcome, status):
    session = sandbox.subscribe(SLOW)
    (intent,) = sandbox.client.v1.payment_intents.list({"customer": session.customer}).data
    assert intent.status == "processing"

    sandbox.control("settle_payment", payment_intent=intent.id, outcome=outcome)
    assert _state(sandbox, session)[2] == status
    sandbox.advance(days=4)
    assert len(sandbox.pending("checkout.session.async_payment_succeeded")) == (outcome == "succeeds")


def test_a_single_payment_can_be_slow_too(sandbox):
    v1 = sandbox.client.v1
    lines = [{"price": sandbox.price(interval=None).id, "quantity": 1}]
    session = v1.checkout.sessions.create({"mode": "payment", "line_items": lines, "success_url": "http://localhost/"})
    sandbox.pay(session.url, SLOW)
    assert v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"

    sandbox.advance(days=3)
    after = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (after.payment_status, after.payment_intent.status) == ("paid", "succeeded")
