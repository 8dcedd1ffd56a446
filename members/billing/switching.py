"""From one plan, interval or amount to another, and what that costs before anybody agrees.

One rule for all directions: it holds at once. What is left of the old is counted in money against the new; what is
more is taken today, and what is less stays as a credit that the next payments use up first. So a higher plan opens at
the click, a lower one costs less from the click on, nothing that was paid is lost, and the page says one amount for
today and one for later. (Refused: the lower plan at the end of the period. It needs a second kind of object at Stripe,
and tells somebody who wants to pay less to wait.) A card that declines changes nothing. On trial nothing is due where
the other plan has free days too: the trial goes on. Into one without, it ends at the click, and the first payment is
due.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from members.billing import client
from members.billing.catalogue import bought_at_stripe
from members.billing.changes import ALL_OR_NOTHING, Impossible, fresh, is_ending, item_of
from members.billing.refresh import refresh
from members.billing.state import moment
from members.models import Price

SAME_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """price: a `members.models.Price` that is on offer; amount: what is paid for each of its intervals, more than it
    where members name their own."""

    price: Price
    amount: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change costs, counted at the moment `at` (seconds): `today`, taken at once; `credit`, left over for later
    payments; `then`, the amount for each interval; `then_at` (aware): when that is next due. All in the smallest unit
    of the subscription's currency."""

    at: int
    today: int
    credit: int
    then: int
    then_at: datetime


def options(membership):
    """The `Price`s that a member can change to: all on offer in the currency that the subscription is bound to. Not the
    one of the plan and interval that is held, unless members name their own: who pays an older price keeps it."""
    offered = Price.objects.offered().filter(plan__archived_at=None, currency=membership.currency)
    ordered = offered.select_related("plan").order_by("plan__position", "plan__level", "plan__name", "interval", "pk")
    held = membership.plan_id, membership.interval, membership.interval_count
    return [
        one for one in ordered if one.plan.names_own_price or (one.plan_id, one.interval, one.interval_count) != held
    ]


def preview(customer, choice, at):
    """The Cost of a change to a `Choice` that is made at `at` (seconds), or as near to it as the period allows that
    Stripe has now: its clock is not ours. Raises `changes.Impossible` where it cannot be
    made, and the errors of `client`."""
    told = _changeable(customer)
    return _previewed(customer, told, choice, _within_period(told, at))


def change(customer, choice, shown):
    """Change to a `Choice` for the Cost that was shown. Raises `changes.Impossible` where it has another by now, and
    `client.Declined` where the card does not pay: then all is as it was."""
    told = _changeable(customer)
    if _within_period(told, shown.at) != shown.at or not _is(_previewed(customer, told, choice, shown.at), shown):
        raise Impossible
    key = f"change-{told['id']}-{choice.price.pk}-{choice.amount}-{shown.at}"
    terms = {} if _keeps_trial(told, choice) else ALL_OR_NOTHING
    if not _is_on_trial(told):
        terms = {"proration_date": shown.at, **terms}
    client.ask("subscriptions.update", told["id"], key=key, **_changed(told, choice), **terms)
    refresh(customer.pk)


def _is(cost, shown):
    """Whether a Cost is the one that was shown: the same money. A period that begins with the change ends some seconds
    later than it did on the page."""
    money = (cost.today, cost.credit, cost.then) == (shown.today, shown.credit, shown.then)
    return money and abs(cost.then_at - shown.then_at) < SAME_DAY


def cost(told, choice, invoice, at):
    """The Cost that an invoice's preview comes to. Pure. A preview may hold the next period's renewal as well as what
    is due at once: what begins when the present period ends is not paid today."""
    renews = item_of(told)["current_period_end"]
    now = [line for line in invoice["lines"]["data"] if line["period"]["start"] < renews]
    later = [line for line in invoice["lines"]["data"] if line not in now]
    # Negative: the member's money.
    balance = invoice["total"] - sum(map(_taken, later)) + (invoice.get("starting_balance") or 0)
    due = invoice["amount_due"] if now and not later else balance if now else 0
    following = max((line["period"]["end"] for line in now), default=renews)
    return Cost(at, max(due, 0), max(-balance, 0) if now else 0, choice.amount, moment(following))


def _taken(line):
    """What a line of an invoice comes to, with what is taken off and with the tax that is put on it."""
    off = sum(one["amount"] for one in line.get("discount_amounts") or ())
    tax = sum(one["amount"] for one in line.get("taxes") or () if one.get("tax_behavior") == "exclusive")
    return line["amount"] - off + tax


def _within_period(told, at):
    """The moment nearest to `at` (seconds) in the period for which a subscription is paid."""
    item = item_of(told)
    return min(max(at, item["current_period_start"]), item["current_period_end"] - 1)


def _changeable(customer):
    told = fresh(customer)
    if told["status"] not in {"active", "trialing"} or is_ending(told) or told.get("pause_collection"):
        raise Impossible
    return told


def _previewed(customer, told, choice, at):
    details = {**_changed(told, choice), "proration_date": at}
    if _is_on_trial(told):
        del details["proration_date"]
    invoice = client.ask(
        "invoices.create_preview", customer=customer.stripe_id, subscription=told["id"], subscription_details=details
    )
    return cost(told, choice, invoice, at)


def _changed(told, choice):
    """The parameters by which a subscription becomes what was chosen. Raises Impossible where it is that already."""
    item, bought = item_of(told), bought_at_stripe(choice.price, choice.amount)
    if bought.get("price") == item["price"]["id"] or _pays_that(item, choice):
        raise Impossible
    behaviour = "none" if _is_on_trial(told) else "always_invoice"
    ends = {"trial_end": "now"} if _is_on_trial(told) and not _keeps_trial(told, choice) else {}
    return {"items": [{"id": item["id"], "quantity": 1, **bought}], "proration_behavior": behaviour, **ends}


def _pays_that(item, choice):
    """Whether an item, perhaps at a price that the member named, costs what was chosen already, for the same."""
    price, recurring = item["price"], item["price"]["recurring"]
    paid = price["product"], recurring["interval"], recurring["interval_count"], price["unit_amount"]
    return paid == (choice.price.plan.stripe_product, choice.price.interval, choice.price.interval_count, choice.amount)


def _is_on_trial(told):
    return told["status"] == "trialing"


def _keeps_trial(told, choice):
    """Whether the free days go on: nobody gets those of one plan for another that gives none."""
    return _is_on_trial(told) and choice.price.plan.trial_days > 0
