"""What the next invoice would say."""

from members.billing.sandbox.core import errors
from members.billing.sandbox.core.encoding import boolean, integer, moment, one_of, text
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.selling import discounts
from members.billing.sandbox.objects.subscribing import changes, renewal, subscriptions
from members.billing.sandbox.objects.subscribing.changes import UPDATE
from members.billing.sandbox.objects.subscribing.subscriptions import SUBSCRIPTION

PREVIEW = {
    "automatic_tax": SUBSCRIPTION["automatic_tax"],
    "customer": text,
    "discounts": discounts.GIVEN,
    "subscription": text,
    "subscription_details": {
        "billing_cycle_anchor": one_of("now", "unchanged"),
        "cancel_at": integer,
        "cancel_at_period_end": boolean,
        "items": UPDATE["items"],
        "proration_behavior": UPDATE["proration_behavior"],
        "proration_date": integer,
        "trial_end": moment("now"),
    },
}


def preview(books, given):
    """What the next invoice would say, after a change if one is given."""
    details = {**given.get("subscription_details", {})}
    details |= {name: given[name] for name in ("automatic_tax", "discounts") if name in given}
    with books.undone():
        subscription = _previewed(books, given)
        if subscription is None:
            return _first(books, given, details)
        if details:
            changes.check(books, subscription, details)
            subscription, bill = changes.amend(books, subscription, details)
            if bill:
                return {**bill, "billing_reason": "upcoming", "id": bill["id"].replace("in_", "upcoming_in_")}
        if subscription["cancel_at"] and not renewal.pending_lines(books, subscription):
            raise _nothing_to_come(subscription["customer"])
        return renewal.upcoming(books, subscription)


def _previewed(books, given):
    if given.get("subscription"):
        return books.get(given["subscription"], "subscription", "subscription")
    customer = customers.alive(books, given.get("customer") or "")
    found = subscriptions.listed(books, {"customer": customer["id"]})
    if not found and not given.get("subscription_details", {}).get("items"):
        raise _nothing_to_come(customer["id"])
    return None if given.get("subscription_details", {}).get("items") else found[0]


def _first(books, given, details):
    """The first invoice of a subscription that does not exist."""
    customer = customers.alive(books, given["customer"])
    subscription = subscriptions.begin(books, customer, details)
    subscriptions.first_invoice(books, subscription)
    invoice = books.find(books.find(subscription["id"])["latest_invoice"])
    return {
        **invoice,
        "id": invoice["id"].replace("in_", "upcoming_in_"),
        "billing_reason": "upcoming",
        "status": "draft",
    }


def _nothing_to_come(customer):
    return errors.invalid(f"No upcoming invoices for customer: {customer}", code="invoice_upcoming_none", status=404)
