"""Subscriptions made, changed and ended through the API."""

import time

import pytest
from stripe import CardError, InvalidRequestError

from tests.billing.sandbox.contract.conftest import buyer

DAY = 86_400


def _item(subscription):
    return subscription["items"].data[0]


def test_a_subscription_is_charged_at_once(api, membership, leyla, price):
    item = _item(membership)
    assert (membership.status, membership.customer, item.price.id) == ("active", leyla.id, price.id)
    assert 28 * DAY <= item.current_period_end - item.current_period_start <= 31 * DAY

    invoice = api.invoices.retrieve(membership.latest_invoice, {"expand": ["payments.data.payment.payment_intent"]})
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 500, "subscription_create")
    assert invoice.parent.subscription_details.subscription == membership.id
    (line,) = invoice.lines.data
    assert (line.amount, line.parent.subscription_item_details.subscription_item) == (500, item.id)
    (payment,) = invoice.payments.data
    intent = payment.payment.payment_intent
    assert (payment.status, intent.status, intent.amount_received) == ("paid", "succeeded", 500)
    charge = api.charges.retrieve(intent.latest_charge)
    assert (charge.paid, charge.customer, charge.payment_method_details.card.last4) == (True, leyla.id, "4242")


def test_the_invoice_of_a_payment_is_found_by_the_payment(api, membership):
    invoice = api.invoices.retrieve(membership.latest_invoice, {"expand": ["payments"]})
    intent = invoice.payments.data[0].payment.payment_intent

    (found,) = api.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}}).data
    assert (found.invoice, found.amount_paid) == (invoice.id, 500)
    assert [one.id for one in api.invoice_payments.list({"invoice": invoice.id}).data] == [found.id]


def test_a_first_payment_that_fails_leaves_it_incomplete(api, unique, price):
    customer = buyer(api, unique, "pm_card_chargeCustomerFail")
    subscription = api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})

    assert subscription.status == "incomplete"
    assert api.invoices.retrieve(subscription.latest_invoice).status == "open"


def test_a_first_payment_that_must_not_fail_is_an_error_and_leaves_nothing(api, unique, price):
    customer = buyer(api, unique, "pm_card_chargeCustomerFail")
    given = {"customer": customer.id, "items": [{"price": price.id}], "payment_behavior": "error_if_incomplete"}

    with pytest.raises(CardError) as caught:
        api.subscriptions.create(given)
    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert api.subscriptions.list({"customer": customer.id, "status": "all"}).data == []


def test_a_trial_costs_nothing_until_it_ends(api, leyla, price):
    subscription = api.subscriptions.create(
        {"customer": leyla.id, "items": [{"price": price.id}], "trial_period_days": 14, "expand": ["latest_invoice"]}
    )

    assert subscription.status == "trialing"
    assert subscription.trial_end == _item(subscription).current_period_end
    assert abs(subscription.trial_end - subscription.created - 14 * DAY) < 60
    assert (subscription.latest_invoice.status, subscription.latest_invoice.total) == ("paid", 0)


def test_a_cancellation_at_the_end_can_be_called_off(api, membership):
    ending = api.subscriptions.update(membership.id, {"cancel_at_period_end": True})
    assert (ending.status, ending.cancel_at_period_end) == ("active", True)
    assert ending.cancel_at == _item(ending).current_period_end
    assert ending.cancellation_details.reason == "cancellation_requested"

    going_on = api.subscriptions.update(membership.id, {"cancel_at_period_end": False})
    assert (going_on.cancel_at_period_end, going_on.cancel_at, going_on.canceled_at) == (False, None, None)


def test_a_cancellation_at_a_moment_can_be_called_off(api, membership):
    at = int(time.time()) + 10 * DAY
    ending = api.subscriptions.update(membership.id, {"cancel_at": at})
    assert (ending.cancel_at, ending.cancel_at_period_end) == (at, False)

    assert api.subscriptions.update(membership.id, {"cancel_at": ""}).cancel_at is None


def test_a_cancellation_ends_it_for_good(api, membership, leyla):
    details = {"comment": "Too much news", "feedback": "unused"}
    ended = api.subscriptions.cancel(membership.id, {"cancellation_details": details})

    assert (ended.status, ended.cancellation_details.comment) == ("canceled", "Too much news")
    assert ended.ended_at is not None
    with pytest.raises(InvalidRequestError):
        api.subscriptions.cancel(membership.id)
    assert api.subscriptions.list({"customer": leyla.id}).data == []
    assert [one.id for one in api.subscriptions.list({"customer": leyla.id, "status": "all"}).data] == [ended.id]
    assert [one.id for one in api.subscriptions.list({"customer": leyla.id, "status": "canceled"}).data] == [ended.id]


def test_a_dearer_price_is_prorated_on_the_next_invoice(api, membership, dearer):
    item = {"id": _item(membership).id, "price": dearer.id}
    after = api.subscriptions.update(membership.id, {"items": [item], "proration_behavior": "create_prorations"})

    assert _item(after).price.id == dearer.id
    assert after.latest_invoice == membership.latest_invoice
    preview = api.invoices.create_preview({"subscription": membership.id})
    prorated = [line for line in preview.lines.data if line.parent.subscription_item_details.proration]
    assert sorted(line.amount < 0 for line in prorated) == [False, True]
    assert 1_480 <= preview.amount_due <= 1_520


def test_a_dearer_price_can_be_charged_at_once(api, membership, dearer):
    item = {"id": _item(membership).id, "price": dearer.id}
    after = api.subscriptions.update(
        membership.id, {"items": [item], "proration_behavior": "always_invoice", "expand": ["latest_invoice"]}
    )

    invoice = after.latest_invoice
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert 480 <= invoice.amount_paid <= 500
    assert _item(after).current_period_end == _item(membership).current_period_end


