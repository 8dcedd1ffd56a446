"""What a change within a period is worth: time that was paid for and is not used, time that is used instead."""

from datetime import UTC, datetime

from members.billing.sandbox.core import ids, schema
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.selling import catalogue, discounts
from members.billing.sandbox.objects.subscribing import invoices, subscriptions


def credits(books, subscription, items, at, period, given):
    """The lines that give back what is left of a period of these items, unless a change is not to be prorated."""
    if given.get("proration_behavior") == "none":
        return []
    return [_credit_line(books, subscription, item, at, period) for item in items]


def _credit_line(books, subscription, item, at, period):
    name = catalogue.name_of(books, item["price"])
    amount = -_share(_paid_for(books, subscription, item), at, period)
    return _proration(books, subscription, item, amount, f"Unused time on {name} after {_day(at)}", at, period)


def charge(books, subscription, item, at, period):
    """The line for what is left of a period of an item."""
    name = catalogue.name_of(books, item["price"])
    amount = _share(_net(books, subscription, item), at, period)
    return _proration(books, subscription, item, amount, f"Remaining time on {name} after {_day(at)}", at, period)


def _proration(books, subscription, item, amount, description, at, period):
    fields = {**subscriptions.line_fields(books, subscription, item), "amount": amount, "description": description}
    return invoices.line(books, item["price"], item["quantity"], at, period[1], **fields, proration=True)


def _share(amount, at, period):
    """The part of an amount for a period that falls after a moment."""
    start, end = period
    return round(amount * (end - at) / (end - start))


def _net(books, subscription, item):
    """What a period of an item costs with the discounts that run."""
    amount = item["price"]["unit_amount"] * item["quantity"]
    keys = discounts.running(books, subscription["discounts"])
    (off,) = discounts.reduced(books, keys, [(amount, item["price"]["product"])])
    return amount - sum(off.values())


def _paid_for(books, subscription, item):
    """What was asked for the period of an item, less what was taken off, on the invoice that began it."""
    start = item["current_period_start"]
    for invoice in reversed(books.all("invoice", parent__subscription_details__subscription=subscription["id"])):
        for line in invoice["lines"]["data"]:
            details, pricing = line["parent"]["subscription_item_details"], line["pricing"]["price_details"]
            same = details["subscription_item"] == item["id"] and pricing["price"] == item["price"]["id"]
            if same and not details["proration"] and line["period"]["start"] == start:
                return line["amount"] - sum(one["amount"] for one in line["discount_amounts"])
    return _net(books, subscription, item)


def keep_for_later(books, subscription, lines):
    """Leave lines for the next invoice."""
    for line in lines:
        events.created(books, _pending(books, subscription, line))


def _pending(books, subscription, line):
    details = {"subscription": subscription["id"], "subscription_item": line["item"]}
    return schema.blank(
        "invoiceitem",
        id=ids.new("ii"),
        amount=line["amount"],
        currency=line["price"]["currency"],
        customer=subscription["customer"],
        date=books.now,
        description=line["description"],
        discountable=False,
        discounts=[],
        metadata={},
        parent={"type": "subscription_details", "subscription_details": details},
        period=line["period"],
        pricing={
            "type": "price_details",
            "unit_amount_decimal": line["price"]["unit_amount_decimal"],
            "price_details": {"price": line["price"]["id"], "product": line["price"]["product"]},
        },
        proration=True,
        quantity=line["quantity"],
        quantity_decimal=str(line["quantity"]),
        tax_rates=[],
    )


def _day(at):
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %Y")
