"""What a picture tells of payments and of the card that pays, in the fields of our tables."""

import calendar
from datetime import date

from members.billing import state
from members.billing.models import Intent, Payment
from members.standing import OWING

# The fields of a Customer that a picture tells.
TOLD = ("currency", "credit", "card_brand", "card_last4", "card_expires_on", "owed_amount",
        "owed_url", "owed_reason", "owes_a_word")  # fmt: skip
PAYMENT_STATES = {"succeeded": Payment.State.PAID, "processing": Payment.State.PENDING}


def told_of_customer(picture):
    """{field: value} for each of TOLD."""
    live = [one for one in picture.subscriptions if one["status"] not in state.ENDED]
    card = _card(picture.customer, live)
    # What a bank is still at work on is not owed yet.
    owing = [one for one in live if one["status"] in OWING]
    owed = [invoice for one in owing for invoice in state.unpaid_invoices(picture, one["id"])][:1]
    tried = {key for invoice in owed for key in state.payments_of(invoice)}
    attempts = [one for one in picture.payments if one["id"] in tried]
    return {
        "currency": (picture.customer.get("currency") or "").upper(),
        # At Stripe a balance below 0 is the customer's money.
        "credit": max(-(picture.customer.get("balance") or 0), 0),
        "card_brand": card.get("brand") or "",
        "card_last4": card.get("last4") or "",
        "card_expires_on": _month_end(card),
        "owed_amount": owed[0].get("amount_remaining") if owed else None,
        "owed_url": (owed[0].get("hosted_invoice_url") or "") if owed else "",
        "owed_reason": next((reason for reason in map(_declined_for, attempts) if reason), ""),
        "owes_a_word": any(one["status"] == "requires_action" for one in attempts),
    }


def _declined_for(payment):
    """Stripe's word for why a payment was declined last: the bank's own where there is one; "" where it was not."""
    error = payment.get("last_payment_error") or {}
    return error.get("decline_code") or error.get("code") or ""


def write(user, picture, ticket, links=True):
    """Write down each payment of a picture for the account with the id `user`; what was written before is corrected,
    unless it was seen under a higher ticket. To be called with the row locked whose tickets these are. links: whether
    to the invoices too, on which stands whose they are."""
    told = [one["id"] for one in picture.payments]
    own = Payment.objects.filter(user=user, stripe_id__in=told)
    later = set(own.filter(applied__gte=ticket).values_list("stripe_id", flat=True))
    invoices = {key: invoice for invoice in picture.invoices for key in state.payments_of(invoice)}
    found = (_row(user, one, invoices.get(one["id"]), picture) for one in picture.payments)
    rows = [row for row in found if row and row.stripe_id not in later]
    for row in rows:
        row.applied = ticket
        row.invoice_url = row.invoice_url if links else ""
    fields = ["state", "amount", "refunded", "at", "kind", "invoice", "invoice_url", "subscription", "applied"]
    Payment.objects.bulk_create(rows, update_conflicts=True, unique_fields=["stripe_id"], update_fields=fields)


def _row(user, told, invoice, picture):
    """The Payment of a payment intent; None of one where nobody has tried to pay yet."""
    charge = told.get("latest_charge")
    if not charge and told["status"] not in PAYMENT_STATES:
        return None
    subscription = state.subscription_of(invoice) if invoice else ""
    return Payment(
        stripe_id=told["id"],
        user_id=user,
        kind=Intent.Kind.MEMBERSHIP if subscription else Intent.Kind.CONTRIBUTION,
        state=_state(told, charge or {}, picture.disputes.get(told["id"], ())),
        amount=told["amount"],
        refunded=(charge or {}).get("amount_refunded") or 0,
        currency=told["currency"].upper(),
        at=state.moment((charge or told)["created"]),
        invoice=invoice["id"] if invoice else "",
        invoice_url=(invoice.get("hosted_invoice_url") or "") if invoice else (charge or {}).get("receipt_url") or "",
        subscription=subscription,
    )


def _state(told, charge, disputes):
    if any(one["status"] == "lost" for one in disputes):
        return Payment.State.LOST
    if any(one["status"] in state.DISPUTE_OPEN for one in disputes):
        return Payment.State.DISPUTED
    if charge.get("refunded"):
        return Payment.State.REFUNDED
    return PAYMENT_STATES.get(told["status"], Payment.State.FAILED)


def _card(customer, live):
    """The card that the next payment is taken from; {} where that is no card, or none is known."""
    ways = [one.get("default_payment_method") for one in live]
    ways.append((customer.get("invoice_settings") or {}).get("default_payment_method"))
    return next((way["card"] for way in ways if isinstance(way, dict) and way.get("card")), {})


def _month_end(card):
    if not card.get("exp_year"):
        return None
    return date(card["exp_year"], card["exp_month"], calendar.monthrange(card["exp_year"], card["exp_month"])[1])
