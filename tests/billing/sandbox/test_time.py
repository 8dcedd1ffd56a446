"""What time does to a subscription, moved by the control: renewals, retries, trials, ends."""

from datetime import UTC, datetime

import pytest

from tests.billing.sandboxed import ASKS_ALWAYS, ASKS_ONCE, DAY, FAILS_LATER, WORKS

START = "2026-01-31T12:00:00"


@pytest.fixture
def stripe(sandbox):
    """The sandbox at noon of 31 January 2026, where time stands still until it is moved."""
    sandbox.freeze(START)
    return sandbox


def _subscription(sandbox, key):
    return sandbox.client.v1.subscriptions.retrieve(key, {"expand": ["latest_invoice"]})


def _day(moment):
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def _types(sandbox):
    """The types of what is held, which is then forgotten."""
    found = sandbox.pending()
    sandbox.discard(*found, as_="delivered")
    return [one.type for one in found]


def test_a_renewal_is_billed_by_a_draft_and_charged_an_hour_later(stripe):
    key = stripe.subscribe().subscription.id
    _types(stripe)

    stripe.advance(days=28)
    renewed = _subscription(stripe, key)
    period = renewed["items"].data[0]
    assert (_day(period.current_period_start), _day(period.current_period_end)) == (
        "2026-02-28 12:00",
        "2026-03-31 12:00",
    )
    assert (renewed.status, renewed.latest_invoice.status) == ("active", "draft")
    assert renewed.latest_invoice.billing_reason == "subscription_cycle"
    assert _types(stripe) == ["invoice.upcoming", "customer.subscription.updated", "invoice.created"]

    stripe.advance(hours=1)
    assert _subscription(stripe, key).latest_invoice.status == "paid"
    assert _types(stripe) == [
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice_payment.paid",
        "invoice.payment_succeeded",
    ]


def test_a_year_of_renewals_is_twelve_paid_invoices(stripe):
    session = stripe.subscribe()
    stripe.advance(days=365, hours=2)

    invoices = list(stripe.client.v1.invoices.list({"subscription": session.subscription.id}).auto_paging_iter())
    assert [invoice.status for invoice in invoices] == ["paid"] * 13
    assert len({invoice.number for invoice in invoices}) == 13
    assert (
        _day(_subscription(stripe, session.subscription.id)["items"].data[0].current_period_end) == "2027-02-28 12:00"
    )


def test_a_payment_that_keeps_failing_is_retried_thrice_and_then_ends_it(stripe):
    key = stripe.subscribe(FAILS_LATER).subscription.id
    attempts = []

    stripe.advance(days=28, hours=1)
    failed = _subscription(stripe, key)
    assert (failed.status, failed.latest_invoice.attempt_count) == ("past_due", 1)
    for days in (3, 5, 7):
        attempts.append(failed.latest_invoice.next_payment_attempt - stripe.now)
        stripe.advance(days=days)
        failed = _subscription(stripe, key)

    assert attempts == [3 * DAY, 5 * DAY, 7 * DAY]
    assert (failed.status, failed.cancellation_details.reason) == ("canceled", "payment_failed")
    assert (failed.latest_invoice.status, failed.latest_invoice.attempt_count) == ("open", 4)
    assert _types(stripe).count("invoice.payment_failed") == 4


@pytest.mark.parametrize("status", ["unpaid", "past_due"])
def test_the_last_failure_does_what_the_account_is_set_to(stripe, status):
    stripe.set(after_dunning=status)
    key = stripe.subscribe(FAILS_LATER).subscription.id
    stripe.advance(days=44)

    assert _subscription(stripe, key).status == status


def test_a_payment_that_works_again_makes_it_active(stripe):
    session = stripe.subscribe()
    stripe.control("decline", customer=session.customer, code="insufficient_funds")
    stripe.advance(days=28, hours=1)
    assert _subscription(stripe, session.subscription.id).status == "past_due"
    assert stripe.client.v1.customers.retrieve(session.customer).delinquent is True

    stripe.control("decline", customer=session.customer, code="")
    stripe.advance(days=3)
    assert _subscription(stripe, session.subscription.id).status == "active"
    assert stripe.client.v1.customers.retrieve(session.customer).delinquent is False


def test_an_open_bill_is_paid_by_another_card_on_its_page(stripe):
    key = stripe.subscribe(FAILS_LATER).subscription.id
    stripe.advance(days=28, hours=1)

    url = _subscription(stripe, key).latest_invoice.hosted_invoice_url
    assert stripe.press(url, act="pay", card=WORKS) == url
    paid = _subscription(stripe, key)
    assert (paid.status, paid.latest_invoice.status) == ("active", "paid")
    assert "has been paid" in stripe.page(url)

    stripe.advance(days=31, hours=1)
    assert _subscription(stripe, key).latest_invoice.status == "paid"


def test_a_card_that_always_asks_waits_for_its_owner_at_each_renewal(stripe):
    key = stripe.subscribe(ASKS_ALWAYS).subscription.id
    _types(stripe)
    stripe.advance(days=28, hours=1)

    waiting = _subscription(stripe, key)
    assert (waiting.status, waiting.latest_invoice.status) == ("past_due", "open")
    assert "invoice.payment_action_required" in _types(stripe)

    stripe.press(waiting.latest_invoice.hosted_invoice_url, act="pay", card=ASKS_ALWAYS)
    assert _subscription(stripe, key).status == "active"


def test_a_card_that_asked_once_renews_by_itself(stripe):
    key = stripe.subscribe(ASKS_ONCE).subscription.id
    stripe.advance(days=28, hours=1)
    assert _subscription(stripe, key).latest_invoice.status == "paid"


