"""The one function that writes down what Stripe knows: return page, webhook, retry, own pages and the daily comparison
all call it, as often and in whatever order they come.

A ticket is taken and committed, then the picture is fetched outside any transaction, then the customer's row is locked
and the picture written, unless one with a higher ticket was written meanwhile. Of two at once the later picture wins,
and no lock is held for the network's time. What follows (mails, deeds at Stripe) is enqueued in the same transaction.
"""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from members.billing import deeds, ledger, letters, mails, payments, state
from members.billing.models import Customer, Intent, Movement, Notice
from members.billing.picture import taken
from members.models import Membership, Plan, Price

log = logging.getLogger("newsroom")


def refresh(customer):
    """Fetch all of a customer (its row's id) from Stripe and write it down. Returns whether this picture was written:
    False where a later one was there already. Raises `client.Unavailable` and its kin; then nothing was changed."""
    ticket = Customer.objects.next_ticket(customer)
    row = Customer.objects.get(pk=customer)
    if not row.stripe_id:
        return False
    known = Membership.objects.filter(user=row.user_id).exclude(stripe_subscription=None)
    picture = taken(row.stripe_id, known.values_list("stripe_subscription", flat=True))
    with transaction.atomic():
        return _write(customer, ticket, picture, timezone.now())


def _write(pk, ticket, picture, now):
    customer = Customer.objects.select_for_update().select_related("user").get(pk=pk)
    if ticket <= customer.applied:
        return False
    _write_customer(customer, ticket, picture, now)
    reading = state.read(picture, owned(customer))
    before = Membership.objects.filter(user=customer.user_id).first()
    payments.write(customer.user_id, picture)
    if reading.state is not None:
        membership = Membership.objects.update_from(customer.user_id, reading.state)
        _move(customer.user_id, before, membership, now)
        write_letters(membership, customer, now)
    _put_right(customer, reading)
    return True


def owned(customer):
    """The `state.Owned` of this newsroom for a customer. Three queries."""
    prices = Price.objects.exclude(stripe_id=None).values_list("stripe_id", "plan", "plan__level", "pk")
    products = Plan.objects.exclude(stripe_product=None).values_list("stripe_product", "pk", "level")
    intents = Intent.objects.filter(user=customer.user_id).values_list("key", flat=True)
    return state.Owned(
        {stripe_id: (plan, level, price) for stripe_id, plan, level, price in prices},
        {stripe_id: (plan, level) for stripe_id, plan, level in products},
        settings.STRIPE_LIVE,
        frozenset(intents),
    )


def _write_customer(customer, ticket, picture, now):
    customer.ticket = max(customer.ticket, ticket)
    customer.applied, customer.fetched_at = ticket, now
    customer.deleted_at = None if picture.customer else customer.deleted_at or now
    for name, value in payments.told_of_customer(picture).items():
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
    if reading.over:
        deeds.end.enqueue(customer.pk, reading.over)
    for subscription in reading.surplus:
        deeds.give_back.enqueue(customer.pk, subscription)
    for subscription in reading.beside:
        log.warning("Customer %s has a second subscription that was not bought here: %s. Look at it at Stripe.",
                    customer.stripe_id, subscription)  # fmt: skip
