"""What becomes of a membership over months: payments that fail and succeed, refunds, disputes, slow banks, whatever
people do at Stripe itself. Told by webhooks alone, and the same as somebody would know who asks afresh (the list of
faults, A 39, 40, 45, 47, 49 to 52)."""

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from members.billing.catalogue import price_at_stripe
from members.billing.models import Customer, Event, Movement, Notice, Payment
from members.billing.refresh import fetch, write
from members.models import Membership, User
from members.standing import Status
from newsroom.ground.models import Deed
from tests.billing.paying import joined, subscription_of
from tests.billing.sandboxed import FAILS_LATER, NO_MONEY, SLOW, SLOW_AND_FAILS, NotPaid
from tests.billing.shop import price
from tests.billing.truth import holds
from tests.members.mail import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def hear(shop):
    """hear(): all that Stripe has told until now is delivered, and what follows of it is done."""
    stripe = Client(headers={"host": "localhost:8000", "user-agent": "Stripe/1.0"})

    def told():
        for _again in range(3):
            shop.deliver(stripe)
            work()
        assert not Event.objects.filter(status__in=["waiting", "failed"]).exists()

    return told


@pytest.fixture
def life(time, hear):
    """life(days=…): so much time passes, at Stripe and here, and all that was told is heard."""

    def goes_on(**much):
        time.passes(**much)
        hear()

    return goes_on


def held():
    return Membership.objects.select_related("plan").get()


def is_member():
    return held().standing_at(timezone.now()).member


def kinds():
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True))


def newest_charge(shop, customer):
    return shop.client.v1.charges.list({"customer": customer.stripe_id}).data[0]


def made(plan):
    """A plan's price at Stripe."""
    return price_at_stripe(price(plan))


# 47: payments fail.


def test_a47_past_due_and_then_paid(life, shop, leyla, now):
    customer = joined(shop, leyla)
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    life(days=30, hours=2)
    assert (held().status, is_member()) == (Status.PAST_DUE, True)
    assert kinds() == ["welcome", "payment_failed"]
    shop.control("decline", customer=customer.stripe_id, code="")
    life(days=3)
    assert (held().status, held().failed_at, is_member()) == (Status.ACTIVE, None, True)
    assert kinds() == ["welcome", "payment_failed"]
    assert holds(leyla, timezone.now())
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    life(days=28)
    assert kinds() == ["welcome", "payment_failed", "payment_failed"], "the next failure is another one"
    assert holds(leyla, timezone.now())


@pytest.mark.parametrize(("after", "status"), [("unpaid", Status.UNPAID), ("cancel", Status.CANCELED)])
def test_a47_past_due_until_the_grace_is_over_and_then_given_up(life, shop, leyla, after, status):
    shop.set(after_dunning=after)
    joined(shop, leyla, FAILS_LATER)
    life(days=30, hours=2)
    failed = held().failed_at
    life(days=13)
    assert (held().status, is_member()) == (Status.PAST_DUE, True)
    assert failed == held().failed_at, "counted from the first failure, however often it is tried"
    life(days=1)
    assert not is_member()
    life(days=10)
    assert (held().status, is_member()) == (status, False)
    assert kinds() == ["welcome", "payment_failed", "ended"]
    assert holds(leyla, timezone.now())
    assert sum(Movement.objects.values_list("amount", flat=True)) == 0


def test_a47_what_ended_unpaid_asks_for_nothing_any_more(life, shop, leyla):
    """Who paid the last bill of a membership that is over would get nothing for it."""
    customer = joined(shop, leyla, FAILS_LATER)
    life(days=30, hours=2)
    life(days=30)
    assert held().status == Status.CANCELED
    invoices = shop.client.v1.invoices.list({"customer": customer.stripe_id}).data
    assert [invoice.status for invoice in invoices] == ["void", "paid"]
    assert Customer.objects.get().owed_url == ""
    assert holds(leyla, timezone.now())


def test_a47_what_was_given_up_as_unpaid_is_paid_after_all(life, shop, leyla):
    shop.set(after_dunning="unpaid")
    customer = joined(shop, leyla)
    shop.control("decline", customer=customer.stripe_id, code="insufficient_funds")
    life(days=50)
    assert held().status == Status.UNPAID
    assert held().standing_at(timezone.now()).owes
    shop.control("decline", customer=customer.stripe_id, code="")
    for invoice in shop.client.v1.invoices.list({"customer": customer.stripe_id, "status": "open"}).data:
        shop.client.v1.invoices.pay(invoice.id)
    life(hours=1)
    assert (held().status, is_member()) == (Status.ACTIVE, True)
    assert list(Movement.objects.order_by("pk").values_list("kind", flat=True)) == ["new", "churned", "recovered"]
    assert holds(leyla, timezone.now())


# 49: what was paid goes back.


