"""What became of a contribution: asked of Stripe as often as anybody likes, and written down in the order in which it
was asked.

As with a customer (`refresh`) a ticket is taken and committed, then the payment is fetched outside any transaction,
then the row with the tickets is locked and the payment written, unless a later look at it was written meanwhile. Where
an account gave, the tickets are its customer's, whose pictures tell of the payment too; a stranger's payment has its
own.
"""

from django.db import transaction
from django.utils import timezone

from members.billing import arrival, client, payments
from members.billing.models import Intent, Payment
from members.billing.picture import Picture

# What the status of its payment makes of an intent. A bank that needs days leaves it open.
BECAME = {
    "succeeded": Intent.State.PAID,
    "requires_payment_method": Intent.State.EXPIRED,
    "canceled": Intent.State.EXPIRED,
}


def look_into(intent, payment_intent):
    """Write down what became of a contribution's Intent whose page at Stripe was filled in. payment_intent: the id of
    its payment there, which is on its way until the look says more."""
    told = {"intent": intent}
    new = {
        "user_id": intent.user_id,
        "kind": Intent.Kind.CONTRIBUTION,
        "state": Payment.State.PENDING,
        "amount": intent.amount,
        "currency": intent.currency,
        "at": timezone.now(),
    }
    payment, _new = Payment.objects.update_or_create(
        stripe_id=payment_intent, defaults=told, create_defaults=told | new
    )
    _look(payment)


def recheck(payment_intent):
    """Write down afresh what became of a contribution, by the id of its payment at Stripe: paid days later, refunded,
    disputed. False where it is none of ours."""
    payment = Payment.objects.filter(stripe_id=payment_intent, kind=Intent.Kind.CONTRIBUTION).first()
    if payment is None:
        return False
    _look(payment)
    return True


def _look(payment):
    tickets = payment.user.customer if payment.user_id else payment
    rows = type(tickets).objects
    ticket = rows.next_ticket(tickets.pk)
    picture = _taken(payment.stripe_id)
    with transaction.atomic():
        rows.select_for_update().get(pk=tickets.pk)
        payment.refresh_from_db()
        if ticket > payment.applied:
            links = payment.user is None or payment.user.erased_at is None
            payments.write(payment.user_id, picture, ticket, links)
            _settle(payment.intent_id, picture.payments[0])


def _taken(key):
    """The Picture of one payment."""
    told = client.ask("payment_intents.retrieve", key, expand=["latest_charge.refunds"])
    charge = told.get("latest_charge") or {}
    disputes = client.every("disputes", payment_intent=key) if charge.get("disputed") else []
    return Picture({}, payments=[told], disputes={key: disputes})


def _settle(intent, told):
    became = BECAME.get(told["status"])
    if became:
        Intent.objects.filter(pk=intent).update(state=became)
    if became == Intent.State.PAID:
        for paid in Intent.objects.filter(pk=intent):
            arrival.count(paid, told["amount"])
