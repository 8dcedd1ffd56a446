"""What members do with their memberships: at Stripe first, once, and written down here as it is there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from members.billing import changes, client, switching
from members.billing.models import Cancellation, Customer, Movement, Payment
from members.billing.switching import Choice
from members.models import Membership, Plan
from tests.billing.paying import joined, looked_at, subscription_of
from tests.billing.sandboxed import FAILS_LATER
from tests.billing.shop import price

pytestmark = pytest.mark.django_db


def held(customer):
    return Membership.objects.select_related("plan").get(user=customer.user_id)


def is_member(customer, now):
    return held(customer).standing_at(now).member


def updates(shop):
    return len(shop.requests("POST", "/v1/subscriptions/"))


def now():
    return datetime.now(UTC)


# Cancelling, and taking it back.


def test_who_cancels_stays_a_member_to_the_end_of_what_is_paid_for(shop, time, leyla):
    customer = joined(shop, leyla)
    paid_until = held(customer).renews_at
    changes.cancel(customer, "price", "It was too much.")
    assert held(customer).ends_at == paid_until
    time.passes(days=29)
    looked_at(customer)
    assert is_member(customer, now())
    time.passes(days=2)
    looked_at(customer)
    assert held(customer).status == "canceled"
    assert not is_member(customer, now())
    assert Payment.objects.filter(state="paid").count() == 1


def test_two_clicks_cancel_once_and_keep_one_answer(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.cancel(customer, "price", "")
    changes.cancel(customer, "price", "")
    assert updates(shop) == 1
    assert Cancellation.objects.get().reason == "price"


def test_who_gives_no_reason_leaves_no_answer(shop, time, leyla):
    changes.cancel(joined(shop, leyla))
    assert not Cancellation.objects.exists()


@pytest.mark.parametrize("form", ["cancel_at_period_end", "cancel_at"])
def test_a48_a_cancel_of_either_form_is_taken_back_and_done_again(shop, time, leyla, form):
    customer = joined(shop, leyla)
    ends = subscription_of(shop, customer)["items"]["data"][0]["current_period_end"]
    asked = {"cancel_at_period_end": True} if form == "cancel_at_period_end" else {"cancel_at": ends - 3600}
    shop.client.v1.subscriptions.update(held(customer).stripe_subscription, asked)
    customer = looked_at(customer)
    assert held(customer).ends_at is not None
    changes.resume(customer)
    told = subscription_of(shop, customer)
    assert (held(customer).ends_at, told["cancel_at"], told["cancel_at_period_end"]) == (None, None, False)
    changes.resume(customer)
    changes.cancel(looked_at(customer))
    assert held(customer).ends_at is not None
    changes.resume(looked_at(customer))
    time.passes(days=32)
    looked_at(customer)
    assert is_member(customer, now())
    assert Payment.objects.filter(state="paid").count() == 2


def test_on_trial_a_cancel_ends_it_with_the_trial_and_nothing_is_ever_taken(shop, time, leyla):
    customer = joined(shop, leyla, trial_period_days=7)
    changes.cancel(customer)
    assert held(customer).ends_at == held(customer).trial_ends_at == now() + timedelta(days=7)
    time.passes(days=8)
    looked_at(customer)
    assert held(customer).status == "canceled"
    assert not Payment.objects.filter(state="paid").exists()


def test_who_owes_and_cancels_is_asked_for_nothing_any_more(shop, time, leyla):
    customer = joined(shop, leyla, FAILS_LATER, trial_period_days=1)
    time.passes(days=1, hours=2)
    customer = looked_at(customer)
    assert held(customer).status == "past_due"
    changes.cancel(customer)
    assert held(customer).status == "canceled"
    (invoice,) = [one for one in shop.client.v1.invoices.list({"customer": customer.stripe_id}) if one.amount_due]
    assert invoice.status == "void"
    time.passes(days=30)
    looked_at(customer)
    assert held(customer).status == "canceled"
    assert not Payment.objects.filter(state="paid").exists()


def test_a38_what_is_paid_at_the_very_moment_of_a_cancel_is_not_lost(shop, time, leyla, monkeypatch):
    """The payment goes through between the look at the subscription and the deed."""
    customer = joined(shop, leyla, FAILS_LATER, trial_period_days=1)
    time.passes(days=1, hours=2)
    customer = looked_at(customer)
    owing = changes.fresh(customer)
    shop.pay(customer.owed_url)
    monkeypatch.setattr(changes, "fresh", lambda customer: owing)
    changes.cancel(customer)
    assert is_member(customer, now())
    assert held(customer).ends_at == held(customer).renews_at


def test_what_has_ended_cannot_be_cancelled_and_is_found_ended(shop, time, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.cancel(held(customer).stripe_subscription)
    for deed in (changes.cancel, changes.resume, changes.end_now):
        with pytest.raises(changes.Impossible):
            deed(customer)
    assert held(customer).status == "canceled"


def test_what_stripe_does_not_know_any_more_cannot_be_changed(shop, time, leyla):
    customer = joined(shop, leyla)
    Membership.objects.update(stripe_subscription="sub_of_another_account")
    with pytest.raises(changes.Impossible):
        changes.cancel(customer)


def test_a_second_answer_within_a_minute_is_the_same_one(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.cancel(customer, "price")
    changes.resume(looked_at(customer))
    changes.cancel(looked_at(customer), "time")
    assert [str(one) for one in Cancellation.objects.all()] == ["It costs too much"]
    changes.resume(looked_at(customer))
    time.passes(hours=1)
    changes.cancel(looked_at(customer), text="In words alone.")
    assert [str(one) for one in Cancellation.objects.all()] == ["2026-11-10 13:00:00+00:00", "It costs too much"]


def test_the_desk_ends_a_membership_at_once(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.end_now(customer)
    assert not is_member(customer, now())
    assert Movement.objects.filter(kind="churned").count() == 1


# Pausing.


def test_a_pause_begins_when_what_is_paid_for_is_over_and_goes_on_by_itself(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.pause(customer, 2)
    assert held(customer).status == "active"
    assert is_member(customer, now())
    time.passes(days=30, hours=2)
    looked_at(customer)
    assert held(customer).status == "paused"
    assert not is_member(customer, now())
    time.passes(days=31)
    looked_at(customer)
    assert held(customer).status == "paused"
    time.passes(days=31)
    looked_at(customer)
    assert held(customer).status == "active"
    assert held(customer).paused_until is None
    assert [one.amount for one in Payment.objects.filter(state="paid")] == [500, 500]


def test_a_pause_that_has_not_begun_is_taken_back_and_costs_nothing(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.pause(customer, 1)
    changes.resume(looked_at(customer))
    assert held(customer).paused_until is None
    assert Payment.objects.filter(state="paid").count() == 1


def test_who_comes_back_early_pays_a_whole_month_from_that_day(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.pause(customer, 3)
    time.passes(days=40)
    customer = looked_at(customer)
    assert held(customer).status == "paused"
    changes.resume(customer)
    assert held(customer).status == "active"
    assert Payment.objects.filter(state="paid").count() == 2
    assert held(customer).renews_at == datetime(2027, 1, 20, 12, tzinfo=UTC)


def test_who_comes_back_early_with_a_card_that_declines_stays_paused(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.pause(customer, 3)
    time.passes(days=40)
    customer = looked_at(customer)
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    with pytest.raises(client.Declined) as declined:
        changes.resume(customer)
    assert declined.value.code == "insufficient_funds"
    looked_at(customer)
    assert held(customer).status == "paused"


def test_who_has_money_again_is_not_told_of_the_last_decline(shop, time, leyla):
    """By the same key Stripe would give the same answer for a day, whatever the bank says now."""
    customer = joined(shop, leyla)
    changes.pause(customer, 3)
    time.passes(days=40)
    customer = looked_at(customer)
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    with pytest.raises(client.Declined):
        changes.resume(customer)
    shop.control("decline", customer=customer.stripe_id, code="")
    changes.resume(Customer.objects.get(pk=customer.pk))
    assert held(customer).status == "active"


def test_two_clicks_pause_once(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.pause(customer, 2)
    until = held(customer).paused_until
    changes.pause(looked_at(customer), 3)
    assert held(customer).paused_until == until
    assert updates(shop) == 1


@pytest.mark.parametrize("months", [0, 4, -1])
def test_a_pause_is_of_one_to_three_months(shop, time, leyla, months):
    with pytest.raises(changes.Impossible):
        changes.pause(joined(shop, leyla), months)


def test_a_year_is_not_paused_nor_what_is_to_end(shop, time, leyla, aram):
    with pytest.raises(changes.Impossible):
        changes.pause(joined(shop, leyla, wanted=price(interval="year")), 1)
    customer = joined(shop, aram)
    changes.cancel(customer)
    with pytest.raises(changes.Impossible):
        changes.pause(looked_at(customer), 1)


# Another plan.


def cost_of(customer, wanted, amount=None):
    choice = Choice(wanted, amount or wanted.amount)
    return choice, switching.preview(customer, choice, int(now().timestamp()))


def test_a46_a_higher_plan_costs_the_difference_at_once_and_exactly_what_was_shown(shop, time, leyla):
    customer = joined(shop, leyla)
    time.passes(days=15)
    choice, cost = cost_of(customer, price("Friend"))
    assert (cost.today, cost.credit, cost.then) == (350, 0, 1200)
    assert cost.then_at == held(customer).renews_at
    time.passes(hours=0.2)
    switching.change(customer, choice, cost)
    assert held(customer).plan.name == "Friend"
    assert Payment.objects.first().amount == 350
    assert [one.amount for one in Movement.objects.filter(kind="expansion")] == [700]
    time.passes(days=16)
    looked_at(customer)
    assert Payment.objects.first().amount == 1200


def test_a46_a_lower_plan_holds_at_once_and_leaves_a_credit_that_is_used_up_first(shop, time, leyla):
    customer = joined(shop, leyla, wanted=price("Friend"))
    time.passes(days=15)
    choice, cost = cost_of(customer, price())
    assert (cost.today, cost.credit, cost.then) == (0, 350, 500)
    switching.change(customer, choice, cost)
    customer = looked_at(customer)
    assert held(customer).plan.name == "Reader"
    assert customer.credit == 350
    time.passes(days=16)
    customer = looked_at(customer)
    assert Payment.objects.first().amount == 150
    assert customer.credit == 0


def test_from_the_month_to_the_year_and_back(shop, time, leyla):
    customer = joined(shop, leyla)
    time.passes(days=15)
    choice, cost = cost_of(customer, price(interval="year"))
    assert (cost.today, cost.credit) == (4750, 0)
    assert cost.then_at == datetime(2027, 11, 25, 12, tzinfo=UTC)
    switching.change(customer, choice, cost)
    assert held(customer).renews_at == cost.then_at
    time.passes(days=73)
    choice, cost = cost_of(looked_at(customer), price())
    assert (cost.today, cost.credit) == (0, 3500)
    switching.change(customer, choice, cost)
    assert (held(customer).interval, held(customer).amount) == ("month", 500)


def test_a_card_that_declines_changes_nothing(shop, time, leyla):
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, price("Friend"))
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    with pytest.raises(client.Declined):
        switching.change(customer, choice, cost)
    looked_at(customer)
    assert (held(customer).plan.name, held(customer).status) == ("Reader", "active")


def test_two_clicks_change_once_and_pay_once(shop, time, leyla):
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, price("Friend"))
    switching.change(customer, choice, cost)
    with pytest.raises(changes.Impossible):
        switching.change(customer, choice, cost)
    assert Payment.objects.filter(state="paid").count() == 2


def test_what_was_shown_is_held_to_or_nothing_is_done(shop, time, leyla):
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, price("Friend"))
    shop.client.v1.customers.update(customer.stripe_id, {"balance": 100})
    with pytest.raises(changes.Impossible):
        switching.change(customer, choice, cost)
    assert Payment.objects.count() == 1


def test_on_trial_a_change_costs_nothing_and_the_trial_goes_on(shop, time, leyla):
    Plan.objects.filter(name="Friend").update(trial_days=7)
    customer = joined(shop, leyla, trial_period_days=7)
    ends = held(customer).trial_ends_at
    choice, cost = cost_of(customer, price("Friend"))
    assert (cost.today, cost.credit, cost.then, cost.then_at) == (0, 0, 1200, ends)
    switching.change(customer, choice, cost)
    assert (held(customer).plan.name, held(customer).status) == ("Friend", "trialing")
    assert held(customer).trial_ends_at == ends
    time.passes(days=7, hours=2)
    looked_at(customer)
    assert Payment.objects.get(state="paid").amount == 1200


@pytest.mark.parametrize("wanted", [("Reader", "year"), ("Friend", "month")])
def test_what_is_shown_is_what_is_taken_however_far_the_clocks_are_apart(shop, time, leyla, wanted):
    customer = joined(shop, leyla)
    shop.advance(days=31, hours=2)
    choice, cost = cost_of(looked_at(customer), price(*wanted))
    assert cost.today > 0
    switching.change(customer, choice, cost)
    assert Payment.objects.filter(state="paid").latest("at").amount == cost.today
    assert abs(held(customer).renews_at - cost.then_at) < timedelta(days=1)


def test_what_was_shown_before_a_renewal_is_not_held_to_after_it(shop, time, leyla):
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, price("Friend"))
    time.passes(days=31, hours=2)
    with pytest.raises(changes.Impossible):
        switching.change(customer, choice, cost)


def test_free_days_of_one_plan_are_none_of_a_plan_without(shop, time, leyla):
    customer = joined(shop, leyla, trial_period_days=7)
    choice, cost = cost_of(customer, price("Friend"))
    assert (cost.today, cost.credit, cost.then) == (1200, 0, 1200)
    assert cost.then_at == datetime(2026, 12, 10, 12, tzinfo=UTC)
    switching.change(customer, choice, cost)
    assert (held(customer).plan.name, held(customer).status) == ("Friend", "active")
    assert Payment.objects.get(state="paid").amount == 1200


def test_free_days_go_on_where_the_card_declines_the_plan_without(shop, time, leyla):
    customer = joined(shop, leyla, FAILS_LATER, trial_period_days=7)
    choice, cost = cost_of(customer, price("Friend"))
    with pytest.raises(client.Declined):
        switching.change(customer, choice, cost)
    assert (held(looked_at(customer)).plan.name, held(customer).status) == ("Reader", "trialing")


def test_members_who_name_their_own_price_change_the_amount(shop, time, leyla):
    friend = price("Friend")
    friend.plan.names_own_price = True
    friend.plan.save()
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, friend, 2000)
    assert (cost.today, cost.then) == (1500, 2000)
    switching.change(customer, choice, cost)
    assert (held(customer).plan.name, held(customer).amount) == ("Friend", 2000)
    choice, cost = cost_of(looked_at(customer), friend, 1500)
    switching.change(customer, choice, cost)
    assert held(customer).amount == 1500
    with pytest.raises(changes.Impossible):
        cost_of(looked_at(customer), friend, 1500)


def test_nothing_is_offered_in_another_currency_nor_what_is_held(shop, time, leyla):
    customer = joined(shop, leyla)
    offered = {(one.plan.name, one.interval, one.currency) for one in switching.options(held(customer))}
    assert offered == {("Reader", "year", "EUR"), ("Friend", "month", "EUR")}


def test_who_owes_changes_nothing(shop, time, leyla):
    customer = joined(shop, leyla, FAILS_LATER, trial_period_days=1)
    time.passes(days=1, hours=2)
    with pytest.raises(changes.Impossible):
        cost_of(looked_at(customer), price("Friend"))


# Money back.


def test_a_part_given_back_changes_nothing_else_and_all_of_it_ends_the_membership(shop, time, leyla):
    customer = joined(shop, leyla)
    changes.refund(Payment.objects.get(), 200)
    assert (Payment.objects.get().refunded, Payment.objects.get().state) == (200, "paid")
    assert is_member(customer, now())
    changes.refund(Payment.objects.get())
    assert Payment.objects.get().state == "refunded"
    assert not is_member(customer, now())


def test_two_clicks_give_back_once(shop, time, leyla):
    joined(shop, leyla)
    payment = Payment.objects.get()
    changes.refund(payment, 200)
    changes.refund(payment, 200)
    assert Payment.objects.get().refunded == 200


def test_a_contribution_of_somebody_without_an_account_is_given_back(shop, time, stranger):
    left = stranger.post(reverse("contribute"), {"amount": "5"})
    stranger.get(shop.pay(left.url).removeprefix("http://localhost:8000"))
    payment = Payment.objects.get()
    changes.refund(payment)
    assert (Payment.objects.get().state, Payment.objects.get().refunded) == ("refunded", payment.amount)


# Stripe away.


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_stripe_did_not_answer_is_done_once_by_trying_again(shop, time, leyla, when):
    customer = joined(shop, leyla)
    choice, cost = cost_of(customer, price("Friend"))
    shop.faults({"what": "reset", "path": "/v1/subscriptions", "method": "POST", "times": 2, "when": when})
    with pytest.raises(client.Unavailable):
        switching.change(customer, choice, cost)
    try:
        switching.change(customer, choice, cost)
    except changes.Impossible:
        looked_at(customer)
    assert held(customer).plan.name == "Friend"
    assert Payment.objects.filter(state="paid").count() == 2


def test_nothing_is_asked_of_stripe_for_who_was_never_a_member(shop, aram):
    customer = Customer.objects.create(user=aram)
    with pytest.raises(changes.Impossible):
        changes.cancel(customer)
    assert shop.requests() == []
