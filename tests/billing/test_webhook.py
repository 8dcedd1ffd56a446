"""Whatever Stripe delivers, as often and in whatever order, what is known here is what Stripe knows (the list of
faults, A 1 to 15, 41, 43, 44)."""

import re

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils import timezone

from members.billing import client, inbox, webhooks
from members.billing.checkout import Places, contribute
from members.billing.models import Customer, Event, Movement, Notice, Payment
from members.billing.refresh import refresh
from members.models import Membership, User
from members.standing import Status
from newsroom.management.commands.serve import THREADS
from tests.billing.notes import note, post
from tests.billing.paying import joined, subscription_of
from tests.billing.sandboxed import SECRET, WORKS
from tests.billing.truth import holds, known, mails
from tests.conftest import PASSWORD
from tests.members.mail import work

pytestmark = pytest.mark.django_db
State = Event.State


@pytest.fixture
def stripe():
    return Client(headers={"host": "localhost:8000", "user-agent": "Stripe/1.0"})


@pytest.fixture
def bought(time, shop, leyla):
    """Leyla has paid, and nothing has told it here yet. The value is her Customer."""
    customer = joined(shop, leyla)
    forget()
    return customer


def forget():
    for model in (Membership, Notice, Movement, Payment, Event):
        model.objects.all().delete()
    Customer.objects.update(card_last4="")


def statuses(responses):
    return {response.status_code for response in responses}


def test_all_that_stripe_tells_of_one_who_joins_makes_one_member(bought, shop, stripe, leyla, now):
    before = mails()
    assert statuses(shop.deliver(stripe)) == {200}
    held = Membership.objects.get(user=leyla)
    assert (held.status, held.plan.name, held.amount, held.currency) == (Status.ACTIVE, "Reader", 500, "EUR")
    assert (bought.user.membership.pk, Customer.objects.get().card_last4) != (held.pk, "")
    assert Notice.objects.get().kind == "welcome"
    assert mails() == before + 1
    assert holds(leyla, now)
    assert not Event.objects.exclude(status__in=[State.DONE, State.IGNORED]).exists()


def test_a01_the_same_event_twice_in_a_row_is_looked_into_once(bought, shop, stripe, leyla, now):
    (told,) = shop.pending("customer.subscription.created")
    before = len(shop.requests())
    assert told.post(stripe).status_code == told.post(stripe).status_code == 200
    assert (Event.objects.count(), mails()) == (1, 2)
    asked = len(shop.requests()) - before
    told.post(stripe)
    assert len(shop.requests()) - before == asked
    assert holds(leyla, now)


def test_a04_updated_before_created(bought, shop, stripe, leyla, now):
    shop.client.v1.subscriptions.update(subscription_of(shop, bought)["id"], {"cancel_at_period_end": True})
    for told in [*shop.pending("customer.subscription.updated"), *shop.pending("customer.subscription.created")]:
        assert told.post(stripe).status_code == 200
    assert Membership.objects.get().ends_at
    assert holds(leyla, now)


def test_a05_deleted_and_then_a_late_update_stays_ended(bought, shop, stripe, leyla, now):
    stripe_id = subscription_of(shop, bought)["id"]
    shop.client.v1.subscriptions.update(stripe_id, {"metadata": {"a": "b"}})
    late = shop.pending("customer.subscription.updated")
    shop.client.v1.subscriptions.cancel(stripe_id)
    (deleted,) = shop.pending("customer.subscription.deleted")
    deleted.post(stripe)
    for told in late:
        assert told.told["data"]["object"]["status"] == "active"
        told.post(stripe)
    assert Membership.objects.get().status == Status.CANCELED
    assert holds(leyla, now)


def test_a06_an_incomplete_one_that_is_told_after_it_runs(bought, shop, stripe, leyla, now):
    (created,) = shop.pending("customer.subscription.created")
    refresh(bought.pk)
    shop.control(
        "emit", type="customer.subscription.created", object={**created.told["data"]["object"], "status": "incomplete"}
    )
    shop.deliver(stripe, order=lambda found: found[::-1])
    assert Membership.objects.get().status == Status.ACTIVE
    assert holds(leyla, now)


