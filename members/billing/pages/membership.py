"""One's own membership: how it stands, what it costs and when, what was paid, and the ways to change it."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from members.billing import client, words
from members.billing.models import Intent, Payment
from members.billing.pages.leading import leads_to_stripe
from members.billing.pages.own import held_by, look_again, see_other
from members.billing.pausing import BEFORE
from members.billing.situation import Act
from members.models import Grant, Membership
from members.reader import Reader
from newsroom.ground.money import money

# Payments on the page, the newest first; all of them are on Stripe's own.
SHOWN_MAX = 24
# In the address of who comes back from a page of Stripe's: what was done there is looked for at once.
BACK = "back"
# Who loads the page again and again does not ask Stripe each time.
LOOKED_LATELY = timedelta(seconds=5)
# Where a session keeps which intent came back from Stripe's page while Stripe could not be asked, and for how long that
# is told: a page of Stripe's is open for a day.
UNHEARD, UNHEARD_FOR = "unheard", timedelta(days=3)


@login_required
@require_safe
@leads_to_stripe
def membership(request):
    reader = Reader.of(request)
    held = held_by(reader.user, reader.now)
    if held and BACK in request.GET and client.is_set():
        if held.customer.fetched_at is None or held.customer.fetched_at < timezone.now() - LOOKED_LATELY:
            look_again(held.customer)
        return see_other(reverse("membership"))
    said = {
        "held": held and told(held),
        "confirming": _confirming(request, held),
        "given": _given(reader),
        "owes_by_hand": held is None and reader.owes,
        "payments": [_payment(one) for one in Payment.objects.filter(user=reader.user)[:SHOWN_MAX]],
        "open": client.is_set(),
        "address": settings.MEMBERS_EMAIL,
    }
    return TemplateResponse(request, "billing/membership.html", said)


def of(reader):
    """What the pages say of a reader's membership by way of Stripe (`told`); None where there is none."""
    held = held_by(reader.user, reader.now)
    return held and told(held)


def told(held):
    """What the pages say of a `Held`, in words of the language of the moment."""
    membership, customer, situation = held.membership, held.customer, held.situation
    until = situation.until
    rests_until = membership.paused_until and words.day(membership.paused_until + BEFORE)
    return {
        "kind": situation.kind.value,
        "plan": membership.plan.name,
        "price": words.price_of(membership),
        "amount": money(membership.amount or 0, membership.currency) if membership.currency else "",
        "until": words.day(until) if until else "",
        "time_until": words.until(until) if until else "",
        "renews_on": words.day(membership.renews_at) if membership.renews_at else "",
        "rests_until": rests_until or "",
        "owed": money(customer.owed_amount or membership.amount or 0, membership.currency),
        "owed_url": customer.owed_url,
        "bank_asks": customer.owes_a_word,
        "reason": words.declined(customer.owed_reason),
        "credit": money(customer.credit, membership.currency) if customer.credit else "",
        "card": words.card(customer),
        "card_until": date_format(customer.card_expires_on) if customer.card_expires_on else "",
        **{f"can_{act.value}": act in situation.acts for act in Act},
    }


def _confirming(request, held):
    """The address that asks Stripe again what came of a payment of which it could not tell yet; "" where nothing waits
    for that."""
    if held and Act.JOIN not in held.situation.acts:
        return ""
    lately = Intent.objects.filter(user=request.user, made_at__gt=timezone.now() - UNHEARD_FOR)
    waiting = lately.filter(pk=request.session.get(UNHEARD)).exclude(state=Intent.State.EXPIRED).first()
    if waiting is None or (held and held.membership.stripe_subscription == waiting.subscription):
        return ""
    return f"{reverse('join_done')}?{urlencode({'session_id': waiting.session})}"


def _given(reader):
    """[{plan, until}] of what makes the reader a member without Stripe: grants, and a membership made by hand."""
    rows = list(Grant.objects.running(reader.now).filter(user=reader.user).select_related("plan"))
    by_hand = Membership.objects.running(reader.now).filter(user=reader.user, stripe_subscription=None)
    rows += by_hand.select_related("plan")
    return [
        {"plan": row.plan.name if row.plan else "", "until": words.day(row.ends_at) if row.ends_at else ""}
        for row in rows
    ]


def _payment(payment):
    return {
        "on": words.day(payment.at),
        "amount": money(payment.amount, payment.currency),
        "state": payment.get_state_display(),
        "refunded": money(payment.refunded, payment.currency) if 0 < payment.refunded < payment.amount else "",
        "url": payment.invoice_url,
    }
