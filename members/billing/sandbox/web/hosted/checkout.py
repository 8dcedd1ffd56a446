"""Checkout's page: what is bought, and how it is paid."""

from datetime import UTC, datetime

from members.billing.sandbox.core.errors import Refused
from members.billing.sandbox.core.money import money
from members.billing.sandbox.objects.checkout import taking, totals
from members.billing.sandbox.objects.paying import payment_methods
from members.billing.sandbox.web.hosted.html import Markup, fill, joined, message, page, redirect, tag

PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
OFFERED = (
    "4242424242424242",
    "4000000000000002",
    "4000000000009995",
    "4000002500003155",
    "4000002760003184",
    "4000000000000341",
    "AT611904300234573201",
    "AT861904300235473202",
)
UNAUTHENTICATED = "We are unable to authenticate your payment method. Please choose a different one and try again."
HEADINGS = {"subscription": "Subscribe", "payment": "Pay", "setup": "Save a payment method"}


def show(books, form, key):
    session = books.find(key, "checkout.session")
    return _closed(session) or _page(books, session)


def act(books, form, key):
    """form: act (pay or code), email, name, card or number, code, terms."""
    session = books.find(key, "checkout.session")
    if closed := _closed(session):
        return closed
    if form.get("act") == "code":
        return _apply(books, session, form)
    number = (form.get("number") or form.get("card") or "") if _asks(books, session) else ""
    email = session["customer_email"] or (session["customer_details"] or {}).get("email") or form.get("email", "")
    if problem := _missing(books, session, form, number, email):
        return _page(books, session, form, problem)
    return _take(books, session, form, number, email)


def show_authentication(books, form, key):
    session = books.find(key, "checkout.session")
    return _closed(session) or authentication(session["amount_total"] or 0, session["currency"] or "eur")


def authenticate(books, form, key):
    """form: act (complete or fail)."""
    session = books.find(key, "checkout.session")
    if closed := _closed(session):
        return closed
    before = books.hidden(key).get("typed", {})
    if form.get("act") != "complete":
        return _page(books, session, before, UNAUTHENTICATED)
    return _take(books, session, before, before["number"], before["email"], authenticated=True)


def authentication(amount, currency):
    return page("3-D Secure", fill("authenticate.html", amount=money(amount, currency)))


def choices(chosen=None):
    """Radio buttons of the test cards and accounts."""
    known = {**payment_methods.CARDS, **payment_methods.ACCOUNTS}
    chosen = chosen if chosen in OFFERED else OFFERED[0]
    row = (
        '<p class="choice"><input type="radio" name="card" id="card-{0}" value="{0}" {1}>'
        ' <label for="card-{0}">{2} <span>{3}</span></label></p>'
    )
    return joined(
        tag(row, number, Markup("checked" if number == chosen else ""), known[number].label, _grouped(number))
        for number in OFFERED
    )


def _take(books, session, form, number, email, *, authenticated=False):
    name = form.get("name") or None
    try:
        with books.whole():
            became = taking.take(books, session, number or None, email, name, authenticated=authenticated)
    except Refused as refused:
        return _page(books, books.find(session["id"]), form, refused.error["message"])
    if became == "complete":
        return redirect(_success(session))
    if became == "authenticate":
        books.note(session["id"], typed={"number": number, "email": email, "name": form.get("name", "")})
        return redirect(f"/c/pay/{session['id']}/authenticate")
    return _page(books, books.find(session["id"]), form, became)


def _apply(books, session, form):
    try:
        session = totals.apply_code(books, session, form.get("code", ""))
    except Refused as refused:
        return _page(books, session, form, refused.error["message"])
    return redirect(f"/c/pay/{session['id']}")


def _closed(session):
    """What is said instead of the page where there is nothing to take up."""
    if session is None:
        return message("Nothing here", "There is no such checkout session.", status=404)
    if session["status"] == "complete":
        return message("You’re all done here", "This checkout has been completed.", (_success(session), "Continue"))
    if session["status"] == "expired":
        link = (session["cancel_url"], "Back") if session["cancel_url"] else None
        return message("This page has expired", "The checkout session was open for too long, or was closed.", link)
    return None


