"""/join/done/: where Stripe's page leads back to. It asks what came of it, as the webhook does, before or after it."""

from enum import StrEnum

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.billing import checkout, client, words
from members.billing.models import Customer, Intent, Payment
from members.billing.pages.join import SOURCE, STORY
from members.billing.pages.membership import LOOKED_LATELY, UNHEARD
from members.billing.pages.quiet import ask_no_more
from members.billing.refresh import refresh
from members.models import Membership


class Came(StrEnum):
    """What came of it. LATER: paid, and the bank needs days; UNHEARD: Stripe could not be asked; TWICE: there was a
    membership already, and this one is given back; WAITS: paid, and not a membership yet."""

    WELCOME = "welcome"
    LATER = "later"
    WAITS = "waits"
    TWICE = "twice"
    OPEN = "open"
    EXPIRED = "expired"
    UNHEARD = "unheard"


@login_required
@require_safe
def done(request):
    intent = _intent_of(request)
    heard = _is_settled(intent) or _looked_into(intent)
    # What the session's row told of the membership is from before.
    request.user.held = None
    held = Membership.objects.select_related("plan").filter(user=request.user).first()
    came = outcome(intent, held, _is_on_its_way(intent), heard, timezone.now())
    joined = came in {Came.WELCOME, Came.LATER}
    story = _forgotten(request.session) if joined else None
    if came == Came.UNHEARD:
        request.session[UNHEARD] = intent.pk
        # Of an answer of 500 and above Django keeps no session by itself.
        request.session.save()
    said = {
        "came": came,
        "plan": intent.plan.name,
        "trial_until": words.day(held.trial_ends_at) if held and held.trial_ends_at else "",
        "renews": words.day(held.renews_at) if held and held.renews_at and not held.trial_ends_at else "",
        "price": words.price_of(held) if held and held.amount is not None else "",
        "page": intent.url,
        "story": story,
    }
    status = 503 if came == Came.UNHEARD else 200
    response = TemplateResponse(request, "billing/done.html", said, status=status)
    return ask_no_more(request, response) if joined else response


def _forgotten(session):
    """The story that the reader left. It is told once: kept longer, the session would say what was read last."""
    session.pop(SOURCE, None)
    return session.pop(STORY, None)


def _is_settled(intent):
    """Whether all is known: who loads the page again and again does not ask Stripe each time."""
    if intent.state != Intent.State.PAID:
        return intent.state == Intent.State.EXPIRED
    looked = Customer.objects.filter(user=intent.user_id, fetched_at__gt=timezone.now() - LOOKED_LATELY)
    return Membership.objects.filter(stripe_subscription=intent.subscription).exists() and looked.exists()


def _looked_into(intent):
    """Ask Stripe what came of an intent, and write it down. Whether it could be asked."""
    try:
        customer = checkout.settle(intent.session)
        intent.refresh_from_db()
        if intent.state == Intent.State.PAID:
            refresh(customer)
    except (client.Unavailable, client.Refused, client.Unset):
        return False
    return True


def _intent_of(request):
    """The reader's own intent of the session that is named; of any other's nothing is told, and Stripe is not asked."""
    named = request.GET.get("session_id", "")
    is_name = named.isprintable() and 0 < len(named) <= Intent._meta.get_field("session").max_length
    own = Intent.objects.select_related("plan").filter(user=request.user, kind=Intent.Kind.MEMBERSHIP)
    intent = own.filter(session=named).first() if is_name else None
    if intent is None:
        raise Http404
    return intent


def _is_on_its_way(intent):
    """Whether the money is: some banks need days."""
    sent = Payment.objects.filter(user=intent.user_id, state=Payment.State.PENDING)
    return intent.subscription is not None and sent.filter(subscription=intent.subscription).exists()


def outcome(intent, held, is_on_its_way, heard, now):
    """What `Came` of an intent. held: the account's Membership or None; heard: whether Stripe could be asked. Pure."""
    is_member = held is not None and held.standing_at(now).member
    if intent.state == Intent.State.PAID and is_member:
        if held.stripe_subscription != intent.subscription:
            return Came.TWICE
        return Came.LATER if is_on_its_way else Came.WELCOME
    if not heard:
        return Came.UNHEARD
    if intent.state == Intent.State.PAID:
        return Came.LATER if is_on_its_way else Came.WAITS
    return Came.EXPIRED if intent.state == Intent.State.EXPIRED else Came.OPEN
