"""What a picture comes to: which membership somebody has, by which subscription, and what has to be put right at
Stripe. Pure: a fresh picture always yields the same, whatever was known before.

The rules are those of the payments' list of faults: a pending cancel (either form) lasts to its moment, a payment given
back in full ends, a dispute suspends until it is decided and ends when it is lost.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from members.billing.picture import Picture
from members.standing import OWING, PAID, Status
from newsroom.ground.money import share


class Owned(NamedTuple):
    """What the newsroom sells. prices: {id at Stripe: (plan, level, price)}; products: {id at Stripe: (plan, level)};
    live: whether with real money; intents: the keys of what the account set out to buy here; known: {id of the
    subscription that its membership is by: (plan, level)}, which stays ours whatever price somebody gave it at
    Stripe."""

    prices: dict
    products: dict
    live: bool
    intents: frozenset = frozenset()
    known: dict = {}


@dataclass(frozen=True, slots=True)
class State:
    """A membership in the fields of `members.models.Membership`."""

    stripe_subscription: str
    plan_id: int
    price_id: int | None
    status: str
    started_at: datetime
    failed_at: datetime | None
    ends_at: datetime | None
    trial_ends_at: datetime | None
    renews_at: datetime | None
    paused_until: datetime | None
    amount: int
    currency: str
    interval: str
    interval_count: int


class Reading(NamedTuple):
    """state: None where the customer has no subscription of ours. over: the ids of subscriptions that go on at Stripe
    though they are over by our rules, or a newer one took their place; surplus: those that were bought beside one that
    ran; beside: running ones that nobody bought here, which a person has to look at; asking: those that have ended and
    whose last bill can still be paid."""

    state: State | None
    over: tuple = ()
    surplus: tuple = ()
    beside: tuple = ()
    asking: tuple = ()


class Subscription(NamedTuple):
    """One of ours, in what the choice between several asks. ended: by our own rules, and not at Stripe."""

    told: dict
    item: dict
    plan: int
    level: int
    price: int | None
    status: str
    ended: int | None


# Of several the first by this counts: what makes a member, then what nearly does; of those that live the oldest.
ORDER = {
    Status.TRIALING: 0, Status.ACTIVE: 0, Status.PAST_DUE: 1, Status.SUSPENDED: 2, Status.PAUSED: 2, Status.UNPAID: 3,
    Status.INCOMPLETE: 4, Status.CANCELED: 5, Status.INCOMPLETE_EXPIRED: 6,
}  # fmt: skip
# Of several, what may still be charged for, now or once a card works again.
CHARGING = PAID | OWING | {Status.PAUSED}
ENDED = {"canceled", "incomplete_expired"}
# Of an invoice that was tried: owed still, and owed until it ended.
UNPAID, FORGIVEN = {"open", "uncollectible"}, {"void"}
DISPUTE_OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}


def own(picture, owned):
    """A picture without what is none of ours: another application may sell to the same customer."""
    subscriptions = [one for one in picture.subscriptions if _ours(one, picture, owned)]
    ids = {one["id"] for one in subscriptions}
    invoices = [one for one in picture.invoices if subscription_of(one) in ids]
    paid = {key for invoice in invoices for key in payments_of(invoice)}
    payments = [one for one in picture.payments if one["id"] in paid or _intent(one) in owned.intents]
    return Picture(picture.customer, subscriptions, invoices, payments, picture.disputes)


def read(picture, owned):
    """The Reading of a `picture.Picture` for who sells `owned`."""
    ours = [one for one in (_ours(told, picture, owned) for told in picture.subscriptions) if one]
    if not ours:
        return Reading(None)
    first, *others = sorted(ours, key=_order)
    charging = [one for one in others if one.status in CHARGING]
    bought = [one for one in charging if _intent(one.told) in owned.intents]
    newer = [one for one in bought if one.told["created"] >= first.told["created"]]
    over = [one for one in ours if one.ended is not None and one.told["status"] not in ENDED]
    over += [one for one in bought if one not in newer]
    beside = [one for one in charging if one not in bought]
    asking = [one for one in ours if one.told["status"] in ENDED and _is_asking(one, picture)]
    found = (tuple(one.told["id"] for one in some) for some in (over, newer, beside, asking))
    return Reading(_state(first, picture), *found)


def _is_asking(one, picture):
    return any(invoice["status"] == "open" for invoice in _invoices(one.told, picture))


def _intent(told):
    return (told.get("metadata") or {}).get("intent")


def _order(one):
    rank, born = ORDER[one.status], one.told["created"]
    return rank, born if rank < ORDER[Status.INCOMPLETE] else -born, one.told["id"]


def _ours(told, picture, owned):
    """A subscription with an item that a plan owns, in the mode of our key; None of any other."""
    lines = (told.get("items") or {}).get("data") or ()
    items = [(item, *_plan_of(item, owned)) for item in lines if _plan_of(item, owned)]
    if not items and told["id"] in owned.known:
        items = [(item, *owned.known[told["id"]], None) for item in lines[:1] if _is_recurring(item)]
    if not items or told.get("livemode") is not owned.live:
        return None
    item, plan, level, price = max(items, key=lambda one: one[2])
    status, ended = _status(told, picture)
    return Subscription(told, item, plan, level, price, status, ended)


def _plan_of(item, owned):
    """(plan, level, price) of an item; () where it is none of ours."""
    if not _is_recurring(item):
        return ()
    price = item["price"]
    if price["id"] in owned.prices:
        return owned.prices[price["id"]]
    # A price that a member named is made at Stripe's page: its product tells the plan.
    if price.get("product") in owned.products:
        return *owned.products[price["product"]], None
    return ()


def _is_recurring(item):
    return bool((item.get("price") or {}).get("recurring"))


def _status(told, picture):
    """(status, when it ended by our own rules, or None)."""
    if told["status"] in ENDED:
        return told["status"], None
    ended = _ended_by_money(told, picture)
    if ended is not None:
        return Status.CANCELED, ended
    if any(one["status"] in DISPUTE_OPEN for one in _disputes(told, picture)):
        return Status.SUSPENDED, None
    if told.get("pause_collection") and _latest_invoice(told, picture).get("status") == "void":
        return Status.PAUSED, None
    # A status that Stripe has only since: whatever it means, nobody has said that it makes a member.
    return told["status"] if told["status"] in Status else Status.PAUSED, None


def _ended_by_money(told, picture):
    """When (seconds) a lost dispute, or the last payment given back in full, ended it; None: neither did."""
    lost = [one["created"] for one in _disputes(told, picture) if one["status"] == "lost"]
    if lost:
        return min(lost)
    charges = [payment.get("latest_charge") or {} for payment in _payments(told, picture)]
    paid = [charge for charge in charges if charge.get("status") == "succeeded"]
    if not paid or not paid[0].get("refunded"):
        return None
    refunds = (paid[0].get("refunds") or {}).get("data") or [{"created": paid[0]["created"]}]
    return max(refund["created"] for refund in refunds)


def _invoices(told, picture):
    return [invoice for invoice in picture.invoices if subscription_of(invoice) == told["id"]]


def subscription_of(invoice):
    """The id of the subscription that an invoice is for; "" for any other invoice."""
    parent = invoice.get("parent") or {}
    found = (parent.get("subscription_details") or {}).get("subscription") or ""
    return found if isinstance(found, str) else found["id"]


def payments_of(invoice):
    """The ids of the payment intents that paid an invoice, or tried to."""
    rows = (invoice.get("payments") or {}).get("data") or []
    return [row["payment"]["payment_intent"] for row in rows if row.get("payment", {}).get("type") == "payment_intent"]


def _payments(told, picture):
    """The payment intents of a subscription, the newest first."""
    own = {key for invoice in _invoices(told, picture) for key in payments_of(invoice)}
    return sorted((one for one in picture.payments if one["id"] in own), key=lambda one: -one["created"])


def _disputes(told, picture):
    return [one for payment in _payments(told, picture) for one in picture.disputes.get(payment["id"], ())]


def _latest_invoice(told, picture):
    latest = told.get("latest_invoice")
    return next((invoice for invoice in picture.invoices if invoice["id"] == latest), {})


def unpaid_invoices(picture, subscription, statuses=UNPAID):
    """The invoices of a subscription (its id) that were tried and not paid since one was, the oldest first."""
    own = [one for one in picture.invoices if subscription_of(one) == subscription]
    paid = max((one["created"] for one in own if one["status"] == "paid"), default=0)
    unpaid = [one for one in own if one["status"] in statuses and one.get("attempted") and one["created"] > paid]
    return sorted(unpaid, key=lambda one: one["created"])


def _state(one, picture):
    told, item, price = one.told, one.item, one.item["price"]
    renews = item.get("current_period_end")
    trial = told.get("trial_end")
    recurring = price["recurring"]
    return State(
        stripe_subscription=told["id"],
        plan_id=one.plan,
        price_id=one.price,
        status=one.status,
        started_at=moment(told.get("start_date") or told["created"]),
        failed_at=moment(_failed(one, picture)),
        ends_at=moment(_ends(one, renews)),
        trial_ends_at=moment(trial),
        renews_at=moment(renews),
        paused_until=moment((told.get("pause_collection") or {}).get("resumes_at")),
        amount=_amount(told, item, picture.customer),
        currency=price["currency"].upper(),
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
    )


def _ends(one, renews):
    told = one.told
    if one.ended is not None:
        return one.ended
    if told["status"] in ENDED:
        return told.get("ended_at") or told.get("canceled_at") or told["created"]
    return told.get("cancel_at") or (renews if told.get("cancel_at_period_end") else None)


def _failed(one, picture):
    """When the payment first failed that is still owed, or for which it ended: the moment its invoice was made final,
    and so first tried."""
    if one.status == Status.CANCELED:
        unpaid = unpaid_invoices(picture, one.told["id"], UNPAID | FORGIVEN)[:1]
    elif one.status in OWING:
        unpaid = unpaid_invoices(picture, one.told["id"])[:1] or [_latest_invoice(one.told, picture) or one.told]
    else:
        unpaid = []
    for invoice in unpaid:
        return (invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"]
    return None


def _amount(told, item, customer):
    """What it costs for each interval with the discounts that go on; what is taken off once is not off the next. First
    those of the item, then the subscription's own, in whose place without any stands the customer's."""
    full = (item["price"].get("unit_amount") or 0) * (item.get("quantity") or 1)
    for discount in [*(item.get("discounts") or ()), *(told.get("discounts") or [customer.get("discount")])]:
        coupon = _coupon(discount)
        if coupon and coupon.get("duration") != "once":
            full -= coupon.get("amount_off") or share(full, coupon.get("percent_off") or 0)
    return max(full, 0)


def _coupon(discount):
    found = (discount.get("source") or {}).get("coupon") if isinstance(discount, dict) else None
    return found if isinstance(found, dict) else None


def moment(seconds):
    """An aware moment of Stripe's seconds; None of none."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
