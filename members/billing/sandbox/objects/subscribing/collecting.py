"""Getting invoices paid, and what follows for the subscription when they are, or are not."""

from members.billing.sandbox.core import errors
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import boolean, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payment_methods, payments
from members.billing.sandbox.objects.subscribing import invoices

# How long after a failed attempt the next one follows; after the last the subscription is given up.
RETRIES = (3 * DAY, 5 * DAY, 7 * DAY)
PAY = {"payment_method": text, "off_session": boolean}
FINALIZE = {"auto_advance": boolean}
OWING = ("incomplete", "past_due", "unpaid")
OVER = ("canceled", "incomplete_expired")


def collect(books, invoice, method=None, *, present=False, authenticated=False, automatic=True):
    """Try to get an open invoice paid. method: an id, else the subscription's or the customer's own; automatic: whether
    this is the schedule's attempt, and counts for it. Returns the invoice as it then is."""
    intent = invoices.intent_of(books, invoice)
    if intent["status"] == "processing":
        return invoice
    method = method or default_method(books, invoice)
    if method is None:
        return _failed(books, invoice, intent, automatic)
    tried = payments.attempt(books, intent, method, present=present, authenticated=authenticated)
    return settle(books, invoice, tried, automatic=automatic)


def settle(books, invoice, intent, *, automatic=True):
    """What the state of its payment intent means for an invoice and its subscription."""
    if intent["status"] == "succeeded":
        return _paid(books, invoice, intent)
    if intent["status"] == "processing":
        return _processing(books, invoice)
    return _failed(books, invoice, intent, automatic)


def default_method(books, invoice):
    subscription = books.find(invoices.subscription_of(invoice) or "", "subscription")
    own = subscription and subscription["default_payment_method"]
    customer = books.find(invoice["customer"], "customer")
    return own or customer.get("invoice_settings", {}).get("default_payment_method")


def has_method(books, subscription):
    customer = books.find(subscription["customer"], "customer")
    return bool(subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"])


def change_status(books, subscription, status, **fields):
    """A subscription in another status, told as an update."""
    return events.updated(books, {**subscription, "status": status, **fields})


def end(books, subscription, reason):
    """It is over. reason: for `cancellation_details`, None to leave that."""
    details = subscription["cancellation_details"]
    subscription |= {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or books.now,
        "ended_at": books.now,
        "cancellation_details": {**details, "reason": reason or details["reason"]},
        "pause_collection": None,
    }
    events.became(books, subscription, "customer.subscription.deleted")
    for invoice in books.all("invoice", parent__subscription_details__subscription=subscription["id"]):
        if invoice["status"] in ("draft", "open") and invoice["auto_advance"]:
            events.updated(books, {**invoice, "auto_advance": False, "next_payment_attempt": None})
    return subscription


def pay(books, given, key):
    """The API's `pay`: an error where it does not work."""
    invoice = books.get(key, "invoice")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "paid":
        raise errors.invalid("Invoice is already paid")
    if invoice["status"] != "open":
        raise errors.invalid(f"This invoice can no longer be paid: it is {invoice['status']}.")
    if method := given.get("payment_method"):
        payment_methods.of_customer(books, method, invoice["customer"], "payment_method")
    invoice = collect(books, invoice, method, present=given.get("off_session") is False, automatic=False)
    if invoice["status"] == "open" and invoices.intent_of(books, invoice)["status"] != "processing":
        refused = refusal(books, invoice)
        refused.kept = True
        raise refused
    return invoice


def refusal(books, invoice):
    """Why an invoice is still open, as an error."""
    intent = invoices.intent_of(books, invoice)
    if intent["status"] == "requires_action":
        message = "This payment requires additional user action before it can be completed successfully."
        return errors.Refused(
            402, "card_error", message, code="invoice_payment_intent_requires_action", payment_intent=intent
        )
    if intent["last_payment_error"]:
        return payments.error_of(intent)
    return errors.invalid("There is no `default_payment_method` set on this Customer or Invoice.", code="missing")


def finalize(books, given, key):
    invoice = books.get(key, "invoice")
    if invoice["status"] != "draft":
        raise errors.invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    if "auto_advance" in given:
        invoice["auto_advance"] = given["auto_advance"]
    return invoices.finalize(books, invoice)


def void(books, given, key):
    invoice = invoices.void(books, books.get(key, "invoice"))
    return recover(books, invoice)


def mark_uncollectible(books, given, key):
    return invoices.mark_uncollectible(books, books.get(key, "invoice"))


def recover(books, invoice):
    """A subscription is in order again once its last invoice is."""
    subscription = books.find(invoices.subscription_of(invoice) or "", "subscription")
    if subscription and subscription["status"] in OWING and subscription["latest_invoice"] == invoice["id"]:
        change_status(books, subscription, "active")
    _set_delinquent(books, invoice["customer"], False)
    return invoice


def retry_invoice(books, key):
    """Task: the next attempt of a bill that nobody paid."""
    invoice = books.find(key, "invoice")
    if invoice["status"] == "open" and invoice["next_payment_attempt"] == books.now:
        collect(books, invoice)


def finalize_invoice(books, key):
    """Task: a renewal's draft becomes a bill, and is charged."""
    invoice = books.find(key, "invoice")
    if invoice["status"] != "draft" or not invoice["auto_advance"]:
        return
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "open":
        collect(books, invoice)
    else:
        recover(books, invoice)


def _paid(books, invoice, intent):
    invoice["attempt_count"] += 1
    return recover(books, invoices.mark_paid(books, invoice, intent["amount_received"]))


def _processing(books, invoice):
    """A debit that takes days counts as paid until it is known to have failed."""
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True, "next_payment_attempt": None}
    events.updated(books, invoice)
    recover(books, invoice)
    return invoice


def _failed(books, invoice, intent, automatic):
    subscription = books.find(invoices.subscription_of(invoice) or "", "subscription")
    first = subscription is None or subscription["status"] == "incomplete"
    attempts, retry = invoice["attempt_count"], invoice["next_payment_attempt"]
    # Any attempt counts as the first; of the later ones those of the schedule alone.
    if automatic or not attempts:
        attempts += 1
        over = first or attempts > len(RETRIES) or not invoice["auto_advance"]
        retry = None if over else books.now + RETRIES[attempts - 1]
    last = attempts > len(RETRIES)
    invoice |= {"attempt_count": attempts, "attempted": True, "next_payment_attempt": retry}
    events.updated(books, invoice)
    events.emit(books, "invoice.payment_failed", invoice)
    if intent["status"] == "requires_action":
        events.emit(books, "invoice.payment_action_required", invoice)
    if retry:
        books.schedule(retry, "retry_invoice", invoice["id"])
    if not first and subscription["status"] not in OVER:
        _set_delinquent(books, invoice["customer"], True)
        _owe(books, subscription, last)
    return invoice


def _owe(books, subscription, last):
    choice = books.setting("after_dunning") if last else "past_due"
    if choice == "cancel":
        end(books, subscription, "payment_failed")
    elif subscription["status"] != choice and subscription["status"] != "unpaid":
        change_status(books, subscription, choice)


def _set_delinquent(books, key, delinquent):
    customer = books.find(key, "customer")
    if not customer.get("deleted") and customer["delinquent"] != delinquent:
        events.updated(books, {**customer, "delinquent": delinquent})
