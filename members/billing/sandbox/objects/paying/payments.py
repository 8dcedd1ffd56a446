"""Payment intents and charges: an amount taken from a payment method, or not."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, one_of, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.paying import payment_methods

LISTED_INTENTS = {**LIST, "customer": text}
LISTED_SETUPS = {**LIST, "customer": text, "payment_method": text}
LISTED_CHARGES = {**LIST, "customer": text, "payment_intent": text}
CANCEL = {"cancellation_reason": one_of("duplicate", "fraudulent", "requested_by_customer", "abandoned")}
DISPUTED_AFTER = 60  # seconds
UNFINISHED = ("requires_payment_method", "requires_action", "requires_confirmation", "processing")


def intend(books, amount, currency, customer=None, **fields):
    """A payment intent that nothing has been tried for."""
    key = ids.new("pi")
    intent = schema.blank(
        "payment_intent",
        id=key,
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic",
        client_secret=f"{key}_secret_{ids.new('x')[2:]}",
        confirmation_method="automatic",
        created=books.now,
        currency=currency,
        customer=customer,
        metadata={},
        payment_method_types=["card", "sepa_debit"],
        status="requires_payment_method",
    )
    intent |= fields
    return events.created(books, intent)


def attempt(books, intent, method, *, present, authenticated=False):
    """Try to take the money. present: whether the payer sits there; authenticated: whether they have just passed 3-D
    Secure. Returns the intent: succeeded, processing, or with a `next_action` or a `last_payment_error`."""
    behaviour, known, ruined = payment_methods.behaviour(books, method)
    intent = {**intent, "payment_method": method, "last_payment_error": None, "next_action": None}
    asks = behaviour.ask == "always" or (behaviour.ask == "once" and not known)
    if asks and not authenticated:
        return _ask(books, intent)
    decline = behaviour.decline or ruined or (behaviour.later if not present else None)
    if decline:
        return fail(books, intent, decline)
    if authenticated:
        books.note(method, authenticated=True)
    return _begin(books, intent, behaviour) if behaviour.slow else succeed(books, intent)


def succeed(books, intent):
    """The money has come."""
    charge = _settled(books, intent, status="succeeded", paid=True, amount_captured=intent["amount"])
    events.emit(books, "charge.succeeded", charge)
    if payment_methods.behaviour(books, charge["payment_method"])[0].disputed:
        books.schedule(books.now + DISPUTED_AFTER, "dispute_charge", charge["id"])
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    intent |= {"next_action": None}
    return events.became(books, intent, "payment_intent.succeeded")


def fail(books, intent, decline):
    """It has not. decline: a key of `errors.DECLINES`."""
    code, message = errors.DECLINES[decline]
    outcome = schema.blank(
        "charge_outcome",
        type="issuer_declined",
        network_status="declined_by_network",
        reason=decline,
        risk_level="normal",
        seller_message="The bank did not accept the payment.",
    )
    charge = _settled(
        books, intent, status="failed", paid=False, failure_code=code, failure_message=message, outcome=outcome
    )
    events.emit(books, "charge.failed", charge)
    method = books.find(intent["payment_method"], "payment_method")
    error = {"type": "card_error", "code": code, "decline_code": decline, "message": message, "charge": charge["id"]}
    error["payment_method"] = method
    intent |= {"status": "requires_payment_method", "latest_charge": charge["id"], "last_payment_error": error}
    intent |= {"payment_method": None, "next_action": None}
    return events.became(books, intent, "payment_intent.payment_failed")


def fail_authentication(books, intent):
    """Its owner did not authenticate. It can be tried again."""
    message = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new"
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": f"{message} PaymentMethod to attempt to fulfill this PaymentIntent again.",
    }
    intent |= {"status": "requires_payment_method", "last_payment_error": error, "next_action": None}
    return events.became(books, {**intent, "payment_method": None}, "payment_intent.payment_failed")


def error_of(intent):
    """The card error that an intent's failure amounts to, as an answer."""
    failed = intent["last_payment_error"]
    return errors.declined(failed["decline_code"], payment_intent=intent, charge=failed["charge"])


def cancel(books, intent, reason=None):
    if intent["status"] not in UNFINISHED:
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise errors.invalid(message, code="payment_intent_unexpected_state")
    intent |= {"status": "canceled", "canceled_at": books.now, "cancellation_reason": reason, "next_action": None}
    return events.became(books, intent, "payment_intent.canceled")


def cancel_intent(books, given, key):
    return cancel(books, books.get(key, "payment_intent"), given.get("cancellation_reason"))


def fetch_intent(books, given, key):
    return books.get(key, "payment_intent")


def intents(books, given):
    return books.all("payment_intent", customer=given.get("customer"))


def fetch_setup(books, given, key):
    return books.get(key, "setup_intent")


def setups(books, given):
    return books.all("setup_intent", customer=given.get("customer"), payment_method=given.get("payment_method"))


def fetch_charge(books, given, key):
    return books.get(key, "charge")


def charges(books, given):
    return books.all("charge", customer=given.get("customer"), payment_intent=given.get("payment_intent"))


def _ask(books, intent):
    url = f"{books.base}/authenticate/{intent['id']}"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": None}}
    intent |= {"status": "requires_action", "next_action": action}
    return events.became(books, intent, "payment_intent.requires_action")


def _begin(books, intent, behaviour):
    """A debit that takes days."""
    charge = _charge(books, intent, status="pending")
    books.put(charge)
    events.emit(books, "charge.pending", charge)
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    books.schedule(books.now + books.setting("async_after"), "settle_payment", intent["id"])
    events.became(books, intent, "payment_intent.processing")
    books.note(intent["id"], outcome=behaviour.slow)
    return intent


def _settled(books, intent, **fields):
    """The charge of an intent with these fields: the one that was pending, else a new one."""
    pending = books.find(intent["latest_charge"] or "", "charge")
    known = pending if pending and pending["status"] == "pending" else None
    return books.put({**known, **fields} if known else _charge(books, intent, **fields))


def _charge(books, intent, **fields):
    method = books.find(intent["payment_method"], "payment_method")
    key = ids.new("ch")
    charge = schema.blank(
        "charge",
        id=key,
        amount=intent["amount"],
        billing_details=method["billing_details"],
        calculated_statement_descriptor="NEWSROOM SANDBOX",
        captured=fields.get("status") == "succeeded",
        created=books.now,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        fraud_details={},
        metadata=intent["metadata"],
        outcome=schema.blank(
            "charge_outcome",
            type="authorized",
            network_status="approved_by_network",
            risk_level="normal",
            seller_message="Payment complete.",
        ),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_details(method),
        receipt_email=intent["receipt_email"],
        receipt_url=f"{books.base}/receipts/{key}",
        status="pending",
    )
    del charge["refunds"]
    return charge | fields


def _details(method):
    own = method[method["type"]]
    taken = schema.blank(f"payment_method_details_{method['type']}")
    taken |= {name: own[name] for name in taken if name in own}
    if method["type"] == "card":
        taken |= {"network": own["brand"], "checks": schema.blank("payment_method_details_card_checks")}
        taken["checks"]["cvc_check"] = "pass"
    return {"type": method["type"], method["type"]: taken}
