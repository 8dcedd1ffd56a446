"""A newsroom moves in from elsewhere: its live subscriptions at Stripe become memberships here, and nobody pays anew."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from members.access import Audience
from members.billing import ledger
from members.billing.adopting import takeover
from members.billing.adopting.survey import survey
from members.billing.management.commands import adopt_subscriptions
from members.billing.models import Customer, Movement
from members.models import Membership, Plan, Price, User
from newsroom.ground.models import Deed
from tests.billing.sandboxed import DAY
from tests.conftest import GATED_WORD
from tests.members.mail import code_in, delivered
from tests.plans import sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe(settings, sandbox):
    """The Stripe account of the newsroom that moves in."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_of_the_sandbox", sandbox.url
    return sandbox


@pytest.fixture
def reader(db):
    return sold("Reader", 600, level=10)


@pytest.fixture
def patron(db):
    return sold("Patron", 2400, level=20)


@pytest.fixture
def old(stripe):
    """Prices that the other system sold: by a name."""
    gold = stripe.client.v1.products.create({"name": "Gold"}).id
    return {
        "month": stripe.price(500, name="Bronze"),
        "year": stripe.price(5500, interval="year", name="Silver"),
        "dollars": stripe.price(725, "usd", name="Overseas"),
        "gold": stripe.price(2000, product=gold),
        "gold year": stripe.price(20000, interval="year", product=gold),
    }


def lives(stripe, price, email="leyla@example.com", card="tok_visa", customer=None, **given):
    """A subscription that the other system sold: as Stripe has it."""
    api = stripe.client.v1
    customer = customer or api.customers.create({"email": email, "name": "Leyla of Elsewhere"}).id
    method = api.payment_methods.create({"type": "card", "card": {"token": card}})
    api.payment_methods.attach(method.id, {"customer": customer})
    api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
    items = given.pop("items", [{"price": price.id}])
    return api.subscriptions.create({"customer": customer, "items": items, **given})


