"""Many at once about one customer, on PostgreSQL: each event once, the later picture wins, each mail once, and no lock
is held for the network's time (the list of faults, A 2, 3, 42)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from members.billing import client, inbox, payments
from members.billing.models import Customer, Event, Movement, Notice, Payment
from members.billing.refresh import fetch, refresh, write
from members.models import Membership
from members.standing import Status
from tests.billing.notes import note, post
from tests.billing.paying import joined, subscription_of
from tests.billing.truth import holds, mails

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MANY = 8


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Whoever waits for Stripe gets a turn, however slow this machine is."""
    monkeypatch.setattr(client, "PATIENCE", 60)


@pytest.fixture
def stripe():
    return Client(headers={"host": "localhost:8000", "user-agent": "Stripe/1.0"})


@pytest.fixture
def bought(time, shop, leyla):
    """Leyla has paid, and nothing has told it here yet. The value is her Customer."""
    customer = joined(shop, leyla)
    for model in (Membership, Notice, Movement, Payment):
        model.objects.all().delete()
    return customer


def at_once(*deeds):
    """What each of the deeds returns, all begun at the same moment, each with a connection of its own."""
    gate = threading.Barrier(len(deeds))

    def run(deed):
        try:
            gate.wait(timeout=30)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(run, deeds))


def test_a02_the_same_event_many_times_at_once_is_run_once(bought, shop, stripe, leyla):
    (told,) = shop.pending("invoice.paid")
    last, before = shop.requests()[-1]["id"], mails()
    answers = at_once(*[lambda: told.post(stripe)] * MANY)
    assert {answer.status_code for answer in answers} == {200}
    event = Event.objects.get()
    assert (event.status, event.attempts) == (Event.State.DONE, 0)
    assert len(shop.requests(path=f"/v1/customers/{bought.stripe_id}", after=last)) == 1
    assert mails() == before + 1
    assert holds(leyla, timezone.now())


def test_a03_all_events_of_one_subscription_at_once(bought, shop, stripe, leyla):
    shop.client.v1.subscriptions.update(subscription_of(shop, bought)["id"], {"cancel_at_period_end": True})
    told = [one for one in shop.pending() if one.type in inbox.WHOSE]
    before = mails()
    answers = at_once(*[lambda one=one: one.post(stripe) for one in told])
    assert {answer.status_code for answer in answers} == {200}
    while inbox.run_due(timezone.now()) or Event.objects.due(timezone.now()).exists():
        pass
    # The page was none of ours: it was made for the test.
    assert set(Event.objects.values_list("status", flat=True)) == {Event.State.DONE, Event.State.IGNORED}
    assert Membership.objects.get().ends_at
    assert (mails(), Movement.objects.count()) == (before + 1, 1)
    assert holds(leyla, timezone.now())


def test_a03_while_the_subscription_changes_the_last_word_is_stripes(bought, shop, stripe, leyla):
    """Changes and deliveries in no order at all, some of them slow."""
    subscription = subscription_of(shop, bought)["id"]
    shop.faults(
        *[{"what": "slow", "path": path, "times": 2, "seconds": 0.3} for path in ("/v1/invoices", "/v1/customers")]
    )

    def change(number):
        shop.client.v1.subscriptions.update(subscription, {"cancel_at_period_end": bool(number % 2)})

    def hear():
        for one in shop.pending("customer.subscription.updated", "invoice.paid"):
            assert one.post(stripe).status_code == 200

    at_once(*[lambda n=n: change(n) for n in range(4)], *[hear] * 3, lambda: refresh(bought.pk))
    shop.deliver(stripe)
    while Event.objects.due(timezone.now()).exists():
        inbox.run_due(timezone.now())
    assert holds(leyla, timezone.now())


def test_a03_of_two_pictures_the_one_that_was_taken_later_stays(bought, shop, leyla):
    older = fetch(bought.pk)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, bought)["id"])
    assert refresh(bought.pk)
    with transaction.atomic():
        assert not write(older, timezone.now())
    assert Membership.objects.get().status == Status.CANCELED
    assert holds(leyla, timezone.now())


def test_many_who_look_at_the_same_moment_write_one_mail(bought, shop, leyla):
    before = mails()
    at_once(*[lambda: refresh(bought.pk)] * MANY)
    assert (mails(), Notice.objects.count(), Movement.objects.count()) == (before + 1, 1, 1)
    assert Customer.objects.get().ticket == bought.ticket + MANY
    assert holds(leyla, timezone.now())


def test_no_lock_is_held_while_stripe_is_slow(bought, shop, leyla):
    shop.faults({"what": "slow", "path": "/v1/invoices", "times": 1, "seconds": 2})
    last = shop.requests()[-1]["id"]
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(lambda: (refresh(bought.pk), connection.close()))
        while not shop.requests(path="/v1/subscriptions", after=last):
            pass
        with transaction.atomic():
            Customer.objects.select_for_update(nowait=True).get(pk=bought.pk)
        assert refresh(bought.pk), "whoever asks meanwhile does not wait"
        assert not slow.done()
        assert slow.result()[0] is False, "what was asked for first comes too late"
    assert Membership.objects.get().status == Status.ACTIVE


def test_two_workers_share_what_is_due(bought, shop):
    now = timezone.now()
    for number in range(MANY):
        told = Event(
            stripe_id=f"evt_{number}", type="invoice.paid", customer=bought.stripe_id, made_at=now, received_at=now
        )
        inbox.keep(told, now)
    last = shop.requests()[-1]["id"]
    at_once(*[lambda: inbox.run_due(now)] * 3)
    assert Event.objects.filter(status=Event.State.DONE, attempts=0).count() == MANY
    assert len(shop.requests(path=f"/v1/customers/{bought.stripe_id}", after=last)) == MANY


def test_a42_a_database_that_is_killed_in_the_middle_leaves_no_half_state(bought, stripe, leyla, monkeypatch, time):
    """Killed after the payments are written and before the membership is. What was kept is run again."""
    whole, before = payments.write, mails()

    def killed(*given, **named):
        whole(*given, **named)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        at_once(lambda: _terminate(pid))

    monkeypatch.setattr(payments, "write", killed)
    assert post(stripe, note("invoice.paid", "in_1", bought.stripe_id)).status_code == 200
    connection.close()
    monkeypatch.undo()
    assert (Membership.objects.count(), Payment.objects.count(), Notice.objects.count(), mails()) == (0, 0, 0, before)
    assert Customer.objects.get().applied == bought.applied
    event = Event.objects.get()
    assert event.status == Event.State.WAITING
    time.passes(seconds=inbox.LEASE.total_seconds() + 60)
    inbox.run_due(timezone.now())
    assert Event.objects.get().status == Event.State.DONE
    assert (Membership.objects.get().status, mails()) == (Status.ACTIVE, before + 1)
    assert holds(leyla, timezone.now())


def _terminate(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a42_a_database_that_is_killed_while_an_event_is_kept_has_stripe_come_again(bought, stripe, monkeypatch):
    def killed(*_given):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        at_once(lambda: _terminate(pid))
        return whole(*_given)

    whole = inbox.keep
    monkeypatch.setattr(inbox, "keep", killed)
    body = note("invoice.paid", "in_1", bought.stripe_id)
    assert post(stripe, body).status_code == 503
    connection.close()
    monkeypatch.undo()
    assert not Event.objects.exists()
    assert post(stripe, body).status_code == 200
    assert Event.objects.get().status == Event.State.DONE
