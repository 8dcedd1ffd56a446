"""The customer portal's page: subscriptions, what they are charged to, invoices."""

from datetime import UTC, datetime

from members.billing.sandbox.core.errors import Refused
from members.billing.sandbox.core.money import money
from members.billing.sandbox.objects.paying import payment_methods
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.subscribing import changes, subscriptions
from members.billing.sandbox.web.hosted.checkout import UNAUTHENTICATED, authentication, choices, rhythm
from members.billing.sandbox.web.hosted.html import Markup, fill, joined, message, page, redirect, tag

OPEN_FOR = 3_600
STATUSES = {
    "trialing": "On trial until {}",
    "active": "Renews on {}",
    "past_due": "The last payment failed",
    "unpaid": "Not paid",
    "incomplete": "The first payment is still to be made",
    "paused": "Paused",
}


def show(books, form, key):
    session = books.find(key, "billing_portal.session")
    return _closed(books, session) or _page(books, session)


def act(books, form, key):
    """form: act (cancel, resume, switch or method), subscription, price, card or number."""
    session = books.find(key, "billing_portal.session")
    if closed := _closed(books, session):
        return closed
    if form.get("act") == "method":
        return _take_method(books, session, form.get("number") or form.get("card") or "")
    try:
        with books.whole():
            _change(books, session, form)
    except Refused as refused:
        return _page(books, session, refused.error["message"])
    return _onward(session, form.get("act"))


def show_authentication(books, form, key):
    session = books.find(key, "billing_portal.session")
    return _closed(books, session) or authentication(0, "eur")


def authenticate(books, form, key):
    session = books.find(key, "billing_portal.session")
    if closed := _closed(books, session):
        return closed
    number = books.hidden(key).get("typed")
    if form.get("act") != "complete" or number is None:
        return _page(books, session, UNAUTHENTICATED)
    return _take_method(books, session, number, authenticated=True)


def _closed(books, session):
    if session is None:
        return message("Nothing here", "There is no such portal session.", status=404)
    if session["created"] < books.now - OPEN_FOR or books.find(session["customer"]).get("deleted"):
        link = (session["return_url"], "Back") if session["return_url"] else None
        return message("This page has expired", "Open the portal again from where you came.", link)
    return None


def _onward(session, done):
    """Where a form leads: back where a flow came from, else to the page."""
    flow = session["flow"] or {}
    after = flow.get("after_completion") or {}
    wanted = {"cancel": "subscription_cancel", "method": "payment_method_update"}.get(done)
    if after.get("type") == "redirect" and flow.get("type") == wanted:
        return redirect(after["redirect"]["return_url"])
    return redirect(f"/p/session/{session['id']}")


def _features(books, session):
    return books.find(session["configuration"])["features"]


def _change(books, session, form):
    subscription = books.get(form.get("subscription", ""), "subscription", "subscription")
    if subscription["customer"] != session["customer"]:
        return
    features, key = _features(books, session), subscription["id"]
    if form["act"] == "cancel" and features["subscription_cancel"]["enabled"]:
        _cancel(books, subscription, features["subscription_cancel"])
    elif form["act"] == "resume":
        field = {"cancel_at_period_end": False} if subscription["cancel_at_period_end"] else {"cancel_at": None}
        changes.update(books, field, key)
    elif form["act"] == "switch" and form.get("price") in _prices(features):
        item = {"id": subscription["items"]["data"][0]["id"], "price": form["price"]}
        behaviour = features["subscription_update"]["proration_behavior"]
        changes.update(books, {"items": [item], "proration_behavior": behaviour}, key)


def _cancel(books, subscription, feature):
    if feature["mode"] == "immediately":
        changes.cancel(books, {}, subscription["id"])
    elif books.setting("portal_cancels_by") == "cancel_at":
        changes.update(books, {"cancel_at": subscriptions.period_of(subscription)[1]}, subscription["id"])
    else:
        changes.update(books, {"cancel_at_period_end": True}, subscription["id"])