def adopt(*options):
    """(status, what is printed, what is printed as amiss)."""
    out, err = StringIO(), StringIO()
    try:
        call_command("adopt_subscriptions", *options, stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def counts():
    return [model.objects.count() for model in (User, Customer, Membership, Price, Movement, Deed)]


def changes(stripe):
    """What was asked of Stripe that changes anything."""
    return [(one["method"], one["path"]) for one in stripe.requests() if one["method"] != "GET"]


def mapping(old):
    return ["--map", f"{old['month'].id}=reader", f"{old['year'].id}=reader", f"{old['dollars'].id}=reader",
            f"{old['gold'].product}=patron"]  # fmt: skip


@pytest.fixture
def everybody(stripe, old):
    """One of each kind, by the name in the address; what they bring in a month, in cents, and in what state."""
    api, month = stripe.client.v1, old["month"]
    stripe.freeze(int(time.time()) - 10 * DAY)
    forever = api.coupons.create({"percent_off": 20, "duration": "forever"}).id
    a_year = api.coupons.create(
        {"amount_off": 100, "currency": "eur", "duration": "repeating", "duration_in_months": 12}
    ).id
    lives(stripe, month, "owes@example.com", "tok_chargeCustomerFail", trial_period_days=2)
    stripe.advance(days=4)
    lives(stripe, month, "Monthly@Example.com")
    lives(stripe, old["year"], "yearly@example.com")
    lives(stripe, old["dollars"], "dollars@example.com")
    lives(stripe, month, "three@example.com", items=[{"price": month.id, "quantity": 3}])
    lives(stripe, old["gold"], "trial@example.com", trial_period_days=30)
    lives(stripe, old["gold"], "less@example.com", discounts=[{"coupon": forever}])
    lives(stripe, month, "friend@example.com", discounts=[{"coupon": a_year}])
    lives(stripe, month, "ends@example.com", cancel_at_period_end=True)
    lives(stripe, old["gold year"], "until@example.com", cancel_at=int(time.time()) + 90 * DAY)
    over = lives(stripe, month, "over@example.com")
    api.subscriptions.cancel(over.id)
    lives(stripe, month, "never@example.com", "tok_chargeCustomerFail")
    stripe.advance(days=6)
    return {
        "owes": (500, "past_due"), "monthly": (500, "active"), "yearly": (458, "active"), "three": (1500, "active"),
        "trial": (0, "trialing"), "less": (1600, "active"), "friend": (400, "active"), "ends": (500, "active"),
        "until": (1667, "active"), "dollars": (725, "active"),
    }  # fmt: skip


SUMS = "10 memberships, €71.25, $7.25 a month.\n"


@pytest.mark.usefixtures("reader", "patron")
def test_what_lives_elsewhere_lives_here_with_the_same_count_and_the_same_money(stripe, old, everybody):
    before, asked = counts(), changes(stripe)
    foreseen = adopt("--dry-run", *mapping(old))
    status, said, amiss = foreseen
    assert (status, amiss) == (0, "")
    assert f"{old['month'].id}, €5 a month → Reader: 5\n" in said
    assert f"{old['gold year'].id}, €200 a year → Patron: 1\n" in said
    kinds = (
        "10 new accounts; 1 on trial, which bring nothing yet; 2 about to end; 2 with a coupon; 0 to look at; 0 left"
    )
    assert kinds in said
    assert said.endswith(SUMS)
    assert counts() == before, "a dry run writes nothing"

    status, said, amiss = adopt(*mapping(old))
    assert (status, amiss) == (0, "")
    assert said == foreseen[1] + f"Taken over: {SUMS}"
    assert changes(stripe) == asked, "nothing is changed at Stripe"
    found = {row.user.email.partition("@")[0]: row for row in Membership.objects.select_related("user")}
    assert {
        name: (worth.monthly if (worth := ledger.worth(row)) else 0, row.status) for name, row in found.items()
    } == everybody
    assert found["monthly"].user.email == "monthly@example.com"
    assert {name for name, row in found.items() if row.plan.slug == "patron"} == {"trial", "less", "until"}
    # Trials, coupons and pending cancels are kept.
    day = timedelta(days=1)
    assert abs(found["trial"].trial_ends_at - timezone.now() - 24 * day) < day
    assert found["ends"].ends_at == found["ends"].renews_at
    assert abs(found["until"].ends_at - timezone.now() - 90 * day) < day
    assert (found["less"].amount, found["three"].amount) == (1600, 1500)


@pytest.mark.usefixtures("reader", "patron", "everybody")
def test_a_second_run_changes_nothing_and_asks_of_nobody_again(stripe, old):
    adopt(*mapping(old))
    before, rows = counts(), list(Membership.objects.order_by("pk").values())
    asked = len(stripe.requests())
    status, said, _amiss = adopt()
    assert (status, counts(), list(Membership.objects.order_by("pk").values())) == (0, before, rows)
    assert said.endswith(f"Taken over: {SUMS}"), "the prices are known by now, so that nothing has to be mapped"
    assert len(stripe.requests()) - asked == 3, "the lists alone"


@pytest.mark.usefixtures("patron")
def test_the_plan_owns_the_old_prices_and_offers_them_to_nobody_new(stripe, old, reader):
    lives(stripe, old["month"])
    adopt("--map", f"{old['month'].id}=reader")
    price = reader.prices.get(stripe_id=old["month"].id)
    assert (price.amount, price.currency, price.interval, price.is_offered) == (500, "EUR", "month", False)
    assert Membership.objects.get().price == price
    assert reader.monthly_price().amount == 600


def test_by_its_product_all_prices_of_a_kind_are_mapped_at_once_and_one_price_apart(stripe, old, reader, patron):
    lives(stripe, old["gold"], "a@example.com")
    lives(stripe, old["gold year"], "b@example.com")
    adopt("--map", f"{old['gold'].product}=patron", "--map", f"{old['gold year'].id}=reader")
    told = Membership.objects.order_by("user__email").values_list("plan__slug", flat=True)
    assert list(told) == ["patron", "reader"]


# Whose it is.


def test_who_has_an_account_here_keeps_it(stripe, old, reader, aram):
    subscription = lives(stripe, old["month"], "ARAM@example.com")
    status, said, _amiss = adopt("--map", f"{old['month'].id}=reader")
    assert status == 0
    assert "0 new accounts" in said
    assert User.objects.count() == 1
    assert (aram.membership.stripe_subscription, aram.customer.stripe_id) == (subscription.id, subscription.customer)
    assert Deed.objects.get().note == subscription.id


def test_a_customer_who_is_known_here_is_found_by_the_id_whatever_the_address(stripe, old, reader, aram):
    subscription = lives(stripe, old["month"], "elsewhere@example.com")
    Customer.objects.create(user=aram, stripe_id=subscription.customer)
    adopt("--map", f"{old['month'].id}=reader")
    assert Membership.objects.get().user == aram
    assert User.objects.count() == 1


def test_a_customer_that_stripe_deleted_is_followed_by_the_one_who_pays(stripe, old, reader, aram, now):
    Customer.objects.create(user=aram, stripe_id="cus_gone", deleted_at=now)
    subscription = lives(stripe, old["month"], aram.email)
    assert adopt("--map", f"{old['month'].id}=reader")[0] == 0
    assert Customer.objects.get().stripe_id == subscription.customer


def test_who_is_new_signs_in_by_a_code_and_reads(stripe, old, reader, stranger, story):
    article = story(audience=Audience.MEMBERS)
    customer = stripe.client.v1.customers.create({"email": "Leyla@example.com", "preferred_locales": ["ru", "en"]}).id
    lives(stripe, old["month"], customer=customer)
    adopt("--map", f"{old['month'].id}=reader")
    user = User.objects.get()
    assert (user.email, user.language, user.display_name) == ("leyla@example.com", "ru", "")
    assert not user.has_usable_password()
    stranger.post(reverse("account_request_login_code"), {"email": user.email})
    stranger.post(reverse("account_confirm_login_code"), {"code": code_in(delivered()[-1])})
    assert GATED_WORD in stranger.get(article.get_absolute_url()).content.decode()


# What cannot be taken over.


def refused(*options):
    """What is said of the one subscription that is refused, in a dry run and then a real one."""
    before, foreseen = counts(), adopt("--dry-run", *options)
    status, _said, amiss = adopt(*options)
    assert (status, amiss) == (foreseen[0], foreseen[2]) == (1, amiss)
    assert counts() == before
    return amiss


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recurring": {"interval": "week", "interval_count": 1, "usage_type": "licensed"}}, "is paid by the week"),
        ({"recurring": {"interval": "day", "interval_count": 1, "usage_type": "licensed"}}, "is paid by the day"),
        (
            {"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}},
            "costs by use or in tiers",
        ),
        ({"billing_scheme": "tiered", "unit_amount": None}, "costs by use or in tiers"),
        ({"unit_amount": None, "unit_amount_decimal": "0.5"}, "costs packages or parts of the smallest unit"),
        ({"transform_quantity": {"divide_by": 2, "round": "up"}}, "costs packages or parts of the smallest unit"),
    ],
)
def test_a_price_that_no_plan_can_have_is_refused_with_its_place_and_remedy(stripe, old, reader, change, said):
    subscription = lives(stripe, old["month"])
    stripe.control("alter", id=old["month"].id, change=change, event="price.updated")
    amiss = refused("--map", f"{old['month'].id}=reader")
    assert amiss.startswith(f"{subscription.id} of {subscription.customer} {said}")
    assert "at Stripe." in amiss


