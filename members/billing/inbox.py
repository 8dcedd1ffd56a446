"""What Stripe said has happened, each event once, until something came of it: webhook, worker and the daily comparison
put events in, and run them.

An event names what to look at, and no more: to run it is to find out whose it is and to `refresh` that customer. Two
runs of the same event, or of two in the wrong order, do no harm.
"""

import logging
import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from members.billing import checkout, client, contributed
from members.billing.models import Customer, Event
from members.billing.refresh import refresh
from newsroom.ground import batches

State = Event.State

# Seconds before the second, third … attempt: together the three days for which Stripe itself would try. After the last
# the event is given up, to be seen in the desk and run again there.
BACKOFF = (60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
# How long one run may take: an event whose process was killed is run again after that.
LEASE = timedelta(minutes=5)
# Events that one round of the worker runs.
MANY = 500
KEPT = timedelta(days=90)

ID, TYPE = re.compile(r"[\w-]{1,255}", re.ASCII), re.compile(r"[a-z_.0-9]{1,100}")

log = logging.getLogger("newsroom")


def event_of(said, now):
    """An Event, not kept yet, of an event as Stripe's JSON has it; None where it is none. What has nothing to do with
    us is IGNORED from the start: another type, or test money where it is real and the other way round."""
    try:
        about = said["data"]["object"]
        event = Event(
            stripe_id=_matching(ID, said["id"]),
            type=_matching(TYPE, said["type"]),
            about=_id(about.get("id")),
            customer=_id(about.get("customer")),
            made_at=datetime.fromtimestamp(said["created"], UTC),
            received_at=now,
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    if said.get("livemode") is not settings.STRIPE_LIVE or event.type not in WHOSE:
        event.status, event.done_at = State.IGNORED, now
    return event


def _matching(pattern, text):
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _id(told):
    """The id of an object that is told by it, or as a whole; "" of none."""
    found = told.get("id") if isinstance(told, dict) else told
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def keep(event, next_at):
    """Keep an event, committed; False where it was kept before. next_at: when the worker may run it. In one statement:
    Stripe sends many at once, and some twice."""
    event.next_at = next_at if event.status == State.WAITING else None
    fields = [field for field in Event._meta.local_concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(getattr(event, field.attname), connection) for field in fields]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(Event._meta.db_table)} ({names}) "  # noqa: S608 (names of our own)
            f"VALUES ({', '.join(['%s'] * len(fields))}) ON CONFLICT (stripe_id) DO NOTHING RETURNING id",
            values,
        )
        row = cursor.fetchone()
    if row is not None:
        event.pk = row[0]
        event._state.adding = False
    return row is not None


def leave(event, now):
    """Leave a kept event to the worker, from `now` on."""
    Event.objects.filter(pk=event.pk, status=State.WAITING).update(next_at=now)


def attempt(event):
    """Run a kept event, outside any transaction, and note what came of it. Returns the error for which it waits for
    another attempt, or was given up; None of none."""
    try:
        status = _run(event)
    except Exception as error:
        _note_failure(event, error, timezone.now())
        return error
    event.status, event.done_at, event.next_at, event.error = status, timezone.now(), None, ""
    event.save(update_fields=["status", "done_at", "next_at", "error"])
    return None


def _run(event):
    try:
        customer = WHOSE[event.type](event) if event.type in WHOSE else None
    except client.Missing:
        # What it tells of is gone, and so is whatever could be learned of it.
        return State.IGNORED
    if customer is None:
        return State.IGNORED
    if customer != NOBODY:
        refresh(customer)
    return State.DONE


def _note_failure(event, error, now):
    """Kept is the class of an error and Stripe's word for it; what else it says may be of a card or an address."""
    event.attempts += 1
    event.error = f"{type(error).__name__} {getattr(error, 'code', '')}".strip()[:300]
    log.warning("Event %s (%s) failed at attempt %s: %s.", event.stripe_id, event.type, event.attempts, event.error)
    if event.attempts > len(BACKOFF):
        event.status, event.next_at = State.FAILED, None
    else:
        event.next_at = now + timedelta(seconds=BACKOFF[event.attempts - 1])
    event.save(update_fields=["attempts", "error", "status", "next_at"])


def run_due(now):
    """Run the events that are due at `now` (aware), the oldest first, MANY at most. Where Stripe cannot be asked the
    round ends: the others need not find that out too. Returns whether more may be due."""
    if not client.is_set():
        return False
    due = list(Event.objects.due(now).values_list("pk", flat=True)[:MANY])
    for pk in due:
        event = _claimed(pk)
        if event is not None and isinstance(attempt(event), client.Unavailable):
            return False
    return len(due) == MANY


def _claimed(pk):
    """The event, ours until its LEASE ends; None where another worker was faster."""
    now = timezone.now()
    waiting = Event.objects.filter(pk=pk, status=State.WAITING, next_at__lte=now)
    return Event.objects.get(pk=pk) if waiting.update(next_at=now + LEASE) else None


def again(events):
    """Have events of a QuerySet that were given up or ignored run by the worker from the start. Returns how many."""
    return events.exclude(status=State.WAITING).update(
        status=State.WAITING, attempts=0, next_at=timezone.now(), done_at=None
    )


def forget_old_events(now):
    """Delete the events that came KEPT before `now` (aware)."""
    batches.delete(Event.objects.filter(received_at__lt=now - KEPT))


# What was found and written down, and no customer has a part in it.
NOBODY = 0


def _named(event):
    """The row of the customer that the event names."""
    return _customer(event.customer)


def _itself(event):
    return _customer(event.about)


def _of_session(event):
    """A stranger's contribution is written down by this alone."""
    intent, _told = checkout.look_into(event.about)
    if intent is None:
        return None
    if intent.user_id is None:
        return NOBODY
    return Customer.objects.filter(user=intent.user_id).values_list("pk", flat=True).first()


def _of_money(path):
    """Disputes and refunds name what was paid, and not by whom."""

    def find(event):
        payment = client.ask(path, event.about)["payment_intent"]
        if not payment:
            return None
        if contributed.recheck(payment):
            return NOBODY
        return _customer(_id(client.ask("payment_intents.retrieve", payment).get("customer")))

    return find


def _customer(stripe_id):
    return Customer.objects.filter(stripe_id=stripe_id).values_list("pk", flat=True).first() if stripe_id else None


# The types of events that may change something here, as many as Stripe lists together, and how to find the row of the
# customer that each is about: its id, NOBODY, or None where it is none of ours.
WHOSE = {
    "checkout.session.completed": _of_session,
    "checkout.session.expired": _of_session,
    "checkout.session.async_payment_succeeded": _of_session,
    "checkout.session.async_payment_failed": _of_session,
    "customer.updated": _itself,
    "customer.deleted": _itself,
    "customer.subscription.created": _named,
    "customer.subscription.updated": _named,
    "customer.subscription.deleted": _named,
    "customer.subscription.paused": _named,
    "customer.subscription.resumed": _named,
    "invoice.paid": _named,
    "invoice.payment_failed": _named,
    "invoice.payment_action_required": _named,
    "invoice.voided": _named,
    "payment_method.automatically_updated": _named,
    "charge.refunded": _of_money("charges.retrieve"),
    "refund.failed": _of_money("refunds.retrieve"),
    "charge.dispute.created": _of_money("disputes.retrieve"),
    "charge.dispute.closed": _of_money("disputes.retrieve"),
}
