"""A payment is given back from the list of all payments: in full or in part, with a reason, once, and by owners alone."""

import re

import pytest
from django.urls import reverse

from members.accounts import personal_data, refunds
from members.billing.models import Intent, Payment
from members.models import Membership, Note, User
from newsroom.ground.models import Deed
from tests.billing.paying import joined
from tests.billing.shop import text
from tests.billing.test_contribute import gives
from tests.members.factors import give_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", display_name="Owner")


@pytest.fixture
def desk(as_, owner):
    return as_(owner)


@pytest.fixture
def given(shop, stranger):
    """€10 that a stranger gave."""
    gives(stranger, shop)
    return Payment.objects.get()


def address(payment):
    return reverse("admin:billing_payment_give_back", args=[payment.pk])


def form(desk, payment, **fields):
    """What the form of the page holds, with what is typed into it."""
    page = desk.get(address(payment)).content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    return {"reason": "Gave by mistake.", "sure": "on", "seen": seen, **fields}


def give_back(desk, payment, **fields):
    return text(desk.post(address(payment), form(desk, payment, **fields), follow=True))


def stands(payment):
    payment.refresh_from_db()
    return payment.state, payment.refunded


def deeds():
    return list(Deed.objects.order_by("pk").values_list("deed", "kind"))


def test_the_page_of_a_payment_leads_to_what_is_left_to_give_back(desk, given):
    page = desk.get(reverse("admin:billing_payment_change", args=[given.pk])).content.decode()
    assert f'href="{address(given)}"' in page
    Payment.objects.update(refunded=350)
    assert "Left to give back €6.50" in text(desk.get(address(given)))


def test_a_strangers_contribution_is_given_back_in_full_and_the_giver_is_told(desk, given, stranger):
    assert "It is given back." in give_back(desk, given)
    assert stands(given) == ("refunded", 1000)
    page = text(stranger.get(f"/contribute/done/?session_id={Intent.objects.get().session}"))
    assert "Your money was given back" in page
    deed = Deed.objects.get()
    assert (deed.deed, deed.kind, deed.key) == ("refunded a payment", "payment", given.stripe_id)
    assert deed.note == "1000 EUR; Gave by mistake."
    assert deed.actor == User.objects.get(email="owner@example.com").key


def test_a_part_is_given_back_and_then_the_rest(desk, given):
    give_back(desk, given, amount="2,50")
    assert stands(given) == ("paid", 250)
    assert "Left to give back €7.50" in text(desk.get(address(given)))
    give_back(desk, given)
    assert stands(given) == ("refunded", 1000)


def test_two_clicks_give_back_once(desk, given):
    twice = form(desk, given, amount="3")
    desk.post(address(given), twice)
    assert "Something was done here meanwhile" in text(desk.post(address(given), twice, follow=True))
    assert stands(given) == ("paid", 300)
    assert deeds() == [("refunded a payment", "payment")]


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"sure": ""}, {"amount": "0"}, {"amount": "10.01"}, {"amount": "much"}, {"seen": ""}]
)
def test_without_a_reason_a_yes_or_a_fitting_amount_nothing_is_done(shop, desk, given, fields):
    assert desk.post(address(given), form(desk, given, **fields)).status_code == 200
    assert not shop.requests("POST", "/v1/refunds")
    assert deeds() == []


@pytest.mark.parametrize(
    "told", [{"state": "refunded", "refunded": 1000}, {"state": "disputed"}, {"state": "pending"}, {"refunded": 1000}]
)
def test_where_nothing_is_left_it_is_said_and_not_offered(shop, desk, given, told):
    typed = form(desk, given)
    Payment.objects.update(**told)
    for response in (desk.get(address(given), follow=True), desk.post(address(given), typed, follow=True)):
        assert "Of this payment nothing can be given back" in text(response)
        assert f'href="{address(given)}"' not in response.content.decode()
    assert not shop.requests("POST", "/v1/refunds")
    assert deeds() == []


def test_what_was_given_back_while_the_form_was_sent_is_not_given_twice(shop, desk, given, monkeypatch):
    """The row says so under its lock, whatever the page knew."""
    left = refunds.left_of

    def last(payment):
        monkeypatch.setattr(refunds, "left_of", left)
        known = left(payment)
        Payment.objects.update(state="refunded", refunded=1000)
        return known

    typed = form(desk, given)
    monkeypatch.setattr(refunds, "left_of", last)
    assert "Of this payment nothing can be given back" in text(desk.post(address(given), typed, follow=True))
    assert not shop.requests("POST", "/v1/refunds")
    assert deeds() == []


def test_what_stripe_refuses_is_said_and_noted(shop, desk, given):
    shop.client.v1.refunds.create({"payment_intent": given.stripe_id})
    assert "Stripe refuses it:" in give_back(desk, given)
    assert deeds() == [("refunded a payment", "payment"), ("could not: refunded a payment", "payment")]


def test_where_stripe_does_not_answer_to_try_again_gives_back_once(shop, desk, given):
    shop.faults({"what": "500", "path": "/v1/refunds", "method": "POST", "times": 2, "when": "after"})
    assert "Stripe did not answer" in give_back(desk, given, amount="1")
    give_back(desk, given, amount="1")
    assert stands(given) == ("paid", 100)


def test_an_accounts_contribution_is_given_back_with_a_note_on_the_account(shop, as_, desk, aram):
    gives(as_(aram), shop)
    payment = Payment.objects.get()
    give_back(desk, payment, amount="4")
    assert stands(payment) == ("paid", 400)
    assert Note.objects.get(user=aram).text == "Gave by mistake."
    deed = Deed.objects.get()
    assert (deed.kind, deed.key) == ("account", aram.key)
    assert "mistake" not in deed.note, "what is said of a person goes with the account"


def test_a_members_last_payment_given_back_in_full_ends_the_membership(shop, time, desk, leyla):
    joined(shop, leyla)
    payment = Payment.objects.get()
    give_back(desk, payment)
    assert stands(payment) == ("refunded", 500)
    assert Membership.objects.get(user=leyla).status == "canceled"


def test_of_an_erased_account_the_contribution_can_be_given_back_and_the_membership_not(shop, time, as_, desk, aram):
    joined(shop, aram)
    gives(as_(aram), shop)
    given, paid = Payment.objects.get(kind="contribution"), Payment.objects.get(kind="membership")
    personal_data.delete(aram)
    give_back(desk, given)
    assert stands(given) == ("refunded", 1000)
    assert "Of this payment nothing can be given back" in text(desk.get(address(paid), follow=True))
    assert not Note.objects.exists()


def test_nobody_but_owners_gives_back(shop, as_, given, davit, nino, leyla, stranger):
    for user in (davit, nino):
        give_app(user)
    for browser in (as_(davit), as_(nino), as_(leyla), stranger):
        typed = {"reason": "Mine.", "sure": "on", "seen": "0"}
        assert browser.get(address(given)).status_code in (302, 403)
        assert browser.post(address(given), typed).status_code in (302, 403)
    assert not shop.requests("POST", "/v1/refunds")
    assert deeds() == []


def test_a_payment_that_is_not_there_is_not_found(desk):
    assert desk.get(reverse("admin:billing_payment_give_back", args=[0])).status_code == 404
