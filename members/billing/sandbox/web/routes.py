"""The API: which address and method does what, with which parameters."""

from typing import NamedTuple

from members.billing.sandbox.core.encoding import LIST
from members.billing.sandbox.objects import account, endpoints, events
from members.billing.sandbox.objects.checkout import sessions
from members.billing.sandbox.objects.paying import disputes, payment_methods, payments, refunds
from members.billing.sandbox.objects.people import customers, departure, portal
from members.billing.sandbox.objects.selling import catalogue, discounts
from members.billing.sandbox.objects.subscribing import changes, collecting, invoices, previews, subscriptions


class Route(NamedTuple):
    """pattern: the address below /v1/, `*` for an id; act: what is done, a function of (books, parameters, *ids); many:
    whether it gives a list, oldest first, of which a page is told."""

    method: str
    pattern: str
    spec: dict
    act: object
    many: bool = False


def many(pattern, spec, act):
    return Route("GET", pattern, spec, act, many=True)


ROUTES = [
    Route("GET", "account", {}, account.fetch),
    Route("POST", "products", catalogue.NEW_PRODUCT, catalogue.create_product),
    Route("GET", "products/*", {}, catalogue.fetch_product),
    Route("POST", "products/*", catalogue.UPDATE_PRODUCT, catalogue.update_product),
    Route("DELETE", "products/*", {}, catalogue.delete_product),
    many("products", catalogue.LISTED_PRODUCTS, catalogue.products),
    Route("POST", "prices", catalogue.NEW_PRICE, catalogue.create_price),
    Route("GET", "prices/*", {}, catalogue.fetch_price),
    Route("POST", "prices/*", catalogue.UPDATE_PRICE, catalogue.update_price),
    many("prices", catalogue.LISTED_PRICES, catalogue.prices),
    Route("POST", "coupons", discounts.NEW_COUPON, discounts.create_coupon),
    Route("GET", "coupons/*", {}, discounts.fetch_coupon),
    Route("POST", "coupons/*", discounts.UPDATE_COUPON, discounts.update_coupon),
    Route("DELETE", "coupons/*", {}, discounts.delete_coupon),
    many("coupons", LIST, discounts.coupons),
    Route("POST", "promotion_codes", discounts.NEW_CODE, discounts.create_code),
    Route("GET", "promotion_codes/*", {}, discounts.fetch_code),
    Route("POST", "promotion_codes/*", discounts.UPDATE_CODE, discounts.update_code),
    many("promotion_codes", discounts.LISTED_CODES, discounts.codes),
    Route("POST", "customers", customers.CREATE, customers.create),
    Route("GET", "customers/*", {}, customers.fetch),
    Route("POST", "customers/*", customers.UPDATE, customers.update),
    Route("DELETE", "customers/*", {}, departure.delete),
    many("customers", customers.LISTED, customers.listed),
    many("customers/*/payment_methods", payment_methods.LISTED, payment_methods.listed_of_customer),
    Route("POST", "payment_methods", payment_methods.CREATE, payment_methods.create),
    Route("GET", "payment_methods/*", {}, payment_methods.fetch),
    Route("POST", "payment_methods/*", payment_methods.UPDATE, payment_methods.update),
    Route("POST", "payment_methods/*/attach", payment_methods.ATTACH, payment_methods.attach),
    Route("POST", "payment_methods/*/detach", {}, payment_methods.detach),
    many("payment_methods", payment_methods.LISTED, payment_methods.listed),
    Route("POST", "checkout/sessions", sessions.CREATE, sessions.create),
    Route("GET", "checkout/sessions/*", {}, sessions.fetch),
    Route("POST", "checkout/sessions/*", sessions.UPDATE, sessions.update),
    Route("POST", "checkout/sessions/*/expire", {}, sessions.expire),
    many("checkout/sessions/*/line_items", LIST, sessions.items),
    many("checkout/sessions", sessions.LISTED, sessions.listed),
    Route("POST", "subscriptions", subscriptions.CREATE, subscriptions.create),
    Route("GET", "subscriptions/*", {}, subscriptions.fetch),
    Route("POST", "subscriptions/*", changes.UPDATE, changes.update),
    Route("POST", "subscriptions/*/resume", subscriptions.RESUME, changes.resume),
    Route("DELETE", "subscriptions/*", subscriptions.CANCEL, changes.cancel),
    many("subscriptions", subscriptions.LISTED, subscriptions.listed),
    many("subscription_items", subscriptions.LISTED_ITEMS, subscriptions.items),
    Route("POST", "invoices/create_preview", previews.PREVIEW, previews.preview),
    Route("GET", "invoices/*", {}, invoices.fetch),
    Route("POST", "invoices/*/pay", collecting.PAY, collecting.pay),
    Route("POST", "invoices/*/void", {}, collecting.void),
    Route("POST", "invoices/*/finalize", collecting.FINALIZE, collecting.finalize),
    Route("POST", "invoices/*/mark_uncollectible", {}, collecting.mark_uncollectible),
    Route("POST", "invoices/*", invoices.UPDATE, invoices.update),
    many("invoices/*/lines", LIST, invoices.lines),
    many("invoices", invoices.LISTED, invoices.listed),
    Route("GET", "invoice_payments/*", {}, invoices.fetch_payment),
    many("invoice_payments", invoices.LISTED_PAYMENTS, invoices.listed_payments),
    Route("GET", "payment_intents/*", {}, payments.fetch_intent),
    Route("POST", "payment_intents/*/cancel", payments.CANCEL, payments.cancel_intent),
    many("payment_intents", payments.LISTED_INTENTS, payments.intents),
    Route("GET", "charges/*", {}, payments.fetch_charge),
    many("charges", payments.LISTED_CHARGES, payments.charges),
    Route("GET", "setup_intents/*", {}, payments.fetch_setup),
    many("setup_intents", payments.LISTED_SETUPS, payments.setups),
    Route("GET", "invoiceitems/*", {}, invoices.fetch_item),
    many("invoiceitems", invoices.LISTED_ITEMS, invoices.listed_items),
    Route("POST", "refunds", refunds.CREATE, refunds.create),
    Route("GET", "refunds/*", {}, refunds.fetch),
    Route("POST", "refunds/*", refunds.UPDATE, refunds.update),
    many("refunds", refunds.LISTED, refunds.listed),
    Route("GET", "disputes/*", {}, disputes.fetch),
    Route("POST", "disputes/*", disputes.UPDATE, disputes.update),
    Route("POST", "disputes/*/close", {}, disputes.give_up),
    many("disputes", disputes.LISTED, disputes.listed),
    Route("POST", "billing_portal/sessions", portal.CREATE, portal.create),
    Route("POST", "billing_portal/configurations", portal.NEW_CONFIGURATION, portal.create_configuration),
    Route("GET", "billing_portal/configurations/*", {}, portal.fetch_configuration),
    Route("POST", "billing_portal/configurations/*", portal.CONFIGURATION, portal.update_configuration),
    many("billing_portal/configurations", portal.LISTED, portal.configurations),
    Route("POST", "webhook_endpoints", endpoints.CREATE, endpoints.create),
    Route("GET", "webhook_endpoints/*", {}, endpoints.fetch),
    Route("POST", "webhook_endpoints/*", endpoints.UPDATE, endpoints.update),
    Route("DELETE", "webhook_endpoints/*", {}, endpoints.delete),
    many("webhook_endpoints", LIST, endpoints.listed),
    Route("GET", "events/*", {}, events.fetch),
    many("events", events.LISTED, events.kept),
]


def find(method, path):
    """(route, ids in the path) of a request to /v1/…, or None."""
    asked = path.removeprefix("/v1/").split("/")
    matching = [route for route in ROUTES if route.method == method and _matches(route.pattern.split("/"), asked)]
    # What is named goes before what may be anything.
    for route in sorted(matching, key=lambda route: route.pattern.count("*")):
        return route, [part for part, name in zip(asked, route.pattern.split("/"), strict=True) if name == "*"]
    return None


def _matches(pattern, asked):
    return len(pattern) == len(asked) and all(
        name in (part, "*") and part for name, part in zip(pattern, asked, strict=True)
    )
