"""Members who pay, by the short way: bought at the sandbox and written down here. And time that passes for both."""

from datetime import UTC, datetime

import pytest

from members.billing import customers
from members.billing.catalogue import price_at_stripe
from members.billing.models import Customer
from members.billing.refresh import refresh
from tests.billing.sandboxed import WORKS
from tests.billing.shop import price


def joined(shop, user, card=WORKS, wanted=None, **subscription):
    """The Customer of an account that has bought a `Price` (Reader, by the month). subscription: parameters of it."""
    customer, _new = customers.of(user)
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.stripe_id,
            "line_items": [{"price": price_at_stripe(wanted or price()), "quantity": 1}],
            "success_url": "http://localhost:8000/join/done/",
            **({"subscription_data": subscription} if subscription else {}),
        }
    )
    shop.pay(session.url, card, email=user.email)
    return looked_at(customer)


def looked_at(customer):
    """A Customer after a look at Stripe."""
    refresh(customer.pk)
    return Customer.objects.select_related("user__membership").get(pk=customer.pk)


def subscription_of(shop, customer):
    """A customer's one subscription as Stripe has it, as a dict."""
    (found,) = shop.client.v1.subscriptions.list({"customer": customer.stripe_id, "status": "all"}).data
    return found.to_dict()


@pytest.fixture
def time(shop, time_machine):
    """Time that stands still at noon on 10 November 2026, for the sandbox and here, until `time.passes(days=…)`."""

    class Time:
        def set(self):
            time_machine.move_to(datetime.fromtimestamp(shop.now, UTC), tick=False)

        def passes(self, **much):
            shop.advance(**much)
            self.set()

    shop.freeze("2026-11-10T12:00:00+00:00")
    stopped = Time()
    stopped.set()
    return stopped
