"""/contribute/: an amount of one's choice, once, with an account or without; and the thanks."""

from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.billing import arrival, checkout, client, contributions, statement
from members.billing.arrival import Arrival
from members.billing.models import Intent, Payment
from members.billing.pages import comparing
from members.billing.pages.leading import leads_to_stripe
from members.billing.pages.own import TEN_MINUTES, by_account, see_other
from members.billing.pages.quiet import ask_no_more
from members.models import Interval
from members.reader import Reader
from newsroom.ground.challenge import guarded
from newsroom.ground.limits import Rule, by_prefix
from newsroom.ground.money import money, parsed, written
from newsroom.ground.site import here


class Came(StrEnum):
    """What came of a contribution. LATER: paid, and the bank needs days; BACK: given back; LOST: taken back by the
    bank; DISPUTED: the bank decides; UNHEARD: Stripe could not be asked."""

    ARRIVED = "arrived"
    BACK = "back"
    DISPUTED = "disputed"
    LOST = "lost"
    LATER = "later"
    CLOSED = "closed"
    OPEN = "open"
    UNHEARD = "unheard"


# What stands in place of thanks for what has arrived.
GONE = {
    Payment.State.REFUNDED: Came.BACK,
    Payment.State.DISPUTED: Came.DISPUTED,
    Payment.State.LOST: Came.LOST,
}
RULES = (Rule("contribute from", 20, TEN_MINUTES, by_prefix), Rule("contribute", 10, TEN_MINUTES, by_account))


@require_http_methods(["GET", "HEAD", "POST"])
def _contribute(request):
    if request.method == "POST" and client.is_set():
        return _go(request)
    return _page(request)


contribute = leads_to_stripe(guarded(RULES, _contribute))


def _go(request):
    currency = request.POST.get("currency") or _currency("")
    if currency not in _currencies():
        return _page(request, _("Contributions are not taken in this currency. Choose one of those below."), 400)
    try:
        amount = _amount(request.POST.get("amount", ""), currency)
    except ValidationError as error:
        return _page(request, " ".join(error.messages), 400)
    places = checkout.Places(
        here(request, reverse("contribute_done")), here(request, f"{request.path}?back=1&currency={currency}")
    )
    words = _("Contribution to %(site)s") % {"site": settings.SITE_NAME}
    reader = Reader.of(request)
    came = Arrival.of(_source(request.POST), request, reader.now)
    try:
        return see_other(checkout.contribute(reader.user, amount, currency, places, words, came))
    except client.Unavailable:
        said = _("Stripe, which takes our payments, cannot be reached just now. Nothing was charged: try again.")
    except client.Refused:
        said = _("Stripe does not take this amount. Nothing was charged: try another.")
    return _page(request, said, 503)


def _page(request, refused="", status=200):
    told = request.POST if request.method == "POST" else request.GET
    currency, offered = _currency(told.get("currency", "")), _currencies()
    month = _month(currency)
    least, most = contributions.bounds(month, currency)
    said = {
        "open": client.is_set(),
        "refused": refused,
        "back": "back" in request.GET,
        "currency": currency,
        "currencies": [
            {"code": one, "current": one == currency, "url": f"{request.path}?{_query(one, told)}"}
            for one in offered
            if len(offered) > 1
        ],
        "amounts": [
            {"value": written(amount, currency), "words": money(amount, currency)}
            for amount in contributions.proposed(month)
        ],
        "source": _source(told),
        "typed": told.get("amount", "")[:40],
        "least": money(least, currency),
        "most": money(most, currency),
        "statement": statement.words(),
        "address": settings.MEMBERS_EMAIL,
        "story": get_next_redirect_url(request),
    }
    return TemplateResponse(request, "billing/contribute.html", said, status=status)


@require_safe
def done(request):
    """Thanks. Who knows the address of this page, which Stripe gave to the one who gave, is told what became of it; of
    what an account gave, that account alone."""
    intent = _intent_of(request)
    payment, heard = _payment_of(intent), True
    if intent.state == Intent.State.OPEN or (intent.state == Intent.State.PAID and payment is None):
        # What has come of it once is told by Stripe itself if it changes.
        intent, heard = _looked_into(intent)
        payment = _payment_of(intent)
    came = outcome(intent, payment, heard)
    refunded = payment.refunded if payment and came == Came.ARRIVED else 0
    said = {
        "came": came,
        "amount": money(intent.amount, intent.currency),
        "refunded": money(refunded, intent.currency) if refunded else "",
        "address": settings.MEMBERS_EMAIL,
        "page": intent.url,
    }
    status = 503 if came == Came.UNHEARD else 200
    response = TemplateResponse(request, "billing/contributed.html", said, status=status)
    return ask_no_more(request, response) if came in {Came.ARRIVED, Came.LATER} else response


def outcome(intent, payment, heard):
    """What `Came` of a contribution's Intent. payment: its Payment, None where nobody knows of one; heard: whether
    Stripe could be asked. Pure."""
    if intent.state == Intent.State.PAID:
        return GONE.get(payment and payment.state, Came.ARRIVED)
    if intent.state == Intent.State.EXPIRED:
        return Came.CLOSED
    if not heard:
        return Came.UNHEARD
    return Came.LATER if payment else Came.OPEN


def _looked_into(intent):
    """(the Intent by what Stripe says, or as it was; whether Stripe could be asked)."""
    with suppress(client.Unavailable, client.Refused, client.Unset):
        return checkout.look_into(intent.session)[0], True
    return intent, False


def _payment_of(intent):
    return Payment.objects.filter(intent=intent).first()


def _intent_of(request):
    named = request.GET.get("session_id", "")
    is_name = named.isprintable() and 0 < len(named) <= Intent._meta.get_field("session").max_length
    found = Intent.objects.filter(kind=Intent.Kind.CONTRIBUTION, session=named).first() if is_name else None
    if found is None or (found.user_id and found.user_id != request.user.pk):
        raise Http404
    return found


def _source(told):
    return arrival.known(told.get("source", ""))


def _query(currency, told):
    said = {"currency": currency, "source": _source(told)}
    return urlencode({name: value for name, value in said.items() if value})


def _currencies():
    return comparing.currencies() or [settings.CURRENCY]


def _currency(wanted):
    offered = _currencies()
    return wanted if wanted in offered else offered[0]


def _month(currency):
    by_month = comparing.sold().filter(currency=currency, interval=Interval.MONTH)
    return contributions.of_month(by_month.order_by("plan__position", "plan__level").first(), currency)


def _amount(typed, currency):
    """Raises ValidationError, in words for the reader, where that is no amount or out of bounds."""
    amount = parsed(typed, currency)
    least, most = contributions.bounds(_month(currency), currency)
    if not least <= amount <= most:
        told = {"least": money(least, currency), "most": money(most, currency)}
        raise ValidationError(_("Take an amount from %(least)s to %(most)s.") % told)
    return amount