def test_a_change_need_not_be_prorated(api, membership, dearer):
    item = {"id": _item(membership).id, "price": dearer.id}
    api.subscriptions.update(membership.id, {"items": [item], "proration_behavior": "none"})

    assert api.invoices.create_preview({"subscription": membership.id}).amount_due == 1_000


def test_another_rhythm_begins_a_new_period_and_is_paid_at_once(api, membership, product):
    yearly = api.prices.create(
        {"product": product.id, "unit_amount": 5_000, "currency": "eur", "recurring": {"interval": "year"}}
    )
    item = {"id": _item(membership).id, "price": yearly.id}
    after = api.subscriptions.update(membership.id, {"items": [item], "expand": ["latest_invoice"]})

    assert 4_480 <= after.latest_invoice.amount_paid <= 4_520
    period = _item(after)
    assert 365 * DAY <= period.current_period_end - period.current_period_start <= 366 * DAY


def test_a_preview_of_a_change_changes_nothing(api, membership, dearer):
    item = {"id": _item(membership).id, "price": dearer.id}
    preview = api.invoices.create_preview(
        {
            "subscription": membership.id,
            "subscription_details": {"items": [item], "proration_behavior": "always_invoice"},
        }
    )

    assert 480 <= preview.amount_due <= 500
    assert _item(api.subscriptions.retrieve(membership.id)).price.id == _item(membership).price.id
    with pytest.raises(InvalidRequestError):
        api.invoices.retrieve(preview.id)


def test_a_preview_tells_the_first_invoice_of_what_is_not_bought_yet(api, leyla, price):
    coupon = api.coupons.create({"percent_off": 50, "duration": "once"})
    preview = api.invoices.create_preview(
        {
            "customer": leyla.id,
            "subscription_details": {"items": [{"price": price.id}]},
            "discounts": [{"coupon": coupon.id}],
        }
    )

    assert (preview.subtotal, preview.total, preview.amount_due) == (500, 250, 250)
    assert api.subscriptions.list({"customer": leyla.id}).data == []


def test_who_has_nothing_to_come_has_no_preview(api, leyla, membership):
    api.subscriptions.cancel(membership.id)
    with pytest.raises(InvalidRequestError) as caught:
        api.invoices.create_preview({"customer": leyla.id})
    assert caught.value.code == "invoice_upcoming_none"


def test_a_discount_is_on_the_invoices_that_it_lasts_for(api, leyla, price):
    once = api.coupons.create({"amount_off": 200, "currency": "eur", "duration": "once"})
    subscription = api.subscriptions.create(
        {
            "customer": leyla.id,
            "items": [{"price": price.id}],
            "discounts": [{"coupon": once.id}],
            "expand": ["latest_invoice"],
        }
    )

    assert (subscription.latest_invoice.total, subscription.latest_invoice.amount_paid) == (300, 300)
    assert subscription.latest_invoice.total_discount_amounts[0].amount == 200
    assert api.invoices.create_preview({"subscription": subscription.id}).total == 500
    assert api.coupons.retrieve(once.id).times_redeemed == 1


def test_a_lasting_discount_stays(api, leyla, price):
    forever = api.coupons.create({"percent_off": 20, "duration": "forever"})
    given = {"customer": leyla.id, "items": [{"price": price.id}], "discounts": [{"coupon": forever.id}]}
    subscription = api.subscriptions.create({**given, "expand": ["discounts.source.coupon"]})

    assert subscription.discounts[0].source.coupon.percent_off == 20
    assert api.invoices.create_preview({"subscription": subscription.id}).total == 400


def test_collection_is_paused_and_taken_up_again(api, membership):
    resumes_at = int(time.time()) + 20 * DAY
    pause = {"behavior": "void", "resumes_at": resumes_at}
    paused = api.subscriptions.update(membership.id, {"pause_collection": pause})
    assert (paused.status, paused.pause_collection.behavior) == ("active", "void")
    assert paused.pause_collection.resumes_at == resumes_at

    assert api.subscriptions.update(membership.id, {"pause_collection": ""}).pause_collection is None


def test_subscriptions_are_listed_by_price_and_status(api, leyla, membership, price, dearer):
    other = api.subscriptions.create({"customer": leyla.id, "items": [{"price": dearer.id}], "trial_period_days": 3})

    def found(**by):
        return {one.id for one in api.subscriptions.list({"customer": leyla.id, **by}).data}

    assert found() == {membership.id, other.id}
    assert found(price=price.id) == {membership.id}
    assert found(status="trialing") == {other.id}
    (item,) = api.subscription_items.list({"subscription": other.id}).data
    assert item.price.id == dearer.id


def test_a_cheaper_price_charged_at_once_is_a_credit_for_the_next_invoice(api, leyla, price, dearer):
    subscription = api.subscriptions.create({"customer": leyla.id, "items": [{"price": dearer.id}]})
    item = {"id": _item(subscription).id, "price": price.id}
    after = api.subscriptions.update(
        subscription.id, {"items": [item], "proration_behavior": "always_invoice", "expand": ["latest_invoice"]}
    )

    assert (after.latest_invoice.status, after.latest_invoice.amount_due) == ("paid", 0)
    assert -500 <= after.latest_invoice.total <= -480
    assert api.customers.retrieve(leyla.id).balance == after.latest_invoice.total
    assert 0 <= api.invoices.create_preview({"subscription": subscription.id}).amount_due <= 20


def test_ending_early_gives_back_what_is_left_where_that_is_asked_for(api, leyla, membership):
    api.subscriptions.cancel(membership.id, {"prorate": True, "invoice_now": True})
    assert -500 <= api.customers.retrieve(leyla.id).balance <= -480
