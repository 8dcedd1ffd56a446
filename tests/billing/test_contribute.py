"""Contributions: an amount of one's choice, once, with an account or without."""

import pytest
from django.urls import reverse

from members.billing import checkout, client, contributed, contributions
from members.billing.models import Customer, Intent, Payment
from members.billing.refresh import refresh
from members.models import Membership, Plan, Price
from tests.billing.sandboxed import DECLINED, SLOW, SLOW_AND_FAILS, WORKS, NotPaid
from tests.billing.shop import comes_back, text

pytestmark = pytest.mark.django_db


def give(browser, amount="10", currency="EUR"):
    return browser.post(reverse("contribute"), {"amount": amount, "currency": currency})


def gives(browser, sandbox, card=WORKS, **more):
    left = give(browser, **more)
    assert left.status_code == 303, text(left)
    return comes_back(browser, sandbox.pay(left.url, card))


def test_amounts_are_proposed_and_ones_own_is_as_good(shop, stranger):
    said = text(stranger.get("/contribute/"))
    for words in (
        "Give €5",
        "Give €10",
        "Give €25",
        "Give €50",
        "From €1 to €5,000",
        "Give this amount",
        "It is taken once",
    ):
        assert words in said
    assert "Give $6" in text(stranger.get("/contribute/?currency=USD"))


def test_a_stranger_gives_without_an_account(shop, stranger):
    page = gives(stranger, shop)
    assert "Thank you Your €10 have arrived." in text(page)
    payment = Payment.objects.get()
    assert (payment.user, payment.kind, payment.state, payment.amount) == (None, "contribution", "paid", 1000)
    assert Intent.objects.get().state == "paid"
    assert not Customer.objects.exists()
    assert not Membership.objects.exists()


def test_an_accounts_contribution_is_its_own(shop, as_, aram):
    gives(as_(aram), shop, amount="7,50")
    payment = Payment.objects.get()
    assert (payment.user, payment.amount) == (aram, 750)
    refresh(Customer.objects.get().pk)
    assert Payment.objects.get().user == aram
    assert not Membership.objects.exists()


def test_a_member_gives_beside_the_membership(shop, as_, leyla):
    assert "Thank you" in text(gives(as_(leyla), shop))


def test_what_an_account_gave_is_told_to_it_alone(shop, as_, aram, leyla, stranger):
    there = shop.pay(give(as_(aram)).url)
    for other in (as_(leyla), stranger):
        assert comes_back(other, there).status_code == 404
    assert stranger.get("/contribute/done/?session_id=cs_test_forged").status_code == 404
    assert stranger.get("/contribute/done/").status_code == 404
    assert stranger.get("/contribute/done/?session_id=%00").status_code == 404


@pytest.mark.parametrize("typed", ["", "0", "0.99", "5001", "-5", "five", "1e3", "5.001", "\0", "9" * 60])
def test_what_is_no_amount_or_out_of_bounds_is_refused(shop, stranger, typed):
    response = give(stranger, typed)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not Intent.objects.exists()
    assert not shop.requests()


def test_whole_currencies_have_no_cents(shop, stranger):
    Price.objects.create(plan=Plan.objects.get(name="Reader"), currency="JPY", amount=700)
    assert "From ¥140 to ¥700,000" in text(stranger.get("/contribute/?currency=JPY"))
    give(stranger, "1500", "JPY")
    assert Intent.objects.get().amount == 1500


@pytest.mark.parametrize(
    ("month", "currency", "least", "most"),
    [
        (500, "EUR", 100, 500_000),
        (3, "EUR", 1, 3000),
        (70_100, "ISK", 14_100, 70_100_000),
        (1500, "KWD", 300, 1_500_000),
    ],
)
def test_bounds_follow_from_what_a_month_costs(month, currency, least, most):
    assert contributions.bounds(month, currency) == (least, most)


def test_where_no_plan_is_sold_by_the_month_five_whole_units_stand_for_it():
    assert contributions.of_month(None, "EUR") == 500
    assert contributions.of_month(None, "JPY") == 5
    assert contributions.of_month(Price(amount=0), "KWD") == 5000


def test_a_declined_card_gives_nothing(shop, stranger):
    left = give(stranger)
    with pytest.raises(NotPaid):
        shop.pay(left.url, DECLINED)
    checkout.settle(Intent.objects.get().session)
    assert Intent.objects.get().state == "open"
    assert "Nothing is paid yet" in text(stranger.get(f"/contribute/done/?session_id={Intent.objects.get().session}"))