def test_a07_an_invoice_that_was_paid_before_any_subscription_is_known(bought, shop, stripe, leyla, now):
    (paid,) = shop.pending("invoice.paid")
    assert paid.post(stripe).status_code == 200
    assert Membership.objects.get().status == Status.ACTIVE
    assert holds(leyla, now)


def test_a08_a_customer_whom_nobody_knows(shop, stripe):
    shop.subscribe(email="stranger@example.com")
    assert statuses(shop.deliver(stripe)) == {200}
    assert not Membership.objects.exists()
    assert set(Event.objects.values_list("status", flat=True)) == {State.IGNORED}


def test_a09_a_deleted_account_gets_nothing_and_its_customer_is_forgotten(bought, shop, stripe, leyla, now):
    leyla.erased_at = now
    leyla.save()
    before = mails()
    shop.deliver(stripe)
    assert mails() == before
    assert not Notice.objects.exists()
    work()
    assert subscription_of_deleted(shop, bought) == "canceled"
    shop.deliver(stripe)
    assert Membership.objects.get().status == Status.CANCELED
    assert Customer.objects.get().deleted_at
    assert Customer.objects.get().card_last4 == ""


def subscription_of_deleted(shop, customer):
    assert shop.client.v1.customers.retrieve(customer.stripe_id).deleted
    return shop.client.v1.subscriptions.retrieve(Membership.objects.get().stripe_subscription).status


def test_a10_the_product_of_another_application_makes_nobody_a_member(shop, stripe, time, leyla, now):
    hat = shop.price(900, name="A hat a month")
    customer = joined(shop, leyla)
    session = shop.client.v1.checkout.sessions.create(
        {"mode": "subscription", "customer": customer.stripe_id, "success_url": "http://localhost:8000/",
         "line_items": [{"price": hat.id, "quantity": 1}]}
    )  # fmt: skip
    shop.pay(session.url, WORKS)
    shop.deliver(stripe)
    held = Membership.objects.get()
    assert (held.amount, held.plan.name) == (500, "Reader")
    assert [payment["amount"] for payment in known(leyla)["payments"]] == [500]
    assert holds(leyla, now)


def test_a11_a_type_that_nobody_knows_is_kept_and_nothing_is_asked(bought, shop, stripe):
    before = len(shop.requests())
    assert post(stripe, note("treasury.of_tomorrow.opened", customer=bought.stripe_id)).status_code == 200
    assert Event.objects.get().status == State.IGNORED
    assert len(shop.requests()) == before


@pytest.mark.parametrize(("live", "told"), [(False, True), (True, False), (False, None), (False, "true"), (False, 1)])
def test_a12_test_money_and_real_money_are_never_mixed_up(bought, stripe, settings, live, told):
    settings.STRIPE_LIVE = live
    assert post(stripe, note(customer=bought.stripe_id, livemode=told)).status_code == 200
    assert Event.objects.get().status == State.IGNORED
    assert not Membership.objects.exists()


def test_a12_a_customer_of_the_other_mode_is_not_asked_for(bought, shop, settings):
    before = len(shop.requests())
    settings.STRIPE_LIVE = True
    assert refresh(bought.pk) is False
    assert len(shop.requests()) == before


def test_a13_an_event_in_an_older_shape_tells_no_less(bought, shop, stripe, leyla, now):
    old = {
        "id": subscription_of(shop, bought)["id"], "object": "subscription", "customer": bought.stripe_id,
        "current_period_end": 1, "status": "canceled", "plan": {"id": "old"}, "items": None,
    }  # fmt: skip
    assert post(stripe, note(data={"object": old}, api_version="2019-01-01")).status_code == 200
    assert Membership.objects.get().status == Status.ACTIVE
    assert holds(leyla, now)


@pytest.mark.parametrize("change", [
    {"items": {"object": "list", "data": []}}, {"discounts": None, "metadata": None}, {"latest_invoice": None},
    {"default_payment_method": None, "pause_collection": None, "cancel_at": None}, {"of_tomorrow": {"a": [1]}},
])  # fmt: skip
def test_a14_a15_a_subscription_of_another_shape_breaks_nothing(bought, shop, stripe, leyla, now, change):
    shop.control("alter", id=subscription_of(shop, bought)["id"], change=change, event="customer.subscription.updated")
    assert statuses(shop.deliver(stripe)) == {200}
    assert not Event.objects.filter(status=State.WAITING).exists()
    assert Membership.objects.exists() is (change.get("items") is None)
    assert holds(leyla, now)


