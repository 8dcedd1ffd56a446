"""Subscriptions: begun, resumed, ended. Changes are in `changes`, what time does to them in `renewal`."""

from members.billing.sandbox.core import clock, errors, ids, schema
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, integer, merged, moment, needed, one_of, text
from members.billing.sandbox.core.presenting import on_request
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payment_methods
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.selling import catalogue, discounts
from members.billing.sandbox.objects.subscribing import collecting, invoices

INCOMPLETE_FOR = 23 * 3_600
TRIAL_TOLD_BEFORE = 3 * DAY
PRORATION = one_of("create_prorations", "none", "always_invoice")
BEHAVIOUR = one_of("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
ITEM = {"price": text, "price_data": catalogue.PRICE_DATA, "quantity": integer, "metadata": TAGS}
SUBSCRIPTION = {
    "automatic_tax": {"enabled": needed(boolean)},
    "cancel_at": integer,
    "cancel_at_period_end": boolean,
    "collection_method": one_of("charge_automatically"),
    "default_payment_method": text,
    "description": text,
    "discounts": discounts.GIVEN,
    "metadata": TAGS,
    "off_session": boolean,
    "payment_behavior": BEHAVIOUR,
    "payment_settings": {
        "save_default_payment_method": one_of("off", "on_subscription"),
        "payment_method_types": [text],
    },
    "proration_behavior": PRORATION,
    "trial_end": moment("now"),
    "trial_settings": {
        "end_behavior": {"missing_payment_method": needed(one_of("cancel", "create_invoice", "pause"))},
    },
}
CREATE = {
    **SUBSCRIPTION,
    "customer": needed(text),
    "items": needed([ITEM]),
    "trial_period_days": integer,
}
CANCEL = {
    "invoice_now": boolean,
    "prorate": boolean,
    "cancellation_details": {"comment": text, "feedback": text},
}
RESUME = {"billing_cycle_anchor": one_of("now"), "proration_behavior": PRORATION}
STATUSES = (
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
)
LISTED = {
    **LIST,
    "customer": text,
    "price": text,
    "status": one_of(*STATUSES),
    "collection_method": one_of("charge_automatically", "send_invoice"),
}
LISTED_ITEMS = {**LIST, "subscription": needed(text)}


def create(books, given):
    customer = customers.alive(books, given["customer"])
    if method := given.get("default_payment_method"):
        payment_methods.of_customer(books, method, customer["id"])
    if given.get("payment_behavior") == "pending_if_incomplete":
        raise errors.invalid(
            "`pending_if_incomplete` is for updates, and not played by the sandbox.", "payment_behavior"
        )
    subscription = begin(books, customer, given)
    return start(books, subscription, given.get("payment_behavior", "allow_incomplete"))


def begin(books, customer, given):
    """A subscription that is stored with its first invoice still to come; `start` makes that."""
    prices = [(catalogue.price_of(books, item, f"items[{place}]"), item) for place, item in enumerate(given["items"])]
    check_prices(prices)
    trial_end = _trial_end(books, given)
    discounted = given.get("discounts") or ()
    amount = sum(price["unit_amount"] * item.get("quantity", 1) for price, item in prices)
    key = ids.new("sub")
    subscription = schema.blank(
        "subscription",
        id=key,
        automatic_tax=schema.blank(
            "subscription_automatic_tax", enabled=given.get("automatic_tax", {}).get("enabled", False)
        ),
        billing_cycle_anchor=trial_end or books.now,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        cancellation_details=schema.blank("cancellation_details"),
        collection_method="charge_automatically",
        created=books.now,
        currency=prices[0][0]["currency"],
        customer=customer["id"],
        default_payment_method=given.get("default_payment_method"),
        description=given.get("description"),
        discounts=discounts.redeem(books, discounted, customer["id"], amount, subscription=key),
        invoice_settings=schema.blank("subscriptions_resource_subscription_invoice_settings", issuer={"type": "self"}),
        metadata=merged({}, given.get("metadata", {})),
        payment_settings=schema.blank("subscriptions_resource_payment_settings", save_default_payment_method="off"),
        start_date=books.now,
        status="trialing" if trial_end else "incomplete",
        trial_end=trial_end,
        trial_settings=given.get("trial_settings") or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        trial_start=books.now if trial_end else None,
    )
    subscription["payment_settings"] |= given.get("payment_settings", {})
    subscription["items"] = _listed([item_of(books, key, *one) for one in prices], key)
    set_period(subscription, *_first_period(books, subscription))
    if customer.get("currency") is None:
        events.updated(books, {**customer, "currency": subscription["currency"]})
    _plan_end(books, subscription, given)
    return events.created(books, subscription)


def start(books, subscription, behaviour="allow_incomplete", method=None, *, present=False, authenticated=False):
    """Its first invoice, and the attempt to get it paid. Returns the subscription as it then is."""
    invoice = first_invoice(books, subscription)
    subscription = books.find(subscription["id"])
    if invoice["status"] == "paid":
        if subscription["status"] == "incomplete":
            subscription = collecting.change_status(books, subscription, "active")
    elif behaviour != "default_incomplete":
        collecting.collect(books, invoice, method, present=present, authenticated=authenticated)
    subscription = books.find(subscription["id"])
    if subscription["status"] == "incomplete":
        if behaviour == "error_if_incomplete":
            raise collecting.refusal(books, books.find(invoice["id"]))
        books.schedule(books.now + INCOMPLETE_FOR, "expire_incomplete", subscription["id"])
    watch(books, subscription)
    return subscription


def first_invoice(books, subscription):
    customer = books.find(subscription["customer"], "customer")
    start_at, end_at = period_of(subscription)
    free = subscription["status"] == "trialing"
    lines = [
        invoices.line(
            books, item["price"], item["quantity"], start_at, end_at, **line_fields(books, subscription, item, free)
        )
        for item in subscription["items"]["data"]
    ]
    reductions = [] if free else subscription["discounts"]
    invoice = invoices.draft(
        books, customer, lines, "subscription_create", subscription=subscription, reductions=reductions
    )
    invoice = invoices.finalize(books, invoice)
    kept = subscription["discounts"] if free else discounts.lasting(books, subscription["discounts"])
    books.put({**subscription, "latest_invoice": invoice["id"], "discounts": kept})
    return invoice


def line_fields(books, subscription, item, free=False):
    """What `invoices.line` is told of a subscription's item. free: that it costs nothing, being on trial."""
    fields = {"subscription": subscription["id"], "item": item["id"]}
    if free:
        name = catalogue.name_of(books, item["price"])
        fields |= {"amount": 0, "description": f"Trial period for {name}"}
    return fields


def watch(books, subscription):
    """Put on the agenda what time will do to a subscription."""
    key, (_start, end) = subscription["id"], period_of(subscription)
    if subscription["status"] in (*collecting.OVER, "paused"):
        return
    books.schedule(end, "renew", key)
    if subscription["status"] == "trialing":
        books.schedule(max(books.now, end - TRIAL_TOLD_BEFORE), "announce_trial_end", key)
    if (told := end - books.setting("upcoming_before")) > books.now:
        books.schedule(told, "announce_renewal", key)
    if subscription["cancel_at"]:
        books.schedule(subscription["cancel_at"], "end_at_last", key)
    if (pause := subscription["pause_collection"]) and pause["resumes_at"]:
        books.schedule(pause["resumes_at"], "resume_collection", key)


def period_of(subscription):
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def set_period(subscription, start_at, end_at):
    for item in subscription["items"]["data"]:
        item |= {"current_period_start": start_at, "current_period_end": end_at}


def rhythm(subscription):
    """(interval, count) of its items, which have one in common."""
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def item_of(books, subscription, price, given):
    return schema.blank(
        "subscription_item",
        id=ids.new("si"),
        created=books.now,
        metadata=merged({}, given.get("metadata", {})),
        price=price,
        quantity=given.get("quantity", 1),
        subscription=subscription,
        tax_rates=[],
    )


def check_prices(prices):
    if not prices:
        raise errors.missing("items")
    for place, (price, _item) in enumerate(prices):
        if price["type"] != "recurring":
            message = "The price specified is set to `type=one_time` but this field only accepts `type=recurring`."
            raise errors.invalid(message, f"items[{place}][price]")
    rhythms = {(price["recurring"]["interval"], price["recurring"]["interval_count"]) for price, _item in prices}
    if len(rhythms) > 1 or len({price["currency"] for price, _item in prices}) > 1:
        raise errors.invalid(
            "All prices of a subscription must have the same billing period and currency here.", "items"
        )


def fetch(books, given, key):
    return books.get(key, "subscription")


def listed(books, given):
    """Without a status asked for: those that are not over."""
    found = books.all("subscription", customer=given.get("customer"), collection_method=given.get("collection_method"))
    status = given.get("status")
    if status is None:
        found = [one for one in found if one["status"] not in collecting.OVER]
    elif status == "ended":
        found = [one for one in found if one["status"] in collecting.OVER]
    elif status != "all":
        found = [one for one in found if one["status"] == status]
    if price := given.get("price"):
        found = [one for one in found if any(item["price"]["id"] == price for item in one["items"]["data"])]
    return found


def items(books, given):
    return books.get(given["subscription"], "subscription", "subscription")["items"]["data"][::-1]


@on_request("customer", "subscriptions")
def _of_customer(books, customer):
    found = listed(books, {"customer": customer["id"]})[::-1]
    return {"object": "list", "data": found, "has_more": False, "url": f"/v1/customers/{customer['id']}/subscriptions"}


def _listed(found, key):
    return {"object": "list", "data": found, "has_more": False, "url": f"/v1/subscription_items?subscription={key}"}


def _trial_end(books, given):
    if given.get("trial_end") == "now":
        return None
    if given.get("trial_end"):
        if given["trial_end"] <= books.now:
            raise errors.invalid("Invalid timestamp: must be an integer Unix timestamp in the future", "trial_end")
        return given["trial_end"]
    days = given.get("trial_period_days")
    return books.now + days * DAY if days else None


def _first_period(books, subscription):
    if subscription["trial_end"]:
        return books.now, subscription["trial_end"]
    return clock.period(subscription["billing_cycle_anchor"], *rhythm(subscription), books.now)


def _plan_end(books, subscription, given):
    if given.get("cancel_at_period_end"):
        subscription |= {"cancel_at_period_end": True, "cancel_at": period_of(subscription)[1]}
    elif given.get("cancel_at"):
        subscription["cancel_at"] = given["cancel_at"]
    if subscription["cancel_at"]:
        subscription["canceled_at"] = books.now
