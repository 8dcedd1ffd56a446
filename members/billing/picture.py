"""What Stripe knows of one customer, fetched afresh. Whatever an event says, this is asked, and nothing is remembered.

A picture is of the whole customer and not of one subscription: a person has one membership, and whether that is the
only subscription, whether its last payment was given back or is disputed, no single object tells.
"""

from dataclasses import dataclass, field

from members.billing import client


@dataclass(frozen=True)
class Picture:
    """Plain dicts as Stripe answers them (`client.VERSION`). customer: {} where it was deleted there. subscriptions,
    invoices (with `payments`) and payments (payment intents with their latest charge): all, the newest first.
    disputes: lists by the id of the payment intent."""

    customer: dict
    subscriptions: list = field(default_factory=list)
    invoices: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    disputes: dict = field(default_factory=dict)


def taken(stripe_id, known=()):
    """The Picture of a customer. known: the ids of subscriptions that are asked for one by one where the customer was
    deleted, since such a one's are listed no more. Raises the errors of `client`."""
    customer = _customer(stripe_id)
    if not customer:
        return Picture({}, [one for one in map(_subscription, known) if one])
    own = {"customer": stripe_id}
    payments = client.every("payment_intents", **own, expand=["data.latest_charge.refunds"])
    return Picture(
        customer,
        [_with_items(one) for one in client.every("subscriptions", **own, status="all", expand=EXPANDED)],
        client.every("invoices", **own, expand=["data.payments"]),
        payments,
        {one["id"]: client.every("disputes", payment_intent=one["id"]) for one in payments if _is_disputed(one)},
    )


OF_CUSTOMER = ["invoice_settings.default_payment_method", "discount.source.coupon"]
EXPANDED = ["data.default_payment_method", "data.discounts.source.coupon"]


def _with_items(told):
    """A subscription with what is taken off its items one by one, which lies deeper than a list of subscriptions
    tells."""
    if any(item.get("discounts") for item in told["items"]["data"]):
        own = client.every("subscription_items", subscription=told["id"], expand=["data.discounts.source.coupon"])
        told["items"] = {**told["items"], "data": own}
    return told


def _customer(stripe_id):
    """{} of one that was deleted. One that never was raises: the key is another account's, and nobody's membership ends
    by that."""
    try:
        found = client.ask("customers.retrieve", stripe_id, expand=OF_CUSTOMER)
    except client.Refused:
        # Of one that was deleted nothing is left that could be told as a whole.
        found = client.ask("customers.retrieve", stripe_id)
        if not found.get("deleted"):
            raise
    return {} if found.get("deleted") else found


def _subscription(stripe_id):
    try:
        return client.ask("subscriptions.retrieve", stripe_id, expand=[path.removeprefix("data.") for path in EXPANDED])
    except client.Missing:
        return None


def _is_disputed(payment):
    charge = payment.get("latest_charge")
    return bool(charge and charge.get("disputed"))
