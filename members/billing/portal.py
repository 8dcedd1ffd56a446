"""Stripe's own page for members: for the card, which this site never sees, and as another way for the rest."""

from members.billing import client

# What can be done there. The address is changed here, where it is proven; plans too, where the price is told before.
FEATURES = {
    "customer_update": {"enabled": True, "allowed_updates": ["address", "tax_id", "name"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
}
# By which we know the settings of that page that are ours.
OURS = {"made_by": "newsroom"}


def address(customer, return_url, card=False):
    """Where a customer (`models.Customer`) finds the page; good for some minutes, and for nobody else. return_url:
    where it leads back to (absolute). card: straight to naming another card."""
    flow = {"flow_data": {"type": "payment_method_update"}} if card else {}
    made = client.ask(
        "billing_portal.sessions.create",
        customer=customer.stripe_id,
        configuration=_configuration(),
        return_url=return_url,
        locale=client.page_language(),
        **flow,
    )
    return made["url"]


def _configuration():
    """The id of our settings of the page, which are made where there are none yet: nobody need know of them."""
    for one in client.every("billing_portal.configurations", active=True):
        if (one.get("metadata") or {}).items() >= OURS.items():
            return one["id"]
    return client.ask("billing_portal.configurations.create", features=FEATURES, metadata=OURS, key="newsroom-portal")[
        "id"
    ]
