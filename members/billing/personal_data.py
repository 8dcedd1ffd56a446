"""What payments keep of a person: told to them, and taken away when they go (see `members.accounts.personal_data`).

Payments, movements and what was bought stay for bookkeeping, by the account's number; what Stripe calls its customer
stays too, since by that name the payments are found there. The customer itself is deleted at Stripe, which ends the
subscription at once and forgets the card.
"""

from members import trail
from members.billing import deeds
from members.billing.models import Customer, Intent
from members.billing.payments import TOLD

CUSTOMER = ["stripe_id", "currency", "card_brand", "card_last4", "card_expires_on", "owed_amount", "owed_reason",
            "credit", "fetched_at"]  # fmt: skip
INTENT = ["kind", "plan__name", "offer__code", "amount", "currency", "interval", "trial_days", "source", "trail",
          "state", "made_at"]  # fmt: skip
PAYMENT = ["stripe_id", "kind", "state", "amount", "refunded", "currency", "at", "invoice_url"]
MOVEMENT = ["kind", "plan__name", "interval", "amount", "currency", "at"]
NOTICE = ["kind", "at"]
CANCELLATION = ["reason", "text", "at"]


def export(user):
    return {
        "customer": list(Customer.objects.filter(user=user).values(*CUSTOMER)),
        "set_out_to_buy": [_opened(row) for row in user.intents.values(*INTENT)],
        "payments": list(user.payments.values(*PAYMENT)),
        "what_membership_brought": list(user.movements.values(*MOVEMENT)),
        "mails_about_membership": list(user.notices.values(*NOTICE)),
        "cancellations": list(user.cancellations.values(*CANCELLATION)),
    }


def erase(user):
    customer = Customer.objects.filter(user=user).first()
    if customer and customer.stripe_id and customer.deleted_at is None:
        deeds.forget_customer.enqueue(customer.pk)
    Customer.objects.filter(user=user).update(**{name: _blank(name) for name in TOLD})
    # A page of Stripe's that is still open leads nowhere any more.
    user.intents.filter(state=Intent.State.OPEN).update(state=Intent.State.EXPIRED)
    user.intents.update(url="", trail="")
    # Whoever has the link reads name and address on the invoice.
    user.payments.update(invoice_url="")
    user.notices.all().delete()
    # Counted on by their reasons, without whose they were.
    user.cancellations.update(user=None, text="")


def _opened(row):
    """A row with what its trail says: the numbers of the prompt, its words and its story."""
    return {**row, "trail": " ".join(trail.names(trail.opened(row["trail"])))}


def _blank(name):
    return Customer._meta.get_field(name).get_default()
