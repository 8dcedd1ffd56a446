"""The hosted pages: what they show, and what their forms do, as a browser without JavaScript sees them."""

import pytest

from tests.billing.sandboxed import ASKS_ONCE, DECLINED, FAILS_LATER, NO_MONEY, WORKS, NotPaid

SUCCESS, CANCEL = "http://localhost:8000/join/done/", "http://localhost:8000/join/"


@pytest.fixture
def offer(sandbox):
    """offer(mode="…", …) is a session for a price of €5, monthly unless it is paid once."""

    def make(mode="subscription", **given):
        lines = {} if mode == "setup" else {"line_items": [{"price": price(mode).id, "quantity": 1}]}
        given = {"mode": mode, **lines, "success_url": SUCCESS, "cancel_url": CANCEL, **given}
        return sandbox.client.v1.checkout.sessions.create(given)

    def price(mode):
        return sandbox.price(500, interval="month" if mode == "subscription" else None, name="Member <plus>")

    return make


@pytest.fixture
def again(sandbox):
    return lambda session, *expand: sandbox.client.v1.checkout.sessions.retrieve(session.id, {"expand": list(expand)})


def test_the_page_says_what_is_bought_and_that_no_money_moves(sandbox, offer):
    page = sandbox.page(offer(customer_email="leyla@example.com").url)

    for words in ("no money moves", "Member &lt;plus&gt;", "5.00 EUR", "a month", "Total today", "Then", CANCEL):
        assert words in page
    assert 'value="leyla@example.com"' in page
    assert "<script" not in page
    assert "style=" not in page
    assert "Promotion code" not in page


def test_who_comes_without_an_account_becomes_a_customer(sandbox, offer, again):
    session = offer()
    sandbox.pay(session.url, email="aram@example.com", name="Aram")

    after = again(session, "customer")
    assert (after.customer.email, after.customer.name) == ("aram@example.com", "Aram")
    assert (after.customer_details.email, after.customer_details.name) == ("aram@example.com", "Aram")


@pytest.mark.parametrize(
    ("form", "words"),
    [({"email": "aram"}, "e-mail"), ({"card": ""}, "Choose a card"), ({"card": "4000056655665556"}, "test mode")],
    ids=["no address", "no card", "a real card"],
)
def test_what_is_missing_is_asked_for(sandbox, offer, form, words):
    with pytest.raises(NotPaid, match=words):
        sandbox.pay(offer().url, **{"card": WORKS, **form})


@pytest.mark.parametrize(("card", "words"), [(DECLINED, "was declined"), (NO_MONEY, "insufficient funds")])
def test_a_card_that_is_declined_says_why(sandbox, offer, again, card, words):
    session = offer("payment")
    with pytest.raises(NotPaid, match=words):
        sandbox.pay(session.url, card)

    intent = again(session, "payment_intent").payment_intent
    assert (intent.status, intent.last_payment_error.type) == ("requires_payment_method", "card_error")
    sandbox.pay(session.url)
    paid = again(session, "payment_intent").payment_intent
    assert (paid.id, paid.status) == (intent.id, "succeeded")


@pytest.mark.parametrize("mode", ["subscription", "payment"])
def test_a_card_that_asks_is_authenticated_at_the_bank(sandbox, offer, again, mode):
    session = offer(mode)
    with pytest.raises(NotPaid, match="unable to authenticate"):
        sandbox.pay(session.url, ASKS_ONCE, bank="fail")
    assert again(session).status == "open"

    assert sandbox.pay(session.url, ASKS_ONCE) == SUCCESS
    assert again(session).payment_status == "paid"


def test_another_number_than_those_offered_can_be_typed(sandbox, offer):
    with pytest.raises(NotPaid, match="has expired"):
        sandbox.pay(offer().url, number="4000 0000 0000 0069")


def test_a_promotion_code_makes_it_cheaper(sandbox, offer, again):
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once"})
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    session = offer(allow_promotion_codes=True)

    with pytest.raises(NotPaid, match="code is invalid"):
        sandbox.press(session.url, act="code", code="WINTER")
    assert sandbox.press(session.url, act="code", code="spring") == session.url
    assert "2.50 EUR" in sandbox.page(session.url)
    sandbox.pay(session.url)

    after = again(session, "subscription.latest_invoice", "discounts.promotion_code")
    assert (after.amount_total, after.subscription.latest_invoice.amount_paid) == (250, 250)
    assert after.discounts[0].promotion_code.times_redeemed == 1
    assert v1.invoices.create_preview({"subscription": after.subscription.id}).total == 500


def test_a_code_that_is_used_up_is_refused(sandbox, offer):
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once", "max_redemptions": 1})
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "FIRST"})
    early, late = offer(allow_promotion_codes=True), offer(allow_promotion_codes=True)
    sandbox.press(early.url, act="code", code="FIRST")
    sandbox.pay(early.url)

    with pytest.raises(NotPaid, match="no longer"):
        sandbox.press(late.url, act="code", code="FIRST")


def test_what_costs_nothing_needs_no_card_where_that_was_agreed(sandbox, offer, again):
    coupon = sandbox.client.v1.coupons.create({"percent_off": 100, "duration": "forever"})
    session = offer(discounts=[{"coupon": coupon.id}], payment_method_collection="if_required")
    assert "no card is needed" in sandbox.page(session.url)

    sandbox.pay(session.url, None)
    after = again(session, "subscription")
    assert (after.payment_status, after.amount_total) == ("no_payment_required", 0)
    assert (after.subscription.status, after.subscription.default_payment_method) == ("active", None)
    sandbox.advance(days=40)
    assert sandbox.client.v1.subscriptions.retrieve(after.subscription.id).status == "active"


