"""The way to Stripe's page and back: a stored intent says what is bought, and at most one page is open a person.

Whatever happens on the way (two tabs, two clicks, an answer that never came) ends in one intent with one session: the
key of the intent is the idempotency key of its session, and a session for anything else is ended before another opens.
"""

import hashlib
import json
import logging
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from members.billing import arrival, catalogue, client, contributed, customers, offers, state
from members.billing.models import Customer, Intent
from members.billing.refresh import refresh
from members.models import Membership
from members.standing import Status

# Statuses of a membership beside which nobody buys another: it can be paid, changed or taken up again.
TAKEN = {
    Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED, Status.SUSPENDED,
}  # fmt: skip
# Of a subscription at Stripe that never began: its page can be left, and another opened.
UNBEGUN = {"incomplete"}
# How often a way that another tab crossed is begun anew.
TRIES = 3

log = logging.getLogger("newsroom")


class AlreadyMember(Exception):
    """There is a membership by way of Stripe: what is wanted is a change of it."""


class Places(NamedTuple):
    """Where Stripe's page leads: done, with the session's id added; back, for who would not pay. Whole addresses."""

    done: str
    back: str


def start(user, quote, places, came, now):
    """The address of Stripe's page where an account pays what a `quotes.Quote` says. came: an `arrival.Arrival`. Raises
    AlreadyMember, `offers.Gone`, and the errors of `client`: then nothing was charged, and the same may be tried
    again."""
    return _with_a_customer(user, lambda: _start(user, quote, places, came, now))


def _with_a_customer(user, deed):
    """What a deed for an account returns, done again with another customer where Stripe has deleted the one that is
    known, and no event has told."""
    try:
        return deed()
    except client.Missing as missing:
        if user is None or missing.param != "customer":
            raise
        customers.lost(Customer.objects.get(user=user))
        return deed()


def _start(user, quote, places, came, now):
    customer, new = customers.of(user)
    if not new and _has_running(customer):
        raise AlreadyMember
    for _try in range(TRIES):
        intent = _intent(customer, quote, came, now)
        if intent and (intent.url or _open_page(intent, customer, quote, places)):
            return intent.url
    raise client.Unavailable("Another tab goes another way at the same time.")


def _has_running(customer):
    """Asked at Stripe, since a subscription may be there that no event has told of yet."""
    found = client.every("subscriptions", customer=customer.stripe_id)
    if all(one["status"] in UNBEGUN for one in found):
        return False
    refresh(customer.pk)
    held = Membership.objects.filter(user=customer.user_id).exclude(stripe_subscription=None).first()
    return held is not None and is_taken(held, timezone.now())


def is_taken(membership, now):
    """Whether a `Membership` by way of Stripe stands in the way of another at `now` (aware): it runs, or can be
    paid."""
    return membership.status in TAKEN and not (membership.ends_at and membership.ends_at <= now)


def _intent(customer, quote, came, now):
    """The open Intent of an account for a quote: the one that there is, or a new one. One for anything else is ended
    at Stripe first. None: another tab was quicker."""
    wanted = {"price": quote.price, "amount": quote.amount, "offer": quote.offer, "trial_days": quote.trial_days}
    own = Intent.objects.filter(user=customer.user_id, kind=Intent.Kind.MEMBERSHIP, state=Intent.State.OPEN)
    found = own.first()
    if found and _is_open(found, customer):
        if all(getattr(found, name) == value for name, value in wanted.items()):
            arrival.note(found, came)
            return found
        _end(found, customer)
    try:
        with transaction.atomic():
            offers.hold(quote.offer, customer.user, now)
            return Intent.objects.create(
                user_id=customer.user_id, kind=Intent.Kind.MEMBERSHIP, plan=quote.price.plan,
                currency=quote.price.currency, interval=quote.price.interval, made_at=now, **came._asdict(), **wanted,
            )  # fmt: skip
    except IntegrityError:
        return None


def _is_open(intent, customer):
    """Whether an open intent's page still is, by what Stripe says; one without a session has none that anybody saw.
    Raises AlreadyMember where it was paid meanwhile, and what was bought runs."""
    if not intent.session:
        return True
    try:
        settle(intent.session)
    except client.Missing:
        _give_up(intent)
    intent.refresh_from_db()
    if intent.state == Intent.State.PAID and _has_running(customer):
        raise AlreadyMember
    return intent.state == Intent.State.OPEN


def _end(intent, customer):
    if intent.session:
        try:
            client.ask("checkout.sessions.expire", intent.session)
        except client.Refused:
            # It has just been paid, or has ended by itself.
            if not _is_open(intent, customer):
                return
            raise
    _give_up(intent)


def _give_up(intent):
    Intent.objects.filter(pk=intent.pk, state=Intent.State.OPEN).update(state=Intent.State.EXPIRED)


def _open_page(intent, customer, quote, places):
    """Have Stripe make an intent's page. False where another tab gave the intent up meanwhile, or a page."""
    told = _opened(intent, _session(intent, customer, quote, places))
    if _keep(intent, told):
        return True
    client.ask("checkout.sessions.expire", told["id"])
    return False


def _opened(intent, given):
    """The session of an intent, made now or before; one that Stripe refuses has its intent given up."""
    try:
        return _made(intent, given)
    except client.Refused:
        _give_up(intent)
        raise


