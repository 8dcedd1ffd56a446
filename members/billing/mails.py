"""The mails about a membership: what each is told. `members.emails` sends them."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from members import emails
from members.billing import words
from members.billing.letters import ended_at
from members.billing.models import Customer, Notice
from members.models import Membership
from members.standing import Status
from newsroom.ground.money import money
from newsroom.ground.site import absolute

# Where the one button of a mail leads, where that is not the page of the membership.
BUTTONS = {"welcome": "front", "ended": "join", "win_back": "join"}


def write(kind, membership, customer, now):
    """Write one mail (a kind of `letters`) about a membership, in the transaction that calls for it."""
    with override(customer.user.language):
        emails.membership(kind, customer.user, told(kind, membership, customer, now))


def write_once(kind, about, customer, now):
    """Write one mail that no state calls for, but a deed: once for what it is about. customer: the row's id. Nothing
    to who has left, and nothing where no membership is left to speak of."""
    with transaction.atomic():
        row = Customer.objects.select_related("user").get(pk=customer)
        membership = Membership.objects.select_related("plan").filter(user=row.user_id).first()
        if membership is None or row.user.erased_at is not None:
            return
        _notice, new = Notice.objects.get_or_create(user=row.user, kind=kind, about=about, defaults={"at": now})
        if new:
            write(kind, membership, row, now)


def told(kind, membership, customer, now):
    """What the templates of members/email/membership say, in words of the language of the moment."""
    trial = membership.status == Status.TRIALING and membership.trial_ends_at
    ended = ended_at(membership, now, settings.GRACE)
    owed = customer.owed_amount or membership.amount or 0
    return {
        "plan": membership.plan.name,
        "price": words.price_of(membership),
        "trial_until": words.day(membership.trial_ends_at) if trial else "",
        "next_on": words.day(membership.renews_at) if membership.renews_at and not membership.ends_at else "",
        "failed_on": words.day(membership.failed_at) if membership.failed_at else "",
        "until": words.until(membership.failed_at + settings.GRACE) if membership.failed_at else "",
        "owed": money(owed, membership.currency),
        "owing": membership.status == Status.PAST_DUE,
        "reason": words.declined(customer.owed_reason),
        "card": words.card(customer),
        "card_until": date_format(customer.card_expires_on) if customer.card_expires_on else "",
        "ends_on": words.day(membership.ends_at) if membership.ends_at else "",
        "ended_on": words.day(ended) if ended else "",
        "membership_url": absolute(reverse("membership")),
        "button_url": _button(kind, membership, customer),
    }


def _button(kind, membership, customer):
    """Where the mail's one button leads: of who owes, to where that is paid."""
    owing = kind in {"payment_failed", "action_required", "ended"} and membership.status == Status.PAST_DUE
    if owing:
        return customer.owed_url or absolute(reverse("membership"))
    return absolute(reverse(BUTTONS.get(kind, "membership")))
