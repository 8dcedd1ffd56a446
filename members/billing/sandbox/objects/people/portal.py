"""The customer portal's sessions and configurations; its page is in `web.portal`."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import LIST, TAGS, boolean, merged, needed, one_of, text
from members.billing.sandbox.objects import events
from members.billing.sandbox.objects.people import customers

PRORATION = one_of("always_invoice", "create_prorations", "none")
FEATURES = {
    "customer_update": {"enabled": boolean, "allowed_updates": [text]},
    "invoice_history": {"enabled": boolean},
    "payment_method_update": {"enabled": boolean},
    "subscription_cancel": {
        "enabled": boolean,
        "mode": one_of("at_period_end", "immediately"),
        "proration_behavior": PRORATION,
        "cancellation_reason": {"enabled": boolean, "options": [text]},
    },
    "subscription_update": {
        "enabled": boolean,
        "default_allowed_updates": [one_of("price", "promotion_code", "quantity")],
        "products": [{"product": needed(text), "prices": needed([text])}],
        "proration_behavior": PRORATION,
    },
}
BUSINESS = dict.fromkeys(("headline", "privacy_policy_url", "terms_of_service_url"), text)
CONFIGURATION = {
    "active": boolean,
    "business_profile": BUSINESS,
    "default_return_url": text,
    "features": FEATURES,
    "metadata": TAGS,
    "name": text,
}
NEW_CONFIGURATION = {**CONFIGURATION, "features": needed(FEATURES)}
LISTED = {**LIST, "active": boolean, "is_default": boolean}
FLOWS = ("payment_method_update", "subscription_cancel")
CREATE = {
    "customer": needed(text),
    "return_url": text,
    "configuration": text,
    "locale": text,
    "flow_data": {
        "type": needed(one_of(*FLOWS)),
        "subscription_cancel": {"subscription": needed(text)},
        "after_completion": {
            "type": needed(one_of("hosted_confirmation", "portal_homepage", "redirect")),
            "redirect": {"return_url": needed(text)},
        },
    },
}
# What the portal allows where nobody has said anything else.
ALLOWED = {
    "customer_update": {"enabled": False, "allowed_updates": []},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "none"},
    "subscription_update": {"enabled": False, "default_allowed_updates": [], "proration_behavior": "none"},
}


def create(books, given):
    customers.alive(books, given["customer"])
    configuration = _configuration_of(books, given.get("configuration"))
    key = ids.new("bps")
    session = schema.blank(
        "billing_portal.session",
        id=key,
        configuration=configuration["id"],
        created=books.now,
        customer=given["customer"],
        locale=given.get("locale"),
        return_url=given.get("return_url") or configuration["default_return_url"],
        url=f"{books.base}/p/session/{key}",
    )
    if flow := given.get("flow_data"):
        session["flow"] = _flow(books, session, flow)
    return books.put(session)


def create_configuration(books, given):
    configuration = schema.blank(
        "billing_portal.configuration", id=ids.new("bpc"), active=True, created=books.now, metadata={}
    )
    configuration["features"] = _features(configuration["features"], ALLOWED)
    return events.created(books, _filled(books, configuration, given))


def fetch_configuration(books, given, key):
    return books.get(key, "billing_portal.configuration")


def update_configuration(books, given, key):
    return events.updated(books, _filled(books, books.get(key, "billing_portal.configuration"), given))


def configurations(books, given):
    return books.all("billing_portal.configuration", active=given.get("active"), is_default=given.get("is_default"))


def _configuration_of(books, key):
    if key:
        return books.get(key, "billing_portal.configuration", "configuration")
    known = books.all("billing_portal.configuration", is_default=True)
    if known:
        return known[0]
    return books.put({**create_configuration(books, {}), "is_default": True})


def _filled(books, configuration, given):
    configuration |= {name: given[name] for name in ("active", "default_return_url", "name") if name in given}
    configuration["business_profile"] |= given.get("business_profile", {})
    configuration["features"] = _features(configuration["features"], given.get("features", {}))
    if "metadata" in given:
        configuration["metadata"] = merged(configuration["metadata"], given["metadata"])
    configuration["updated"] = books.now
    return configuration


def _features(features, given):
    for name, wanted in given.items():
        reasons = wanted.pop("cancellation_reason", None) if name == "subscription_cancel" else None
        features[name] |= wanted
        for product in wanted.get("products", ()):
            product["adjustable_quantity"] = {"enabled": False, "maximum": None, "minimum": 0}
        if reasons:
            features[name]["cancellation_reason"] |= reasons
    return features


def _flow(books, session, given):
    after = given.get("after_completion", {"type": "portal_homepage"})
    flow = schema.blank("portal_flows_flow", type=given["type"])
    flow["after_completion"] = {"hosted_confirmation": None, "redirect": None, **after}
    if given["type"] == "subscription_cancel":
        wanted = given.get("subscription_cancel")
        if not wanted:
            raise errors.missing("flow_data[subscription_cancel]")
        subscription = books.get(wanted["subscription"], "subscription", "flow_data[subscription_cancel][subscription]")
        if subscription["customer"] != session["customer"]:
            raise errors.invalid("The subscription does not belong to the customer.", "flow_data[subscription_cancel]")
        flow["subscription_cancel"] = {"retention": None, **wanted}
    return flow