def _take_method(books, session, number, *, authenticated=False):
    """A test card or account becomes what everything of the customer is charged to."""
    customer = books.find(session["customer"], "customer")
    try:
        method = payment_methods.make(books, number, email=customer["email"], name=customer["name"])
        if payment_methods.behaviour(books, method["id"])[0].ask != "never" and not authenticated:
            books.note(session["id"], typed=number)
            return redirect(f"/p/session/{session['id']}/authenticate")
        payment_methods.attach(books, {"customer": customer["id"]}, method["id"])
    except Refused as refused:
        return _page(books, session, refused.error["message"])
    if authenticated:
        books.note(method["id"], authenticated=True)
    customers.set_default(books, customer["id"], method["id"])
    for subscription in subscriptions.listed(books, {"customer": customer["id"]}):
        changes.update(books, {"default_payment_method": method["id"]}, subscription["id"])
    return _onward(session, "method")


def _page(books, session, problem=None):
    customer = books.find(session["customer"], "customer")
    features = _features(books, session)
    found = subscriptions.listed(books, {"customer": customer["id"]})
    own = next((one["default_payment_method"] for one in found if one["default_payment_method"]), None)
    method = books.find(own or customer["invoice_settings"]["default_payment_method"] or "")
    back = tag('<p><a href="{}">Back</a></p>', session["return_url"]) if session["return_url"] else ""
    nothing = tag("<p>{}</p>", "There is no subscription at present.")
    content = fill(
        "portal.html",
        email=customer["email"] or "",
        problem=tag('<p class="problem" role="alert">{}</p>', problem) if problem else "",
        subscriptions=joined(_subscription(books, one, features) for one in found) if found else nothing,
        method=_words(method),
        change=_change_form(session, features),
        invoices=_invoices(books, customer["id"]),
        back=back,
    )
    return page("Your subscription", content)


def _subscription(books, subscription, features):
    item = subscription["items"]["data"][0]
    price = (
        f"{money(item['price']['unit_amount'] * item['quantity'], subscription['currency'])} {rhythm(item['price'])}"
    )
    return fill(
        "portal_subscription.html",
        id=subscription["id"],
        name=books.find(item["price"]["product"])["name"],
        price=price,
        status=_status(subscription),
        buttons=_buttons(books, subscription, features),
    )


def _status(subscription):
    end = subscription["cancel_at"]
    if end:
        return f"Ends on {_day(end)}"
    return STATUSES[subscription["status"]].format(_day(subscriptions.period_of(subscription)[1]))


def _buttons(books, subscription, features):
    buttons = []
    if subscription["cancel_at"]:
        buttons.append(Markup('<button name="act" value="resume">Do not cancel</button>'))
    elif features["subscription_cancel"]["enabled"]:
        buttons.append(Markup('<button name="act" value="cancel" class="plain">Cancel subscription</button>'))
    held = {item["price"]["id"] for item in subscription["items"]["data"]}
    others = [books.find(price) for price in _prices(features) if price not in held]
    if others:
        options = joined(
            tag('<option value="{}">{} {}</option>', one["id"], money(one["unit_amount"], one["currency"]), rhythm(one))
            for one in others
        )
        buttons.append(tag('<label>Other price <select name="price">{}</select></label>', options))
        buttons.append(Markup('<button name="act" value="switch" class="plain">Switch</button>'))
    return joined(buttons)


def _prices(features):
    wanted = features["subscription_update"]
    return [price for one in wanted["products"] or () for price in one["prices"]] if wanted["enabled"] else []


def _change_form(session, features):
    if not features["payment_method_update"]["enabled"]:
        return ""
    opened = (session["flow"] or {}).get("type") == "payment_method_update"
    methods = fill("methods.html", choices=choices())
    return fill("portal_method.html", methods=methods, open=Markup("open") if opened else "")


def _words(method):
    if method is None:
        return "None is saved."
    own = method[method["type"]]
    if method["type"] == "card":
        return f"{own['brand'].title()} ending in {own['last4']}, valid until {own['exp_month']}/{own['exp_year']}"
    return f"SEPA debit, account ending in {own['last4']}"


def _invoices(books, customer):
    found = [one for one in books.all("invoice", customer=customer) if one["status"] != "draft"]
    if not found:
        return tag("<p>{}</p>", "There are none yet.")
    row = '<tr><th scope="row"><a href="{}">{}</a></th><td>{}</td><td>{}</td></tr>'
    rows = joined(
        tag(
            row,
            one["hosted_invoice_url"],
            _day(one["created"]),
            "To be paid" if one["status"] == "open" else one["status"].capitalize(),
            money(one["total"], one["currency"]),
        )
        for one in reversed(found)
    )
    return tag("<table>{}</table>", rows)


def _day(moment):
    return f"{datetime.fromtimestamp(moment, UTC):%-d %B %Y}"