def _success(session):
    return session["success_url"].replace(PLACEHOLDER, session["id"])


def _asks(books, session):
    return totals.needs_method(books, session)


def _missing(books, session, form, number, email):
    if "@" not in email:
        return "Enter your e-mail address."
    if _asks(books, session) and not number:
        return "Choose a card or account to pay with."
    if _wants_terms(session) and not form.get("terms"):
        return "Agree to the terms to go on."
    return None


def _wants_terms(session):
    return (session["consent_collection"] or {}).get("terms_of_service") == "required"


def _page(books, session, form=None, problem=None):
    form = form or {}
    customer = books.find(session["customer"] or "", "customer") or {}
    fixed = session["customer_email"] or customer.get("email")
    heading = HEADINGS[session["mode"]]
    back = tag('<p><a href="{}">Back</a></p>', session["cancel_url"]) if session["cancel_url"] else ""
    content = fill(
        "checkout.html",
        heading=heading,
        action=f"/c/pay/{session['id']}",
        problem=tag('<p class="problem" role="alert">{}</p>', problem) if problem else "",
        lines=_lines(books, session),
        totals=_totals(books, session),
        codes=_codes(session, form),
        email=fixed or form.get("email", ""),
        email_fixed=Markup("readonly") if fixed else "",
        name=form.get("name") or customer.get("name") or "",
        methods=_methods(books, session, form),
        terms=_terms(session),
        pay=_button(books, session),
        back=back,
    )
    return page(heading, content)


def _methods(books, session, form):
    if not _asks(books, session):
        return tag('<p class="quiet">{}</p>', "There is nothing to pay: no card is needed.")
    return fill("methods.html", choices=choices(form.get("card")))


def _terms(session):
    if not _wants_terms(session):
        return ""
    return Markup(
        '<p class="choice"><input type="checkbox" name="terms" id="terms" value="1" required>'
        ' <label for="terms">I agree to the terms of service</label></p>'
    )


def _codes(session, form):
    if not session["allow_promotion_codes"]:
        return ""
    return fill("code.html", code=form.get("code", ""))


def _button(books, session):
    if session["mode"] == "setup":
        return "Save"
    if totals.on_trial(books, session):
        return "Start trial"
    amount = money(session["amount_total"], session["currency"])
    return f"Subscribe and pay {amount}" if session["mode"] == "subscription" else f"Pay {amount}"


def _lines(books, session):
    if session["mode"] == "setup":
        return ""
    row = "<tr><th scope='row'>{}<br><span class='quiet'>{}</span></th><td>{}</td></tr>"
    return joined(
        tag(
            row,
            f"{one['quantity']} × {one['description']}",
            rhythm(one["price"]),
            money(one["amount_subtotal"], one["currency"]),
        )
        for one in totals.line_items(books, session)["data"]
    )


def _totals(books, session):
    if session["mode"] == "setup":
        return ""
    currency = session["currency"]
    rows = []
    if off := session["total_details"]["amount_discount"]:
        rows.append(("Discount", f"−{money(off, currency)}", ""))
    rows.append(("Total today", money(session["amount_total"], currency), "total"))
    if session["mode"] == "subscription":
        price = totals.line_items(books, session)["data"][0]["price"]
        later = money(totals.later(books, session), currency)
        rows.append((_when(books, session), f"{later} {rhythm(price)}", "quiet"))
    return joined(tag('<tr class="{2}"><th scope="row">{0}</th><td>{1}</td></tr>', *row) for row in rows)


def _when(books, session):
    data = books.hidden(session["id"])["given"].get("subscription_data", {})
    end = data.get("trial_end") or (books.now + (data.get("trial_period_days") or 0) * 86_400)
    if end > books.now:
        return f"After the free trial, from {datetime.fromtimestamp(end, UTC):%-d %B %Y}"
    return "Then"


def rhythm(price):
    if not price["recurring"]:
        return "once"
    count, interval = price["recurring"]["interval_count"], price["recurring"]["interval"]
    return f"a {interval}" if count == 1 else f"every {count} {interval}s"


def _grouped(number):
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
