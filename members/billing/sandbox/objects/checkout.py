"""Checkout Sessions: an offer, and what becomes of it when it is taken up. The page itself is in `web.checkout`."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, integer, merged, needed, one_of, text
from members.billing.sandbox.core.presenting import on_request
from members.billing.sandbox.objects import (
    catalogue,
    collecting,
    customers,
    discounts,
    events,
    payment_methods,
    payments,
    subscriptions,
)

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
        "billing_cycle_anchor": integer,
        "description": text,
        "metadata": TAGS,
        "proration_behavior": one_of("create_prorations", "none"),
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
    items = [_item(books, one, place, mode) for place, one in enumerate(given.get("line_items", []))]
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
        session["customer_details"] = _details(email=email)
    if consent := given.get("consent_collection"):
        session["consent_collection"] = schema.blank("payment_pages_checkout_session_consent_collection", **consent)
    session["phone_number_collection"] = given.get("phone_number_collection", {"enabled": False})
    books.put(session, items=items, given=_later(given))
    books.schedule(session["expires_at"], "expire_session", key)
    return books.put(_priced(books, session, given.get("discounts")))


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
    return line_items(books, books.get(key, "checkout.session"))["data"][::-1]


@on_request("checkout.session", "line_items")
def line_items(books, session):
    return {
        "object": "list",
        "data": [_told(one, taken) for one, taken in _reduced(books, session)],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def apply_code(books, session, code):
    """A promotion code that the buyer typed. Raises Refused with a sentence for them."""
    matching = [one for one in books.all("promotion_code", active=True) if one["code"].lower() == code.strip().lower()]
    if not session["allow_promotion_codes"] or not matching:
        raise errors.invalid("This code is invalid.")
    try:
        return books.put(_priced(books, session, [{"promotion_code": matching[0]["id"]}]))
    except errors.Refused:
        raise errors.invalid("This code cannot be used here, or no longer.") from None


def needs_method(books, session):
    """Whether the buyer must say what to charge, now or later."""
    spares = session["mode"] == "payment" or session["payment_method_collection"] == "if_required"
    return not spares or bool(session["amount_total"])


def take(books, session, number, email, name, *, authenticated=False):
    """The buyer agrees. number: of a test card or account, None where there is nothing to charge. Returns what became
    of it: `complete`, `authenticate` (to be asked for first), or a sentence that says why it failed."""
    method = payment_methods.make(books, number, email=email, name=name) if number else None
    if method:
        behaviour = payment_methods.behaviour(books, method["id"])[0]
        if behaviour.ask != "never" and not authenticated:
            return "authenticate"
        if behaviour.decline:
            return _declined(books, session, method, authenticated)
        if authenticated and behaviour.ask == "once":
            books.note(method["id"], authenticated=True)
    _complete(books, session, method, email, name, authenticated)
    return "complete"


def settled(books, intent):
    """A debit for a session has succeeded or failed, days later."""
    for session in books.all("checkout.session", status="complete", payment_status="unpaid"):
        if intent["id"] in (session["payment_intent"], books.hidden(session["id"]).get("intent")):
            worked = intent["status"] == "succeeded"
            session["payment_status"] = "paid" if worked else "unpaid"
            events.became(books, session, f"checkout.session.async_payment_{'succeeded' if worked else 'failed'}")


def _complete(books, session, method, email, name, authenticated):
    customer = _customer(books, session, email, name)
    if method and customer:
        method = payment_methods.attach_quietly(books, method, customer["id"])
    session |= {"status": "complete", "url": None, "customer": customer and customer["id"]}
    session["customer_details"] = _details(email=email, name=name)
    if session["consent_collection"]:
        asked = session["consent_collection"]["terms_of_service"] == "required"
        session["consent"] = {"promotions": None, "terms_of_service": "accepted" if asked else None}
    act = {"subscription": _subscribe, "payment": _charge, "setup": _set_up}[session["mode"]]
    intent = act(books, session, customer, method, authenticated)
    if session["mode"] != "setup":
        session["payment_status"] = _payment_status(session, intent)
    books.note(session["id"], intent=intent and intent["id"])
    events.became(books, session, "checkout.session.completed")


def _subscribe(books, session, customer, method, authenticated):
    hidden = books.hidden(session["id"])
    given = hidden["given"].get("subscription_data", {})
    given |= {"items": [{"price": one["price"]["id"], "quantity": one["quantity"]} for one in hidden["items"]]}
    given |= {"discounts": hidden.get("discounts"), "default_payment_method": method and method["id"]}
    given["automatic_tax"] = {"enabled": session["automatic_tax"]["enabled"]}
    subscription = subscriptions.begin(books, customer, given)
    subscription = subscriptions.start(books, subscription, present=True, authenticated=authenticated)
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    return collecting.invoices.intent_of(books, {"id": subscription["latest_invoice"]})


def _charge(books, session, customer, method, authenticated):
    if not session["amount_total"]:
        return None
    intent = _intent(books, session, customer)
    return payments.attempt(books, intent, method["id"], present=True, authenticated=authenticated)


def _set_up(books, session, customer, method, authenticated):
    key = ids.new("seti")
    intent = schema.blank(
        "setup_intent",
        id=key,
        client_secret=f"{key}_secret_{ids.new('x')[2:]}",
        created=books.now,
        customer=customer and customer["id"],
        metadata={},
        payment_method=method["id"],
        payment_method_types=session["payment_method_types"],
        status="succeeded",
        usage="off_session",
    )
    intent |= books.hidden(session["id"])["given"].get("setup_intent_data", {})
    books.put(intent)
    events.emit(books, "setup_intent.created", intent)
    events.emit(books, "setup_intent.succeeded", intent)
    session["setup_intent"] = key
    return


def _declined(books, session, method, authenticated):
    customer = books.find(session["customer"] or "", "customer")
    if not session["amount_total"]:
        behaviour = payment_methods.behaviour(books, method["id"])[0]
        return errors.DECLINES[behaviour.decline][1]
    intent = _intent(books, session, customer)
    failed = payments.attempt(books, intent, method["id"], present=True, authenticated=authenticated)
    return failed["last_payment_error"]["message"]


def _intent(books, session, customer):
    """The payment intent of a session, which further attempts share."""
    if session["payment_intent"]:
        return books.find(session["payment_intent"])
    given = books.hidden(session["id"])["given"].get("payment_intent_data", {})
    intent = payments.intend(books, session["amount_total"], session["currency"], customer and customer["id"], **given)
    if session["mode"] == "payment":
        session["payment_intent"] = intent["id"]
        books.put({**books.find(session["id"]), "payment_intent": intent["id"]})
    return intent


def _payment_status(session, intent):
    if intent is None:
        return "no_payment_required"
    return "paid" if intent["status"] == "succeeded" else "unpaid"


def _customer(books, session, email, name):
    """The session's customer; a new one where it has none and needs one."""
    if session["customer"]:
        customer = books.find(session["customer"], "customer")
        return customer if customer["name"] or not name else events.updated(books, {**customer, "name": name})
    saves = books.hidden(session["id"])["given"].get("payment_intent_data", {}).get("setup_future_usage")
    if session["mode"] == "payment" and session["customer_creation"] != "always" and not saves:
        return None
    return customers.create(books, {"email": email, "name": name or None})


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


