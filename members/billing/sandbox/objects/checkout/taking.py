"""A session is taken up: the buyer agrees, and what was offered begins."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.checkout import totals
from members.billing.sandbox.objects.paying import payment_methods, payments
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.subscribing import invoices, subscriptions


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
    session["customer_details"] = totals.details(email=email, name=name)
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
    return invoices.intent_of(books, {"id": subscription["latest_invoice"]})


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
        terms = {"amount": session["amount_total"], "customer": customer and customer["id"]}
        return books.put({**books.find(session["payment_intent"]), **terms})
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
        customer = customers.alive(books, session["customer"])
        return customer if customer["name"] or not name else events.updated(books, {**customer, "name": name})
    saves = books.hidden(session["id"])["given"].get("payment_intent_data", {}).get("setup_future_usage")
    if session["mode"] == "payment" and session["customer_creation"] != "always" and not saves:
        return None
    return customers.create(books, {"email": email, "name": name or None})