def test_two_prices_are_no_membership(stripe, old, reader):
    lives(stripe, old["month"], items=[{"price": old["month"].id}, {"price": old["gold"].id}])
    assert "has 2 prices" in refused("--map", f"{old['month'].id}=reader", f"{old['gold'].id}=reader")


def test_two_live_subscriptions_of_one_person_are_both_refused(stripe, old, reader):
    first = lives(stripe, old["month"])
    second = lives(stripe, old["gold"], customer=first.customer)
    third = lives(stripe, old["month"], "LEYLA@example.com")
    amiss = refused("--map", f"{old['month'].id}=reader", f"{old['gold'].id}=reader").splitlines()
    assert len(amiss) == 3, "another customer of the same address is the same person"
    assert f"is of somebody who has another as well, {second.id}, {third.id}." in amiss[0]


def test_who_is_a_member_already_stays_one_and_the_second_is_refused(stripe, old, reader):
    first = lives(stripe, old["month"])
    adopt("--map", f"{old['month'].id}=reader")
    second = lives(stripe, old["month"], customer=first.customer)
    status, _said, amiss = adopt()
    assert status == 1
    assert amiss.startswith(f"{second.id} of {second.customer} is of somebody who has another as well, {first.id}.")
    assert amiss.count("\n") == 1
    assert Membership.objects.get().stripe_subscription == first.id


def test_the_address_of_somebody_who_is_another_customer_is_refused(stripe, old, reader, aram):
    Customer.objects.create(user=aram, stripe_id="cus_other")
    lives(stripe, old["month"], "aram@example.com")
    amiss = refused("--map", f"{old['month'].id}=reader")
    assert f"has the address of the account {aram.key}, which is another customer, cus_other." in amiss


def test_a_customer_without_an_address_is_refused(stripe, old, reader):
    lives(stripe, old["month"], customer=stripe.client.v1.customers.create({"name": "Nobody"}).id)
    assert "without an address that mail could reach" in refused("--map", f"{old['month'].id}=reader")


def test_a_deleted_customer_is_refused(stripe, old, reader):
    subscription = lives(stripe, old["month"])
    stripe.control("alter", id=subscription.customer, change={"deleted": True}, event="customer.updated")
    assert "who was deleted at Stripe" in refused("--map", f"{old['month'].id}=reader")


