"""Coupons, the promotion codes that give them, and the discounts that they become."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.clock import after
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, integer, merged, needed, number, one_of, text
from members.billing.sandbox.objects import events

NEW_COUPON = {
    "id": text,
    "amount_off": integer,
    "applies_to": {"products": [text]},
    "currency": text,
    "duration": one_of("forever", "once", "repeating"),
    "duration_in_months": integer,
    "max_redemptions": integer,
    "metadata": TAGS,
    "name": text,
    "percent_off": number,
    "redeem_by": integer,
}
UPDATE_COUPON = {"metadata": TAGS, "name": text}
NEW_CODE = {
    "promotion": needed({"type": needed(one_of("coupon")), "coupon": needed(text)}),
    "active": boolean,
    "code": text,
    "customer": text,
    "expires_at": integer,
    "max_redemptions": integer,
    "metadata": TAGS,
    "restrictions": {
        "first_time_transaction": boolean,
        "minimum_amount": integer,
        "minimum_amount_currency": text,
    },
}
UPDATE_CODE = {"active": boolean, "metadata": TAGS}
LISTED_CODES = {**LIST, "active": boolean, "code": text, "coupon": text, "customer": text}
# How discounts are asked for.
GIVEN = [{"coupon": text, "promotion_code": text, "discount": text}]


def create_coupon(books, given):
    if ("percent_off" in given) == ("amount_off" in given):
        raise (
            errors.missing("percent_off")
            if "percent_off" not in given
            else errors.invalid("Must provide exactly one of `percent_off` or `amount_off`.", "percent_off")
        )
    if "amount_off" in given and "currency" not in given:
        raise errors.missing("currency")
    if not 0 < given.get("percent_off", 1) <= 100:
        raise errors.invalid("Invalid percentage: must be between 0 and 100.", "percent_off")
    key = given.get("id") or ids.new("x")[2:10]
    if books.find(key):
        raise errors.invalid("Coupon already exists.", "id", "resource_already_exists")
    coupon = schema.blank("coupon", id=key, created=books.now, duration="once", times_redeemed=0, valid=True)
    coupon |= {name: given[name] for name in NEW_COUPON if name in given and name not in ("id", "metadata")}
    coupon["metadata"] = merged({}, given.get("metadata", {}))
    if coupon["duration"] == "repeating" and not coupon["duration_in_months"]:
        raise errors.missing("duration_in_months")
    return events.created(books, coupon)


def fetch_coupon(books, given, key):
    if books.hidden(key).get("deleted"):
        raise errors.absent("coupon", key)
    return books.get(key, "coupon")


def update_coupon(books, given, key):
    coupon = books.get(key, "coupon")
    coupon["name"] = given.get("name", coupon["name"])
    if "metadata" in given:
        coupon["metadata"] = merged(coupon["metadata"], given["metadata"])
    return events.updated(books, coupon)


def delete_coupon(books, given, key):
    """Nobody can redeem it any more; the discounts that it became stay."""
    coupon = books.get(key, "coupon")
    books.put({**coupon, "valid": False}, deleted=True)
    events.deleted(books, coupon)
    return {"id": key, "object": "coupon", "deleted": True}


def coupons(books, given):
    return [coupon for coupon in books.all("coupon") if not books.hidden(coupon["id"]).get("deleted")]


def create_code(books, given):
    coupon = usable_coupon(books, given["promotion"]["coupon"], "promotion[coupon]")
    code = given.get("code") or ids.new("x")[2:10].upper()
    if any(other["active"] and other["code"].lower() == code.lower() for other in books.all("promotion_code")):
        raise errors.invalid("An active promotion code with `code: " + code + "` already exists.", "code")
    restrictions = schema.blank("promotion_codes_resource_restrictions")
    promotion = schema.blank(
        "promotion_code",
        id=ids.new("promo"),
        active=True,
        code=code,
        created=books.now,
        promotion={"type": "coupon", "coupon": coupon["id"]},
        restrictions=restrictions | given.get("restrictions", {}),
        times_redeemed=0,
    )
    promotion |= {
        name: given[name] for name in ("active", "customer", "expires_at", "max_redemptions") if name in given
    }
    promotion["metadata"] = merged({}, given.get("metadata", {}))
    return events.created(books, promotion)


def fetch_code(books, given, key):
    return books.get(key, "promotion_code")


def update_code(books, given, key):
    promotion = books.get(key, "promotion_code")
    promotion["active"] = given.get("active", promotion["active"])
    if "metadata" in given:
        promotion["metadata"] = merged(promotion["metadata"], given["metadata"])
    return events.updated(books, promotion)


def codes(books, given):
    return books.all(
        "promotion_code",
        active=given.get("active"),
        code=given.get("code"),
        promotion__coupon=given.get("coupon"),
        customer=given.get("customer"),
    )


def usable_coupon(books, key, param):
    coupon = books.get(key, "coupon", param)
    spent = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] < books.now
    if books.hidden(key).get("deleted"):
        raise errors.absent("coupon", key, param)
    if spent or late:
        raise errors.invalid(f"Coupon expired: {key}", param, "coupon_expired")
    return coupon


def usable_code(books, promotion, customer, amount, param="promotion_code"):
    """The coupon that a promotion code gives this customer (an id or None) for an amount, or Refused."""
    bounds = promotion["restrictions"]
    spent = promotion["max_redemptions"] is not None and promotion["times_redeemed"] >= promotion["max_redemptions"]
    late = promotion["expires_at"] is not None and promotion["expires_at"] < books.now
    foreign = promotion["customer"] is not None and promotion["customer"] != customer
    again = bounds["first_time_transaction"] and customer and books.all("charge", customer=customer, paid=True)
    if not promotion["active"] or spent or late or foreign or again or amount < (bounds["minimum_amount"] or 0):
        raise errors.invalid("This promotion code cannot be redeemed.", param, "promotion_code_expired")
    return usable_coupon(books, promotion["promotion"]["coupon"], param)


def redeem(books, given, customer, amount, **where):
    """The discounts that these coupons, codes or earlier discounts become. where: subscription or checkout_session."""
    return [
        _redeem(books, one, f"discounts[{place}]", customer, amount, where) for place, one in enumerate(given or ())
    ]


def check(books, given, customer, amount):
    """Refused where one of these could not be redeemed now."""
    for place, one in enumerate(given or ()):
        _source(books, one, f"discounts[{place}]", customer, amount)


def _source(books, one, param, customer, amount):
    """(coupon, promotion code or None) of one that was asked for."""
    if one.get("promotion_code"):
        promotion = books.get(one["promotion_code"], "promotion_code", f"{param}[promotion_code]")
        return usable_code(books, promotion, customer, amount, f"{param}[promotion_code]"), promotion
    if one.get("coupon"):
        return usable_coupon(books, one["coupon"], f"{param}[coupon]"), None
    raise errors.missing(f"{param}[coupon]")


def _redeem(books, one, param, customer, amount, where):
    if one.get("discount"):
        return books.get(one["discount"], "discount", f"{param}[discount]")["id"]
    coupon, promotion = _source(books, one, param, customer, amount)
    for thing in filter(None, (coupon, promotion)):
        events.updated(books, {**thing, "times_redeemed": thing["times_redeemed"] + 1})
    months = coupon["duration_in_months"]
    discount = schema.blank(
        "discount",
        id=ids.new("di"),
        customer=customer,
        end=after(books.now, "month", months) if coupon["duration"] == "repeating" else None,
        promotion_code=promotion and promotion["id"],
        source={"type": "coupon", "coupon": coupon["id"]},
        start=books.now,
        **where,
    )
    return books.put(discount)["id"]


def running(books, keys):
    """Of these discounts, those that have not run out."""
    found = [(key, books.find(key, "discount")) for key in keys]
    return [key for key, discount in found if discount and (discount["end"] is None or discount["end"] > books.now)]


def lasting(books, keys):
    """Of these discounts, those that stay for the next invoice."""
    return [key for key in running(books, keys) if _coupon(books, key)["duration"] != "once"]


def reduced(books, keys, lines):
    """What discounts take off amounts. lines: (amount, product id) each. Returns for each line {discount id: cents}."""
    taken = [{} for _line in lines]
    for key in keys:
        _take(_coupon(books, key), key, lines, taken)
    return taken


def of_coupon(coupon, amount):
    """What a coupon takes off one amount."""
    if coupon["percent_off"] is not None:
        return round(amount * coupon["percent_off"] / 100)
    return min(amount, coupon["amount_off"])


def _take(coupon, key, lines, taken):
    products = coupon.get("applies_to", {}).get("products")
    left = coupon["amount_off"]
    for (amount, product), offs in zip(lines, taken, strict=True):
        remaining = amount - sum(offs.values())
        if remaining <= 0 or (products and product not in products):
            continue
        if coupon["percent_off"] is not None:
            offs[key] = round(remaining * coupon["percent_off"] / 100)
        else:
            offs[key] = min(remaining, left)
            left -= offs[key]


def _coupon(books, key):
    return books.find(books.find(key, "discount")["source"]["coupon"], "coupon")