def test_a49_a_partial_refund_changes_nothing_but_the_books(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.refunds.create({"charge": newest_charge(shop, customer).id, "amount": 200})
    life(hours=1)
    assert is_member()
    assert (Payment.objects.get().refunded, Payment.objects.get().state) == (200, "paid")
    assert holds(leyla, timezone.now())


def test_a49_a_full_refund_ends_it_here_and_at_stripe(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.refunds.create({"charge": newest_charge(shop, customer).id})
    life(hours=1)
    assert (held().status, is_member()) == (Status.CANCELED, False)
    assert subscription_of(shop, customer)["status"] == "canceled"
    assert Payment.objects.get().state == "refunded"
    assert kinds() == ["welcome", "ended"]
    assert Deed.objects.get(deed="ended a subscription").key == leyla.key
    life(days=40)
    assert kinds().count("ended") == 1
    assert Payment.objects.count() == 1, "nothing is charged any more"
    assert holds(leyla, timezone.now())


@pytest.mark.parametrize(
    ("outcome", "status", "state"), [("won", Status.ACTIVE, "paid"), ("lost", Status.CANCELED, "lost")]
)
def test_a49_a_dispute_suspends_until_it_is_decided(life, shop, leyla, outcome, status, state):
    customer = joined(shop, leyla)
    dispute = shop.control("dispute", charge=newest_charge(shop, customer).id)
    life(hours=1)
    assert (held().status, is_member(), Payment.objects.get().state) == (Status.SUSPENDED, False, "disputed")
    assert holds(leyla, timezone.now())
    shop.control("close_dispute", dispute=dispute["id"], status=outcome)
    life(hours=1)
    assert (held().status, is_member(), Payment.objects.get().state) == (status, outcome == "won", state)
    assert (subscription_of(shop, customer)["status"] == "canceled") is (outcome == "lost")
    assert holds(leyla, timezone.now())


# 50: banks that take days.


def test_a50_a_debit_that_succeeds_days_later(life, shop, leyla):
    joined(shop, leyla, SLOW)
    life(hours=1)
    assert Payment.objects.get().state == "pending"
    life(days=4)
    assert (is_member(), Payment.objects.get().state) == (True, "paid")
    assert kinds() == ["welcome"]
    assert holds(leyla, timezone.now())
    life(days=31)
    assert is_member()
    life(days=4)
    assert (is_member(), sorted(Payment.objects.values_list("state", flat=True))) == (True, ["paid", "paid"])


def test_a50_a_debit_that_fails_days_later(life, shop, leyla):
    joined(shop, leyla, SLOW_AND_FAILS)
    life(days=4)
    assert Payment.objects.get().state == "failed"
    life(days=25)
    assert not is_member()
    assert holds(leyla, timezone.now())


# 51: at Stripe itself.


def test_a51_a_customer_who_is_deleted_at_stripe(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.customers.delete(customer.stripe_id)
    life(hours=1)
    assert (held().status, is_member()) == (Status.CANCELED, False)
    assert Customer.objects.get().deleted_at
    assert holds(leyla, timezone.now())
    assert joined(shop, leyla).stripe_id != customer.stripe_id, "who comes back is another one there"
    life(hours=1)
    assert is_member()


def test_a51_a_picture_of_a_deleted_customer_is_none_of_the_one_that_came_after(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.customers.delete(customer.stripe_id)
    old = fetch(customer.pk)
    life(hours=1)
    again = joined(shop, leyla)
    older = old._replace(ticket=again.ticket + 9)
    with transaction.atomic():
        assert not write(older, timezone.now())
    assert is_member()


def test_a51_a_subscription_that_somebody_made_by_hand_at_stripe(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, customer)["id"])
    life(hours=1)
    method = shop.client.v1.payment_methods.list({"customer": customer.stripe_id}).data[0].id
    shop.client.v1.subscriptions.create(
        {"customer": customer.stripe_id, "items": [{"price": made("Friend")}],
         "default_payment_method": method}
    )  # fmt: skip
    life(hours=1)
    assert (held().plan.name, is_member()) == ("Friend", True)
    assert holds(leyla, timezone.now())


def test_a51_a_second_one_made_by_hand_is_left_to_a_person(life, shop, leyla, caplog):
    customer = joined(shop, leyla)
    life(days=1)
    method = shop.client.v1.payment_methods.list({"customer": customer.stripe_id}).data[0].id
    second = shop.client.v1.subscriptions.create(
        {"customer": customer.stripe_id, "items": [{"price": made("Friend")}], "default_payment_method": method}
    )
    life(hours=1)
    assert held().plan.name == "Reader"
    assert shop.client.v1.subscriptions.retrieve(second.id).status == "active"
    assert caplog.text.count(f"has a second subscription that was not bought here: {second.id}") == 1
    assert Deed.objects.get(deed="found a second subscription").key == leyla.key
    assert holds(leyla, timezone.now())


# 52: prices.


def test_a52_a_price_that_is_archived_at_stripe_is_paid_on(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.prices.update(subscription_of(shop, customer)["items"]["data"][0]["price"]["id"], {"active": False})
    life(days=31)
    assert (is_member(), Payment.objects.count()) == (True, 2)
    assert holds(leyla, timezone.now())


def test_a52_another_currency_is_another_subscription(life, shop, leyla):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, customer)["id"])
    life(hours=1)
    # Stripe holds a customer to one currency while a subscription runs: whoever comes back may choose another.
    joined(shop, leyla, wanted=price(currency="USD"))
    life(hours=1)
    assert (held().currency, held().amount) == ("USD", 600)
    sums = {one: sum(Movement.objects.filter(currency=one).values_list("amount", flat=True)) for one in ("EUR", "USD")}
    assert sums == {"EUR": 0, "USD": 600}


@pytest.mark.parametrize(("percent", "amount"), [(100, 0), (40, 300)])
def test_a52_what_is_taken_off_for_ever_is_what_it_costs(life, shop, leyla, percent, amount):
    coupon = shop.client.v1.coupons.create({"percent_off": percent, "duration": "forever"})
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.update(subscription_of(shop, customer)["id"], {"discounts": [{"coupon": coupon.id}]})
    life(days=31)
    assert (is_member(), held().amount) == (True, amount)
    assert sum(Movement.objects.values_list("amount", flat=True)) == amount
    assert holds(leyla, timezone.now())


# 45: addresses.


def test_a45_an_address_that_is_changed_at_stripe_to_one_that_somebody_else_owns(life, shop, leyla, aram):
    customer = joined(shop, leyla)
    shop.client.v1.customers.update(customer.stripe_id, {"email": aram.email})
    life(hours=1)
    assert User.objects.get(pk=leyla.pk).email == "leyla@example.com"
    assert held().user == leyla
    assert not Membership.objects.filter(user=aram).exists()
    assert holds(leyla, timezone.now())


def test_a45_whoever_pays_at_stripe_under_a_members_address_is_nobody_here(life, shop, leyla):
    """Accounts are found by the customer's id that is kept here, and never by what somebody typed at Stripe."""
    shop.subscribe(price=shop.client.v1.prices.retrieve(made("Reader")), email=leyla.email)
    life(hours=1)
    assert not Membership.objects.exists()


# 39, 40: clocks.


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a39_a_clock_that_is_wrong_by_minutes_moves_an_end_by_minutes_and_nothing_else(
    life, shop, leyla, time_machine, minutes
):
    customer = joined(shop, leyla)
    shop.client.v1.subscriptions.update(subscription_of(shop, customer)["id"], {"cancel_at_period_end": True})
    life(hours=1)
    ends = held().ends_at
    wrong = timezone.timedelta(minutes=minutes)
    time_machine.move_to(ends + wrong - timezone.timedelta(seconds=1), tick=False)
    assert is_member() is (minutes < 0)
    assert held().ends_at == ends
    time_machine.move_to(ends + abs(wrong), tick=False)
    assert not is_member()


def test_a39_the_signature_of_a_note_bears_a_clock_that_is_wrong_by_less_than_five_minutes(shop, leyla, hear, time):
    joined(shop, leyla)
    stripe = Client(headers={"host": "localhost:8000"})
    moment = timezone.now().timestamp()
    for away, status in ((-290, 200), (290, 200), (-600, 400), (600, 400)):
        assert shop.pending(at=moment + away)[0].post(stripe).status_code == status


@pytest.mark.parametrize(("start", "moments"), [
    ("2027-01-31T12:00:00+00:00", ["2027-02-28", "2027-03-31", "2027-04-30"]),
    ("2028-02-29T12:00:00+00:00", ["2028-03-29", "2028-04-29", "2028-05-29"]),
    ("2027-03-27T23:30:00+00:00", ["2027-04-27", "2027-05-27", "2027-06-27"]),
])  # fmt: skip
def test_a40_renewals_at_the_ends_of_months_in_leap_years_and_when_clocks_change(
    life, time, shop, leyla, start, moments
):
    shop.freeze(start)
    time.set()
    joined(shop, leyla)
    for moment in moments:
        assert f"{held().renews_at:%Y-%m-%d}" == moment
        assert held().renews_at.strftime("%H:%M") == start[11:16]
        seconds = int((held().renews_at - timezone.now()).total_seconds())
        life(seconds=seconds + 7200)
        assert is_member()
    assert Payment.objects.count() == 4
    assert holds(leyla, timezone.now())


def test_a40_a_year_from_a_leap_day(life, time, shop, leyla):
    shop.freeze("2028-02-29T12:00:00+00:00")
    time.set()
    joined(shop, leyla, wanted=price(interval="year"))
    assert f"{held().renews_at:%Y-%m-%d %H:%M}" == "2029-02-28 12:00"
    life(days=365, hours=2)
    assert (is_member(), Payment.objects.count()) == (True, 2)
    assert f"{held().renews_at:%Y-%m-%d}" == "2030-02-28"


def test_who_could_not_pay_at_all_was_never_a_member(life, shop, leyla):
    with pytest.raises(NotPaid):
        joined(shop, leyla, NO_MONEY)
    life(days=2)
    assert not Membership.objects.filter(status__in=["active", "trialing"]).exists()
    assert "welcome" not in kinds()
