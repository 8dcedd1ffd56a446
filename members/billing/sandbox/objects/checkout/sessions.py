"""Checkout Sessions: an offer, and what becomes of it when it is taken up. The page itself is in `web.checkout`."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, integer, merged, needed, one_of, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.checkout import totals
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.selling import catalogue, discounts
from members.billing.sandbox.objects.subscribing import subscriptions

OPEN_FOR = DAY
OPEN_AT_LEAST = 30 * 60
ENABLED = {"enabled": needed(boolean)}
MESSAGE = {"message": needed(text)}
CREATE = {
    "allow_promotion_codes": boolean,
    "automatic_tax": ENABLED,
    "adaptive_pricing": ENABLED,
    "billing_address_collection": one_of("auto", "required"),
    "cancel_url": text,
    "client_reference_id": text,
    "consent_collection": {"promotions": one_of("auto", "none"), "terms_of_service": one_of("none", "required")},
    "currency": text,
    "custom_text": dict.fromkeys(("after_submit", "submit", "terms_of_service_acceptance"), MESSAGE),
    "customer": text,
    "customer_creation": one_of("always", "if_required"),
    "customer_email": text,
    "customer_update": dict.fromkeys(("address", "name", "shipping"), one_of("auto", "never")),
    "discounts": discounts.GIVEN,
    "expires_at": integer,
    "line_items": [
        {
            "price": text,
            "price_data": catalogue.PRICE_DATA,
            "quantity": integer,
            "metadata": TAGS,
        }
    ],
    "locale": text,
    "metadata": TAGS,
    "mode": needed(one_of("payment", "setup", "subscription")),
    "origin_context": one_of("mobile_app", "web"),
    "payment_intent_data": {
        "description": text,
        "metadata": TAGS,
        "receipt_email": text,
        "setup_future_usage": one_of("off_session", "on_session"),
        "statement_descriptor": text,
        "statement_descriptor_suffix": text,
    },
    "payment_method_collection": one_of("always", "if_required"),
    "payment_method_types": [one_of("card", "sepa_debit")],
    "phone_number_collection": ENABLED,
    "saved_payment_method_options": {"payment_method_save": one_of("enabled", "disabled")},
    "setup_intent_data": {"description": text, "metadata": TAGS},
    "submit_type": one_of("auto", "book", "donate", "pay", "subscribe"),
    "subscription_data": {
        "description": text,
        "metadata": TAGS,
        "trial_end": integer,
        "trial_period_days": integer,
        "trial_settings": subscriptions.SUBSCRIPTION["trial_settings"],
    },
    "success_url": text,
    "tax_id_collection": ENABLED,
    "ui_mode": one_of("hosted_page"),
}
UPDATE = {"metadata": TAGS}
LISTED = {
    **LIST,
    "customer": text,
    "customer_details": {"email": needed(text)},
    "payment_intent": text,
    "subscription": text,
    "status": one_of("complete", "expired", "open"),
}
LOCALES = set(schema.schemas()["checkout.session"]["properties"]["locale"]["enum"])
COPIED = (
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "locale",
    "origin_context",
    "submit_type",
    "success_url",
)


def create(books, given):
    mode = given["mode"]
    _check(books, given, mode)
    items = [totals.item(books, one, place, mode) for place, one in enumerate(given.get("line_items", []))]
    if mode != "setup":
        _check_items(items, mode)
    key = ids.new("cs_test")
    session = schema.blank(
        "checkout.session",
        id=key,
        automatic_tax=_tax(given.get("automatic_tax", {}).get("enabled", False)),
        created=books.now,
        currency=items[0]["currency"] if items else given.get("currency"),
        custom_text=schema.blank("payment_pages_checkout_session_custom_text") | given.get("custom_text", {}),
        customer_creation=given.get("customer_creation", "if_required") if mode == "payment" else None,
        expires_at=given.get("expires_at", books.now + OPEN_FOR),
        metadata=merged({}, given.get("metadata", {})),
        mode=mode,
        payment_method_collection=given.get("payment_method_collection", "always") if mode == "subscription" else None,
        payment_method_types=given.get("payment_method_types") or ["card", "sepa_debit"],
        payment_status="unpaid" if mode != "setup" else "no_payment_required",
        status="open",
        ui_mode="hosted_page",
        url=f"{books.base}/c/pay/{key}",
    )
    session |= {name: given[name] for name in COPIED if name in given}
    if given.get("customer_email") or given.get("customer"):
        email = given.get("customer_email") or books.find(given["customer"])["email"]
        session["customer_details"] = totals.details(email=email)
    if consent := given.get("consent_collection"):
        session["consent_collection"] = schema.blank("payment_pages_checkout_session_consent_collection", **consent)
    session["phone_number_collection"] = given.get("phone_number_collection", {"enabled": False})
    books.put(session, items=items, given=_later(given))
    books.schedule(session["expires_at"], "expire_session", key)
    return books.put(totals.price(books, session, given.get("discounts")))


def fetch(books, given, key):
    return books.get(key, "checkout.session")


def update(books, given, key):
    session = books.get(key, "checkout.session")
    if "metadata" in given:
        session["metadata"] = merged(session["metadata"], given["metadata"])
    return books.put(session)


def listed(books, given):
    found = books.all(
        "checkout.session",
        customer=given.get("customer"),
        payment_intent=given.get("payment_intent"),
        subscription=given.get("subscription"),
        status=given.get("status"),
    )
    email = given.get("customer_details", {}).get("email")
    return [one for one in found if email is None or (one["customer_details"] or {}).get("email") == email]


def expire(books, given, key):
    session = books.get(key, "checkout.session")
    if session["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
        raise errors.invalid(f"{message} This Checkout Session has a status of `{session['status']}`.")
    return _expired(books, session)


def expire_session(books, key):
    """Task: nobody took it up."""
    session = books.find(key, "checkout.session")
    if session["status"] == "open":
        _expired(books, session)


def items(books, given, key):
    return totals.line_items(books, books.get(key, "checkout.session"))["data"][::-1]


def _expired(books, session):
    return events.became(books, {**session, "status": "expired", "url": None}, "checkout.session.expired")


def _check(books, given, mode):
    if not given.get("success_url"):
        raise errors.missing("success_url")
    if given.get("customer") and given.get("customer_email"):
        raise errors.invalid("You may only specify one of these parameters: customer, customer_email.", "customer")
    if given.get("customer"):
        customers.alive(books, given["customer"])
    if given.get("discounts") and given.get("allow_promotion_codes"):
        message = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise errors.invalid(message, "allow_promotion_codes")
    if given.get("locale") is not None and given["locale"] not in LOCALES:
        raise errors.invalid("Invalid locale", "locale")
    expires = given.get("expires_at", books.now + OPEN_FOR)
    if not books.now + OPEN_AT_LEAST - 60 <= expires <= books.now + OPEN_FOR:
        message = "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from"
        raise errors.invalid(f"{message} Checkout Session creation.", "expires_at")
    wrong = {"subscription": "payment_intent_data", "payment": "subscription_data", "setup": "line_items"}[mode]
    if wrong in given:
        raise errors.invalid(f"You can not pass `{wrong}` in `{mode}` mode.", wrong)
    trial = given.get("subscription_data", {})
    if trial.get("trial_period_days") is not None and trial["trial_period_days"] < 1:
        raise errors.invalid("The minimum number of trial period days is 1.", "subscription_data[trial_period_days]")


def _check_items(items, mode):
    if not items:
        raise errors.missing("line_items")
    types = {one["price"]["type"] for one in items}
    if mode == "subscription" and "recurring" not in types:
        raise errors.invalid("You must provide at least one recurring price in `subscription` mode.", "line_items")
    if mode == "subscription" and "one_time" in types:
        raise errors.invalid("The sandbox takes recurring prices alone in `subscription` mode.", "line_items")
    if mode == "payment" and "recurring" in types:
        message = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode"
        raise errors.invalid(f"{message} or use only one-time prices.", "line_items")


def _later(given):
    """What completing needs of the request."""
    return {name: given[name] for name in given if name.endswith("_data") and name != "price_data"}


def _tax(enabled):
    """No tax is ever worked out here: where it is asked for, it is nothing."""
    tax = schema.blank("payment_pages_checkout_session_automatic_tax", enabled=enabled)
    if enabled:
        tax |= {"status": "complete", "provider": "stripe", "liability": {"type": "self"}}
    return tax
