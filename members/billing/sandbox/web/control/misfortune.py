"""What the control can make happen to objects: what in life banks, payers and strangers do."""

from members.billing.sandbox.core import errors
from members.billing.sandbox.objects import agenda, events
from members.billing.sandbox.objects.paying import disputes
from members.billing.sandbox.objects.selling import catalogue


def settle_payment(books, given):
    """End a debit that takes days now. given: payment_intent, outcome (succeeds or fails)."""
    books.get(given["payment_intent"], "payment_intent")
    books.note(given["payment_intent"], outcome=given["outcome"])
    agenda.settle_payment(books, given["payment_intent"])


def decline(books, given):
    """Have a customer's methods declined from now on. given: customer, code (of `errors.DECLINES`; "": work again)."""
    code = given.get("code", "generic_decline") or None
    if code is not None and code not in errors.DECLINES:
        raise ValueError(f"code must be one of {', '.join(errors.DECLINES)}")
    for method in books.all("payment_method", customer=given["customer"]):
        books.note(method["id"], decline=code)


def dispute(books, given):
    """given: charge, reason."""
    return disputes.open_dispute(books, given["charge"], given.get("reason") or "fraudulent")


def close_dispute(books, given):
    """given: dispute, status (won or lost)."""
    if given["status"] not in ("won", "lost"):
        raise ValueError("status must be won or lost")
    return disputes.close_dispute(books, given["dispute"], given["status"])


def archive(books, given):
    """given: price."""
    catalogue.update_price(books, {"active": False}, given["price"])


def replace_card(books, given):
    """A bank sends new cards, and the network tells the new dates. given: customer."""
    for method in books.all("payment_method", customer=given["customer"], type="card"):
        card = {**method["card"], "exp_year": method["card"]["exp_year"] + 3}
        previous = {"card": {"exp_year": method["card"]["exp_year"]}}
        books.put({**method, "card": card})
        events.emit(books, "payment_method.automatically_updated", {**method, "card": card}, previous)


def alter(books, given):
    """Make an object say something that it would never say of itself. given: id, change (merged into it, in depth),
    event (a type, none unless told). It is not held against its shape."""
    thing = books.find(given["id"])
    if thing is None:
        raise ValueError("there is no such object")
    before = books.find(given["id"])
    books.force(_merged(thing, given["change"]))
    if given.get("event"):
        events.emit(books, given["event"], thing, events.difference(before, thing))


def emit(books, given):
    """Tell of something that did not happen. given: type, object (an id, or anything)."""
    thing = given["object"]
    return events.emit(books, given["type"], books.find(thing) if isinstance(thing, str) else thing)


def _merged(thing, change):
    for name, value in change.items():
        both = isinstance(value, dict) and isinstance(thing.get(name), dict)
        thing[name] = _merged(thing[name], value) if both else value
    return thing


ACTS = {
    "settle_payment": settle_payment,
    "decline": decline,
    "dispute": dispute,
    "close_dispute": close_dispute,
    "archive": archive,
    "replace_card": replace_card,
    "alter": alter,
    "emit": emit,
}