def _item(books, given, place, mode):
    price = catalogue.price_of(books, given, f"line_items[{place}]")
    quantity = given.get("quantity")
    if quantity is None:
        raise errors.missing(f"line_items[{place}][quantity]")
    return {
        "id": ids.new("li"),
        "price": price,
        "quantity": quantity,
        "amount": price["unit_amount"] * quantity,
        "currency": price["currency"],
        "description": catalogue.name_of(books, price),
    }


def _later(given):
    """What completing needs of the request."""
    return {name: given[name] for name in given if name.endswith("_data") and name != "price_data"}


def on_trial(books, session):
    data = books.hidden(session["id"])["given"].get("subscription_data", {})
    return bool(data.get("trial_period_days") or data.get("trial_end"))


def _priced(books, session, asked):
    """A session with its totals. asked: its discounts as they were asked for."""
    if session["mode"] == "setup":
        return session
    books.note(session["id"], discounts=asked)
    amounts = _reduced(books, session)
    discounts.check(books, asked, session["customer"], sum(one["amount"] for one, _off in amounts))
    free = on_trial(books, session)
    subtotal = 0 if free else sum(one["amount"] for one, _off in amounts)
    off = 0 if free else sum(off for _one, off in amounts)
    session |= {
        "amount_subtotal": subtotal,
        "amount_total": subtotal - off,
        "discounts": [_discount(one) for one in asked or ()],
        "total_details": {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0},
    }
    return session


def _reduced(books, session):
    """[(item, cents taken off it)] of a session."""
    hidden = books.hidden(session["id"])
    items, left = hidden["items"], {}
    for one in hidden.get("discounts") or ():
        coupon = _coupon(books, one)
        lines = [(item["amount"] - left.get(item["id"], 0), item) for item in items]
        products = coupon.get("applies_to", {}).get("products")
        spendable = coupon["amount_off"] or 0
        for amount, item in lines:
            if products and item["price"]["product"] not in products:
                continue
            off = discounts.of_coupon({**coupon, "amount_off": spendable}, amount)
            spendable -= off if coupon["percent_off"] is None else 0
            left[item["id"]] = left.get(item["id"], 0) + off
    return [(item, left.get(item["id"], 0)) for item in items]


def _coupon(books, asked):
    key = asked.get("coupon")
    if asked.get("promotion_code"):
        key = books.get(asked["promotion_code"], "promotion_code", "discounts[0][promotion_code]")["promotion"][
            "coupon"
        ]
    return books.get(key or "", "coupon", "discounts[0][coupon]")


def _discount(asked):
    return {"coupon": asked.get("coupon"), "promotion_code": asked.get("promotion_code")}


def _details(**given):
    details = schema.blank("payment_pages_checkout_session_customer_details", tax_exempt="none", tax_ids=[])
    return details | {"address": None} | given


def _tax(enabled):
    """No tax is ever worked out here: where it is asked for, it is nothing."""
    tax = schema.blank("payment_pages_checkout_session_automatic_tax", enabled=enabled)
    if enabled:
        tax |= {"status": "complete", "provider": "stripe", "liability": {"type": "self"}}
    return tax


def _told(item, off):
    return schema.blank(
        "item",
        id=item["id"],
        amount_discount=off,
        amount_subtotal=item["amount"],
        amount_total=item["amount"] - off,
        currency=item["currency"],
        description=item["description"],
        metadata={},
        price=item["price"],
        quantity=item["quantity"],
        discounts=[],
        taxes=[],
    )