def _made(intent, given):
    """The session of an intent. What is sent with the key is told by the key, so that the same click finds the same
    session, and one from a page in another language its own."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]
    return client.ask("checkout.sessions.create", key=f"session-{intent.key}-{digest}", **given)


def _keep(intent, told):
    """Write a session down in its intent; False where that is open no more, or has another."""
    fields = {"session": told["id"], "url": told["url"] or "", "expires_at": state.moment(told["expires_at"])}
    free = Intent.objects.filter(Q(session=None) | Q(session=told["id"]), pk=intent.pk, state=Intent.State.OPEN)
    kept = free.update(**fields)
    intent.url = fields["url"]
    return bool(kept)


def _session(intent, customer, quote, places):
    named = {"metadata": {"intent": intent.key}}
    bought = {"trial_period_days": quote.trial_days} if quote.trial_days else {}
    given = {
        "mode": "subscription",
        "customer": customer.stripe_id,
        "line_items": [{"quantity": 1, **catalogue.bought_at_stripe(quote.price, quote.amount)}],
        "subscription_data": {**named, **bought},
        "payment_method_collection": "if_required" if quote.is_free else "always",
        **_common(intent, places),
    }
    if quote.payments != 0:
        given["discounts"] = [{"coupon": catalogue.coupon_at_stripe(quote.offer)}]
    if settings.STRIPE_TAX:
        # What is owed depends on where the reader lives, which Stripe asks and keeps.
        given["customer_update"] = {"address": "auto"}
    return given


def _common(intent, places):
    return {
        "client_reference_id": intent.key,
        "metadata": {"intent": intent.key},
        "success_url": f"{places.done}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": places.back,
        "locale": client.page_language(),
        **({"automatic_tax": {"enabled": True}} if settings.STRIPE_TAX else {}),
    }


def tell_refusal(quote, refusal):
    """Tell the log of a price that Stripe does not take: nobody can join by it until somebody looks."""
    price = quote.price
    log.error("Stripe refuses price %s of plan %s (%s %s). Run sync_plans, and look at what it says.",
              price.pk, price.plan.slug, refusal.code, refusal.param)  # fmt: skip


# One-off contributions


def contribute(user, amount, currency, places, words, came=arrival.UNKNOWN):
    """The address of Stripe's page where somebody gives an amount once. user: None without an account; words: what it
    is called there; came: an `arrival.Arrival`."""
    return _with_a_customer(user, lambda: _contribute(user, amount, currency, places, words, came))


def _contribute(user, amount, currency, places, words, came):
    customer = customers.of(user)[0] if user else None
    bought = {"kind": Intent.Kind.CONTRIBUTION, "amount": amount, "currency": currency}
    intent = Intent.objects.create(user=user, **bought, **came._asdict())
    given = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": words},
                    "tax_behavior": "inclusive",
                },
            }
        ],
        "payment_intent_data": {"description": words, "metadata": {"intent": intent.key}},
        **({"customer": customer.stripe_id} if customer else {}),
        **_common(intent, places),
    }
    if customer and settings.STRIPE_TAX:
        given["customer_update"] = {"address": "auto"}
    _keep(intent, _opened(intent, given))
    return intent.url


# What came of it, by the status of the session; a contribution that was paid is looked into further.
BECAME = {"expired": Intent.State.EXPIRED, "complete": Intent.State.PAID}
# What a session says of its payment once it has arrived, or where nothing is due yet. Some banks need days.
SETTLED = {"paid", "no_payment_required"}


def settle(session_id):
    """Ask Stripe what became of a session, and write it down in the intent that opened it, with the payment where it
    was a contribution. Returns the id of the `Customer` row that bought; None for a stranger's contribution, and for a
    session that is none of ours. Return page, webhook and reconcile call it, as often as they like."""
    intent, _told = look_into(session_id)
    if intent is None or intent.user_id is None:
        return None
    return Customer.objects.filter(user=intent.user_id).values_list("pk", flat=True).first()


def look_into(session_id):
    """(the Intent of a session as it is now, None where it is none of ours; the session as Stripe tells it); written
    down as `settle` does."""
    told = client.ask("checkout.sessions.retrieve", session_id)
    intent = _intent_of(told)
    if intent is None:
        return None, told
    became = BECAME.get(told["status"])
    if became == Intent.State.PAID and intent.kind == Intent.Kind.CONTRIBUTION:
        contributed.look_into(intent, told["payment_intent"])
        intent.refresh_from_db()
    elif became:
        _keep_outcome(intent, became, told)
    return intent, told


def _keep_outcome(intent, became, told):
    intent.state, intent.subscription = became, told.get("subscription")
    with transaction.atomic():
        intent.save(update_fields=["state", "subscription"])
        if became == Intent.State.PAID and told["payment_status"] in SETTLED:
            arrival.count(intent, told["amount_total"])


def _intent_of(told):
    """The Intent that opened a session: by the id that was kept, or by its key where the answer that held the id never
    came. What the session says of its contents is not asked."""
    found = Intent.objects.filter(session=told["id"]).first()
    if found is None:
        key = told.get("client_reference_id") or ""
        found = Intent.objects.filter(key=key, session=None).first()
        if found is not None:
            _keep(found, told)
    return found
