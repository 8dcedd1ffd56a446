"""What became of a contribution is written down in the order in which it was asked, whoever asks and however late an
answer comes."""

import pytest
from django.db import transaction
from django.utils import timezone

from members.accounts import personal_data
from members.billing import checkout, contributed
from members.billing.models import Customer, Intent, Payment
from members.billing.pages.contribute import Came, outcome
from members.billing.refresh import fetch, refresh, write
from tests.billing.shop import comes_back, text
from tests.billing.test_contribute import give, gives

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(monkeypatch):
    """late(deed): the next look at a contribution has its answer only once the deed, of which that tells nothing, is
    done."""

    def set_up(deed):
        def taken(key):
            monkeypatch.setattr(contributed, "_taken", whole)
            picture = whole(key)
            deed()
            return picture

        monkeypatch.setattr(contributed, "_taken", taken)

    whole = contributed._taken
    return set_up


def given_back(shop, payment, amount=None):
    """Given back at Stripe, of which nobody has told here yet."""
    part = {"amount": amount} if amount else {}
    shop.client.v1.refunds.create({"payment_intent": payment.stripe_id, **part})


def stands(payment):
    payment.refresh_from_db()
    return payment.state, payment.refunded


@pytest.mark.parametrize("gives_with", ["stranger", "account"])
def test_of_two_looks_the_one_that_was_begun_later_stays(shop, as_, aram, stranger, late, gives_with):
    gives(stranger if gives_with == "stranger" else as_(aram), shop)
    payment = Payment.objects.get()

    def meanwhile():
        given_back(shop, payment)
        contributed.recheck(payment.stripe_id)

    late(meanwhile)
    contributed.recheck(payment.stripe_id)
    assert stands(payment) == ("refunded", 1000)


def test_a_first_look_that_comes_late_makes_nothing_unknown_again(shop, stranger, late):
    """The return page has asked, the payment is given back, and the webhook has written so before it has its answer."""
    comes_to = shop.pay(give(stranger).url)
    session = Intent.objects.get().session

    def meanwhile():
        given_back(shop, Payment.objects.get())
        checkout.settle(session)

    late(meanwhile)
    page = text(comes_back(stranger, comes_to))
    assert stands(Payment.objects.get()) == ("refunded", 1000)
    assert "Your money was given back" in page


def test_a_look_at_an_accounts_contribution_does_not_undo_what_a_later_picture_of_the_customer_told(
    shop, as_, aram, late
):
    gives(as_(aram), shop)
    payment = Payment.objects.get()

    def meanwhile():
        given_back(shop, payment, 400)
        refresh(Customer.objects.get().pk)

    late(meanwhile)
    contributed.recheck(payment.stripe_id)
    assert stands(payment) == ("paid", 400)


def test_a_picture_of_the_customer_does_not_undo_what_a_later_look_at_a_contribution_told(shop, as_, aram):
    gives(as_(aram), shop)
    gives(as_(aram), shop, amount="20")
    seen, other = Payment.objects.order_by("amount")
    given_back(shop, other)
    older = fetch(Customer.objects.get().pk)
    given_back(shop, seen)
    contributed.recheck(seen.stripe_id)
    with transaction.atomic():
        assert write(older, timezone.now())
    assert stands(seen) == ("refunded", 1000)
    assert stands(other) == ("refunded", 2000), "what only the picture tells is written"


def test_a_payment_is_on_its_way_until_the_first_look_has_its_answer(shop, stranger):
    there = shop.pay(give(stranger).url)
    shop.faults({"what": "500", "path": "/v1/payment_intents", "times": 20})
    assert comes_back(stranger, there).status_code == 503
    payment = Payment.objects.get()
    assert (payment.state, payment.amount, payment.currency, payment.user) == ("pending", 1000, "EUR", None)
    assert Intent.objects.get().state == "open"
    shop.faults()
    assert "have arrived" in text(comes_back(stranger, there))
    assert stands(payment) == ("paid", 0)