def test_a_trial_takes_a_card_and_no_money(sandbox, offer, again):
    session = offer(subscription_data={"trial_period_days": 14, "metadata": {"intent": "7"}})
    assert "free trial" in sandbox.page(session.url)
    sandbox.pay(session.url)

    after = again(session, "subscription.default_payment_method")
    assert (after.payment_status, after.subscription.status) == ("no_payment_required", "trialing")
    assert after.subscription.metadata.to_dict() == {"intent": "7"}
    assert after.subscription.default_payment_method.card.last4 == "4242"
    assert sandbox.client.v1.charges.list().data == []


def test_a_card_is_saved_for_later(sandbox, offer, again):
    customer = sandbox.client.v1.customers.create({"email": "leyla@example.com"})
    session = offer("setup", customer=customer.id)
    sandbox.pay(session.url)

    after = again(session, "setup_intent")
    assert (after.status, after.setup_intent.status) == ("complete", "succeeded")
    (method,) = sandbox.client.v1.customers.payment_methods.list(customer.id).data
    assert after.setup_intent.payment_method == method.id


def test_a_single_payment_is_one_charge(sandbox, offer, again):
    session = offer("payment", payment_intent_data={"metadata": {"gift": "3"}}, metadata={"gift": "3"})
    sandbox.pay(session.url)

    after = again(session, "payment_intent.latest_charge")
    assert (after.payment_status, after.customer, after.subscription) == ("paid", None, None)
    assert after.payment_intent.metadata.to_dict() == {"gift": "3"}
    assert after.payment_intent.latest_charge.amount == 500


def test_terms_are_agreed_to_where_that_is_asked(sandbox, offer, again):
    session = offer(consent_collection={"terms_of_service": "required"})
    with pytest.raises(NotPaid, match="Agree to the terms"):
        sandbox.pay(session.url)

    sandbox.pay(session.url, terms="1")
    assert again(session).consent.terms_of_service == "accepted"


def test_nobody_pays_twice_on_one_page(sandbox, offer):
    session = offer()
    sandbox.pay(session.url)
    with pytest.raises(NotPaid, match="has been completed"):
        sandbox.pay(session.url)
    assert len(sandbox.client.v1.charges.list().data) == 1


def test_a_page_that_was_closed_says_so(sandbox, offer):
    session = offer()
    sandbox.client.v1.checkout.sessions.expire(session.id)
    with pytest.raises(NotPaid, match="has expired"):
        sandbox.pay(session.url)


def test_an_invoice_is_a_page_and_a_pdf(sandbox):
    session = sandbox.subscribe()
    invoice = sandbox.client.v1.invoices.retrieve(session.subscription.latest_invoice)

    assert invoice.number in sandbox.page(invoice.hosted_invoice_url)
    assert sandbox.page(invoice.invoice_pdf).startswith("%PDF-1.4")
    charge = sandbox.client.v1.charges.list().data[0]
    assert "5.00 EUR" in sandbox.page(charge.receipt_url)


def test_a_card_that_fails_on_an_invoice_s_page_says_so(sandbox):
    key = sandbox.subscribe(FAILS_LATER).subscription.id
    sandbox.advance(days=32, hours=2)
    invoice = sandbox.client.v1.subscriptions.retrieve(key, {"expand": ["latest_invoice"]}).latest_invoice

    with pytest.raises(NotPaid, match="declined"):
        sandbox.press(invoice.hosted_invoice_url, act="pay", card=DECLINED)


@pytest.mark.parametrize(
    "path", ["/c/pay/cs_test_none", "/p/session/bps_none", "/i/in_none", "/receipts/ch_none", "/x"]
)
def test_there_is_nothing_at_an_address_that_was_never_given(sandbox, path):
    assert "Nothing here" in sandbox.page(sandbox.url + path)


def test_a_code_that_was_used_up_while_the_page_was_open_changes_nothing(sandbox, offer, again):
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once", "max_redemptions": 1})
    given = {"discounts": [{"coupon": coupon.id}]}
    early, late = offer(**given), offer(**given)
    sandbox.pay(early.url)

    with pytest.raises(NotPaid, match="Coupon expired"):
        sandbox.pay(late.url, email="aram@example.com")
    assert again(late).status == "open"
    assert v1.customers.list({"email": "aram@example.com"}).data == []


def test_a_customer_who_was_deleted_while_the_page_was_open_buys_nothing(sandbox, offer):
    customer = sandbox.client.v1.customers.create({"email": "aram@example.com"})
    session = offer(customer=customer.id)
    sandbox.client.v1.customers.delete(customer.id)

    with pytest.raises(NotPaid, match="No such customer"):
        sandbox.pay(session.url)


def test_a_code_typed_after_a_decline_changes_what_is_paid(sandbox, offer, again):
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"amount_off": 100, "currency": "eur", "duration": "once"})
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    session = offer("payment", allow_promotion_codes=True)
    with pytest.raises(NotPaid):
        sandbox.pay(session.url, DECLINED)
    sandbox.press(session.url, act="code", code="SPRING")
    sandbox.pay(session.url)

    assert again(session, "payment_intent").payment_intent.amount_received == 400
