"""What stands on a session's page, and what it comes to."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.presenting import on_request
from members.billing.sandbox.objects.selling import catalogue, discounts


def item(books, given, place, mode):
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
        return books.put(price(books, session, [{"promotion_code": matching[0]["id"]}]))
    except errors.Refused:
        raise errors.invalid("This code cannot be used here, or no longer.") from None


def needs_method(books, session):
    """Whether the buyer must say what to charge, now or later."""
    spares = session["mode"] == "payment" or session["payment_method_collection"] == "if_required"
    return not spares or bool(session["amount_total"])


def on_trial(books, session):
    data = books.hidden(session["id"])["given"].get("subscription_data", {})
    return bool(data.get("trial_period_days") or data.get("trial_end"))


def price(books, session, asked):
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


def _reduced(books, session, asked=None):
    """[(item, cents taken off it)] of a session. asked: by these discounts instead of its own."""
    hidden = books.hidden(session["id"])
    items, taken = hidden["items"], {}
    for one in (hidden.get("discounts") or ()) if asked is None else asked:
        coupon = _coupon(books, one)
        lines = [(item["amount"] - taken.get(item["id"], 0), item) for item in items]
        products = coupon.get("applies_to", {}).get("products")
        spendable = coupon["amount_off"] or 0
        for amount, item in lines:
            if products and item["price"]["product"] not in products:
                continue
            off = discounts.of_coupon({**coupon, "amount_off": spendable}, amount)
            spendable -= off if coupon["percent_off"] is None else 0
            taken[item["id"]] = taken.get(item["id"], 0) + off
    return [(item, taken.get(item["id"], 0)) for item in items]


def _coupon(books, asked):
    key = asked.get("coupon")
    if asked.get("promotion_code"):
        key = books.get(asked["promotion_code"], "promotion_code", "discounts[0][promotion_code]")["promotion"][
            "coupon"
        ]
    return books.get(key or "", "coupon", "discounts[0][coupon]")


def _discount(asked):
    return {"coupon": asked.get("coupon"), "promotion_code": asked.get("promotion_code")}


def later(books, session):
    """What the next invoice comes to: without the discounts that are for one alone."""
    asked = books.hidden(session["id"]).get("discounts") or ()
    lasting = [one for one in asked if _coupon(books, one)["duration"] != "once"]
    return sum(item["amount"] - off for item, off in _reduced(books, session, lasting))


def details(**given):
    details = schema.blank("payment_pages_checkout_session_customer_details", tax_exempt="none", tax_ids=[])
    return details | {"address": None} | given


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
