"""Which membership a picture of a customer comes to. Pure: no network, no database (the list of faults, A, where it is
about what a state means)."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.billing import state
from members.billing.picture import Picture
from members.standing import Status, of_membership
from tests.billing.pictures import (
    BOUGHT,
    SOLD,
    at,
    invoice,
    item,
    moment,
    paid,
    payment,
    picture,
    price,
    subscription,
)

GRACE = timedelta(days=14)


def reading(*subscriptions, sold=SOLD, **more):
    return state.read(picture(*subscriptions, **more), sold)


def read(*subscriptions, **more):
    return reading(*subscriptions, **more).state


def is_member(found, now):
    return of_membership(found.status, found.failed_at, found.ends_at, None, now, GRACE).member


def test_a_member_pays_each_month():
    found = read(subscription(), months=[paid()])
    assert found == state.State(
        stripe_subscription="sub_1", plan_id=1, price_id=51, status=Status.ACTIVE, started_at=moment(1), failed_at=None,
        ends_at=None, trial_ends_at=None, renews_at=moment(1, 12), paused_until=None, amount=500, currency="EUR",
        interval="month", interval_count=1,
    )  # fmt: skip


@pytest.mark.parametrize(("status", "member"), [
    ("trialing", True), ("active", True), ("past_due", True), ("unpaid", False), ("incomplete", False),
    ("incomplete_expired", False), ("paused", False), ("canceled", False), ("of tomorrow", False),
])  # fmt: skip
def test_each_status_of_stripes_makes_a_member_or_does_not(status, member):
    found = read(subscription(status=status, ended_at=at(2)))
    assert found.status in Status
    assert is_member(found, moment(3)) is member


def test_nothing_of_ours_is_no_membership():
    assert reading() == state.Reading(None)


def test_a10_the_product_of_another_application_is_none():
    foreign = subscription(items=[item(price("price_hat", product="prod_hat"))])
    assert reading(foreign) == state.Reading(None)
    assert read(foreign, subscription("sub_2")).stripe_subscription == "sub_2"


def test_a10_what_another_application_sells_to_the_same_customer_is_not_looked_at():
    hat = subscription("sub_hat", items=[item(price("price_hat", product="prod_hat"))])
    ours, theirs = paid(1), paid(2, of="sub_hat")
    gift, stray = payment("pi_gift", metadata={"intent": "ours too"}), payment("pi_stray")
    told = picture(subscription(), hat, months=[ours, theirs])
    told.payments.extend([gift, stray])
    own = state.own(told, SOLD)
    assert [one["id"] for one in own.subscriptions] == ["sub_1"]
    assert own.invoices == [ours[0]]
    assert [one["id"] for one in own.payments] == ["pi_1", "pi_gift"]


def test_a12_test_money_is_no_money():
    assert reading(subscription(livemode=True)).state is None
    live = SOLD._replace(live=True)
    assert reading(subscription(), sold=live).state is None
    assert reading(subscription(livemode=True), sold=live).state


@pytest.mark.parametrize("items", [[], [{"price": None}], [{}], [item(price(recurring=None))]])
def test_a14_no_item_of_ours(items):
    assert reading(subscription(items=items)).state is None


def test_a14_of_two_items_the_higher_plan_counts():
    both = [item(), item(price("price_12", 1200, product="prod_friend"))]
    for items in (both, both[::-1]):
        found = read(subscription(items=items))
        assert (found.plan_id, found.amount) == (2, 1200)


def test_a14_of_items_with_mixed_intervals_each_is_its_own():
    year = price("price_50", 5000, interval="year", product="prod_friend")
    found = read(subscription(items=[item(), item(price("price_x", 5000, interval="year", product="prod_friend"))]))
    assert (found.plan_id, found.interval, found.amount) == (2, "year", 5000)
    assert read(subscription(items=[item(year)])).price_id == 52


def test_a_price_that_a_member_named_is_known_by_its_product():
    found = read(subscription(items=[item(price("price_made", 700))]))
    assert (found.plan_id, found.price_id, found.amount) == (1, None, 700)


def test_a51_whatever_price_somebody_gives_it_at_stripe_a_members_subscription_stays_one():
    strange = subscription(items=[item(price("price_hat", 900, product="prod_hat"))])
    found = read(strange, sold=SOLD._replace(known={"sub_1": (2, 20)}))
    assert (found.plan_id, found.price_id, found.amount) == (2, None, 900)
    assert read(subscription(items=[item(price(recurring=None))]), sold=SOLD._replace(known={"sub_1": (2, 20)})) is None


def test_a_quantity_is_paid_for():
    assert read(subscription(items=[item(quantity=3)])).amount == 1500


def off(**coupon):
    return [{"source": {"coupon": {"duration": "forever", "amount_off": None, "percent_off": None, **coupon}}}]


@pytest.mark.parametrize(("discounts", "amount"), [
    (off(percent_off=20.0), 400), (off(percent_off=33.3), 333), (off(percent_off=0.5), 497), (off(amount_off=200), 300),
    (off(amount_off=900), 0), (off(percent_off=50.0, duration="once"), 500), (off(percent_off=50.0, duration="repeating"), 250),
    (off(percent_off=100), 0), (["di_1"], 500), ([{"source": None}], 500), ([{"source": {"coupon": "x"}}], 500), (None, 500),
    (off(percent_off=50.0) + off(amount_off=50), 200),
])  # fmt: skip
def test_a52_what_it_costs_is_what_is_paid_with_what_is_taken_off(discounts, amount):
    assert read(subscription(discounts=discounts)).amount == amount


def test_a52_what_is_taken_off_for_a_customer_stands_in_place_of_the_subscriptions_own_where_there_is_none():
    (half,), own = off(percent_off=50), off(amount_off=100)
    assert read(subscription(), customer={"discount": half}).amount == 250
    assert read(subscription(discounts=own), customer={"discount": half}).amount == 400
    assert read(subscription(), customer={"discount": None}).amount == 500


def test_a52_what_is_taken_off_an_item_comes_before_what_is_taken_off_all():
    reduced = {**item(), "discounts": off(amount_off=100)}
    assert read(subscription(items=[reduced])).amount == 400
    assert read(subscription(items=[reduced], discounts=off(percent_off=50))).amount == 200


def test_a52_a_price_of_nothing_and_one_in_tiers():
    assert read(subscription(items=[item(price(amount=0))])).amount == 0
    assert read(subscription(items=[item(price(amount=None))])).amount == 0


@pytest.mark.parametrize("told", [{"cancel_at_period_end": True}, {"cancel_at": at(1, 12)},
                                  {"cancel_at_period_end": True, "cancel_at": at(1, 12)}])  # fmt: skip
def test_a48_a_pending_cancel_in_either_form_lasts_to_its_moment(told):
    found = read(subscription(**told))
    assert found.ends_at == moment(1, 12)
    assert is_member(found, moment(1, 12) - timedelta(seconds=1))
    assert not is_member(found, moment(1, 12))


def test_a48_a_resumed_one_goes_on():
    assert read(subscription(canceled_at=at(3))).ends_at is None


@pytest.mark.parametrize(("told", "ends"), [({"ended_at": at(20), "canceled_at": at(10)}, moment(20)),
                                            ({"canceled_at": at(10)}, moment(10)), ({}, moment(1))])  # fmt: skip
def test_when_it_ended_is_as_stripe_says(told, ends):
    assert read(subscription(status="canceled", **told)).ends_at == ends


def test_a47_grace_counts_from_the_first_failure_of_what_is_owed():
    old = invoice("in_0", status="open", created=at(1, 6))
    since_paid = invoice("in_1", created=at(1, 10))
    failed = invoice("in_2", status="open", created=at(1), finalized=at(1, 11, 13))
    again = invoice("in_3", status="open", created=at(9))
    found = read(subscription(status="past_due"), invoices=[again, failed, since_paid, old])
    assert found.failed_at == moment(1, 11, 13)
    assert is_member(found, moment(15, 11, 12))
    assert not is_member(found, moment(15, 11, 13))


def test_a47_one_that_is_given_up_keeps_for_which_payment():
    failed = invoice(status="uncollectible", created=at(1), finalized=None)
    for status in ("unpaid", "canceled"):
        assert read(subscription(status=status), invoices=[failed]).failed_at == moment(1)


def test_a47_a_failure_whose_invoice_is_not_told_counts_from_the_last_one_or_from_the_start():
    assert read(subscription(status="past_due", created=at(3))).failed_at == moment(3)
    drawn = invoice(status="draft", created=at(5))
    assert read(subscription(status="past_due", latest_invoice="in_1"), invoices=[drawn]).failed_at == moment(5)


def test_a47_what_is_owed_no_more_since_it_ended_is_what_it_ended_for():
    """So that the end of the grace and a cancel after it are one end."""
    forgiven = invoice(status="void", created=at(1), finalized=at(1, 11, 13))
    assert read(subscription(status="canceled"), invoices=[forgiven]).failed_at == moment(1, 11, 13)
    assert read(subscription(status="past_due", created=at(9)), invoices=[forgiven]).failed_at == moment(9)
    rested = invoice(status="void", attempted=False)
    assert read(subscription(status="canceled"), invoices=[rested]).failed_at is None


@pytest.mark.parametrize("status", ["active", "trialing", "incomplete", "canceled"])
def test_who_owes_nothing_has_not_failed(status):
    assert read(subscription(status=status)).failed_at is None


def test_a49_a_refund_in_part_changes_nothing():
    assert read(subscription(), months=[paid(refunds=[(200, at(5))])]).status == Status.ACTIVE


def test_a49_a_payment_given_back_in_full_ends_it_at_once_and_at_stripe_too():
    told = reading(subscription(), months=[paid(refunds=[(200, at(5)), (300, at(6))])])
    assert (told.state.status, told.state.ends_at, told.over) == (Status.CANCELED, moment(6), ("sub_1",))


def test_a49_a_refund_whose_list_is_not_told_ends_it_when_it_was_paid():
    month = paid()
    month[1]["latest_charge"] |= {"refunded": True, "refunds": None}
    assert read(subscription(), months=[month]).ends_at == moment(1)


def test_a49_an_older_payment_given_back_is_a_kindness_and_no_end():
    months = [paid(2, at(1, 11)), paid(1, at(1, 10), refunds=[(500, at(5))])]
    assert read(subscription(), months=months).status == Status.ACTIVE


def test_a49_what_was_ended_at_stripe_already_need_not_be_ended_again():
    told = reading(subscription(status="canceled", ended_at=at(6)), months=[paid(refunds=[(500, at(5))])])
    assert (told.state.ends_at, told.over) == (moment(6), ())


@pytest.mark.parametrize(("dispute", "status", "over"), [
    ("needs_response", Status.SUSPENDED, ()), ("under_review", Status.SUSPENDED, ()),
    ("warning_needs_response", Status.SUSPENDED, ()), ("won", Status.ACTIVE, ()), ("warning_closed", Status.ACTIVE, ()),
    ("lost", Status.CANCELED, ("sub_1",)),
])  # fmt: skip
def test_a49_a_dispute_suspends_until_it_is_decided_and_ends_when_it_is_lost(dispute, status, over):
    disputes = {"pi_1": [{"status": dispute, "created": at(7)}]}
    told = reading(subscription(), months=[paid()], disputes=disputes)
    assert (told.state.status, told.over) == (status, over)
    assert told.state.ends_at == (moment(7) if over else None)
    assert is_member(told.state, moment(8)) is (status == Status.ACTIVE)


def test_a_pause_begins_where_what_was_paid_for_ends():
    resting = {"pause_collection": {"behavior": "void", "resumes_at": at(1, 1)}, "latest_invoice": "in_1"}
    still = read(subscription(**resting), months=[paid()])
    assert (still.status, still.paused_until) == (Status.ACTIVE, moment(1, 1))
    now = read(subscription(**resting), invoices=[invoice(status="void")])
    assert now.status == Status.PAUSED
    assert read(subscription(latest_invoice="in_1"), invoices=[invoice(status="void")]).status == Status.ACTIVE


# Several subscriptions of one person.


def test_a36_of_two_that_were_bought_the_older_stays_and_the_newer_is_given_back():
    older, newer = subscription(), subscription("sub_2", created=at(2), metadata={"intent": "ours too"})
    for told in (reading(older, newer), reading(newer, older)):
        assert told.state.stripe_subscription == "sub_1"
        assert (told.surplus, told.over, told.beside) == (("sub_2",), (), ())


def test_a36_a_newer_one_that_runs_in_place_of_one_that_failed_ends_that_and_nothing_is_given_back():
    failed, newer = subscription(status="past_due"), subscription("sub_2", created=at(2))
    told = reading(failed, newer)
    assert told.state.stripe_subscription == "sub_2"
    assert (told.surplus, told.over) == ((), ("sub_1",))


def test_a51_one_that_somebody_made_by_hand_beside_is_left_to_a_person():
    told = reading(subscription(), subscription("sub_2", created=at(2), metadata=None))
    assert (told.state.stripe_subscription, told.beside) == ("sub_1", ("sub_2",))
    assert (told.surplus, told.over) == ((), ())


def test_a51_one_that_was_made_by_hand_makes_a_member():
    assert read(subscription(metadata={})).status == Status.ACTIVE


def test_one_that_was_given_back_and_still_runs_is_ended_whatever_else_there_is():
    told = reading(subscription(), subscription("sub_2", created=at(2)), months=[paid(refunds=[(500, at(3))])])
    assert told.state.stripe_subscription == "sub_2"
    assert told.over == ("sub_1",)


def test_what_ended_makes_way_for_what_runs_and_of_those_that_ended_the_last_counts():
    ended = [subscription(f"sub_{n}", "canceled", created=at(n), ended_at=at(n + 1)) for n in (1, 2)]
    assert read(*ended).stripe_subscription == "sub_2"
    assert read(*ended, subscription("sub_3", "past_due", created=at(9))).stripe_subscription == "sub_3"
    assert read(*ended, subscription("sub_4", "incomplete", created=at(9))).stripe_subscription == "sub_4"
    assert reading(*ended).beside == ()


# What is told in another way, or not at all.


@pytest.mark.parametrize("missing", [
    "metadata", "discounts", "pause_collection", "cancel_at", "cancel_at_period_end", "trial_end", "latest_invoice",
    "default_payment_method", "start_date", "ended_at", "canceled_at",
])  # fmt: skip
@pytest.mark.parametrize("status", ["active", "past_due", "canceled"])
def test_a15_a_field_that_is_missing_or_null_changes_nothing_else(missing, status):
    whole = subscription(status=status)
    without = {name: value for name, value in whole.items() if name != missing}
    assert read(whole | {missing: None}) == read(without) == read(whole)


def test_a15_whole_parts_that_are_null():
    bare = invoice() | {"parent": None, "payments": None, "status_transitions": None}
    told = picture(subscription(status="past_due"), invoices=[bare], payments=[payment() | {"latest_charge": None}])
    assert state.read(state.own(told, SOLD), SOLD).state.status == Status.PAST_DUE
    assert reading(subscription(items=None) | {"items": None}).state is None
    assert reading({**subscription(), "tomorrow": {"is": ["another", "day"]}}).state == read(subscription())


def test_a15_the_subscription_of_an_invoice_that_is_told_as_a_whole():
    told = invoice() | {"parent": {"subscription_details": {"subscription": {"id": "sub_1"}}}}
    assert state.subscription_of(told) == "sub_1"
    assert state.subscription_of({"parent": {}}) == ""


@pytest.mark.parametrize(("start", "renews"), [
    ("2026-01-31T12:00:00+00:00", "2026-02-28T12:00:00+00:00"), ("2028-02-29T12:00:00+00:00", "2029-02-28T12:00:00+00:00"),
    ("2026-03-29T00:30:00+00:00", "2026-04-29T00:30:00+00:00"), ("2026-10-25T01:30:00+00:00", "2027-10-25T01:30:00+00:00"),
])  # fmt: skip
def test_a40_periods_end_by_stripes_calendar_to_the_second_and_by_nobodys_clock(start, renews):
    """Leap days, short months, the nights in which clocks change: nothing is worked out here."""
    begin, end = (datetime.fromisoformat(one) for one in (start, renews))
    told = subscription(
        created=int(begin.timestamp()), items=[item(ends=int(end.timestamp()))], cancel_at_period_end=True
    )
    found = read(told)
    assert (found.started_at, found.renews_at, found.ends_at) == (begin, end, end)
    assert is_member(found, end - timedelta(seconds=1))
    assert not is_member(found, end)


# A state is told by the picture alone.

SUBSCRIPTIONS = st.lists(
    st.builds(
        subscription,
        id=st.sampled_from(["sub_1", "sub_2", "sub_3"]),
        status=st.sampled_from(["active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled"]),
        created=st.integers(at(1), at(28)),
        metadata=st.sampled_from([BOUGHT, None, {"intent": "theirs"}]),
        cancel_at=st.none() | st.integers(at(1), at(28, 12)),
    ),
    max_size=4,
    unique_by=lambda one: one["id"],
)


@settings(derandomize=True, deadline=None)
@given(SUBSCRIPTIONS, st.randoms(use_true_random=False))
def test_in_whatever_order_it_is_told_a_picture_comes_to_the_same(subscriptions, random):
    told = picture(*subscriptions, months=[paid()])
    before = json.dumps(told.__dict__)
    found = state.read(told, SOLD)
    mixed = list(subscriptions)
    random.shuffle(mixed)
    again = state.read(Picture(told.customer, mixed, told.invoices, told.payments), SOLD)
    assert json.dumps(told.__dict__) == before
    assert again.state == found.state
    assert [set(some) for some in again[1:]] == [set(some) for some in found[1:]]


@settings(derandomize=True, deadline=None)
@given(SUBSCRIPTIONS)
def test_nothing_is_ended_or_given_back_that_is_the_membership_itself(subscriptions):
    told = state.read(picture(*subscriptions), SOLD)
    own = told.state.stripe_subscription if told.state else ""
    assert own not in {*told.surplus, *told.beside, *told.over}
    assert not set(told.surplus) & set(told.over)
