"""What becomes of a membership by its member's will, or the desk's.

Each function changes things at Stripe first, outside any transaction, and then lets `refresh` write down what came of
it. Each looks at the subscription afresh: what is so already is not done again, and what cannot be done any more raises
Impossible. Two at once are one, by an idempotency key that holds until something has changed. The errors of `client`
pass through: then nothing was done, or it is done once by trying again.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from members.billing import client, contributed, state
from members.billing.models import Cancellation, Customer, Intent
from members.billing.pausing import BEFORE, charged_again
from members.billing.refresh import refresh
from members.models import Membership

OWED = {"past_due", "unpaid"}
# How many months a membership rests at most.
PAUSE_MAX = 3
# Within so long a second answer to why somebody cancels is the same one.
ONE_ANSWER = timedelta(minutes=1)
# Where a declined card leaves everything as it was.
ALL_OR_NOTHING = {"payment_behavior": "error_if_incomplete"}


class Impossible(Exception):
    """The membership is not, or no longer, one of which that can be asked. Nothing was done."""


def cancel(customer, reason="", text=""):
    """End a membership: at the end of what is paid for; at once where a payment is owed, which then nobody takes any
    more. customer: a `models.Customer`; reason: a `Cancellation.Reason` or ""; text: in the member's own words."""
    told = fresh(customer)
    if not is_ending(told):
        if told["status"] in OWED and _forgiven(told):
            _end(customer, told)
        else:
            _update(customer, told, "cancel", cancel_at_period_end=True)
        if reason or text:
            _keep_answer(customer, reason, text)
    refresh(customer.pk)


def end_now(customer):
    """End a membership at once; what is owed is not taken any more, what is paid is not given back."""
    told = fresh(customer)
    _forgiven(told)
    _end(customer, told)
    refresh(customer.pk)


def resume(customer):
    """Let a membership go on that was to end, or rests. One that rests is paid for again at once, for a whole month
    from now; a card that declines leaves it resting (raises `client.Declined`)."""
    told = fresh(customer)
    if is_ending(told):
        # Both forms of a pending cancel; Stripe takes one of them at a time.
        undone = {"cancel_at_period_end": False} if told.get("cancel_at_period_end") else {"cancel_at": ""}
        _update(customer, told, "resume", **undone)
    elif told.get("pause_collection"):
        _update(customer, told, "unpause", pause_collection="", **(_from_now() if is_resting(told) else {}))
    refresh(customer.pk)


def pause(customer, months):
    """Let a membership rest for 1 to PAUSE_MAX months from the end of what is paid for. It is not asked for money then
    and opens nothing; after that it goes on by itself."""
    told = fresh(customer)
    recurring = item_of(told)["price"]["recurring"]
    by_the_month = (recurring["interval"], recurring["interval_count"]) == ("month", 1)
    if told["status"] != "active" or is_ending(told) or not by_the_month or not 1 <= months <= PAUSE_MAX:
        raise Impossible
    if not told.get("pause_collection"):
        period_end, anchor = item_of(told)["current_period_end"], told["billing_cycle_anchor"]
        until = charged_again(state.moment(period_end), state.moment(anchor), months) - BEFORE
        resting = {"behavior": "void", "resumes_at": int(until.timestamp())}
        _update(customer, told, f"pause-{months}", pause_collection=resting)
    refresh(customer.pk)


def refund(payment, amount=None):
    """Give a payment (`models.Payment`) back: so much of it, in its smallest unit, or all that is left of it. A
    membership whose last payment was given back in full ends."""
    key = f"refund-{payment.stripe_id}-{payment.refunded}-{amount or 'all'}"
    part = {"amount": amount} if amount else {}
    client.ask("refunds.create", payment_intent=payment.stripe_id, key=key, **part)
    if payment.kind == Intent.Kind.CONTRIBUTION:
        contributed.recheck(payment.stripe_id)
    else:
        refresh(payment.user.customer.pk)


def fresh(customer):
    """The subscription of a customer's membership as Stripe now has it, with its latest invoice. Raises Impossible
    where there is none that runs."""
    found = Membership.objects.filter(user=customer.user_id).values_list("stripe_subscription", flat=True).first()
    if not (found and customer.stripe_id):
        raise Impossible
    try:
        told = client.ask("subscriptions.retrieve", found, expand=["latest_invoice"])
    except client.Missing:
        told = {"status": "canceled"}
    if told["status"] in state.ENDED:
        refresh(customer.pk)
        raise Impossible
    return told


def is_resting(told):
    """Whether a subscription rests already: the month that runs is one that nobody was charged for."""
    return bool(told.get("pause_collection")) and (told.get("latest_invoice") or {}).get("status") == "void"


def is_ending(told):
    return bool(told.get("cancel_at_period_end") or told.get("cancel_at"))


def _keep_answer(customer, reason, text):
    """Once, however often the form was sent at this moment."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        lately = timezone.now() - ONE_ANSWER
        if not Cancellation.objects.filter(user=customer.user_id, at__gt=lately).exists():
            Cancellation.objects.create(user_id=customer.user_id, reason=reason, text=text)


def _from_now():
    """A month that begins, and is charged, at this moment."""
    return {"billing_cycle_anchor": "now", "proration_behavior": "none", **ALL_OR_NOTHING}


def item_of(told):
    """The item of a subscription that is the membership: the dearest, where it was made by hand with several."""
    return max(told["items"]["data"], key=lambda item: item["price"].get("unit_amount") or 0)


def _forgiven(told):
    """Void what a subscription owes. False where that cannot be, since it was paid at this very moment or a bank is
    about to: then it is paid for, and ends with what is paid."""
    latest = told.get("latest_invoice") or {}
    owed = {latest["id"]} if latest.get("status") == "open" else set()
    owed |= {invoice["id"] for invoice in client.every("invoices", subscription=told["id"], status="open")}
    try:
        for invoice in sorted(owed):
            client.ask("invoices.void_invoice", invoice, key=f"void-{invoice}")
    except client.Refused:
        return False
    return bool(owed)


def _end(customer, told):
    key = f"end-{told['id']}-{customer.ticket}"
    client.ask("subscriptions.cancel", told["id"], invoice_now=False, prorate=False, key=key)


def _update(customer, told, act, **change):
    """The ticket tells two clicks on one page, which are one deed, from the same deed another day; and from the next
    try after a card declined, which Stripe would answer by the same key as before."""
    try:
        client.ask("subscriptions.update", told["id"], key=f"{act}-{told['id']}-{customer.ticket}", **change)
    except client.Declined:
        Customer.objects.next_ticket(customer.pk)
        raise
