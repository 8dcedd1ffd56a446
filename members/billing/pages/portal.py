"""The way to Stripe's own page for members."""

from django.contrib import messages
from django.urls import reverse

from members.billing import portal
from members.billing.pages.leading import leads_to_stripe
from members.billing.pages.membership import BACK
from members.billing.pages.own import own, see_other, tried
from members.billing.situation import Act
from newsroom.ground.site import here


@leads_to_stripe
@own(Act.PORTAL, methods=["POST"])
def to_portal(request, held):
    """`card` in the form leads straight to naming another card."""
    back, found = here(request, f"{reverse('membership')}?{BACK}=stripe"), []
    trouble = tried(held, lambda: found.append(portal.address(held.customer, back, card="card" in request.POST)))
    if trouble is not None:
        messages.error(request, trouble)
        return see_other(reverse("membership"))
    return see_other(found[0])