def test_an_account_that_was_deleted_here_is_not_filled_again(stripe, old, reader, aram, now):
    subscription = lives(stripe, old["month"])
    Customer.objects.create(user=aram, stripe_id=subscription.customer)
    User.objects.update(erased_at=now)
    before = changes(stripe)
    assert "is of an account that was deleted here" in refused("--map", f"{old['month'].id}=reader")
    assert changes(stripe) == before


def paid(stripe, subscription):
    return stripe.client.v1.charges.list({"customer": subscription.customer}).data[0]


def test_what_was_given_back_in_full_is_refused_and_not_ended_by_the_way(stripe, old, reader):
    subscription = lives(stripe, old["month"])
    stripe.client.v1.refunds.create({"charge": paid(stripe, subscription).id})
    assert "was given back in full or lost to a dispute" in refused("--map", f"{old['month'].id}=reader")
    assert stripe.client.v1.subscriptions.retrieve(subscription.id).status == "active"


@pytest.mark.parametrize("amount", [100, 499])
def test_what_was_given_back_in_part_is_taken_over(stripe, old, reader, amount):
    subscription = lives(stripe, old["month"])
    stripe.client.v1.refunds.create({"charge": paid(stripe, subscription).id, "amount": amount})
    assert adopt("--map", f"{old['month'].id}=reader")[:2][0] == 0
    assert Membership.objects.get().status == "active"


def test_a_dispute_that_is_open_is_foreseen_and_brings_nothing(stripe, old, reader):
    stripe.control("dispute", charge=paid(stripe, lives(stripe, old["month"])).id)
    options = ["--map", f"{old['month'].id}=reader"]
    foreseen = adopt("--dry-run", *options)[1]
    assert "1 memberships, nothing a month." in foreseen
    assert adopt(*options)[:2] == (0, foreseen + "Taken over: 1 memberships, nothing a month.\n")
    assert Membership.objects.get().status == "suspended"


def discount(stripe, **more):
    """A fifth off for ever, as it hangs on a customer or an item."""
    coupon = stripe.client.v1.coupons.create({"percent_off": 20, "duration": "forever"})
    return {
        "id": "di_of_old", "object": "discount", "source": {"type": "coupon", "coupon": coupon.id}, "start": 1_760_000_000,
        **dict.fromkeys(["checkout_session", "customer", "customer_account", "end", "invoice", "invoice_item",
                         "promotion_code", "subscription", "subscription_item"]), **more,
    }  # fmt: skip


@pytest.mark.parametrize("hangs", ["on the customer", "on the item"])
def test_what_is_taken_off_a_customer_or_an_item_counts_to_the_cent(stripe, old, reader, hangs):
    subscription = lives(stripe, old["month"])
    if hangs == "on the customer":
        stripe.control(
            "alter", id=subscription.customer, change={"discount": discount(stripe)}, event="customer.updated"
        )
    else:
        told = stripe.client.v1.subscriptions.retrieve(subscription.id).to_dict(for_json=True)["items"]
        items = {**told, "data": [{**told["data"][0], "discounts": [discount(stripe)]}]}
        stripe.control("alter", id=subscription.id, change={"items": items}, event="customer.subscription.updated")
    full = stripe.client.v1.prices.retrieve(old["month"].id).unit_amount
    options = ["--map", f"{old['month'].id}=reader"]
    foreseen = adopt("--dry-run", *options)[1]
    status, said = adopt(*options)[:2]
    assert status == 0, said
    assert Membership.objects.get().amount == full * 4 // 5
    assert said.startswith(foreseen)


# Prices that belong to no plan, and what was told wrongly.


def test_prices_without_a_plan_stop_the_run_before_anything_is_written(stripe, old, reader):
    for number in range(2):
        lives(stripe, old["month"], f"{number}@example.com")
    lives(stripe, old["gold"], "gold@example.com")
    before = counts()
    with pytest.raises(CommandError) as caught:
        adopt("--map", f"{old['year'].id}=reader")
    assert "No live subscription has" in str(caught.value)
    with pytest.raises(CommandError) as caught:
        adopt()
    said = str(caught.value).splitlines()
    assert "Nothing was written." in said[0]
    assert said[1] == f"{old['month'].id}, €5 a month, of “Bronze” ({old['month'].product}): 2"
    assert said[2] == f"{old['gold'].id}, €20 a month, of “Gold” ({old['gold'].product}): 1"
    assert "--map PRICE=PLAN" in said[3]
    assert counts() == before


