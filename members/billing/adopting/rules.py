"""What a live subscription must be to become a membership. Pure."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members.models import Interval


def why_not(told):
    """Why a subscription (as Stripe has it, with its customer) cannot be taken over, and what to do; "": it can."""
    return next(filter(None, (rule(told) for rule in RULES)), "")


def price_of(told):
    """The one price of a subscription that can be taken over."""
    return told["items"]["data"][0]["price"]


def email_of(told):
    """The address of its customer, as accounts have it."""
    return (told["customer"].get("email") or "").strip().lower()


def _one_price(told):
    count = len(told["items"]["data"])
    return "" if count == 1 else f"has {count} prices, and a membership has one. Make one of them at Stripe."


def _by_the_month_or_year(told):
    interval = (price_of(told).get("recurring") or {}).get("interval")
    if interval in Interval:
        return ""
    return f"is paid by the {interval}, and plans are by the month or year. Change its price at Stripe."


def _a_fixed_amount(told):
    price = price_of(told)
    if price["recurring"].get("usage_type") == "metered" or price.get("billing_scheme") == "tiered":
        return "costs by use or in tiers, and plans a fixed amount. Change its price at Stripe."
    if price.get("transform_quantity") or price.get("unit_amount") is None:
        return "costs packages or parts of the smallest unit. Change its price at Stripe."
    return ""


def _somebodys(told):
    customer = told["customer"]
    if not isinstance(customer, dict) or customer.get("deleted"):
        return "has a customer who was deleted at Stripe. End it there."
    try:
        validate_email(email_of(told))
    except ValidationError:
        return "has a customer without an address that mail could reach. Give the customer one at Stripe."
    return ""


RULES = (_one_price, _by_the_month_or_year, _a_fixed_amount, _somebodys)
