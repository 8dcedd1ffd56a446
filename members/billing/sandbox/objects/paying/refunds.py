"""Refunds."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, integer, merged, one_of, text
from members.billing.sandbox.core.presenting import on_request
from members.billing.sandbox.objects import events

CREATE = {
    "amount": integer,
    "charge": text,
    "payment_intent": text,
    "metadata": TAGS,
    "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
}
UPDATE = {"metadata": TAGS}
LISTED = {**LIST, "charge": text, "payment_intent": text}


def create(books, given):
    charge = _charge_of(books, given)
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    _check(charge, amount, left)
    refund = schema.blank(
        "refund",
        id=ids.new("re"),
        amount=amount,
        charge=charge["id"],
        created=books.now,
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=merged({}, given.get("metadata", {})),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=given.get("reason"),
        status="succeeded",
    )
    books.put(refund)
    refunded = charge["amount_refunded"] + amount
    after = {**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount"]}
    events.emit(books, "charge.refunded", books.put(after), events.difference(charge, after))
    events.emit(books, "refund.created", refund)
    return refund


def fetch(books, given, key):
    return books.get(key, "refund")


def update(books, given, key):
    refund = books.get(key, "refund")
    if "metadata" in given:
        refund["metadata"] = merged(refund["metadata"], given["metadata"])
    return events.updated(books, refund)


def listed(books, given):
    return books.all("refund", charge=given.get("charge"), payment_intent=given.get("payment_intent"))


def _charge_of(books, given):
    if given.get("charge"):
        return books.get(given["charge"], "charge", "charge")
    if not given.get("payment_intent"):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise errors.invalid(message)
    intent = books.get(given["payment_intent"], "payment_intent", "payment_intent")
    charge = books.find(intent["latest_charge"] or "", "charge")
    if charge is None or charge["status"] != "succeeded":
        raise errors.invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
    return charge


def _check(charge, amount, left):
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise errors.invalid(message, code="charge_disputed")
    if charge["status"] != "succeeded":
        raise errors.invalid(f"Charge {charge['id']} has not succeeded and cannot be refunded.", "charge")
    if not left:
        message = f"Charge {charge['id']} has already been refunded."
        raise errors.invalid(message, code="charge_already_refunded")
    if not 0 < amount <= left:
        raise errors.invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")


@on_request("charge", "refunds")
def of_charge(books, charge):
    found = books.all("refund", charge=charge["id"])
    return {"object": "list", "data": found, "has_more": False, "url": f"/v1/charges/{charge['id']}/refunds"}