def test_a_price_without_a_plan_is_told_also_where_it_is_one_that_no_plan_can_have(stripe):
    weekly = stripe.price(200, interval="week", name="Weekly")
    lives(stripe, weekly)
    with pytest.raises(CommandError, match="by the week, or by use, of “Weekly”"):
        adopt()


def test_what_is_none_of_ours_is_left_where_it_is(stripe, old, reader):
    lives(stripe, old["month"])
    lives(stripe, old["gold"], "choir@example.com")
    status, said, _amiss = adopt("--map", f"{old['month'].id}=reader", "--leave", old["gold"].product)
    assert status == 0
    assert "1 left where they are" in said
    assert Membership.objects.count() == 1


def test_what_was_sold_here_already_needs_no_mapping_and_no_price_of_its_own(stripe, old, reader):
    Plan.objects.update(stripe_product=old["month"].product)
    lives(stripe, old["month"])
    before = Price.objects.count()
    assert adopt()[0] == 0
    assert (Membership.objects.get().plan, Price.objects.count()) == (reader, before)


@pytest.mark.parametrize(
    "told", ["{price}=nobody", "{price}=", "{price}", "=reader", "price_x=reader", "{price}=patron"]
)
def test_a_map_that_cannot_be_meant_is_refused_and_nothing_is_written(stripe, old, reader, patron, told):
    lives(stripe, old["month"])
    reader.prices.create(amount=500, stripe_id=old["month"].id, is_offered=False)
    before = counts()
    with pytest.raises(CommandError):
        adopt("--map", told.format(price=old["month"].id))
    assert counts() == before


# In the middle.


@pytest.mark.usefixtures("reader", "patron", "everybody")
@pytest.mark.parametrize("what", ["500", "429", "reset"])
def test_a_run_that_stripe_breaks_off_says_how_far_it_came_and_goes_on_when_run_again(stripe, old, what):
    seen = stripe.client.v1.subscriptions.list({"price": old["year"].id}).data[0].customer
    stripe.faults({"what": what, "path": f"/v1/customers/{seen}", "method": "GET", "times": 9})
    with pytest.raises(CommandError, match="2 of 10 are taken over"):
        adopt(*mapping(old))
    assert Membership.objects.count() == 2
    stripe.faults()
    status, said, _amiss = adopt(*mapping(old))
    assert status == 0
    assert "8 new accounts" not in said
    assert said.endswith(f"Taken over: {SUMS}")
    assert User.objects.count() == 10


def test_who_came_to_something_else_is_told(stripe, old, reader, monkeypatch):
    subscription = lives(stripe, old["month"])
    monkeypatch.setattr(takeover, "refresh", lambda customer: None)
    status, said, amiss = adopt("--map", f"{old['month'].id}=reader")
    assert status == 1
    assert amiss == f"{subscription.id} of {subscription.customer} came to no membership. Run it again.\n"
    assert said.endswith("Taken over: 0 memberships, nothing a month.\n")


def test_what_differs_from_stripe_is_put_right_by_another_run_or_told(stripe, old, reader, monkeypatch):
    lives(stripe, old["month"])
    adopt("--map", f"{old['month'].id}=reader")
    Membership.objects.update(status="canceled")
    with monkeypatch.context() as patch:
        patch.setattr(takeover, "refresh", lambda customer: None)
        status, _said, amiss = adopt()
        assert status == 1
        assert "came to canceled, €5 a month. Run it again." in amiss
    assert adopt()[0] == 0
    assert Membership.objects.get().status == "active"


def test_who_becomes_another_customer_while_the_run_is_on_is_not_overwritten(stripe, old, reader, aram):
    lives(stripe, old["month"], aram.email)
    found = survey({old["month"].id: reader})
    Customer.objects.create(user=aram, stripe_id="cus_newer")
    takeover.take(found)
    assert Customer.objects.get().stripe_id == "cus_newer"
    assert len(takeover.differing(found)) == 1


def test_without_stripe_nothing_is_written(stripe, settings):
    stripe.faults({"what": "500", "path": "/v1/subscriptions", "method": "GET", "times": 9})
    with pytest.raises(CommandError, match="Nothing was written"):
        adopt()
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="Set STRIPE_SECRET_KEY"):
        adopt()


def test_long_runs_tell_how_far_they_are(stripe, old, reader, monkeypatch):
    monkeypatch.setattr(adopt_subscriptions, "TOLD_EACH", 2)
    for number in range(5):
        lives(stripe, old["month"], f"{number}@example.com")
    said = adopt("--map", f"{old['month'].id}=reader")[1]
    assert "2 of 5\n4 of 5\n" in said
