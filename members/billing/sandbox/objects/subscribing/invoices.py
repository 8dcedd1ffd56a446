"""Invoices and what stands on them. Whether and when they are paid is for `collecting`."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, merged, one_of, text
from members.billing.sandbox.core.money import money
from members.billing.sandbox.core.presenting import on_request
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payments
from members.billing.sandbox.objects.selling import catalogue, discounts

STATUSES = one_of("draft", "open", "paid", "uncollectible", "void")
LISTED = {**LIST, "customer": text, "subscription": text, "status": STATUSES}
LISTED_ITEMS = {**LIST, "customer": text, "invoice": text, "pending": boolean}
UPDATE = {"auto_advance": boolean, "description": text, "footer": text, "metadata": TAGS}
LISTED_PAYMENTS = {
    **LIST,
    "invoice": text,
    "payment": {"type": one_of("payment_intent"), "payment_intent": text},
    "status": one_of("open", "paid", "canceled"),
}


def line(books, price, quantity, start, end, **fields):
    """What one item costs from `start` to `end`. fields: amount, description, subscription, item, proration,
    invoice_item, where they are not the plain ones."""
    amount = fields.get("amount", price["unit_amount"] * quantity)
    rate = money(price["unit_amount"], price["currency"])
    return {
        "amount": amount,
        "description": fields.get("description", f"{quantity} × {catalogue.name_of(books, price)} (at {rate})"),
        "price": price,
        "quantity": quantity,
        "period": {"start": start, "end": end},
        "subscription": fields.get("subscription"),
        "item": fields.get("item"),
        "proration": fields.get("proration", False),
        "invoice_item": fields.get("invoice_item"),
    }


def compose(books, customer, lines, reason, *, subscription=None, reductions=(), period=None, upcoming=False):
    """An invoice of these `line`s that is stored nowhere. customer: the whole object, whose balance counts; reductions:
    ids of discounts; period: (start, end), now if it has none; upcoming: as a preview."""
    key = ids.new("upcoming_in" if upcoming else "in")
    off = discounts.reduced(books, reductions, [_discountable(one) for one in lines])
    told = [_told(books, key, one, offs) for one, offs in zip(lines, off, strict=True)]
    subtotal = sum(one["amount"] for one in lines)
    total = subtotal - sum(sum(offs.values()) for offs in off)
    start, end = period or (books.now, books.now)
    invoice = schema.blank(
        "invoice",
        id=key,
        account_country="GE",
        account_name="Newsroom sandbox",
        attempted=False,
        auto_advance=True,
        automatic_tax=schema.blank("automatic_tax", enabled=False),
        billing_reason="upcoming" if upcoming else reason,
        collection_method="charge_automatically",
        created=books.now,
        currency=lines[0]["price"]["currency"] if lines else (customer.get("currency") or "eur"),
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_tax_exempt="none",
        customer_tax_ids=[],
        discounts=list(reductions),
        issuer={"type": "self"},
        lines=_list(told, f"/v1/invoices/{key}/lines"),
        metadata={},
        parent=subscription and _parent(subscription),
        payment_settings=schema.blank("invoices_payment_settings"),
        period_start=start,
        period_end=end,
        starting_balance=customer["balance"],
        status="draft",
        status_transitions=schema.blank("invoices_resource_status_transitions"),
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=total,
        total_discount_amounts=[
            {"discount": name, "amount": sum(offs.get(name, 0) for offs in off)} for name in reductions
        ],
        total_excluding_tax=total,
        total_pretax_credit_amounts=[],
        total_taxes=[],
        default_tax_rates=[],
    )
    if subscription and subscription["automatic_tax"]["enabled"]:
        invoice["automatic_tax"] |= {"enabled": True, "status": "complete", "provider": "stripe"}
        invoice["automatic_tax"]["liability"] = {"type": "self"}
    return _balanced(invoice, customer["balance"])


def draft(books, customer, lines, reason, **how):
    """A new invoice, which can still change. how: as for `compose`."""
    invoice = compose(books, customer, lines, reason, **how)
    return events.created(books, invoice)


def finalize(books, invoice):
    """Make it a bill: a number, an address, and something to pay it by unless there is nothing to pay."""
    customer = books.find(invoice["customer"], "customer")
    sequence = customer.get("next_invoice_sequence", 1)
    balance = customer.get("balance", 0)
    key = invoice["id"]
    invoice = _balanced(invoice, balance)
    invoice |= {
        "number": f"{customer.get('invoice_prefix', 'SANDBOX')}-{sequence:04}",
        "status": "open",
        "effective_at": books.now,
        "ending_balance": balance + invoice["total"] - invoice["amount_due"],
        "hosted_invoice_url": f"{books.base}/i/{key}",
        "invoice_pdf": f"{books.base}/i/{key}/pdf",
        "automatically_finalizes_at": None,
        "status_transitions": {**invoice["status_transitions"], "finalized_at": books.now},
    }
    if not customer.get("deleted"):
        books.put({**customer, "next_invoice_sequence": sequence + 1})
        ending = {**customer, "next_invoice_sequence": sequence + 1, "balance": invoice["ending_balance"]}
        events.updated(books, ending)
    events.became(books, invoice, "invoice.finalized")
    return _settle_nothing(books, invoice) if invoice["amount_due"] == 0 else _to_pay(books, invoice)


def mark_paid(books, invoice, paid):
    """paid: the amount that has come."""
    invoice |= {
        "amount_paid": paid,
        "amount_remaining": invoice["amount_due"] - paid,
        "attempted": True,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": books.now},
    }
    events.updated(books, invoice)
    events.emit(books, "invoice.paid", invoice)
    for payment in books.all("invoice_payment", invoice=invoice["id"], status="open"):
        payment |= {"status": "paid", "amount_paid": paid}
        payment["status_transitions"]["paid_at"] = books.now
        events.became(books, payment, "invoice_payment.paid")
    events.emit(books, "invoice.payment_succeeded", invoice)
    return invoice


def void(books, invoice):
    """A bill that nobody need pay."""
    if invoice["status"] not in ("draft", "open", "uncollectible"):
        raise errors.invalid(f"You can only void open invoices. This invoice is {invoice['status']}.")
    for payment in books.all("invoice_payment", invoice=invoice["id"], status="open"):
        payment["status_transitions"]["canceled_at"] = books.now
        books.put({**payment, "status": "canceled"})
        intent = books.find(payment["payment"]["payment_intent"])
        if intent["status"] in payments.UNFINISHED:
            payments.cancel(books, intent, "void_invoice")
    transitions = {**invoice["status_transitions"], "voided_at": books.now}
    invoice |= {
        "status": "void",
        "auto_advance": False,
        "next_payment_attempt": None,
        "status_transitions": transitions,
    }
    return events.became(books, invoice, "invoice.voided")


def mark_uncollectible(books, invoice):
    if invoice["status"] not in ("draft", "open"):
        raise errors.invalid(f"This invoice is {invoice['status']} and cannot be marked uncollectible.")
    transitions = {**invoice["status_transitions"], "marked_uncollectible_at": books.now}
    invoice |= {"status": "uncollectible", "auto_advance": False, "status_transitions": transitions}
    return events.became(books, invoice, "invoice.marked_uncollectible")


def intent_of(books, invoice):
    """The payment intent by which an invoice is to be paid."""
    for payment in books.all("invoice_payment", invoice=invoice["id"]):
        return books.find(payment["payment"]["payment_intent"], "payment_intent")
    return None


def of_intent(books, intent):
    """The invoice that a payment intent pays; None: none."""
    for payment in books.all("invoice_payment", payment__payment_intent=intent["id"]):
        return books.find(payment["invoice"], "invoice")
    return None


def subscription_of(invoice):
    """The id of the subscription that an invoice is for, or None."""
    return invoice["parent"] and invoice["parent"]["subscription_details"]["subscription"]


def fetch(books, given, key):
    return books.get(key, "invoice")


def update(books, given, key):
    invoice = books.get(key, "invoice")
    invoice |= {name: given[name] for name in ("auto_advance", "description", "footer") if name in given}
    if "metadata" in given:
        invoice["metadata"] = merged(invoice["metadata"], given["metadata"])
    return events.updated(books, invoice)


def fetch_item(books, given, key):
    return books.get(key, "invoiceitem")


def listed_items(books, given):
    found = books.all("invoiceitem", customer=given.get("customer"), invoice=given.get("invoice"))
    return [one for one in found if given.get("pending") in (None, one["invoice"] is None)]


def listed(books, given):
    return books.all(
        "invoice",
        customer=given.get("customer"),
        parent__subscription_details__subscription=given.get("subscription"),
        status=given.get("status"),
    )


def lines(books, given, key):
    return books.get(key, "invoice")["lines"]["data"][::-1]


def listed_payments(books, given):
    return books.all(
        "invoice_payment",
        invoice=given.get("invoice"),
        status=given.get("status"),
        payment__payment_intent=given.get("payment", {}).get("payment_intent"),
    )


def fetch_payment(books, given, key):
    return books.get(key, "invoice_payment")


@on_request("invoice", "payments")
def _payments(books, invoice):
    found = books.all("invoice_payment", invoice=invoice["id"])
    return _list(found, f"/v1/invoices/{invoice['id']}/payments")


@on_request("invoice", "confirmation_secret")
def _secret(books, invoice):
    intent = intent_of(books, invoice)
    return intent and {"type": "payment_intent", "client_secret": intent["client_secret"]}


def _list(found, url):
    return {"object": "list", "data": found, "has_more": False, "url": url}


def _discountable(one):
    """(amount, product) for `discounts.reduced`. A proration has its discounts in it already."""
    return (0 if one["proration"] else one["amount"], one["price"]["product"])


def _balanced(invoice, balance):
    """An invoice with what a customer's balance makes of what is due. balance: negative is the customer's money."""
    due = max(0, invoice["total"] + balance)
    return {**invoice, "starting_balance": balance, "amount_due": due, "amount_remaining": due - invoice["amount_paid"]}


def _parent(subscription):
    details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    return schema.blank(
        "billing_bill_resource_invoicing_parents_invoice_parent",
        type="subscription_details",
        subscription_details=details,
    )


def _told(books, invoice, one, offs):
    details = {
        "invoice_item": one["invoice_item"],
        "proration": one["proration"],
        "proration_details": {"credited_items": None},
        "subscription": one["subscription"],
        "subscription_item": one["item"] or "",
    }
    parent = schema.blank(
        "billing_bill_resource_invoicing_lines_parents_invoice_line_item_parent",
        type="subscription_item_details",
        subscription_item_details=details,
    )
    pricing = {
        "type": "price_details",
        "unit_amount_decimal": one["price"]["unit_amount_decimal"],
        "price_details": {"price": one["price"]["id"], "product": one["price"]["product"]},
    }
    return schema.blank(
        "line_item",
        id=ids.new("il"),
        amount=one["amount"],
        currency=one["price"]["currency"],
        description=one["description"],
        discount_amounts=[{"discount": name, "amount": amount} for name, amount in offs.items()],
        discountable=not one["proration"],
        invoice=invoice,
        metadata={},
        parent=parent,
        period=one["period"],
        pretax_credit_amounts=[],
        pricing=pricing,
        quantity=one["quantity"],
        quantity_decimal=str(one["quantity"]),
        subscription=one["subscription"],
        subtotal=one["amount"],
        taxes=[],
    )


def _to_pay(books, invoice):
    description = (
        "Subscription creation" if invoice["billing_reason"] == "subscription_create" else "Subscription update"
    )
    intent = payments.intend(
        books,
        invoice["amount_due"],
        invoice["currency"],
        invoice["customer"],
        description=description,
        receipt_email=invoice["customer_email"],
        setup_future_usage="off_session",
    )
    payment = schema.blank(
        "invoice_payment",
        id=ids.new("inpay"),
        amount_requested=invoice["amount_due"],
        created=books.now,
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
    )
    books.put(payment)
    return invoice


def _settle_nothing(books, invoice):
    return mark_paid(books, invoice, 0)
