"""Another plan, interval or amount: what there is, what it costs today and later, and then the change itself."""

from itertools import groupby

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.billing import quotes, state, switching, words
from members.billing.pages.comparing import perks
from members.billing.pages.membership import told
from members.billing.pages.own import done, own, see_other, tried
from members.billing.situation import Act, Kind
from members.billing.switching import Choice, Cost
from members.models import Plan
from newsroom.ground.money import each, money, written

SALT = "members.billing.pages.plan"
# Seconds for which a price that was shown is held to.
SHOWN_FOR = 30 * 60


@own(Act.CHANGE)
def plan(request, held):
    """GET: what there is. POST with `price`, and `amount` where members name their own: what that costs. The same with
    what was shown, signed, as `shown`: the change, for that and for nothing else."""
    options = switching.options(held.membership)
    if request.method != "POST":
        return _offered(request, held, options)
    price = next((one for one in options if str(one.pk) == request.POST.get("price")), None)
    if price is None:
        return see_other(reverse("membership_plan"))
    try:
        choice = _chosen(price, request.POST.get("amount"))
    except ValidationError as error:
        return _offered(request, held, options, wrong={price.pk: error.messages[0]})
    shown = _shown(request.POST.get("shown", ""), choice)
    if shown is None:
        return _asked(request, held, choice)
    said = _("You have %(plan)s now.") % {"plan": price.plan.name}
    return done(request, held, lambda: switching.change(held.customer, choice, shown), said)


def _chosen(price, typed):
    """The Choice of a price, for the amount that was typed. Raises ValidationError."""
    if not price.plan.names_own_price or typed is None:
        return Choice(price, price.amount)
    return Choice(price, quotes.named(price, typed))


def _offered(request, held, options, wrong=None):
    rows = [_option(held.membership, price, wrong or {}) for price in options]
    others = list(Plan.objects.offered())
    plans = [
        {"name": plan.name, "text": plan.text, "perks": perks(plan, others), "options": [row for _plan, row in group]}
        for plan, group in groupby(zip((price.plan for price in options), rows, strict=True), key=lambda one: one[0])
    ]
    return TemplateResponse(request, "billing/membership_plan.html", {"held": told(held), "plans": plans})


def _option(membership, price, wrong):
    is_own = price.plan.names_own_price
    paid = membership.amount if is_own and membership.plan_id == price.plan_id else 0
    return {
        "pk": price.pk,
        "price": each(price.amount, price.currency, price.interval, price.interval_count),
        "own": is_own,
        "amount": written(max(paid, price.amount), price.currency),
        "wrong": wrong.get(price.pk, ""),
    }


def _asked(request, held, choice):
    """The page that says what a change costs, before anybody agrees."""
    found = []
    at = int(timezone.now().timestamp())
    trouble = tried(held, lambda: found.append(switching.preview(held.customer, choice, at)))
    if trouble is not None:
        messages.error(request, trouble)
        return see_other(reverse("membership"))
    (cost,), price, currency = found, choice.price, held.membership.currency
    said = {
        "held": told(held),
        "pk": price.pk,
        "plan": price.plan.name,
        "price": each(choice.amount, currency, price.interval, price.interval_count),
        "amount": written(choice.amount, currency) if price.plan.names_own_price else None,
        "today": money(cost.today, currency),
        "is_free_today": cost.today == 0,
        "ends_trial": held.situation.kind == Kind.TRIAL and cost.today > 0,
        "credit": money(cost.credit, currency) if cost.credit else "",
        "then_on": words.day(cost.then_at),
        "is_lower": price.plan.level < held.membership.plan.level,
        "shown": _signed(choice, cost),
    }
    return TemplateResponse(request, "billing/membership_cost.html", said)


def _signed(choice, cost):
    """What was shown, for the form that agrees to it."""
    told = [choice.price.pk, choice.amount, cost.at, cost.today, cost.credit, int(cost.then_at.timestamp())]
    return signing.dumps(told, salt=SALT)


def _shown(token, choice):
    """The Cost that was shown for a Choice; None of what is not ours, of another, or was shown too long ago."""
    try:
        price, amount, at, today, credit, then_at = signing.loads(token, salt=SALT, max_age=SHOWN_FOR)
    except (signing.BadSignature, ValueError):
        return None
    if (price, amount) != (choice.price.pk, choice.amount):
        return None
    return Cost(at, today, credit, amount, state.moment(then_at))
