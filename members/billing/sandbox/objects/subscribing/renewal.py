"""What time does to subscriptions: each function is a task of the agenda, done at its moment and checking that it is
still due."""

from members.billing.sandbox.core import clock
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.selling import discounts
from members.billing.sandbox.objects.subscribing import collecting, invoices, subscriptions

RUNNING = ("active", "trialing", "past_due", "unpaid")


def renew(books, key):
    """The period is over: the next begins, and is billed by a draft that is finalised a little later."""
    subscription = books.find(key, "subscription")
    if subscription["status"] not in RUNNING or subscriptions.period_of(subscription)[1] != books.now:
        return
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= books.now:
        collecting.end(books, subscription, "cancellation_requested")
        return
    if subscription["status"] == "trialing":
        subscription = _end_trial(books, subscription)
        if subscription["status"] not in RUNNING:
            return
    _next_period(books, subscription)


def announce_trial_end(books, key):
    subscription = books.find(key, "subscription")
    if subscription["status"] == "trialing":
        events.emit(books, "customer.subscription.trial_will_end", subscription)


def announce_renewal(books, key):
    subscription = books.find(key, "subscription")
    due = subscriptions.period_of(subscription)[1] - books.setting("upcoming_before") == books.now
    if due and subscription["status"] in RUNNING and not subscription["cancel_at"]:
        events.emit(books, "invoice.upcoming", upcoming(books, subscription))


def end_at_last(books, key):
    subscription = books.find(key, "subscription")
    if subscription["status"] in RUNNING and subscription["cancel_at"] == books.now:
        collecting.end(books, subscription, "cancellation_requested")


def resume_collection(books, key):
    subscription = books.find(key, "subscription")
    pause = subscription["pause_collection"]
    if pause and pause["resumes_at"] == books.now:
        events.updated(books, {**subscription, "pause_collection": None})


def expire_incomplete(books, key):
    """Nobody paid the first invoice for a day."""
    subscription = books.find(key, "subscription")
    if subscription["status"] == "incomplete":
        invoices.void(books, books.find(subscription["latest_invoice"]))
        collecting.change_status(books, subscription, "incomplete_expired", ended_at=books.now)


def upcoming(books, subscription):
    """The invoice that a renewal would make, stored nowhere."""
    _start, end = subscriptions.period_of(subscription)
    following = clock.period(subscription["billing_cycle_anchor"], *subscriptions.rhythm(subscription), end)
    customer = books.find(subscription["customer"], "customer")
    lines = bill(books, subscription, *following) + pending_lines(books, subscription)
    return invoices.compose(
        books,
        customer,
        lines,
        "upcoming",
        subscription=subscription,
        reductions=discounts.running(books, subscription["discounts"]),
        period=subscriptions.period_of(subscription),
        upcoming=True,
    )


def bill(books, subscription, start, end):
    """The lines for a whole period."""
    fields = subscriptions.line_fields
    return [
        invoices.line(books, item["price"], item["quantity"], start, end, **fields(books, subscription, item))
        for item in subscription["items"]["data"]
    ]


def pending_lines(books, subscription):
    """What earlier changes left for the next invoice."""
    found = books.all("invoiceitem", parent__subscription_details__subscription=subscription["id"])
    return [_line_of(books, item) for item in found if item["invoice"] is None]


def take_pending(books, subscription, invoice):
    for item in books.all("invoiceitem", parent__subscription_details__subscription=subscription["id"]):
        if item["invoice"] is None:
            books.put({**item, "invoice": invoice["id"]})


def _end_trial(books, subscription):
    if collecting.has_method(books, subscription):
        return {**subscription, "status": "active"}
    choice = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if choice == "cancel":
        return collecting.end(books, subscription, None)
    if choice == "pause":
        events.updated(books, {**subscription, "status": "paused"})
        paused = books.find(subscription["id"])
        events.emit(books, "customer.subscription.paused", paused)
        return paused
    return {**subscription, "status": "active"}


def _next_period(books, subscription):
    start, end = clock.period(subscription["billing_cycle_anchor"], *subscriptions.rhythm(subscription), books.now)
    before = subscriptions.period_of(subscription)
    lines = bill(books, subscription, start, end) + pending_lines(books, subscription)
    reductions = discounts.running(books, subscription["discounts"])
    customer = books.find(subscription["customer"], "customer")
    subscriptions.set_period(subscription, start, end)
    invoice = invoices.compose(
        books,
        customer,
        lines,
        "subscription_cycle",
        subscription=subscription,
        reductions=reductions,
        period=before,
    )
    _pause(subscription, invoice)
    subscription |= {"latest_invoice": invoice["id"], "discounts": discounts.lasting(books, reductions)}
    events.updated(books, subscription)
    subscriptions.watch(books, subscription)
    _issue(books, subscription, invoice)


def _pause(subscription, invoice):
    """Collection that is paused, or was given up, bills without charging."""
    if subscription["pause_collection"] or subscription["status"] == "unpaid":
        invoice["auto_advance"] = False


def _issue(books, subscription, invoice):
    if invoice["auto_advance"]:
        at = books.now + books.setting("finalize_after")
        invoice |= {"automatically_finalizes_at": at}
        books.schedule(at, "finalize_invoice", invoice["id"])
    events.created(books, invoice)
    take_pending(books, subscription, invoice)
    pause = subscription["pause_collection"]
    if pause and pause["behavior"] == "void":
        invoices.void(books, invoice)
    elif pause and pause["behavior"] == "mark_uncollectible":
        invoices.mark_uncollectible(books, invoice)


def _line_of(books, item):
    price = books.find(item["pricing"]["price_details"]["price"], "price")
    details = item["parent"]["subscription_details"]
    return invoices.line(
        books,
        price,
        item["quantity"],
        item["period"]["start"],
        item["period"]["end"],
        amount=item["amount"],
        description=item["description"],
        subscription=details["subscription"],
        item=details["subscription_item"],
        proration=item["proration"],
        invoice_item=item["id"],
    )
