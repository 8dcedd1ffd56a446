"""Products and prices: what can be bought."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, integer, merged, needed, one_of, text
from members.billing.sandbox.objects import events

INTERVALS = ("day", "week", "month", "year")
INTERVAL_MAX = {"day": 1_095, "week": 156, "month": 36, "year": 3}
RECURRING = {
    "interval": needed(one_of(*INTERVALS)),
    "interval_count": integer,
    "usage_type": one_of("licensed"),
}
TAX = one_of("exclusive", "inclusive", "unspecified")
PRODUCT = {
    "name": text,
    "active": boolean,
    "description": text,
    "images": [text],
    "marketing_features": [{"name": needed(text)}],
    "metadata": TAGS,
    "shippable": boolean,
    "statement_descriptor": text,
    "tax_code": text,
    "unit_label": text,
    "url": text,
}
AMOUNT = {"currency": needed(text), "unit_amount": integer, "unit_amount_decimal": text, "tax_behavior": TAX}
NEW_PRODUCT = {
    **PRODUCT,
    "id": text,
    "name": needed(text),
    "default_price_data": {**AMOUNT, "recurring": RECURRING, "metadata": TAGS},
}
UPDATE_PRODUCT = {**PRODUCT, "default_price": text}
LISTED_PRODUCTS = {**LIST, "active": boolean, "ids": [text], "url": text, "shippable": boolean}
NEW_PRICE = {
    **AMOUNT,
    "active": boolean,
    "lookup_key": text,
    "metadata": TAGS,
    "nickname": text,
    "product": text,
    "product_data": NEW_PRODUCT,
    "recurring": RECURRING,
    "transfer_lookup_key": boolean,
    "billing_scheme": one_of("per_unit"),
}
UPDATE_PRICE = {
    "active": boolean,
    "lookup_key": text,
    "metadata": TAGS,
    "nickname": text,
    "tax_behavior": TAX,
    "transfer_lookup_key": boolean,
}
LISTED_PRICES = {
    **LIST,
    "active": boolean,
    "currency": text,
    "lookup_keys": [text],
    "product": text,
    "recurring": {"interval": one_of(*INTERVALS)},
    "type": one_of("one_time", "recurring"),
}
# A price that is made where it is used.
PRICE_DATA = {
    **AMOUNT,
    "product": text,
    "product_data": {**NEW_PRODUCT, "default_price_data": {}},
    "recurring": RECURRING,
}


def create_product(books, given):
    key = given.get("id") or ids.new("prod")
    if books.find(key):
        raise errors.invalid(f"Product already exists: {key}", "id", "resource_already_exists")
    fields = {name: given[name] for name in PRODUCT if name in given and name != "metadata"}
    product = schema.blank("product", id=key, created=books.now, updated=books.now, active=True)
    product |= {**fields, "metadata": merged({}, given.get("metadata", {}))}
    product["images"] = product["images"] or []
    events.created(books, product)
    if price := given.get("default_price_data"):
        product["default_price"] = create_price(books, {**price, "product": key})["id"]
        events.updated(books, product)
    return product


def fetch_product(books, given, key):
    return books.get(key, "product")


def update_product(books, given, key):
    product = books.get(key, "product")
    product |= {name: given[name] for name in UPDATE_PRODUCT if name in given and name != "metadata"}
    if "metadata" in given:
        product["metadata"] = merged(product["metadata"], given["metadata"])
    product["updated"] = books.now
    return events.updated(books, product)


def delete_product(books, given, key):
    product = books.get(key, "product")
    if books.all("price", product=key):
        raise errors.invalid("This product cannot be deleted because it has one or more user-created prices.")
    books.remove(key)
    events.deleted(books, product)
    return {"id": key, "object": "product", "deleted": True}


def products(books, given):
    found = books.all("product", url=given.get("url"), active=given.get("active"), shippable=given.get("shippable"))
    return [product for product in found if "ids" not in given or product["id"] in given["ids"]]


def create_price(books, given):
    product = _product_of(books, given)
    amount = _amount(given)
    recurring = given.get("recurring")
    price = schema.blank(
        "price",
        id=ids.new("price"),
        active=given.get("active", True),
        billing_scheme="per_unit",
        created=books.now,
        currency=given["currency"].lower(),
        lookup_key=_lookup_key(books, given),
        metadata=merged({}, given.get("metadata", {})),
        nickname=given.get("nickname"),
        product=product["id"],
        recurring=_recurring(recurring) if recurring else None,
        tax_behavior=given.get("tax_behavior", "unspecified"),
        type="recurring" if recurring else "one_time",
        unit_amount=amount,
        unit_amount_decimal=given.get("unit_amount_decimal") or str(amount),
    )
    return events.created(books, price)


def fetch_price(books, given, key):
    return books.get(key, "price")


def update_price(books, given, key):
    price = books.get(key, "price")
    price |= {name: given[name] for name in ("active", "nickname", "tax_behavior") if name in given}
    if "lookup_key" in given:
        price["lookup_key"] = _lookup_key(books, given, key)
    if "metadata" in given:
        price["metadata"] = merged(price["metadata"], given["metadata"])
    return events.updated(books, price)


def prices(books, given):
    found = books.all(
        "price",
        active=given.get("active"),
        currency=given.get("currency"),
        product=given.get("product"),
        type=given.get("type"),
        recurring__interval=given.get("recurring", {}).get("interval"),
    )
    return [price for price in found if "lookup_keys" not in given or price["lookup_key"] in given["lookup_keys"]]


def price_of(books, given, param):
    """The price that an item names or brings along, for use now. given: with `price` or `price_data`."""
    if data := given.get("price_data"):
        return create_price(books, data)
    if not given.get("price"):
        raise errors.missing(f"{param}[price]")
    price = books.get(given["price"], "price", f"{param}[price]")
    if not price["active"]:
        raise errors.invalid(
            f"The price specified is inactive. This field only accepts active prices. Price: {price['id']}",
            f"{param}[price]",
            "price_inactive",
        )
    return price


def name_of(books, price):
    return (books.find(price["product"], "product") or {"name": "A product that was deleted"})["name"]


def _product_of(books, given):
    if given.get("product_data"):
        return create_product(books, given["product_data"])
    if not given.get("product"):
        raise errors.missing("product")
    return books.get(given["product"], "product", "product")


def _amount(given):
    decimal = given.get("unit_amount_decimal")
    if decimal is not None and "unit_amount" not in given and decimal.isdigit():
        return int(decimal)
    if given.get("unit_amount") is None:
        raise errors.missing("unit_amount")
    if given["unit_amount"] < 0:
        raise errors.invalid("Invalid non-negative integer", "unit_amount", "parameter_invalid_integer")
    return given["unit_amount"]


def _recurring(given):
    interval, count = given["interval"], given.get("interval_count") or 1
    if not 1 <= count <= INTERVAL_MAX[interval]:
        raise errors.invalid("Recurring prices may last at most three years", "recurring[interval_count]")
    return schema.blank("recurring", interval=interval, interval_count=count, usage_type="licensed")


def _lookup_key(books, given, own=None):
    """A look-up key, taken from the price that has it if that was asked for."""
    key = given.get("lookup_key")
    for other in books.all("price", lookup_key=key) if key else ():
        if other["id"] == own:
            continue
        if not given.get("transfer_lookup_key"):
            raise errors.invalid(
                f"A price (`{other['id']}`) already uses that lookup key.", "lookup_key", "resource_already_exists"
            )
        events.updated(books, {**other, "lookup_key": None})
    return key
