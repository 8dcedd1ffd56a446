"""What a payment is called on the statement of a reader's card or account, as the settings at Stripe say.

Pages read what was learned last; the worker asks, so that no page ever waits for it.
"""

from django.conf import settings
from django.core.cache import cache

from members.billing import client

KEY = "billing.statement"


def words():
    """As banks print it; the site's name until Stripe was asked."""
    return cache.get(KEY) or settings.SITE_NAME.upper()


def learn_statement(now):
    """A chore of the worker. Nothing where nobody can pay; where Stripe cannot be asked, what was known stays."""
    if not client.is_set():
        return
    try:
        told = client.ask("accounts.retrieve_current")
    except (client.Unavailable, client.Refused):
        return
    payments = (told.get("settings") or {}).get("payments") or {}
    cache.set(KEY, payments.get("statement_descriptor") or "", timeout=None)
