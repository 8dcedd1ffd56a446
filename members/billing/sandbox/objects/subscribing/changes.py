"""Changes of a running subscription: other items, pauses, ends, and what the difference costs."""

from members.billing.sandbox.core import clock, errors
from members.billing.sandbox.core.encoding import boolean, integer, merged, moment, one_of, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payment_methods
from members.billing.sandbox.objects.selling import catalogue, discounts
from members.billing.sandbox.objects.subscribing import collecting, invoices, prorations, renewal, subscriptions
from members.billing.sandbox.objects.subscribing.subscriptions import ITEM, SUBSCRIPTION

UPDATE = {
    **SUBSCRIPTION,
    "billing_cycle_anchor": one_of("now", "unchanged"),
    "cancel_at": moment("min_period_end", "max_period_end"),
    "cancellation_details": subscriptions.CANCEL["cancellation_details"],
    "items": [{**ITEM, "id": text, "deleted": boolean}],
    "pause_collection": {"behavior": one_of("keep_as_draft", "mark_uncollectible", "void"), "resumes_at": integer},
    "proration_date": integer,
}
PLAIN = ("default_payment_method", "description", "trial_settings")
OF_ENDED = {"metadata", "cancellation_details", "expand"}


def update(books, given, key):
    subscription = books.get(key, "subscription")
    check(books, subscription, given)
    subscription, bill = amend(books, subscription, given)
    if bill is None:
        return subscription
    return _charge(books, subscription, bill, given.get("payment_behavior", "allow_incomplete"))


def amend(books, subscription, given):
    """A subscription after a change, stored and told; and the invoice that has to be paid for it now, composed but not
    stored, or None."""
    _retell(books, subscription, given)
    _pause(books, subscription, given)
    lines, restarted = _change_course(books, subscription, given)
    at_once = lines and (restarted or given.get("proration_behavior") == "always_invoice")
    bill = _compose(books, subscription, lines) if at_once else None
    if not at_once:
        prorations.keep_for_later(books, subscription, lines)
    _end(books, subscription, given)
    if bill:
        subscription["latest_invoice"] = bill["id"]
    subscription = events.updated(books, subscription)
    subscriptions.watch(books, subscription)
    return subscription, bill


def cancel(books, given, key):
    """End it now, giving back what is left of the period if that is asked for."""
    subscription = books.get(key, "subscription")
    if subscription["status"] in collecting.OVER:
        raise errors.absent("subscription", key)
    subscription["cancellation_details"] |= given.get("cancellation_details", {})
    unpaid = subscription["status"] == "incomplete"
    lines = _unused(books, subscription) if given.get("prorate") and subscription["status"] == "active" else []
    ended = collecting.end(books, subscription, "cancellation_requested")
    if unpaid:
        invoices.void(books, books.find(subscription["latest_invoice"]))
    if not given.get("invoice_now"):
        prorations.keep_for_later(books, ended, lines)
    elif (bill := _compose(books, ended, lines))["lines"]["data"]:
        return _charge(books, books.put({**ended, "latest_invoice": bill["id"]}), bill, "allow_incomplete")
    return ended


def resume(books, given, key):
    """A paused subscription begins a new period, which is billed at once."""
    subscription = books.get(key, "subscription")
    if subscription["status"] != "paused":
        raise errors.invalid("You cannot resume a subscription that is not `paused`.")
    subscription["status"] = "active"
    bill = _compose(books, subscription, _restart(books, subscription))
    subscription["latest_invoice"] = bill["id"]
    events.updated(books, subscription)
    events.emit(books, "customer.subscription.resumed", subscription)
    subscriptions.watch(books, subscription)
    return _charge(books, subscription, bill, "allow_incomplete")


def check(books, subscription, given):
    if subscription["status"] in collecting.OVER and given.keys() - OF_ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise errors.invalid(message)
    if given.get("payment_behavior") == "pending_if_incomplete":
        raise errors.invalid("The sandbox does not play `pending_if_incomplete`.", "payment_behavior")
    if method := given.get("default_payment_method"):
        payment_methods.of_customer(books, method, subscription["customer"])
    for name in ("cancel_at", "trial_end"):
        if isinstance(given.get(name), int) and given[name] <= books.now:
            raise errors.invalid("Invalid timestamp: must be an integer Unix timestamp in the future", name)


def _retell(books, subscription, given):
    subscription |= {name: given[name] for name in PLAIN if name in given}
    if "metadata" in given:
        subscription["metadata"] = merged(subscription["metadata"], given["metadata"])
    subscription["cancellation_details"] |= given.get("cancellation_details", {})
    subscription["payment_settings"] |= given.get("payment_settings", {})
    if "automatic_tax" in given:
        subscription["automatic_tax"]["enabled"] = given["automatic_tax"]["enabled"]
    if "discounts" in given:
        amount = sum(item["price"]["unit_amount"] * item["quantity"] for item in subscription["items"]["data"])
        subscription["discounts"] = discounts.redeem(
            books, given["discounts"], subscription["customer"], amount, subscription=subscription["id"]
        )


def _pause(books, subscription, given):
    if "pause_collection" not in given:
        return
    pause = given["pause_collection"]
    if pause and "behavior" not in pause:
        raise errors.missing("pause_collection[behavior]")
    subscription["pause_collection"] = pause and {"resumes_at": None, **pause}