def test_a_bank_that_needs_days_is_thanked_and_counted_once_it_has_paid(shop, stranger):
    page = gives(stranger, shop, SLOW)
    assert "Your €10 are on their way; your bank needs a few days." in text(page)
    assert (Payment.objects.get().state, Intent.objects.get().state) == ("pending", "open")
    shop.advance(days=10)
    assert checkout.settle(Intent.objects.get().session) is None
    assert (Payment.objects.get().state, Intent.objects.get().state) == ("paid", "paid")


def test_a50_a_bank_that_says_no_after_days(shop, stranger):
    gives(stranger, shop, SLOW_AND_FAILS)
    shop.advance(days=10)
    session = Intent.objects.get().session
    assert "Nothing was charged" in text(stranger.get(f"/contribute/done/?session_id={session}"))
    assert (Payment.objects.get().state, Intent.objects.get().state) == ("failed", "expired")


def test_a_refund_of_a_strangers_contribution_is_written_down(shop, stranger):
    gives(stranger, shop)
    payment = Payment.objects.get()
    shop.client.v1.refunds.create({"payment_intent": payment.stripe_id, "amount": 400})
    assert contributed.recheck(payment.stripe_id)
    payment.refresh_from_db()
    assert (payment.state, payment.refunded) == ("paid", 400)
    shop.client.v1.refunds.create({"payment_intent": payment.stripe_id})
    contributed.recheck(payment.stripe_id)
    payment.refresh_from_db()
    assert (payment.state, payment.refunded) == ("refunded", 1000)


def test_what_is_no_contribution_of_ours_is_not_looked_into(shop):
    asked = len(shop.requests())
    assert not contributed.recheck("pi_somebody_elses")
    assert len(shop.requests()) == asked


def test_who_turns_back_is_told_that_nothing_was_charged(shop, stranger):
    give(stranger)
    back = shop.client.v1.checkout.sessions.retrieve(Intent.objects.get().session).cancel_url
    assert "Nothing was charged." in text(comes_back(stranger, back))


def test_where_stripe_is_away_the_page_says_so(shop, stranger):
    shop.faults({"what": "500", "path": "/v1/", "times": 20})
    response = give(stranger)
    assert response.status_code == 503
    assert "cannot be reached just now. Nothing was charged: try again." in text(response)


def test_coming_back_while_stripe_is_away_nobody_is_asked_to_pay_again(shop, stranger):
    there = shop.pay(give(stranger).url)
    shop.faults({"what": "500", "path": "/v1/", "times": 20})
    response = comes_back(stranger, there)
    assert response.status_code == 503
    assert "Do not pay again." in text(response)


def test_an_amount_that_stripe_does_not_take_is_said(shop, stranger, monkeypatch):
    def refuse(*_what):
        raise client.Refused("too small", "amount_too_small")

    monkeypatch.setattr(checkout, "contribute", refuse)
    response = give(stranger)
    assert response.status_code == 503
    assert "Stripe does not take this amount." in text(response)


def test_without_a_key_the_page_names_who_to_write_to(shop, stranger, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert "Payment is not open here yet" in text(stranger.get("/contribute/"))
    assert give(stranger).status_code == 200
    assert not Intent.objects.exists()


def test_the_policy_lets_the_form_lead_to_stripe(shop, stranger):
    assert shop.url in stranger.get("/contribute/").headers["Content-Security-Policy"]


def test_too_many_tries_with_cards_are_challenged(shop, stranger):
    for _again in range(20):
        give(stranger, "0")
    assert give(stranger).status_code == 429


def test_a_currency_in_which_nothing_is_sold_is_refused_and_not_taken_for_another(shop, stranger):
    response = give(stranger, "5", "JPY")
    assert response.status_code == 400
    assert "not taken in this currency" in text(response)
    assert not Intent.objects.exists()


def test_an_account_whose_customer_was_deleted_at_stripe_gives_all_the_same(shop, as_, aram):
    gives(as_(aram), shop)
    gone = Customer.objects.get().stripe_id
    shop.client.v1.customers.delete(gone)
    gives(as_(aram), shop)
    assert Customer.objects.get().stripe_id != gone
    assert Payment.objects.filter(user=aram, state="paid").count() == 2
    assert not Intent.objects.filter(state="open").exists()


def test_thanks_that_were_said_once_are_said_again_without_asking_stripe(shop, stranger):
    page = gives(stranger, shop)
    last = shop.requests()[-1]["id"]
    address = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    assert "Your €10 have arrived." in text(stranger.get(address))
    assert shop.requests(after=last) == []
