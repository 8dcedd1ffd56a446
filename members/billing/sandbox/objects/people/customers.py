"""Customers."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, integer, merged, one_of, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payment_methods

ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text)
CUSTOMER = {
    "address": ADDRESS,
    "balance": integer,
    "description": text,
    "email": text,
    "invoice_settings": {"default_payment_method": text, "footer": text},
    "metadata": TAGS,
    "name": text,
    "phone": text,
    "preferred_locales": [text],
    "shipping": {"address": ADDRESS, "name": text, "phone": text},
    "tax_exempt": one_of("none", "exempt", "reverse"),
}
CREATE = {**CUSTOMER, "payment_method": text}
UPDATE = CUSTOMER
LISTED = {**LIST, "email": text}
PLAIN = ("balance", "description", "email", "name", "phone", "preferred_locales", "tax_exempt")


def create(books, given):
    customer = schema.blank(
        "customer",
        id=ids.new("cus"),
        balance=0,
        created=books.now,
        delinquent=False,
        invoice_prefix=ids.new("x")[2:10].upper(),
        invoice_settings=schema.blank("invoice_setting_customer_setting"),
        metadata={},
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
    )
    settings = given.pop("invoice_settings", {})
    events.created(books, _filled(books, customer, given))
    if given.get("payment_method"):
        payment_methods.attach(books, {"customer": customer["id"]}, given["payment_method"])
    if settings:
        return events.updated(books, _filled(books, customer, {"invoice_settings": settings}))
    return customer


def fetch(books, given, key):
    return books.get(key, "customer")


def alive(books, key, param="customer"):
    """A customer that can still buy."""
    customer = books.get(key, "customer", param)
    if customer.get("deleted"):
        raise errors.absent("customer", key, param)
    return customer


def update(books, given, key):
    return events.updated(books, _filled(books, alive(books, key, "id"), given))


def listed(books, given):
    return [one for one in books.all("customer", email=given.get("email")) if not one.get("deleted")]


def set_default(books, key, method):
    """What later invoices of a customer are charged to."""
    customer = books.get(key, "customer")
    settings = {**customer["invoice_settings"], "default_payment_method": method}
    return events.updated(books, {**customer, "invoice_settings": settings})


def bury(books, key):
    """Replace a customer by what is left of a deleted one."""
    customer = alive(books, key, "id")
    events.deleted(books, customer)
    return books.put({"id": key, "object": "customer", "deleted": True})


def _filled(books, customer, given):
    customer |= {name: given[name] for name in PLAIN if name in given}
    if "address" in given:
        customer["address"] = given["address"] and schema.blank("address", **given["address"])
    if "shipping" in given:
        customer["shipping"] = given["shipping"] and _shipping(given["shipping"])
    if "metadata" in given:
        customer["metadata"] = merged(customer["metadata"], given["metadata"])
    if settings := given.get("invoice_settings"):
        if method := settings.get("default_payment_method"):
            payment_methods.of_customer(books, method, customer["id"], "invoice_settings[default_payment_method]")
        customer["invoice_settings"] = {**customer["invoice_settings"], **settings}
    return customer


def _shipping(given):
    return {**schema.blank("shipping"), **given, "address": schema.blank("address", **given.get("address", {}))}