@pytest.mark.parametrize("told", [None, "", 7, {"id": None}, {"id": "cus_\0"}, ["cus_1"]])
def test_a15_a_customer_that_is_told_as_something_else(stripe, settings, told):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", [SECRET]
    assert post(stripe, note(customer=told)).status_code == 200
    assert (Event.objects.get().customer, Event.objects.get().status) == ("", State.IGNORED)


def test_a15_a_customer_that_is_told_as_a_whole(bought, stripe):
    post(stripe, note(customer={"id": bought.stripe_id, "object": "customer"}))
    assert Event.objects.get().status == State.DONE


def test_every_order_of_what_is_told_comes_to_the_same(bought, shop, stripe, leyla, now):
    """Of the events that matter each may be the first, and the last."""
    shop.client.v1.subscriptions.update(subscription_of(shop, bought)["id"], {"cancel_at_period_end": True})
    told = [one for one in shop.pending() if one.type in inbox.WHOSE]
    assert len(told) > 3
    turned = [told[n:] + told[:n] for n in range(len(told))]
    for order in [*turned, told[::-1]]:
        forget()
        assert statuses([one.post(stripe) for one in order]) == {200}
        assert holds(leyla, now)


# What is given once, by who has no account: no customer has a part in it.


def gift(shop):
    """A stranger's gift, paid and not told of yet; its payment intent."""
    places = Places("http://localhost:8000/contribute/done/", "http://localhost:8000/contribute/")
    shop.pay(contribute(None, 2000, "EUR", places, "A gift"), WORKS)
    return shop.client.v1.payment_intents.list().data[0]


def test_a_strangers_gift_is_written_down_and_followed(shop, stripe):
    paid = gift(shop)
    shop.deliver(stripe)
    assert Event.objects.get(type="checkout.session.completed").status == State.DONE
    assert (Payment.objects.get().user, Payment.objects.get().state) == (None, "paid")
    shop.client.v1.refunds.create({"payment_intent": paid.id, "amount": 500})
    shop.deliver(stripe)
    assert (Payment.objects.get().refunded, Event.objects.get(type="charge.refunded").status) == (500, State.DONE)
    shop.control("dispute", charge=paid.latest_charge)
    shop.deliver(stripe)
    assert (Payment.objects.get().state, Event.objects.get(type="charge.dispute.created").status) == (
        "disputed",
        State.DONE,
    )


def test_money_of_another_application_goes_back_and_nothing_is_written_here(shop, stripe):
    shop.subscribe()
    (charge,) = shop.client.v1.charges.list().data
    shop.client.v1.refunds.create({"charge": charge.id})
    shop.deliver(stripe)
    assert Event.objects.get(type="charge.refunded").status == State.IGNORED
    assert not Payment.objects.exists()


def test_a_charge_without_a_payment_of_its_own_and_things_that_are_gone(shop, stripe):
    shop.subscribe()
    (charge,) = shop.client.v1.charges.list().data
    shop.control("alter", id=charge.id, change={"payment_intent": None}, event="charge.refunded")
    shop.deliver(stripe)
    assert Event.objects.get(type="charge.refunded").status == State.IGNORED
    post(stripe, note("charge.dispute.created", "du_of_nobody"))
    post(stripe, note("checkout.session.completed", "cs_of_nobody"))
    assert set(Event.objects.values_list("status", flat=True)) == {State.IGNORED}


# What goes wrong on the way.


@pytest.mark.parametrize("what", ["500", "429", "reset"])
@pytest.mark.parametrize("path", ["/v1/customers", "/v1/subscriptions", "/v1/invoices", "/v1/payment_intents"])
def test_a43_stripe_is_in_trouble_while_it_is_asked(bought, shop, stripe, leyla, time, now, what, path):
    # The library itself tries once more where Stripe does not ask for a pause.
    shop.faults({"what": what, "path": path, "times": 1 if what == "429" else 2})
    (told,) = shop.pending("customer.subscription.created")
    assert told.post(stripe).status_code == 200
    event = Event.objects.get()
    assert (event.status, event.attempts, event.error) == (State.WAITING, 1, "Unavailable")
    assert not Membership.objects.exists()
    inbox.run_due(event.next_at)
    assert not Membership.objects.exists(), "not before its time"
    time.passes(seconds=inbox.BACKOFF[0] + 1)
    inbox.run_due(timezone.now())
    assert Event.objects.get().status == State.DONE
    assert Membership.objects.get().status == Status.ACTIVE
    assert holds(leyla, now)


