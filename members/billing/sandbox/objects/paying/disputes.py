"""Disputes: a payer asks their bank for the money back."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, merged, text
from members.billing.sandbox.objects import events

UPDATE = {"evidence": {"uncategorized_text": text}, "metadata": TAGS, "submit": boolean}
LISTED = {**LIST, "charge": text, "payment_intent": text}
ANSWER_WITHIN = 14 * DAY


def open_dispute(books, key, reason="fraudulent"):
    """A charge is disputed, and its money taken back until the bank has decided."""
    charge = books.get(key, "charge", "charge")
    if charge["disputed"] or charge["status"] != "succeeded":
        raise errors.invalid("This charge cannot be disputed: it is already, or was never paid.", "charge")
    dispute = schema.blank(
        "dispute",
        id=ids.new("du"),
        amount=charge["amount"] - charge["amount_refunded"],
        charge=charge["id"],
        created=books.now,
        currency=charge["currency"],
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    dispute["evidence_details"]["due_by"] = books.now + ANSWER_WITHIN
    events.updated(books, {**charge, "disputed": True})
    events.created(books, dispute)
    events.emit(books, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def dispute_charge(books, key):
    """Task: the owner of a test card that is for this disputes at once."""
    if not books.find(key, "charge")["disputed"]:
        open_dispute(books, key)


def close_dispute(books, key, status):
    """The bank has decided. status: won or lost, from the newsroom's side."""
    dispute = books.get(key, "dispute")
    if dispute["status"] in ("won", "lost"):
        raise errors.invalid("This dispute is already closed.")
    if status == "won":
        events.emit(books, "charge.dispute.funds_reinstated", {**dispute, "status": status})
    return events.became(books, {**dispute, "status": status}, "charge.dispute.closed")


def fetch(books, given, key):
    return books.get(key, "dispute")


def update(books, given, key):
    dispute = books.get(key, "dispute")
    dispute["evidence"] |= given.get("evidence", {})
    if given.get("evidence"):
        dispute["evidence_details"] |= {"has_evidence": True}
    if given.get("submit"):
        dispute["status"] = "under_review"
        dispute["evidence_details"]["submission_count"] += 1
    if "metadata" in given:
        dispute["metadata"] = merged(dispute["metadata"], given["metadata"])
    return events.updated(books, dispute)


def give_up(books, given, key):
    return close_dispute(books, key, "lost")


def listed(books, given):
    return books.all("dispute", charge=given.get("charge"), payment_intent=given.get("payment_intent"))
