"""An invoice's page and its PDF, a receipt, and the bank's question to whoever pays."""

from datetime import UTC, datetime

from members.billing.sandbox.core.errors import Refused
from members.billing.sandbox.core.money import money
from members.billing.sandbox.objects.paying import payment_methods, payments
from members.billing.sandbox.objects.subscribing import changes, collecting, invoices
from members.billing.sandbox.web.api import Answer
from members.billing.sandbox.web.hosted.checkout import authentication, choices
from members.billing.sandbox.web.hosted.html import fill, joined, message, page, redirect, tag
from members.billing.sandbox.web.hosted.pdf import document

STATUSES = {
    "draft": "This invoice is not final yet.",
    "open": "This invoice is to be paid.",
    "paid": "This invoice has been paid.",
    "uncollectible": "This invoice was given up.",
    "void": "This invoice is void: nothing need be paid.",
}


def show(books, form, key):
    invoice = books.find(key, "invoice")
    return _page(books, invoice) if invoice else _nothing()


def pay(books, form, key):
    """form: card or number."""
    invoice = books.find(key, "invoice")
    if invoice is None:
        return _nothing()
    if invoice["status"] != "open":
        return _page(books, invoice)
    try:
        method = payment_methods.make(books, form.get("number") or form.get("card") or "")
        payment_methods.attach(books, {"customer": invoice["customer"]}, method["id"])
    except Refused as refused:
        return _page(books, invoice, refused.error["message"])
    _make_default(books, invoice, method["id"])
    return _after(books, collecting.collect(books, invoice, method["id"], present=True, automatic=False))


def pdf(books, form, key):
    invoice = books.find(key, "invoice")
    if invoice is None:
        return _nothing()
    lines = [f"Invoice {invoice['number'] or ''}", "This is a sandbox: no money moves.", ""]
    lines += [f"{one['description']}: {money(one['amount'], one['currency'])}" for one in invoice["lines"]["data"]]
    lines += ["", f"Total: {money(invoice['total'], invoice['currency'])}", STATUSES[invoice["status"]]]
    return Answer(200, document(lines), kind="application/pdf")


def show_authentication(books, form, key):
    intent = books.find(key, "payment_intent")
    if intent is None or intent["status"] != "requires_action":
        return message("Nothing to confirm", "This payment does not wait for you, or no longer.")
    return authentication(intent["amount"], intent["currency"])


def authenticate(books, form, key):
    """form: act (complete or fail)."""
    intent = books.find(key, "payment_intent")
    if intent is None or intent["status"] != "requires_action":
        return show_authentication(books, form, key)
    invoice, method = invoices.of_intent(books, intent), intent["payment_method"]
    if form.get("act") != "complete":
        payments.fail_authentication(books, intent)
        return redirect(invoice["hosted_invoice_url"])
    collecting.collect(books, invoice, method, present=True, authenticated=True, automatic=False)
    return redirect(invoice["hosted_invoice_url"])


def receipt(books, form, key):
    charge = books.find(key, "charge")
    if charge is None:
        return _nothing()
    words = f"{money(charge['amount'], charge['currency'])} on {_day(charge['created'])}: {charge['status']}."
    return message("Receipt", words)


def _after(books, invoice):
    intent = invoices.intent_of(books, invoice)
    if intent["status"] == "requires_action":
        return redirect(f"/authenticate/{intent['id']}")
    if invoice["status"] == "open" and intent["last_payment_error"]:
        return _page(books, invoice, intent["last_payment_error"]["message"])
    return redirect(f"/i/{invoice['id']}")


def _make_default(books, invoice, method):
    subscription = books.find(invoices.subscription_of(invoice) or "", "subscription")
    if subscription and subscription["status"] not in collecting.OVER:
        changes.update(books, {"default_payment_method": method}, subscription["id"])


def _page(books, invoice, problem=None):
    currency = invoice["currency"]
    totals = [("Total", invoice["total"]), ("Due", invoice["amount_due"]), ("Paid", invoice["amount_paid"])]
    off = sum(one["amount"] for one in invoice["total_discount_amounts"])
    rows = [*([("Discount", off)] if off else []), *totals]
    row = '<tr><th scope="row">{}</th><td>{}</td></tr>'
    content = fill(
        "invoice.html",
        number=invoice["number"] or "",
        status=STATUSES[invoice["status"]],
        problem=tag('<p class="problem" role="alert">{}</p>', problem) if problem else "",
        lines=joined(tag(row, one["description"], money(one["amount"], currency)) for one in invoice["lines"]["data"]),
        totals=joined(tag(row, words, money(amount, currency)) for words, amount in rows),
        pay=_form(invoice) if invoice["status"] == "open" else "",
        pdf=f"/i/{invoice['id']}/pdf",
    )
    return page(f"Invoice {invoice['number'] or ''}", content)


def _form(invoice):
    methods = fill("methods.html", choices=choices())
    return fill("invoice_pay.html", methods=methods, amount=money(invoice["amount_due"], invoice["currency"]))


def _nothing():
    return message("Nothing here", "There is no such invoice.", status=404)


def _day(moment):
    return f"{datetime.fromtimestamp(moment, UTC):%-d %B %Y}"