def test_a43_stripe_answers_with_rubbish_or_not_in_time(bought, shop, stripe, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", (1, 1))
    client._client.cache_clear()
    for what in ("nothing", "timeout"):
        shop.faults({"what": what, "path": "/v1/subscriptions", "times": 2, "seconds": 2})
        assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
    assert set(Event.objects.values_list("status", "error")) == {(State.WAITING, "Unavailable")}
    client._client.cache_clear()


def test_a43_an_event_is_tried_for_three_days_and_then_left_to_a_person(bought, shop, stripe, time, now):
    shop.faults({"what": "500", "path": "/v1/", "times": 1000})
    post(stripe, note(customer=bought.stripe_id))
    for tried, pause in enumerate(inbox.BACKOFF, start=1):
        assert (Event.objects.get().attempts, Event.objects.get().status) == (tried, State.WAITING)
        time.passes(seconds=pause)
        inbox.run_due(Event.objects.get().next_at)
    event = Event.objects.get()
    assert (event.status, event.next_at, event.attempts) == (State.FAILED, None, len(inbox.BACKOFF) + 1)
    assert sum(inbox.BACKOFF) >= 2.5 * 86_400
    shop.faults()
    assert inbox.again(Event.objects.all()) == 1
    inbox.run_due(event.received_at.replace(year=2100))
    assert Event.objects.get().status == State.DONE


def test_what_an_error_says_is_kept_nowhere(bought, stripe, monkeypatch, caplog):
    """Its class alone: what it says may be of a card, or an address."""

    def broken(_customer):
        raise ValueError("4242 4242 4242 4242 of leyla@example.com")

    monkeypatch.setattr(inbox, "refresh", broken)
    assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
    assert Event.objects.get().error == "ValueError"
    assert "4242" not in caplog.text
    assert "@" not in caplog.text


def test_a41_while_migrations_are_pending_stripe_is_asked_to_come_again(bought, shop, stripe, monkeypatch):
    told = iter(["has migrations pending", "has migrations pending", ""])
    monkeypatch.setattr(webhooks.health, "database", lambda: next(told))
    webhooks._ready.clear()
    for wanted in (503, 503, 200, 200):
        answer = post(stripe, note("invoice.created"))
        assert answer.status_code == wanted
        assert ("Retry-After" in answer) is (wanted == 503)
    assert Event.objects.count() == 2


@pytest.mark.parametrize("error", [OperationalError("gone"), DatabaseError("no such table")])
def test_a41_a_database_that_is_away_is_no_fault_of_stripes(bought, stripe, monkeypatch, error):
    def away(*_args, **_named):
        raise error

    monkeypatch.setattr(inbox, "keep", away)
    answer = post(stripe, note(customer=bought.stripe_id))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    monkeypatch.undo()
    assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
    assert Membership.objects.exists()


def test_a_database_that_goes_away_once_the_event_is_kept_costs_no_second_delivery(bought, stripe, monkeypatch, now):
    def away(*_args, **_named):
        raise OperationalError("gone")

    monkeypatch.setattr(inbox, "attempt", away)
    assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
    event = Event.objects.get()
    assert event.status == State.WAITING
    assert inbox.LEASE.total_seconds() - 5 <= (event.next_at - event.received_at).total_seconds()


def test_a44_what_is_written_down_and_the_mail_about_it_are_there_together_or_not_at_all(
    bought, stripe, leyla, now, monkeypatch, shop
):
    """So a mail is queued exactly once, whenever the process is killed; from the queue it is sent at least once, by one
    Message-ID."""
    before = mails()

    def killed(*_args):
        raise SystemExit

    monkeypatch.setattr("members.billing.refresh._put_right", killed)
    with pytest.raises(SystemExit):
        refresh(bought.pk)
    assert (mails(), Notice.objects.count(), Membership.objects.count(), Movement.objects.count()) == (before, 0, 0, 0)
    monkeypatch.undo()
    shop.deliver(stripe)
    assert (mails(), Notice.objects.count(), Membership.objects.count()) == (before + 1, 1, 1)
    assert holds(leyla, now)


# How many are looked into at once.


def test_no_more_are_looked_into_at_once_than_leaves_readers_a_thread(bought, shop, stripe, now):
    assert webhooks.AT_ONCE < THREADS
    for _turn in range(webhooks.AT_ONCE):
        assert webhooks._turns.acquire(blocking=False)
    try:
        before = len(shop.requests())
        assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
        assert len(shop.requests()) == before
    finally:
        for _turn in range(webhooks.AT_ONCE):
            webhooks._turns.release()
    event = Event.objects.get()
    assert (event.status, event.next_at) == (State.WAITING, event.received_at)
    inbox.run_due(event.next_at)
    assert Event.objects.get().status == State.DONE
    assert post(stripe, note(customer=bought.stripe_id)).status_code == 200
    assert not Event.objects.filter(status=State.WAITING).exists(), "the turns are given back"


def test_two_workers_do_not_run_the_same_event(bought, now):
    event = inbox.event_of({"id": "evt_1", "type": "invoice.paid", "created": 1, "livemode": False,
                            "data": {"object": {"id": "in_1", "customer": bought.stripe_id}}}, now)  # fmt: skip
    assert inbox.keep(event, now)
    assert inbox._claimed(event.pk)
    assert inbox._claimed(event.pk) is None


def test_a_round_of_the_worker_ends_where_stripe_cannot_be_asked(bought, shop, now):
    for number in range(3):
        event = Event(
            stripe_id=f"evt_{number}", type="invoice.paid", customer=bought.stripe_id, made_at=now, received_at=now
        )
        inbox.keep(event, now)
    shop.faults({"what": "500", "path": "/v1/customers", "times": 2})
    inbox.run_due(now)
    assert sorted(Event.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    inbox.run_due(now)
    assert Event.objects.filter(status=State.DONE).count() == 2


def test_an_event_that_breaks_something_holds_up_no_other(bought, now, monkeypatch):
    whole = inbox._run
    monkeypatch.setattr(inbox, "_run", lambda event: whole(event) if event.stripe_id != "evt_0" else 1 / 0)
    for number in range(3):
        told = Event(
            stripe_id=f"evt_{number}", type="invoice.paid", customer=bought.stripe_id, made_at=now, received_at=now
        )
        inbox.keep(told, now)
    inbox.run_due(now)
    assert sorted(Event.objects.values_list("stripe_id", "status", "error")) == [
        ("evt_0", "waiting", "ZeroDivisionError"), ("evt_1", "done", ""), ("evt_2", "done", ""),
    ]  # fmt: skip


def test_without_a_key_what_waits_waits(bought, settings, now):
    inbox.keep(Event(stripe_id="evt_1", type="invoice.paid", made_at=now, received_at=now), now)
    settings.STRIPE_SECRET_KEY = ""
    inbox.run_due(now)
    assert Event.objects.get().attempts == 0


def test_events_are_kept_for_three_months(now):
    for days in (89, 91):
        Event.objects.create(
            stripe_id=f"evt_{days}", type="x", made_at=now, received_at=now - inbox.timedelta(days=days)
        )
    inbox.forget_old_events(now)
    assert Event.objects.get().stripe_id == "evt_89"


def test_what_makes_a_member_here_is_the_payment_and_nothing_that_is_posted(stripe, settings, db):
    """An event with all the right words about somebody who never paid."""
    user = User.objects.create_user("thief@example.com", PASSWORD)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", [SECRET]
    Customer.objects.create(user=user, stripe_id=None)
    post(
        stripe,
        note(
            about="sub_1", customer="cus_1", data={"object": {"id": "sub_1", "status": "active", "customer": "cus_1"}}
        ),
    )
    assert not Membership.objects.exists()


def test_the_readme_names_the_events_to_be_sent_as_many_as_stripe_lists_together(settings):
    section = (settings.BASE_DIR / "README.md").read_text().split("## What Stripe tells")[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", section)) == set(inbox.WHOSE)
    assert len(inbox.WHOSE) <= 20