def _end(books, subscription, given):
    """Plan its end, or call it off."""
    end = subscriptions.period_of(subscription)[1]
    if given.get("cancel_at_period_end") is not None:
        planned = given["cancel_at_period_end"]
        _plan(books, subscription, end if planned else None, at_period_end=planned)
    elif "cancel_at" in given:
        at = given["cancel_at"]
        _plan(books, subscription, end if isinstance(at, str) else at, at_period_end=False)
    elif subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end


def _plan(books, subscription, at, *, at_period_end):
    subscription |= {
        "cancel_at": at,
        "cancel_at_period_end": at_period_end,
        "canceled_at": at and (subscription["canceled_at"] or books.now),
    }
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if at else None


def _change_course(books, subscription, given):
    """Change items, trial and anchor. Returns the lines that the difference makes, and whether a period begins now."""
    if given.get("trial_end") == "now" and subscription["status"] == "trialing":
        _change_items(books, subscription, given)
        subscription |= {"status": "active", "trial_end": books.now}
        return _restart(books, subscription), True
    if given.get("trial_end") not in (None, "now"):
        return _give_trial(books, subscription, given), False
    before = {item["id"]: {**item} for item in subscription["items"]["data"]}
    rhythm, period = subscriptions.rhythm(subscription), subscriptions.period_of(subscription)
    _change_items(books, subscription, given)
    after = {item["id"]: item for item in subscription["items"]["data"]}
    if subscription["status"] in ("trialing", "incomplete", "paused"):
        return [], False
    at = min(max(given.get("proration_date", books.now), period[0]), period[1])
    changed = [key for key in before.keys() | after.keys() if _terms(before.get(key)) != _terms(after.get(key))]
    if rhythm != subscriptions.rhythm(subscription) or given.get("billing_cycle_anchor") == "now":
        credit = prorations.credits(books, subscription, before.values(), at, period, given)
        return credit + _restart(books, subscription), True
    if not changed or given.get("proration_behavior") == "none":
        return [], False
    old = [before[key] for key in before if key in changed]
    new = [after[key] for key in after if key in changed]
    charges = [prorations.charge(books, subscription, item, at, period) for item in new]
    return prorations.credits(books, subscription, old, at, period, given) + charges, False


def _give_trial(books, subscription, given):
    period = subscriptions.period_of(subscription)
    was_trial = subscription["status"] == "trialing"
    unused = (
        []
        if was_trial
        else prorations.credits(books, subscription, subscription["items"]["data"], books.now, period, given)
    )
    _change_items(books, subscription, given)
    start = subscription["trial_start"] if was_trial else books.now
    subscription |= {"status": "trialing", "trial_start": start, "trial_end": given["trial_end"]}
    subscription["billing_cycle_anchor"] = given["trial_end"]
    subscriptions.set_period(subscription, start, given["trial_end"])
    return unused


def _change_items(books, subscription, given):
    items = subscription["items"]["data"]
    for place, one in enumerate(given.get("items") or ()):
        param = f"items[{place}]"
        if one.get("id") is None:
            price = catalogue.price_of(books, one, param)
            item = subscriptions.item_of(books, subscription["id"], price, one)
            start, end = subscriptions.period_of(subscription)
            items.append({**item, "current_period_start": start, "current_period_end": end})
            continue
        item = next((item for item in items if item["id"] == one["id"]), None)
        if item is None:
            raise errors.absent("subscription_item", one["id"], f"{param}[id]")
        if one.get("deleted"):
            items.remove(item)
            continue
        # An item keeps a price that has been archived since.
        if one.get("price_data") or one.get("price", item["price"]["id"]) != item["price"]["id"]:
            item["price"] = catalogue.price_of(books, one, param)
        item["quantity"] = one.get("quantity", item["quantity"])
        item["metadata"] = merged(item["metadata"], one.get("metadata", {}))
    subscriptions.check_prices([(item["price"], item) for item in items])


def _terms(item):
    return item and (item["price"]["id"], item["quantity"])


def _restart(books, subscription):
    """A period from now on. Returns the lines for it."""
    subscription["billing_cycle_anchor"] = books.now
    start, end = clock.period(books.now, *subscriptions.rhythm(subscription), books.now)
    subscriptions.set_period(subscription, start, end)
    return renewal.bill(books, subscription, start, end)


def _unused(books, subscription):
    period = subscriptions.period_of(subscription)
    return prorations.credits(books, subscription, subscription["items"]["data"], books.now, period, {})


def _compose(books, subscription, lines):
    """The invoice of a change, with all that earlier ones left for the next."""
    customer = books.find(subscription["customer"], "customer")
    return invoices.compose(
        books,
        customer,
        lines + renewal.pending_lines(books, subscription),
        "subscription_update",
        subscription=subscription,
        reductions=discounts.running(books, subscription["discounts"]),
    )


def _charge(books, subscription, bill, behaviour):
    invoice = events.created(books, bill)
    renewal.take_pending(books, subscription, invoice)
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "open" and behaviour != "default_incomplete":
        invoice = collecting.collect(books, invoice)
    if invoice["status"] == "open" and behaviour == "error_if_incomplete":
        raise collecting.refusal(books, invoice)
    return books.find(subscription["id"])
