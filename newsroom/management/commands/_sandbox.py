"""The demo's payments: Stripe's sandbox on this machine, where no money moves. Not where a key of Stripe's is set."""

import secrets
from contextlib import contextmanager

from django.conf import settings

from members.accounts.demo import MEMBER
from members.billing import catalogue, client, customers
from members.billing.refresh import refresh
from members.billing.sandbox import process
from members.models import Membership, Plan, User
from newsroom.management.commands import _readiness as readiness
from newsroom.management.commands._cast import GRANT

# The sandbox takes any key of the test mode.
KEY = "sk_test_demo"
# A card of Stripe's test mode that works.
CARD = "pm_card_visa"
PLAN = "reader"


@contextmanager
def running(host, port):
    """A sandbox that tells the newsroom on `port` of `host` what happens. Gives {name: value} for the environment of
    the newsroom's processes; {} where a key is set, and payments go where that leads."""
    if settings.STRIPE_SECRET_KEY:
        yield {}
        return
    secret = f"whsec_{secrets.token_hex(16)}"
    # The next port, since addresses of its pages are kept; any other, if that is taken.
    own = port + 1 if readiness.port_is_free(host, port + 1) else 0
    started = process.start(settings.VAR_DIR / "sandbox.sqlite3", f"http://{host}:{port}/stripe/webhook/", secret, own)
    try:
        # This process makes there what is sold.
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = KEY, started.url
        yield {"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": started.url, "STRIPE_WEBHOOK_SECRET": secret}
    finally:
        settings.STRIPE_SECRET_KEY = settings.STRIPE_API_BASE = ""
        started.stop()


def furnish():
    """Put on sale at the sandbox what the desk offers, and let the demo's member pay there once, in place of being
    given a membership."""
    catalogue.sync()
    user = User.objects.get(email=MEMBER)
    plan = Plan.objects.offered().filter(slug=PLAN).first()
    price = plan and plan.monthly_price()
    if price is None or Membership.objects.filter(user=user).exists():
        return
    customer, _new = customers.of(user)
    card = client.ask("payment_methods.attach", CARD, customer=customer.stripe_id)
    client.ask(
        "subscriptions.create",
        customer=customer.stripe_id,
        items=[{"price": catalogue.price_at_stripe(price)}],
        default_payment_method=card["id"],
        key=f"demo-{user.key}",
    )
    refresh(customer.pk)
    for grant in user.grants.filter(reason=GRANT, revoked_at=None):
        grant.revoke()
