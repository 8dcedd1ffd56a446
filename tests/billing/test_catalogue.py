"""What is sold here is made at Stripe, once, and what differs there is put right or told."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from members.billing import catalogue, client
from members.billing.models import Offer
from members.models import Plan, Price
from tests.plans import sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe(settings, sandbox):
    """The sandbox, as where this newsroom is paid; its client sees what is there."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_of_the_sandbox", sandbox.url
    return sandbox


@pytest.fixture
def friend(db):
    plan = sold("Friend", 500, text="For friends of the paper.")
    plan.prices.create(interval="year", currency="EUR", amount=5000)
    plan.prices.create(interval="month", currency="JPY", amount=800)
    return plan


def run(*options):
    """(status, what is printed, what is printed as amiss) of sync_plans."""
    out, err = StringIO(), StringIO()
    try:
        call_command("sync_plans", *options, stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def at(stripe, kind):
    return [one.to_dict() for one in getattr(stripe.client.v1, kind).list().data]


def made(stripe):
    return [(one["method"], one["path"]) for one in stripe.requests("POST")]


def test_plans_prices_and_offers_are_made_at_stripe_and_a_second_run_makes_nothing(stripe, friend):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20, lasts="repeating", months=3, times=9)
    Offer.objects.create(name="Fewer", code="fewer", amount=100, currency="EUR", lasts="forever")
    Offer.objects.create(name="Try", code="try", trial_days=30)
    status, said, amiss = run()
    assert (status, amiss) == (0, "")
    assert said.endswith("6 made, 0 put right, 0 to look at.\n")

    (product,) = at(stripe, "products")
    assert (product["name"], product["description"]) == ("Friend", "For friends of the paper.")
    assert product["metadata"] == {"newsroom_plan": "friend"}
    told = {
        (one["unit_amount"], one["currency"], one["recurring"]["interval"], one["tax_behavior"], one["product"])
        for one in at(stripe, "prices")
    }
    assert told == {
        (500, "eur", "month", "inclusive", product["id"]), (5000, "eur", "year", "inclusive", product["id"]),
        (800, "jpy", "month", "inclusive", product["id"]),
    }  # fmt: skip
    coupons = {one["name"]: one for one in at(stripe, "coupons")}
    assert coupons.keys() == {"Spring", "Fewer"}, "days on trial are no coupon"
    spring, fewer = coupons["Spring"], coupons["Fewer"]
    assert (spring["percent_off"], spring["duration"], spring["duration_in_months"]) == (20, "repeating", 3)
    assert (spring["max_redemptions"], spring["redeem_by"]) == (9, None)
    assert (fewer["amount_off"], fewer["currency"], fewer["duration"]) == (100, "eur", "forever")
    offer.refresh_from_db()
    assert offer.stripe_coupon == spring["id"]

    before = made(stripe)
    assert run() == (0, "0 made, 0 put right, 0 to look at.\n", "")
    assert made(stripe) == before


def test_a_dry_run_says_what_it_would_do_and_does_nothing(stripe, friend):
    status, said, amiss = run("--dry-run")
    assert (status, amiss) == (0, "")
    assert "Plan “Friend”: would be made at Stripe: product" in said
    assert "Plan “Friend”, €5 a month: would be made at Stripe: price" in said
    assert said.endswith("4 made, 0 put right, 0 to look at (nothing was done: dry run).\n")
    assert made(stripe) == []
    assert not Plan.objects.exclude(stripe_product=None).exists()
    run()
    friend.refresh_from_db()
    friend.name = "Friends"
    friend.save()
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    before = made(stripe)
    said = run("--dry-run")[1]
    assert "Plan “Friends”: would be put right at Stripe: name of product" in said
    assert "Offer “Spring”: would be made at Stripe: coupon" in said
    assert made(stripe) == before
    catalogue.coupon_at_stripe(offer)
    Offer.objects.update(name="Spring 2026")
    before = made(stripe)
    assert "Offer “Spring 2026”: would be put right at Stripe: name of coupon" in run("--dry-run")[1]
    assert made(stripe) == before


def test_what_is_archived_or_withdrawn_here_is_neither_made_nor_switched_off(stripe, friend, now):
    old = sold("Old", 300, archived_at=now)
    run()
    withdrawn = friend.monthly_price()
    assert withdrawn.stripe_id
    friend.offer_price("month", "EUR", 700)
    run()
    Plan.objects.update(archived_at=now)
    run()
    old.refresh_from_db()
    assert old.stripe_product is None
    assert all(one["active"] for kind in ("products", "prices") for one in at(stripe, kind)), "members go on paying"
    assert {one["unit_amount"] for one in at(stripe, "prices")} == {500, 700, 5000, 800}


