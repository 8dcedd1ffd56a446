"""Which plan each price belongs to by which live subscriptions are paid: known here already, or told by whoever takes
them over."""

from collections import Counter

from members.billing import client
from members.models import Interval, Plan, Price
from newsroom.ground.money import each


class Unmapped(Exception):
    """Live subscriptions have prices that belong to no plan. lines: one a price, with how many."""

    def __init__(self, lines):
        super().__init__("\n".join(lines))
        self.lines = lines


class Wrong(Exception):
    """What was told cannot be meant. Says which, and the remedy."""


def ids_of(told):
    """The ids of all prices and products of a subscription."""
    prices = [item["price"] for item in told["items"]["data"]]
    return {price["id"] for price in prices} | {price["product"] for price in prices}


def check(names, live):
    """Raise Wrong where ids of prices or products were told by which no live subscription is paid."""
    unknown = set(names).difference(*map(ids_of, live))
    if unknown:
        raise Wrong(f"No live subscription has {', '.join(sorted(unknown))}. Look at how it is written at Stripe.")


def mapped(live, named):
    """{id of a price: (the price, Plan)} of all by which these subscriptions are paid. named: {id of a price or
    product: Plan}. Raises Unmapped and Wrong."""
    prices = {item["price"]["id"]: item["price"] for one in live for item in one["items"]["data"]}
    owned = {price.stripe_id: price.plan for price in Price.objects.exclude(stripe_id=None).select_related("plan")}
    made = {plan.stripe_product: plan for plan in Plan.objects.exclude(stripe_product=None)}
    found = {}
    for key, price in prices.items():
        told = named.get(key) or named.get(price["product"])
        known = owned.get(key) or made.get(price["product"])
        if told and key in owned and told != known:
            raise Wrong(f"{key} belongs to the plan “{known}” already. Leave it out, or name that plan.")
        found[key] = (price, owned.get(key) or told or known)
    missing = {key: price for key, (price, plan) in found.items() if plan is None}
    if missing:
        raise Unmapped(_lines(missing, live))
    return found


def in_words(price):
    """What one of Stripe's prices costs."""
    recurring = price.get("recurring") or {}
    if price.get("unit_amount") is None or recurring.get("interval") not in Interval:
        return f"by the {recurring.get('interval', 'piece')}, or by use"
    return each(price["unit_amount"], price["currency"].upper(), recurring["interval"], recurring["interval_count"])


def _lines(missing, live):
    names = {product["id"]: product["name"] for product in client.every("products")}
    counts = Counter(item["price"]["id"] for one in live for item in one["items"]["data"])
    return [
        f"{key}, {in_words(price)}, of “{names.get(price['product'], '?')}” ({price['product']}): {counts[key]}"
        for key, price in sorted(missing.items(), key=lambda one: (-counts[one[0]], one[0]))
    ]
