"""The one function that writes down what Stripe knows: return page, webhook, retry, own pages and the daily comparison
all call it, as often and in whatever order they come.

A ticket is taken and committed, then the picture is fetched outside any transaction, then the customer's row is locked
and the picture written, unless one with a higher ticket was written meanwhile. Of two at once the later picture wins,
and no lock is held for the network's time. What follows (mails, deeds at Stripe) is enqueued in the same transaction.
"""

import logging
from dataclasses import asdict
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from members.billing import deeds, ledger, letters, mails, payments, state
from members.billing.models import Customer, Intent, Movement, Notice
from members.billing.picture import Picture, taken
from members.models import Membership, Plan, Price, User
from members.standing import Status
from newsroom.ground import audit
from newsroom.ground.models import Deed

log = logging.getLogger("newsroom")


class Fetched(NamedTuple):
    """A `picture.Picture` of a customer (its row's id), the ticket under which it was taken, and the id at Stripe."""

    customer: int
    ticket: int
    picture: Picture
    stripe_id: str


def refresh(customer):
    """Fetch all of a customer (its row's id) from Stripe and write it down. Returns whether this picture was written:
    False where a later one was there already, and of a customer that the key's mode does not know. Raises
    `client.Unavailable` and its kin; then nothing was changed."""
    fetched = fetch(customer)
    if fetched is None:
        return False
    with transaction.atomic():
        return write(fetched, timezone.now())


def fetch(customer):
    """The `Fetched` of a customer's row, outside any transaction; None of one that the key's mode does not know."""
    ticket = Customer.objects.next_ticket(customer)
    row = Customer.objects.get(pk=customer)
    if not row.stripe_id or row.live != settings.STRIPE_LIVE:
        return None
    known = Membership.objects.filter(user=row.user_id).exclude(stripe_subscription=None)
    picture = taken(row.stripe_id, known.values_list("stripe_subscription", flat=True))
    return Fetched(customer, ticket, picture, row.stripe_id)


def write(fetched, now):
    """Write a picture down, inside a transaction; False where a later one was written already, and where the account
    has become another customer since: what was true of the one is not of the other."""
    customer = locked(fetched.customer)
    if fetched.ticket <= customer.applied or fetched.stripe_id != customer.stripe_id:
        return False
    before = Membership.objects.select_related("plan").filter(user=customer.user_id).first()
    ours = owned(customer, before)
    picture = state.own(fetched.picture, ours)
    _write_customer(customer, fetched.ticket, picture, now)
    payments.write(customer.user_id, picture, fetched.ticket, links=customer.user.erased_at is None)
    reading = state.read(picture, ours)
    membership = write_membership(customer.user_id, before, reading.state, now)
    if membership is not None and membership.stripe_subscription:
        write_letters(membership, customer, now)
    _put_right(customer, reading)
    return True


def locked(pk):
    """A Customer, its row locked until the transaction ends, with the account as it is now: asked for by itself, since
    what is joined to a row that was waited for is from before the wait."""
    customer = Customer.objects.select_for_update().get(pk=pk)
    customer.user = User.objects.get(pk=customer.user_id)
    return customer


def write_membership(user, before, found, now):
    """Write down which membership an account (its id) has: `found`, a `state.State`, or None where what it was by is at
    Stripe no more. before: the Membership until now, or None. Returns it as it now is."""
    if found is not None:
        fields = asdict(found)
    elif before is not None and before.stripe_subscription and before.status not in state.ENDED:
        fields = {"status": Status.CANCELED, "ends_at": min(before.ends_at or now, now), "failed_at": None}
    else:
        return before
    after, _new = Membership.objects.update_or_create(user_id=user, defaults=fields)
    _move(user, before, after, now)
    return after


def owned(customer, membership):
    """The `state.Owned` of this newsroom for a customer with a Membership, or None."""
    intents = Intent.objects.filter(user=customer.user_id).values_list("key", flat=True)
    known = membership is not None and membership.stripe_subscription
    mine = {known: (membership.plan_id, membership.plan.level)} if known else {}
    return sold()._replace(intents=frozenset(intents), known=mine)


def sold():
    """The `state.Owned` of this newsroom, whoever buys."""
    prices = Price.objects.exclude(stripe_id=None).values_list("stripe_id", "plan", "plan__level", "pk")
    products = Plan.objects.exclude(stripe_product=None).values_list("stripe_product", "pk", "level")
    return state.Owned(
        {stripe_id: (plan, level, price) for stripe_id, plan, level, price in prices},
        {stripe_id: (plan, level) for stripe_id, plan, level in products},
        settings.STRIPE_LIVE,
    )


def _write_customer(customer, ticket, picture, now):
    customer.applied, customer.fetched_at = ticket, now
    customer.deleted_at = None if picture.customer else customer.deleted_at or now
    # Of who was erased no card is kept, though Stripe may not have forgotten it yet.
    told = picture if customer.user.erased_at is None else Picture({})
    for name, value in payments.told_of_customer(told).items():
        setattr(customer, name, value)
    # Not the ticket: others may have taken the next ones meanwhile.
    customer.save(update_fields=[*payments.TOLD, "applied", "fetched_at", "deleted_at"])


def _move(user, before, after, now):
    counted_once = Movement.objects.filter(user=user).exists()
    rows = ledger.movements(ledger.worth(before), ledger.worth(after), counted_once)
    Movement.objects.bulk_create(
        Movement(user_id=user, kind=kind, plan_id=worth.plan, interval=worth.interval, amount=change,
                 currency=worth.currency, at=now)
        for kind, worth, change in rows
    )  # fmt: skip


def write_letters(membership, customer, now):
    """Write the mails that a membership calls for at `now`, each once; inside the transaction that brought it there."""
    if customer.user.erased_at is not None:
        return
    for letter in letters.due(membership, customer, now, settings.GRACE):
        _row, new = Notice.objects.get_or_create(
            user=customer.user, kind=letter.kind, about=letter.about, defaults={"at": now}
        )
        if new:
            mails.write(letter.kind, membership, customer, now)


def _put_right(customer, reading):
    """What has to be done at Stripe so that it agrees with our rules: queued, each done once however often it is
    found."""
    if customer.user.erased_at is not None and customer.deleted_at is None:
        deeds.forget_customer.enqueue(customer.pk)
        return
    for subscription in reading.over:
        deeds.end.enqueue(customer.pk, subscription)
    for subscription in reading.surplus:
        deeds.give_back.enqueue(customer.pk, subscription)
    for subscription in reading.asking:
        deeds.forgive.enqueue(subscription)
    for subscription in reading.beside:
        _point_out(customer, subscription)


def _point_out(customer, subscription):
    """Once, to whoever reads the audit log: a running subscription that nobody bought here."""
    told = {"deed": "found a second subscription", "kind": "account", "key": customer.user.key, "note": subscription}
    if not Deed.objects.filter(**told).exists():
        audit.record(None, **told)
        log.warning("%s has a second subscription that was not bought here: %s. Look at it at Stripe.",
                    customer.stripe_id, subscription)  # fmt: skip
