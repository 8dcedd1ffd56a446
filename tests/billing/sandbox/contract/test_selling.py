"""Checkout sessions, portal sessions, webhook endpoints and events."""

import time

import pytest
from stripe import InvalidRequestError

SUCCESS = "https://example.com/join/done/?session={CHECKOUT_SESSION_ID}"
CANCEL = "https://example.com/join/"


def _create(api, price, **given):
    lines = [{"price": price.id, "quantity": 1}]
    return api.checkout.sessions.create(
        {"mode": "subscription", "line_items": lines, "success_url": SUCCESS, "cancel_url": CANCEL, **given}
    )


def test_a_session_offers_what_it_was_made_for(api, price, leyla):
    session = _create(
        api,
        price,
        customer=leyla.id,
        client_reference_id="intent-7",
        metadata={"intent": "7"},
        subscription_data={"metadata": {"intent": "7"}},
        allow_promotion_codes=True,
        locale="ru",
        expand=["line_items"],
    )

    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "subscription")
    assert (session.amount_subtotal, session.amount_total, session.currency) == (500, 500, "eur")
    assert (session.customer, session.client_reference_id, session.subscription) == (leyla.id, "intent-7", None)
    assert session.success_url == SUCCESS
    assert session.url.startswith("http")
    (line,) = session.line_items.data
    assert (line.amount_total, line.price.id, line.quantity) == (500, price.id, 1)
    assert abs(session.expires_at - session.created - 86_400) < 60


def test_a_session_that_is_expired_has_no_page(api, price, leyla):
    session = _create(api, price, customer=leyla.id)
    assert [one.id for one in api.checkout.sessions.list({"customer": leyla.id, "status": "open"}).data] == [session.id]

    expired = api.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(InvalidRequestError):
        api.checkout.sessions.expire(session.id)


def test_a_session_is_priced_with_its_discount(api, price):
    coupon = api.coupons.create({"percent_off": 50, "duration": "once"})
    session = _create(api, price, customer_email="aram@example.com", discounts=[{"coupon": coupon.id}])

    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_discount) == (500, 250, 250)


def test_a_trial_costs_nothing_today(api, price):
    session = _create(api, price, subscription_data={"trial_period_days": 7})
    assert session.amount_total == 0


def test_a_single_payment_takes_a_price_that_is_named_on_the_spot(api, unique):
    data = {"currency": "eur", "unit_amount": 2_500, "product_data": {"name": unique("Donation")}}
    session = api.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price_data": data, "quantity": 2}], "success_url": SUCCESS}
    )
    assert (session.mode, session.amount_total, session.currency) == ("payment", 5_000, "eur")


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": "cus_unknown"},
        {"mode": "payment"},
        {"success_url": ""},
        {"expires_at": 1},
        {"line_items": []},
        {"locale": "xx"},
        {"allow_promotion_codes": True, "discounts": [{"coupon": "none"}]},
        {"subscription_data": {"trial_period_days": 0}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_session_that_makes_no_sense_is_refused(api, price, wrong):
    with pytest.raises(InvalidRequestError):
        _create(api, price, **wrong)


def test_the_portal_opens_for_a_customer(api, leyla):
    configuration = api.billing_portal.configurations.create(
        {"features": {"subscription_cancel": {"enabled": True, "mode": "at_period_end"}}, "business_profile": {}}
    )
    session = api.billing_portal.sessions.create(
        {"customer": leyla.id, "return_url": CANCEL, "configuration": configuration.id}
    )

    assert (session.customer, session.return_url, session.configuration) == (leyla.id, CANCEL, configuration.id)
    assert session.url.startswith("http")
    assert configuration.features.subscription_cancel.enabled is True


def test_an_endpoint_tells_its_secret_once(api, unique):
    url = f"https://example.com/{unique('hook')}/"
    made = api.webhook_endpoints.create({"url": url, "enabled_events": ["invoice.paid"], "description": "tests"})
    try:
        assert made.secret.startswith("whsec_")
        told = api.webhook_endpoints.retrieve(made.id)
        assert (told.url, told.enabled_events, told.status) == (url, ["invoice.paid"], "enabled")
        assert "secret" not in told
        assert api.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
    finally:
        assert api.webhook_endpoints.delete(made.id).deleted is True


def test_events_tell_what_happened(api, leyla):
    api.customers.update(leyla.id, {"name": "Leyla"})
    found = _event(api, "customer.updated", leyla.id)

    assert found.data.object.name == "Leyla"
    assert "name" in found.data.previous_attributes
    assert found["request"].id is not None
    assert found.api_version == "2026-08-26.dahlia"
    assert api.events.retrieve(found.id).type == "customer.updated"


def _event(api, name, about):
    """The newest event of a type about an object; Stripe's own take a moment to appear."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = [one for one in api.events.list({"type": name, "limit": 20}).data if one.data.object.id == about]
        if found:
            return found[0]
    raise AssertionError(f"no {name} of {about}")


def test_the_account_says_who_it_is(api):
    assert api.accounts.retrieve_current().id.startswith("acct_")
