"""Pages whose forms lead to Stripe's: their policy lets a browser follow them there, and no other page's does."""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings

STRIPES = ["https://checkout.stripe.com", "https://billing.stripe.com"]


def leads_to_stripe(view):
    """A view, POSTs of whose pages may be answered with a redirect to a page of Stripe's. A browser asks the policy of
    the page that held the form: so a refusal, or a challenge, needs it too, and this stands outside of whatever
    answers with one."""

    @wraps(view)
    def leading(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response._csp_update = {"form-action": origins()}
        return response

    return leading


def origins():
    """Where Stripe's pages are; in the demo and in tests on this machine."""
    if settings.STRIPE_API_BASE:
        told = urlsplit(settings.STRIPE_API_BASE)
        return [f"{told.scheme}://{told.netloc}"]
    return STRIPES