def test_a_look_asks_stripe_outside_of_any_transaction_and_takes_its_ticket_before(shop, stranger, monkeypatch):
    gives(stranger, shop)
    payment = Payment.objects.get()
    tickets, whole = [], contributed._taken

    def taken(key):
        tickets.append(Payment.objects.get().ticket)
        return whole(key)

    monkeypatch.setattr(contributed, "_taken", taken)
    contributed.recheck(payment.stripe_id)
    contributed.recheck(payment.stripe_id)
    assert tickets == [2, 3]
    assert Payment.objects.get().applied == 3


def test_a_refund_after_the_account_was_erased_is_written_without_the_link_to_the_receipt(shop, as_, aram):
    gives(as_(aram), shop)
    payment = Payment.objects.get()
    assert payment.invoice_url
    personal_data.delete(aram)
    given_back(shop, payment)
    contributed.recheck(payment.stripe_id)
    assert stands(payment) == ("refunded", 1000)
    assert payment.invoice_url == ""


def test_an_answer_that_comes_late_takes_no_contribution_back(shop, stranger, monkeypatch):
    """A first try that failed is told after the second one has paid."""
    gives(stranger, shop)
    payment, whole = Payment.objects.get(), contributed._taken

    def taken(key):
        monkeypatch.setattr(contributed, "_taken", whole)
        picture = whole(key)
        picture.payments[0]["status"] = "requires_payment_method"
        contributed.recheck(key)
        return picture

    monkeypatch.setattr(contributed, "_taken", taken)
    contributed.recheck(payment.stripe_id)
    assert stands(payment) == ("paid", 0)
    assert Intent.objects.get().state == "paid"


def test_an_intent_that_is_forgotten_leaves_its_payment(shop, stranger):
    gives(stranger, shop)
    Intent.objects.all().delete()
    payment = Payment.objects.get()
    given_back(shop, payment)
    assert contributed.recheck(payment.stripe_id)
    assert stands(payment) == ("refunded", 1000)


# What who gave is told.


@pytest.mark.parametrize(
    ("intent", "payment", "heard", "came"),
    [
        ("paid", "paid", True, Came.ARRIVED),
        ("paid", None, False, Came.ARRIVED),
        ("paid", "refunded", True, Came.BACK),
        ("paid", "disputed", True, Came.DISPUTED),
        ("paid", "lost", True, Came.LOST),
        ("expired", "failed", True, Came.CLOSED),
        ("open", "pending", True, Came.LATER),
        ("open", None, True, Came.OPEN),
        ("open", "pending", False, Came.UNHEARD),
        ("open", None, False, Came.UNHEARD),
    ],
)
def test_who_gave_is_told_what_is_so(intent, payment, heard, came):
    assert outcome(Intent(state=intent), Payment(state=payment) if payment else None, heard) == came


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("refunded", "Your money was given back All of your €10 go back to where you paid from"),
        ("disputed", "Your bank looks into this payment The payment of €10 is disputed"),
        ("lost", "Your bank took this payment back The payment of €10 was disputed"),
    ],
)
def test_what_has_not_stayed_is_not_said_to_have_arrived(shop, stranger, state, said):
    gives(stranger, shop)
    Payment.objects.update(state=state, refunded=1000)
    page = text(stranger.get(f"/contribute/done/?session_id={Intent.objects.get().session}"))
    assert said in page
    assert "have arrived" not in page
    assert "Thank you" not in page


def test_of_what_was_given_back_in_part_both_is_said(shop, stranger):
    gives(stranger, shop)
    given_back(shop, Payment.objects.get(), 400)
    contributed.recheck(Payment.objects.get().stripe_id)
    page = text(stranger.get(f"/contribute/done/?session_id={Intent.objects.get().session}"))
    assert "Your €10 arrived, and €4 of them were given back to you." in page


def test_of_a_contribution_from_before_payments_knew_their_intent_stripe_is_asked_once(shop, stranger):
    gives(stranger, shop)
    given_back(shop, Payment.objects.get())
    Payment.objects.update(intent=None)
    address = f"/contribute/done/?session_id={Intent.objects.get().session}"
    assert "Your money was given back" in text(stranger.get(address))
    last = shop.requests()[-1]["id"]
    assert "Your money was given back" in text(stranger.get(address))
    assert shop.requests(after=last) == []