def test_a_price_that_changes_becomes_another_price_of_the_same_product(stripe, friend):
    run()
    friend.refresh_from_db()
    before = friend.monthly_price()
    now = friend.offer_price("month", "EUR", 700)
    assert catalogue.price_at_stripe(now) != before.stripe_id
    told = stripe.client.v1.prices.retrieve(now.stripe_id)
    assert (told.unit_amount, told.product) == (700, friend.stripe_product)


def test_joining_makes_what_is_missing_for_one_price_and_nothing_else(stripe, friend):
    sold("Patron", 2000)
    price = friend.monthly_price()
    stripe_id = catalogue.price_at_stripe(price)
    assert [one["id"] for one in at(stripe, "prices")] == [stripe_id]
    assert len(at(stripe, "products")) == 1
    before = len(stripe.requests())
    assert catalogue.price_at_stripe(Price.objects.get(pk=price.pk)) == stripe_id
    assert len(stripe.requests()) == before, "once known it is not asked for"


def test_an_offer_that_is_taken_before_anybody_ran_the_command_makes_its_coupon(stripe):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    assert [one["id"] for one in at(stripe, "coupons")] == [] != catalogue.coupon_at_stripe(offer)
    assert catalogue.coupon_at_stripe(Offer.objects.get()) == at(stripe, "coupons")[0]["id"]


@pytest.mark.parametrize("path", ["/v1/products", "/v1/prices", "/v1/coupons"])
@pytest.mark.parametrize("what", ["reset", "500"])
def test_what_was_made_though_the_answer_got_lost_is_not_made_twice(stripe, friend, path, what):
    Offer.objects.create(name="Spring", code="spring", percent=20)
    # Twice: the library asks again once by itself.
    stripe.faults({"what": what, "path": path, "method": "POST", "times": 2, "when": "after"})
    with pytest.raises(CommandError, match="run it again"):
        run()
    assert run()[0] == 0
    assert [len(at(stripe, kind)) for kind in ("products", "prices", "coupons")] == [1, 3, 1]


def test_ids_that_were_forgotten_here_are_found_again_by_what_stripe_carries(stripe, friend):
    Offer.objects.create(name="Spring", code="spring", percent=20)
    run()
    kept = [sorted(one["id"] for one in at(stripe, kind)) for kind in ("products", "prices", "coupons")]
    # As after a restore from before the first run, long enough ago that no idempotency key is remembered.
    Plan.objects.update(stripe_product=None)
    Price.objects.update(stripe_id=None)
    Offer.objects.update(stripe_coupon=None)
    before = made(stripe)
    assert run()[0] == 0
    assert made(stripe) == before
    assert [Plan.objects.get().stripe_product] == kept[0]
    assert sorted(Price.objects.values_list("stripe_id", flat=True)) == kept[1]
    assert [Offer.objects.get().stripe_coupon] == kept[2]


def test_what_another_stripe_account_has_is_made_anew_when_the_key_changes(stripe, friend):
    """From the test mode to the live one: no id is known there."""
    Offer.objects.create(name="Spring", code="spring", percent=20)
    run()
    stripe.reset()
    status, said, _amiss = run()
    assert (status, len(at(stripe, "prices"))) == (0, 3)
    assert "which this Stripe account does not have" in said
    assert run()[1] == "0 made, 0 put right, 0 to look at.\n"


def test_words_that_differ_at_stripe_are_put_right(stripe, friend):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    run()
    friend.refresh_from_db()
    stripe.client.v1.products.update(
        friend.stripe_product, {"name": "Frend", "description": "?", "metadata": {"x": "1"}}
    )
    friend.text = ""
    friend.save()
    offer.name = "Spring 2026"
    offer.save(update_fields=["name"])
    status, said, amiss = run()
    assert (status, amiss) == (0, "")
    assert f"Plan “Friend”: put right at Stripe: name and description of product {friend.stripe_product}" in said
    (product,) = at(stripe, "products")
    assert (product["name"], product["description"] or "") == ("Friend", "")
    assert product["metadata"] == {"newsroom_plan": "friend", "x": "1"}, "what others keep there stays"
    assert at(stripe, "coupons")[0]["name"] == "Spring 2026"
    assert run()[1].startswith("0 made, 0 put right")