def test_a_trial_is_announced_three_days_before_it_ends_and_then_charged(stripe):
    key = stripe.subscribe(subscription_data={"trial_period_days": 14}).subscription.id
    assert _subscription(stripe, key).status == "trialing"
    _types(stripe)

    stripe.advance(days=11)
    assert "customer.subscription.trial_will_end" in _types(stripe)
    stripe.advance(days=3, hours=1)
    after = _subscription(stripe, key)
    assert (after.status, after.latest_invoice.status, after.latest_invoice.amount_paid) == ("active", "paid", 500)
    assert _day(after["items"].data[0].current_period_end) == "2026-03-14 12:00"


@pytest.mark.parametrize(("choice", "status"), [("cancel", "canceled"), ("pause", "paused")])
def test_a_trial_without_a_card_ends_as_it_was_agreed(stripe, choice, status):
    settings = {"end_behavior": {"missing_payment_method": choice}}
    data = {"trial_period_days": 7, "trial_settings": settings}
    session = stripe.subscribe(None, subscription_data=data, payment_method_collection="if_required")

    stripe.advance(days=7)
    assert _subscription(stripe, session.subscription.id).status == status


def test_a_paused_subscription_goes_on_when_it_is_resumed(stripe):
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    data = {"trial_period_days": 7, "trial_settings": settings}
    session = stripe.subscribe(None, subscription_data=data, payment_method_collection="if_required")
    stripe.advance(days=7)
    v1 = stripe.client.v1
    card = v1.payment_methods.attach("pm_card_visa", {"customer": session.customer})
    v1.subscriptions.update(session.subscription.id, {"default_payment_method": card.id})

    resumed = v1.subscriptions.resume(session.subscription.id, {"billing_cycle_anchor": "now"})
    assert resumed.status == "active"
    assert v1.invoices.retrieve(resumed.latest_invoice).amount_paid == 500
    assert "customer.subscription.resumed" in _types(stripe)


def test_what_was_to_end_with_its_period_does(stripe):
    key = stripe.subscribe().subscription.id
    stripe.client.v1.subscriptions.update(key, {"cancel_at_period_end": True})
    _types(stripe)

    stripe.advance(days=27)
    assert _subscription(stripe, key).status == "active"
    stripe.advance(days=1)
    ended = _subscription(stripe, key)
    assert (ended.status, _day(ended.ended_at)) == ("canceled", "2026-02-28 12:00")
    assert _types(stripe) == ["customer.subscription.deleted"]


def test_what_was_to_end_on_a_day_does(stripe):
    key = stripe.subscribe().subscription.id
    at = stripe.now + 40 * DAY
    stripe.client.v1.subscriptions.update(key, {"cancel_at": at})

    stripe.advance(days=60)
    ended = _subscription(stripe, key)
    assert (ended.status, ended.ended_at) == ("canceled", at)


def test_what_was_called_off_goes_on(stripe):
    key = stripe.subscribe().subscription.id
    for planned in (True, False):
        stripe.client.v1.subscriptions.update(key, {"cancel_at_period_end": planned})
    stripe.advance(days=28, hours=1)
    assert _subscription(stripe, key).status == "active"


def test_a_pause_takes_no_money_until_the_day_it_ends(stripe):
    key = stripe.subscribe().subscription.id
    pause = {"behavior": "void", "resumes_at": stripe.now + 40 * DAY}
    stripe.client.v1.subscriptions.update(key, {"pause_collection": pause})

    stripe.advance(days=28, hours=1)
    paused = _subscription(stripe, key)
    assert (paused.status, paused.latest_invoice.status) == ("active", "void")
    stripe.advance(days=12)
    assert _subscription(stripe, key).pause_collection is None
    stripe.advance(days=20)
    assert _subscription(stripe, key).latest_invoice.status == "paid"


def test_a_first_bill_that_nobody_pays_expires(stripe):
    v1 = stripe.client.v1
    customer = v1.customers.create({"email": "aram@example.com"})
    card = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    items = [{"price": stripe.price().id}]
    made = v1.subscriptions.create({"customer": customer.id, "items": items, "default_payment_method": card.id})

    stripe.advance(hours=23)
    expired = _subscription(stripe, made.id)
    assert (made.status, expired.status, expired.latest_invoice.status) == ("incomplete", "incomplete_expired", "void")


def test_a_page_that_nobody_uses_expires_after_a_day(stripe):
    lines = [{"price": stripe.price().id, "quantity": 1}]
    given = {"mode": "subscription", "line_items": lines, "success_url": "http://localhost:8000/"}
    session = stripe.client.v1.checkout.sessions.create(given)
    url = session.url

    stripe.advance(days=1)
    assert stripe.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert "expired" in stripe.page(url)
    assert "checkout.session.expired" in _types(stripe)


def test_an_idempotency_key_is_remembered_for_a_day(stripe):
    options = {"idempotency_key": "join-1"}
    first = stripe.client.v1.customers.create({"email": "aram@example.com"}, options)
    stripe.advance(hours=23)
    assert stripe.client.v1.customers.create({"email": "aram@example.com"}, options).id == first.id
    stripe.advance(hours=2)
    assert stripe.client.v1.customers.create({"email": "aram@example.com"}, options).id != first.id


def test_events_are_told_of_for_thirty_days(stripe):
    stripe.client.v1.customers.create({"email": "aram@example.com"})
    assert len(stripe.client.v1.events.list().data) == 1
    stripe.advance(days=31)
    assert stripe.client.v1.events.list().data == []
