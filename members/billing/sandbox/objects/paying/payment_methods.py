"""Payment methods, and the cards and accounts of the test mode that stand for what can happen
(docs.stripe.com/testing)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, integer, merged, needed, one_of, text
from members.billing.sandbox.objects import events


@dataclass(frozen=True)
class Behaviour:
    """What a test number does. decline: when its owner pays; later: when it is charged without its owner; ask: whether
    its owner must authenticate (never, once, always); slow: how it ends where money takes days; disputed: at once after
    paying."""

    label: str
    brand: str = "visa"
    decline: str | None = None
    later: str | None = None
    ask: str = "never"
    slow: str | None = None
    disputed: bool = False


CARDS = {
    "4242424242424242": Behaviour("Works"),
    "5555555555554444": Behaviour("Works (Mastercard)", "mastercard"),
    "4000000000000002": Behaviour("Declined", decline="generic_decline"),
    "4000000000009995": Behaviour("Declined: insufficient funds", decline="insufficient_funds"),
    "4000000000000069": Behaviour("Declined: expired", decline="expired_card"),
    "4000000000000127": Behaviour("Declined: wrong security code", decline="incorrect_cvc"),
    "4000000000000119": Behaviour("Declined: processing error", decline="processing_error"),
    "4000002500003155": Behaviour("Asks for 3-D Secure once", ask="once"),
    "4000002760003184": Behaviour("Asks for 3-D Secure every time", ask="always"),
    "4000008400001629": Behaviour("Asks for 3-D Secure, then is declined", decline="generic_decline", ask="always"),
    "4000000000000341": Behaviour("Works now, fails at renewal", later="generic_decline"),
    "4000000000000259": Behaviour("Works, then is disputed", disputed=True),
}
ACCOUNTS = {
    "AT611904300234573201": Behaviour("Succeeds days later", slow="succeeds"),
    "AT861904300235473202": Behaviour("Fails days later", slow="fails"),
}
# Names under which the test mode takes them.
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "tok_visa": "4242424242424242",
    "tok_mastercard": "5555555555554444",
    "tok_chargeCustomerFail": "4000000000000341",
}

DETAILS = dict.fromkeys(("email", "name", "phone"), text)
CREATE = {
    "type": needed(one_of("card", "sepa_debit")),
    "card": {"number": text, "exp_month": integer, "exp_year": integer, "cvc": text, "token": text},
    "sepa_debit": {"iban": needed(text)},
    "billing_details": DETAILS,
    "metadata": TAGS,
}
UPDATE = {"billing_details": DETAILS, "metadata": TAGS}
ATTACH = {"customer": needed(text)}
LISTED = {**LIST, "customer": text, "type": one_of("card", "sepa_debit")}


def create(books, given):
    card = given.get("card", {})
    number = (card.get("number") or TOKENS.get(card.get("token"), "")) if given["type"] == "card" else ""
    number = number or given.get("sepa_debit", {}).get("iban", "")
    method = make(books, number, **given.get("billing_details", {}))
    method["metadata"] = merged({}, given.get("metadata", {}))
    return books.put(method)


def make(books, number, **details):
    """A payment method of a test number, attached to nobody yet. details: email, name, phone of its owner."""
    number = "".join(number.split()).upper()
    if number not in CARDS and number not in ACCOUNTS:
        raise errors.Refused(
            402,
            "card_error",
            "Your card was declined. Your request was in test mode, but used a non test card.",
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    method = schema.blank(
        "payment_method",
        id=ids.new("pm"),
        allow_redisplay="unspecified",
        billing_details=schema.blank("billing_details", **details),
        created=books.now,
        metadata={},
    )
    method |= _card(books, number) if number in CARDS else _account(number)
    return books.put(method, number=number)


def behaviour(books, key):
    """(its Behaviour, whether its owner has authenticated it, what the control page makes it decline with)."""
    hidden = books.hidden(key)
    number = hidden["number"]
    return CARDS.get(number) or ACCOUNTS[number], hidden.get("authenticated", False), hidden.get("decline")


def fetch(books, given, key):
    return books.get(key, "payment_method")


def update(books, given, key):
    method = books.get(key, "payment_method")
    method["billing_details"] |= given.get("billing_details", {})
    if "metadata" in given:
        method["metadata"] = merged(method.get("metadata") or {}, given["metadata"])
    return events.updated(books, method)


def attach(books, given, key):
    """Give it to a customer. key: its id or a token of the test mode."""
    customer = books.get(given["customer"], "customer", "customer")
    method = make(books, TOKENS[key]) if key in TOKENS else books.get(key, "payment_method")
    if decline := behaviour(books, method["id"])[0].decline:
        raise errors.declined(decline)
    return attach_quietly(books, method, customer["id"])


def attach_quietly(books, method, customer):
    """Give it to a customer, whatever it will do when it is charged."""
    if method["customer"] == customer:
        return method
    method["customer"] = customer
    books.put(method)
    events.emit(books, "payment_method.attached", method)
    return method


def detach(books, given, key):
    method = books.get(key, "payment_method")
    if not method["customer"]:
        raise errors.invalid("The payment method you provided is not attached to a customer.")
    customer = books.find(method["customer"], "customer")
    previous = {"customer": method["customer"]}
    method["customer"] = None
    books.put(method)
    events.emit(books, "payment_method.detached", method, previous)
    _forget_default(books, customer, key)
    return method


def of_customer(books, key, customer, param="default_payment_method"):
    """A customer's own, or Refused."""
    method = books.get(key, "payment_method", param)
    if method["customer"] != customer:
        raise errors.invalid(
            f"The customer does not have a payment method with the ID {key}. The payment method must be attached to the"
            " customer.",
            param,
            "resource_missing",
        )
    return method


def listed(books, given):
    return books.all("payment_method", customer=given.get("customer"), type=given.get("type"))


def listed_of_customer(books, given, customer):
    books.get(customer, "customer")
    return listed(books, {**given, "customer": customer})


def _forget_default(books, customer, key):
    if customer.get("deleted"):
        return
    if customer["invoice_settings"]["default_payment_method"] == key:
        customer["invoice_settings"]["default_payment_method"] = None
        events.updated(books, customer)
    for subscription in books.all("subscription", customer=customer["id"], default_payment_method=key):
        if subscription["status"] != "canceled":
            events.updated(books, {**subscription, "default_payment_method": None})


def _card(books, number):
    card = schema.blank(
        "payment_method_card",
        brand=CARDS[number].brand,
        checks=schema.blank("payment_method_card_checks", cvc_check="pass"),
        country="US",
        display_brand=CARDS[number].brand,
        exp_month=12,
        exp_year=datetime.fromtimestamp(books.now, UTC).year + 5,
        fingerprint=f"sandbox{number[-9:]}",
        funding="credit",
        last4=number[-4:],
        three_d_secure_usage={"supported": True},
    )
    return {"type": "card", "card": card}


def _account(number):
    account = schema.blank(
        "payment_method_sepa_debit",
        bank_code=number[4:9],
        country=number[:2],
        fingerprint=f"sandbox{number[-9:]}",
        last4=number[-4:],
    )
    return {"type": "sepa_debit", "sepa_debit": account}
