"""What the desk does for a member at Stripe: by the same functions as members' own pages, once, with a reason, noted in
the audit log before Stripe is asked."""

import re

import pytest
from django.urls import reverse

from members.billing import changes
from members.billing.models import Movement, Payment
from members.models import Membership, User
from newsroom.ground.models import Deed
from tests.billing.paying import joined, looked_at, subscription_of
from tests.billing.sandboxed import FAILS_LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", "the river rises at noon", display_name="Owner")


@pytest.fixture
def desk(as_, owner):
    return as_(owner)


def seen(user):
    return user.notes.order_by("-pk").values_list("pk", flat=True).first() or 0


def act(browser, user, name, **fields):
    """What the page says after a deed."""
    path = reverse("admin:members_user_act", args=[user.pk, name])
    assert browser.get(path).status_code == 200
    form = {"reason": "She asked for it.", "seen": seen(user), **fields}
    return words(browser.post(path, form, follow=True))


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def page(browser, user):
    return words(browser.get(reverse("admin:members_user_member", args=[user.pk])))


def deeds():
    return [deed.deed for deed in Deed.objects.order_by("pk")]


def held(user):
    return Membership.objects.get(user=user)


def test_a_membership_is_cancelled_to_the_end_of_what_is_paid_for_and_resumed(shop, time, desk, leyla):
    customer = joined(shop, leyla)
    assert "It is cancelled." in act(desk, leyla, "cancel", when="end")
    assert held(leyla).ends_at == held(leyla).renews_at
    assert subscription_of(shop, customer)["cancel_at_period_end"]
    assert "Cancelled, and ends on" in page(desk, leyla)
    assert "It goes on." in act(desk, leyla, "resume")
    assert held(leyla).ends_at is None
    assert deeds() == ["cancelled a membership", "resumed a membership"]


def test_a_membership_is_ended_now(shop, time, desk, leyla):
    joined(shop, leyla)
    act(desk, leyla, "cancel", when="now")
    assert held(leyla).status == "canceled"
    assert Payment.objects.get().refunded == 0
    assert deeds() == ["ended a membership"]
    assert "Cancel the membership" not in page(desk, leyla)


def test_a_part_of_a_payment_is_given_back_and_the_membership_goes_on(shop, time, desk, leyla):
    joined(shop, leyla)
    payment = Payment.objects.get()
    assert "It is given back." in act(desk, leyla, "refund", payment=payment.pk, amount="2,50")
    payment.refresh_from_db()
    assert (payment.refunded, payment.state) == (250, "paid")
    assert held(leyla).status == "active"
    assert Deed.objects.get().note.startswith(f"{payment.stripe_id}: 250 EUR; note ")
    assert "€2.50 given back" in page(desk, leyla)


def test_the_whole_of_the_last_payment_given_back_ends_the_membership(shop, time, desk, leyla):
    joined(shop, leyla)
    act(desk, leyla, "refund", payment=Payment.objects.get().pk)
    assert Payment.objects.get().state == "refunded"
    assert held(leyla).status == "canceled"
    assert sum(Movement.objects.values_list("amount", flat=True)) == 0
    assert "Refund a payment" not in page(desk, leyla)


def test_two_clicks_give_back_once(shop, time, desk, leyla):
    """The second form knows no newer note than the first, whichever of them comes first."""
    joined(shop, leyla)
    path = reverse("admin:members_user_act", args=[leyla.pk, "refund"])
    form = {"reason": "Twice.", "seen": seen(leyla), "payment": Payment.objects.get().pk, "amount": "1"}
    desk.post(path, form)
    assert "Something was done" in words(desk.post(path, form, follow=True))
    assert Payment.objects.get().refunded == 100
    assert deeds() == ["refunded a payment"]


@pytest.mark.parametrize("amount", ["0", "5.01", "-1", "1,000", "much"])
def test_no_more_is_given_back_than_was_paid(shop, time, desk, leyla, amount):
    joined(shop, leyla)
    act(desk, leyla, "refund", payment=Payment.objects.get().pk, amount=amount)
    assert Payment.objects.get().refunded == 0
    assert not shop.requests("POST", "/v1/refunds")
    assert not deeds()


def test_nobody_elses_payment_is_given_back(shop, time, desk, leyla, aram):
    joined(shop, leyla)
    joined(shop, aram)
    act(desk, leyla, "refund", payment=Payment.objects.get(user=aram).pk)
    assert not shop.requests("POST", "/v1/refunds")


def test_where_stripe_does_not_answer_it_is_said_and_noted_and_done_once_by_trying_again(shop, time, desk, leyla):
    joined(shop, leyla)
    payment = Payment.objects.get()
    shop.faults({"what": "500", "path": "/v1/refunds", "method": "POST", "times": 2, "when": "after"})
    assert "Stripe did not answer" in act(desk, leyla, "refund", payment=payment.pk, amount="1")
    assert deeds() == ["refunded a payment", "could not: refunded a payment"]
    act(desk, leyla, "refund", payment=payment.pk, amount="1")
    payment.refresh_from_db()
    assert payment.refunded == 100


def test_what_stripe_refuses_is_said(shop, time, desk, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, customer)["id"])
    assert "does not fit" in act(desk, leyla, "cancel", when="end")
    assert deeds() == ["cancelled a membership", "could not: cancelled a membership"]
    assert held(leyla).status == "canceled"


def test_a_look_at_stripe_brings_what_was_missed(shop, time, desk, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, customer)["id"])
    assert held(leyla).status == "active"
    assert "It is as Stripe has it." in act(desk, leyla, "look")
    assert held(leyla).status == "canceled"


def test_who_was_never_a_customer_is_offered_nothing_of_it(shop, desk, aram):
    said = page(desk, aram)
    for title in ("Cancel the membership", "Refund a payment", "Compare with Stripe", "Send a mail again"):
        assert title not in said
    for name in ("cancel", "look"):
        assert "does not fit" in act(desk, aram, name, when="now")
    assert not deeds()


def test_an_owing_members_page_says_until_when_and_what_is_owed(shop, time, as_, owner, leyla):
    customer = joined(shop, leyla, FAILS_LATER)
    time.passes(days=30, hours=2)
    looked_at(customer)
    desk = as_(owner)
    said = page(desk, leyla)
    assert "A payment failed; everything stays open until" in said
    assert "Owed €5" in said
    assert "payment failed" in said.lower()
    act(desk, leyla, "mail", kind="payment_failed")
    assert deeds() == ["sent a mail again"]


def test_what_a_member_does_alone_is_in_the_story_and_not_in_the_log(shop, time, desk, leyla):
    changes.cancel(joined(shop, leyla), "price", "Too dear.")
    assert "Cancelled: It costs too much" in page(desk, leyla)
    assert not deeds()
