"""Addresses of payments: plain views, which accounts frames with the reader's corner; those of machines stand outside
of the languages."""

from django.urls import path

from members.billing.pages import cancel, contribute, done, join, membership, pause, plan, portal
from members.billing.webhooks import webhook

urlpatterns = [
    path("join/", join.join, name="join"),
    path("join/done/", done.done, name="join_done"),
    path("contribute/", contribute.contribute, name="contribute"),
    path("contribute/done/", contribute.done, name="contribute_done"),
    path("account/membership/", membership.membership, name="membership"),
    path("account/membership/plan/", plan.plan, name="membership_plan"),
    path("account/membership/pause/", pause.pause, name="membership_pause"),
    path("account/membership/cancel/", cancel.cancel, name="membership_cancel"),
    path("account/membership/resume/", pause.resume, name="membership_resume"),
    path("account/membership/portal/", portal.to_portal, name="membership_portal"),
]

machine_urlpatterns = [
    path("stripe/webhook/", webhook, name="stripe_webhook"),
    # Whoever typed the address at Stripe without the slash is answered too: what is posted follows no redirect.
    path("stripe/webhook", webhook, name="stripe_webhook_bare"),
]
