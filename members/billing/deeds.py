"""What has to be done at Stripe because of what was found there: queued in the transaction that found it, tried again
until it is done. Each looks whether it was done already, and a second run changes nothing.

None of them writes down what came of it: what they bring about is what `billing.state` has read already, and Stripe's
event about it is one more reason to look."""

from contextlib import suppress

from django.utils import timezone

from members.billing import client, mails, state
from members.billing.models import Customer
from newsroom.ground import audit
from newsroom.ground.tasks import retried

# Stripe's words for a payment that goes back by another way.
GOES_BACK = {"charge_disputed", "charge_already_refunded"}


@retried
def end(customer, subscription):
    """End at once a subscription (its id at Stripe) that is over by our rules: given back in full, a dispute lost, or
    another in its place. customer: the row's id."""
    if _cancel(subscription):
        _record(customer, "ended a subscription", f"{subscription}: given back, lost to a dispute, or replaced")


@retried
def give_back(customer, subscription):
    """Of somebody who paid for two memberships the newer one is ended, and its last payment given back. One that is
    still on its way is waited for: its arrival is told, and this is done again."""
    payment = _last_payment(subscription)
    if payment.get("status") == "processing":
        return
    paid = (payment.get("latest_charge") or {}).get("status") == "succeeded"
    if paid and not payment["latest_charge"]["refunded"]:
        _refund(payment["id"])
    if _cancel(subscription):
        _record(customer, "ended a second membership", f"{subscription}: {'given back' if paid else 'not paid yet'}")
    if paid:
        mails.write_once("paid_twice", subscription, customer, timezone.now())


@retried
def forgive(subscription):
    """Void what a subscription that has ended still asks for: whoever paid it would get nothing for it."""
    for invoice in client.every("invoices", subscription=subscription, status="open"):
        with suppress(client.Refused):
            # Refused: it was paid at this moment, which is told by itself.
            client.ask("invoices.void_invoice", invoice["id"])


@retried
def forget_customer(customer):
    """Delete the customer of an account that was erased: Stripe ends the subscriptions, and forgets the card. Pages of
    Stripe's that were still open are closed first, and what was paid there since is given back."""
    row = Customer.objects.select_related("user").get(pk=customer)
    try:
        _close_pages(row.stripe_id)
        _give_back_since(row.user.erased_at, row.stripe_id)
        client.ask("customers.delete", row.stripe_id)
    except client.Missing:
        return
    _record(customer, "deleted a customer at Stripe", row.stripe_id)


def _close_pages(stripe_id):
    for session in client.every("checkout.sessions", customer=stripe_id, status="open"):
        with suppress(client.Refused):
            # Refused: it was paid, or ended, at this moment.
            client.ask("checkout.sessions.expire", session["id"])


def _give_back_since(moment, stripe_id):
    """Give back what a customer has paid since a moment (aware)."""
    since = {"gte": int(moment.timestamp())}
    for payment in client.every("payment_intents", customer=stripe_id, created=since, expand=["data.latest_charge"]):
        charge = payment.get("latest_charge") or {}
        if charge.get("status") == "succeeded" and not charge["refunded"]:
            _refund(payment["id"])


def _cancel(subscription):
    """Whether it ran until now."""
    try:
        if client.ask("subscriptions.retrieve", subscription)["status"] in state.ENDED:
            return False
        client.ask("subscriptions.cancel", subscription, invoice_now=False, prorate=False)
    except client.Missing:
        return False
    return True


def _last_payment(subscription):
    """The payment intent that paid the newest invoice of a subscription that cost anything, or is to; {} of none."""
    invoices = client.every("invoices", subscription=subscription, expand=["data.payments"])
    keys = next(filter(None, map(state.payments_of, invoices)), [])
    tried = [client.ask("payment_intents.retrieve", key, expand=["latest_charge"]) for key in keys]
    # An invoice may have been tried by several ways before one paid it.
    return max(tried, key=lambda payment: payment["status"] == "succeeded", default={})


def _refund(payment):
    try:
        client.ask("refunds.create", payment_intent=payment, key=f"give-back-{payment}")
    except client.Refused as refusal:
        if refusal.code not in GOES_BACK:
            raise


def _record(customer, deed, note):
    """For the desk, and as the alert that somebody has to look."""
    user = Customer.objects.select_related("user").get(pk=customer).user
    audit.record(None, deed, "account", user.key, note)
