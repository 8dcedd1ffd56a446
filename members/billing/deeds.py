"""What has to be done at Stripe because of what was found there: queued in the transaction that found it, tried again
until it is done. Each looks again before it does anything, and a second run changes nothing.

None of them writes down what came of it: what they bring about is what `billing.state` has read already, and Stripe's
event about it is one more reason to look."""

from django.utils import timezone

from members.billing import client, mails, state
from members.billing.models import Customer
from newsroom.ground import audit
from newsroom.ground.tasks import retried


@retried
def end(customer, subscription):
    """End at once a subscription (its id at Stripe) that is over by our rules: given back in full, or a dispute lost.
    customer: the row's id."""
    if _cancel(subscription):
        _record(customer, "ended a subscription", f"{subscription}: given back, or lost to a dispute")


@retried
def give_back(customer, subscription):
    """Of somebody who paid for two memberships the newer one is ended and given back."""
    for payment in _paid(subscription):
        if not payment["refunded"]:
            client.ask("refunds.create", payment_intent=payment["intent"], key=f"give-back-{payment['intent']}")
    if _cancel(subscription):
        _record(customer, "gave back a second membership", subscription)
    mails.write_once("paid_twice", subscription, customer, timezone.now())


@retried
def forget_customer(customer):
    """Delete the customer of an account that was erased: Stripe ends the subscriptions, and forgets the card."""
    stripe_id = Customer.objects.get(pk=customer).stripe_id
    try:
        client.ask("customers.delete", stripe_id)
    except client.Missing:
        return
    _record(customer, "deleted a customer at Stripe", stripe_id)


def _cancel(subscription):
    """Whether it ran until now."""
    try:
        if client.ask("subscriptions.retrieve", subscription)["status"] in state.ENDED:
            return False
        client.ask("subscriptions.cancel", subscription, invoice_now=False, prorate=False)
    except client.Missing:
        return False
    return True


def _paid(subscription):
    """[{intent, refunded}] of the payments that a subscription's invoices took."""
    invoices = client.every("invoices", subscription=subscription, expand=["data.payments"])
    for key in (key for invoice in invoices for key in state.payments_of(invoice)):
        told = client.ask("payment_intents.retrieve", key, expand=["latest_charge"])
        charge = told.get("latest_charge") or {}
        if charge.get("status") == "succeeded":
            yield {"intent": key, "refunded": charge["refunded"]}


def _record(customer, deed, note):
    """For the desk, and as the alert that somebody has to look."""
    user = Customer.objects.select_related("user").get(pk=customer).user
    audit.record(None, deed, "account", user.key, note)
