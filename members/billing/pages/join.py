"""/join/: the plans compared, what happens next, and the way to Stripe's page, in one POST. `next` is the story that
asked for it, if it is ours."""

from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.billing import checkout, client, offers, statement
from members.billing.arrival import Arrival
from members.billing.belonging import membership
from members.billing.pages import comparing
from members.billing.pages.by_hand import by_hand
from members.billing.pages.leading import leads_to_stripe
from members.billing.pages.membership import of as held_by_stripe
from members.billing.pages.own import TEN_MINUTES, by_account, see_other
from members.billing.pages.wish import Asked, Wish
from members.models import Membership
from members.reader import Reader
from newsroom.ground.challenge import guarded
from newsroom.ground.limits import Rule, by_prefix
from newsroom.ground.site import here

# Where a session keeps the story that its reader left for Stripe's page, and by what they came: sealed, and told to
# nobody.
STORY, SOURCE = "join", "join source"
RULES = (Rule("join from", 40, TEN_MINUTES, by_prefix), Rule("join", 15, TEN_MINUTES, by_account))


@require_http_methods(["GET", "HEAD", "POST"])
def _join(request):
    if not client.is_set():
        return by_hand(request)
    wish, reader = Wish.of(request), Reader.of(request)
    if "back" in request.GET:
        left = {"story": request.session.get(STORY), "source": request.session.get(SOURCE, "")}
        wish = replace(wish, **{name: getattr(wish, name) or told for name, told in left.items()})
    asked = Asked.by(wish, reader.user, reader.now)
    return _go(request, asked) if request.method == "POST" else _page(request, asked)


# The policy stands outside of the challenge: its page leads on to Stripe's too.
join = leads_to_stripe(guarded(RULES, _join))


def _go(request, asked):
    """On to Stripe's page, for who has no account by way of one; or the page again, which says why not."""
    try:
        quote = asked.quote()
    except ValidationError as error:
        return _page(request, asked, " ".join(error.messages), 400)
    if Reader.of(request).known:
        return _to_stripe(request, asked, quote)
    door = "account_signup" if settings.REGISTRATION == "open" else "account_login"
    return see_other(f"{reverse(door)}?{urlencode({'next': f'{request.path}?{asked.wish.query()}'})}")


def _to_stripe(request, asked, quote):
    wish, now = asked.wish, Reader.of(request).now
    request.session[STORY], request.session[SOURCE] = wish.story, wish.source
    back = f"{request.path}?{wish.query(next=None, source=None, back=1)}"
    places = checkout.Places(here(request, reverse("join_done")), here(request, back))
    try:
        return see_other(checkout.start(request.user, quote, places, Arrival.of(wish.source, request, now), now))
    except checkout.AlreadyMember:
        messages.info(request, _("You have a membership already, and nothing was charged. Here you can change it."))
        return see_other(reverse("membership"))
    except offers.Gone as gone:
        return _page(request, asked, str(gone), 400)
    except client.Unavailable:
        said = _("Stripe, which takes our payments, cannot be reached just now. Nothing was charged: try again.")
    except client.Refused as refusal:
        checkout.tell_refusal(quote, refusal)
        said = _("Stripe does not take this price just now. Nothing was charged, and the newsroom has been told.")
    return _page(request, asked, said, 503)


def _page(request, asked, refused="", status=200):
    reader, buyer, wish = Reader.of(request), asked.buyer, asked.wish
    said = {
        "reader": reader,
        "membership": membership(reader),
        "held": held_by_stripe(reader) if _has_running(reader) else None,
        "chosen": _chosen(asked),
        "plans": comparing.plans(buyer),
        "offer": buyer.offer and {"name": buyer.offer.name, "gives": comparing.given(buyer.offer)},
        "offer_until": buyer.offer and buyer.offer.ends_at,
        "refused": refused or asked.refused,
        "back": "back" in request.GET,
        "currencies": _currencies(request, asked),
        "locked": asked.locked,
        "statement": statement.words(),
        "grace_days": settings.GRACE.days,
        "address": settings.MEMBERS_EMAIL,
        "wish": wish,
    }
    return TemplateResponse(request, "billing/join.html", said, status=status)


def _chosen(asked):
    """The way to pay that the reader chose before, on the way to an account or to Stripe's page; None: none, or one
    that cannot be taken any more."""
    try:
        quote = asked.quote()
    except ValidationError:
        return None
    return {"plan": quote.price.plan.name, **comparing.choice(quote, is_named=True)}


def _currencies(request, asked):
    """Those to choose from, each {code, current, url}, where there are several and the reader may choose."""
    offered = comparing.currencies()
    if asked.locked or len(offered) < 2:
        return []
    ways = {currency: asked.wish.query(currency=currency, price=None, amount=None) for currency in offered}
    return [
        {"code": currency, "current": currency == asked.buyer.currency, "url": f"{request.path}?{query}"}
        for currency, query in ways.items()
    ]


def _has_running(reader):
    """Whether there is a membership by way of Stripe, which its member changes or pays on their own page."""
    if not reader.known:
        return False
    held = Membership.objects.filter(user=reader.user).exclude(stripe_subscription=None).first()
    return held is not None and checkout.is_taken(held, reader.now)