def test_a_product_or_price_that_is_archived_at_stripe_is_told_with_its_place_and_remedy(stripe, friend):
    run()
    friend.refresh_from_db()
    price = friend.monthly_price()
    stripe.client.v1.products.update(friend.stripe_product, {"active": False})
    stripe.control("archive", price=price.stripe_id)
    status, said, amiss = run()
    assert (status, said) == (1, "0 made, 0 put right, 2 to look at.\n")
    assert f"Plan “Friend”: is archived at Stripe, as product {friend.stripe_product}: nobody can join by it." in amiss
    assert (
        f"Plan “Friend”, €5 a month: is archived at Stripe, as price {price.stripe_id}: nobody can join at it." in amiss
    )
    assert "Make the price active there. Or: withdraw it on the plan's page in the desk and add it again" in amiss
    # The remedies work.
    stripe.client.v1.products.update(friend.stripe_product, {"active": True})
    price.withdraw()
    friend.offer_price("month", "EUR", 500)
    assert run()[0] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit_amount": 600}, "is €6 a month at Stripe"),
        ({"currency": "usd"}, "is $5 a month at Stripe"),
        ({"recurring": {"interval": "year", "interval_count": 1}}, "is €5 a year at Stripe"),
        ({"recurring": {"interval": "month", "interval_count": 3}}, "is €5 every 3 months at Stripe"),
        ({"recurring": {"interval": "week", "interval_count": 1}}, "is no amount for a month or a year at Stripe"),
        ({"unit_amount": None}, "is no amount for a month or a year at Stripe"),
        ({"recurring": None}, "is no amount for a month or a year at Stripe"),
        ({"product": "prod_other"}, "belongs to product prod_other at Stripe and not to the plan's"),
    ],
)
def test_money_that_differs_is_told_and_never_changed(stripe, friend, change, said):
    run()
    price = friend.monthly_price()
    stripe.control("alter", id=price.stripe_id, change=change, event="price.updated")
    before = made(stripe)
    status, _out, amiss = run()
    assert status == 1
    assert f"Plan “Friend”, €5 a month: {said}" in amiss
    assert "Withdraw it on the plan's page in the desk and add it again: another is made then." in amiss
    assert made(stripe) == before


def test_an_offer_that_differs_from_its_coupon_is_told(stripe):
    Offer.objects.create(name="Spring", code="spring", percent=20)
    run()
    Offer.objects.update(percent=30)
    status, _out, amiss = run()
    assert status == 1
    assert "Offer “Spring”: differs in percent_off from coupon" in amiss
    assert "Archive it in the desk and make another." in amiss


@pytest.mark.parametrize(("currency", "amount"), [("ISK", 550), ("UGX", 5), ("KWD", 1234)])
def test_an_amount_that_nobody_can_pay_is_told_and_not_sent(stripe, currency, amount):
    plan = sold("Friend", amount, currency)
    status, _out, amiss = run()
    assert status == 1
    assert "nothing smaller than" in amiss
    assert at(stripe, "prices") == []
    with pytest.raises(client.Refused, match="nothing smaller than"):
        catalogue.price_at_stripe(plan.monthly_price())


def test_two_plans_never_become_one_product(stripe):
    sold("Friend")
    run()
    Plan.objects.update(slug="old-friend")
    sold("Friend 2", slug="friend")
    run()
    assert len(set(Plan.objects.values_list("stripe_product", flat=True))) == 2


@pytest.mark.parametrize(
    ("fault", "said"), [("500", "cannot be asked"), ("429", "asked too much"), ("reset", "cannot be asked")]
)
def test_without_stripe_the_command_says_so_and_what_was_made_is_kept(stripe, friend, fault, said):
    stripe.faults({"what": fault, "path": "/v1/prices", "method": "POST", "times": 9})
    with pytest.raises(CommandError, match=said):
        run()
    assert Plan.objects.get().stripe_product
    stripe.faults()
    assert run()[0] == 0
    assert len(at(stripe, "products")) == 1


def test_without_a_key_the_command_says_what_to_set(settings):
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="Set STRIPE_SECRET_KEY"):
        run()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_who_join_at_once_make_one_product_and_one_price(stripe):
    price, found = sold("Friend").monthly_price(), []

    def join():
        found.append(catalogue.price_at_stripe(Price.objects.select_related("plan").get(pk=price.pk)))
        connection.close()

    threads = [threading.Thread(target=join) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == len(at(stripe, "products")) == len(at(stripe, "prices")) == 1
